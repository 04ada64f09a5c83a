"""One person is not two, however the name is written."""

import pytest

from hq.cli import main
from hq.persons import are_two


@pytest.fixture
def engine() -> str:
    """Names are no engine's."""
    return "none"


@pytest.mark.parametrize("second", ["Anna Li", " anna  li ", "ANNA LI", "ａｎｎａ　ｌｉ", "AnnaLi"])
def test_one_name_is_one_person_however_it_is_written(second: str) -> None:
    assert not are_two("anna li", second)
    assert not are_two(second, "anna li")


@pytest.mark.parametrize(("one", "second"), [("", "bo"), ("anna", " "), ("", ""), ("　", "bo")])
def test_nobody_is_no_person(one: str, second: str) -> None:
    assert not are_two(one, second)


@pytest.mark.parametrize(
    ("one", "second"), [("anna", "bo"), ("07 王会计", "01 李总"), ("王", "李")]
)
def test_two_names_are_two(one: str, second: str) -> None:
    assert are_two(one, second)


def test_who_closes_a_month_has_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--dir", "/nowhere", "month", "close", "2026-03", "--by", " "])
    assert ended.value.code == 2
    assert "--by: give the name of a person" in capsys.readouterr().err
