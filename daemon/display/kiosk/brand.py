"""How the page looks for one chain: its names, colours, logo and font, from the config. Pure."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from daemon.config import Config

OUR_FONT = Path("fonts") / "memberbox-sans.otf"


class Hello(msgspec.Struct, frozen=True):
    """What a page is told first. `tag`: what it should be made of; another one: it loads anew."""

    tag: str
    chain: str
    shop: str
    welcome: str
    logo: str
    language: str
    clerk: bool


class Brand(msgspec.Struct, frozen=True):
    chain: str
    shop: str
    language: str
    styles: str
    assets: Mapping[str, Path]  # names under /page/<tag>/ to files
    logo: str  # its name among them; "" where there is none


def brand_of(config: Config, share: Path) -> Brand:
    """Return the brand of a box with a [kiosk]."""
    kiosk = config.kiosk
    assert kiosk is not None
    font = kiosk.font or share / OUR_FONT
    assets = {f"font{font.suffix.lower()}": font}
    logo = "" if kiosk.logo is None else f"logo{kiosk.logo.suffix.lower()}"
    if kiosk.logo is not None:
        assets[logo] = kiosk.logo
    styles = (
        f'@font-face {{ font-family: "Brand"; src: url("font{font.suffix.lower()}");'
        " font-display: block; }\n"
        f":root {{ --paper: {kiosk.background}; --ink: {kiosk.text}; --accent: {kiosk.accent}; }}\n"
    )
    return Brand(
        chain=config.shop.chain,
        shop=config.shop.name,
        language=config.shop.language,
        styles=styles,
        assets=assets,
        logo=logo,
    )
