"""`make screens`: the customer's page as docs/KIOSK.md shows it, in a real browser.

People look at the pictures; no test compares them: another browser draws another edge.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from tests.kiosk.browser import Browser
from tests.kiosk.house import ROOT, House

FOLDER = ROOT / "docs" / "screens"
COLOURS = 96
SIZES = ((1920, 1080), (800, 480))
MEMBER, LOST, ELSEWHERE = "8800000000018", "8800000000056", "8800000009999"
DARK = 'faces = "both"\nbackground = "#161412"\ntext = "#f4efe8"\naccent = "#e8b86d"\n'
PAINTED = (
    "document.fonts.load('20px Brand')"
    ".then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))"
)


def _basket(house: House) -> None:
    house.scans("6901234100044", "6901234100013")
    house.keys("16 ENTER")
    house.scans("6901234100150")


def _asks(house: House) -> None:
    house.clerk.shop.online = True
    house.keys("CLEAR CLEAR")
    house.swipes(ELSEWHERE)


def _practises(house: House) -> None:
    house.clerk.shop.online = False
    house.keys("CLEAR CLEAR")
    house.practises(True)
    house.swipes(MEMBER)
    _basket(house)


# In this order: each goes on from the one before.
SCENES: Mapping[str, tuple[str, Callable[[House], None]]] = MappingProxyType(
    {
        "welcome": ("ads", lambda house: None),
        "member": ("member", lambda house: house.swipes(MEMBER)),
        "basket": ("till", _basket),
        "total": ("till", lambda house: house.keys("ENTER")),
        "thanks": ("thanks", lambda house: house.keys("230 ENTER")),
        "price": ("price", lambda house: house.keys(". 16 ENTER")),
        "refusal": ("words", lambda house: house.swipes(LOST)),
        "asking": ("words", _asks),
        "practice": ("till", _practises),
    }
)


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with Browser() as browser:
        for language in ("zh_CN", "en"):
            with (
                tempfile.TemporaryDirectory() as folder,
                House(Path(folder), language=language) as house,
            ):
                browser.open(house.url)
                browser.until("document.getElementById('welcome')?.textContent")  # it is told
                for name, (view, does) in SCENES.items():
                    does(house)
                    _take(browser, view, f"{language[:2]}-{name}")
        _dark(browser)
    sys.stdout.write(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER.relative_to(ROOT)}\n")
    return 0


def _dark(browser: Browser) -> None:
    """The chain's own colours, the demo's pictures, and the clerk's strip."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "config" / "demo" / "playlist", Path(folder) / "playlist")
        with House(Path(folder), kiosk=DARK) as house:
            browser.open(house.url)
            browser.until("document.querySelector('.layer.seen img')?.complete")
            browser.ask("new Promise(done => setTimeout(done, 1000))")  # the fade
            _take(browser, "ads", "dark-pictures", SIZES[:1])
            house.swipes(MEMBER)
            _basket(house)
            house.keys("2* 18")
            _take(browser, "till", "dark-basket", SIZES[:1])


def _take(
    browser: Browser, view: str, name: str, sizes: tuple[tuple[int, int], ...] = SIZES
) -> None:
    browser.until(f"document.body?.dataset.view === '{view}'")
    for width, height in sizes:
        browser.size(width, height)
        browser.ask(PAINTED)
        path = FOLDER / f"{name}-{height}.png"
        browser.picture(path)
        if view != "ads":  # few colours: a quarter of the bytes, and nobody sees it
            Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    raise SystemExit(main())
