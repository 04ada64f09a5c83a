"""Every document as it was signed off: text at all widths, pictures dot for dot."""

import pytest
from PIL import Image, ImageChops

from daemon.paper import Paper
from tests.display import papers_page, samples
from tests.display.preview import paper_text
from tests.display.printed import printed
from tests.display.regenerate import GOLDEN, PICTURE, WIDTHS, png_file, text_file
from tests.hardware_sim.paper_png import render_png


@pytest.mark.parametrize(("language", "columns"), WIDTHS)
def test_text_is_as_signed_off(language: str, columns: int) -> None:
    for name, paper in samples.documents(language, columns).items():
        golden = text_file(name, language, columns).read_text(encoding="utf-8")
        assert paper_text(paper, columns) == golden, name


@pytest.mark.parametrize(("language", "columns"), WIDTHS)
def test_pictures_are_as_signed_off(language: str, columns: int) -> None:
    for name, paper in samples.documents(language, columns).items():
        with Image.open(png_file(name, language, columns)) as golden:
            assert_same_picture(paper, columns, golden)


def test_the_readme_shows_the_sale_as_it_prints_today() -> None:
    with Image.open(PICTURE) as golden:
        assert_same_picture(samples.documents("zh_CN", 32)["sale"], 32, golden)


def test_the_page_of_papers_shows_every_one() -> None:
    assert papers_page.left_out() == []
    assert papers_page.PAGE.read_text(encoding="utf-8") == papers_page.page()


def test_no_golden_file_is_left_over() -> None:
    names = samples.documents("zh_CN", 32)
    expected = {text_file(name, *width) for name in names for width in WIDTHS}
    expected |= {png_file(name, *width) for name in names for width in WIDTHS}
    assert set(GOLDEN.iterdir()) == expected


@pytest.mark.parametrize(("language", "columns"), WIDTHS)
def test_a_printer_understands_every_byte(language: str, columns: int) -> None:
    for name, paper in samples.documents(language, columns).items():
        receipt = printed(paper, columns)
        assert (receipt.unknown_bytes, receipt.ignored, receipt.cut) == (0, (), True), name


def assert_same_picture(paper: Paper, columns: int, golden: Image.Image) -> None:
    made = render_png(printed(paper, columns)).convert("RGBA")
    assert made.size == golden.size
    assert ImageChops.difference(made, golden.convert("RGBA")).getbbox(alpha_only=False) is None
