"""The table [kiosk]: the page on the HDMI screen, and how the chain's brand looks on it.

Colours must be readable at three metres, so their contrast is checked here, as WCAG 2 computes it.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from daemon.config_table import PORT_MAX, AbsolutePath, Refused, Table, Takes, text_of

TEXT_CONTRAST_MIN = 7.0  # WCAG 2 AAA: read in passing, from three metres, on a cheap panel
ACCENT_CONTRAST_MIN = 4.5  # WCAG 2 AA for large figures
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
LOGOS = (".svg", ".png", ".jpg", ".webp")
FONTS = (".otf", ".ttf", ".woff2")


def _colour(value: object) -> object:
    text = text_of(value)
    if not _COLOUR.fullmatch(text):
        raise Refused("is no colour")
    return text.lower()


def _ending(endings: tuple[str, ...], found: str) -> Takes:
    def take(path: object) -> object:
        if isinstance(path, Path) and path.suffix.lower() in endings:
            return path
        raise Refused(found)

    return Takes(take)


Colour = Annotated[str, Takes(_colour), Meta(description="a colour as #RRGGBB, as #9c2f4c")]


class Kiosk(Table, frozen=True, kw_only=True):
    port: Annotated[
        int, Meta(ge=0, le=PORT_MAX, description="a whole number from 0 (any free one) to 65535")
    ] = 0
    faces: Annotated[Literal["customer", "both"], Meta(description="customer or both")] = "customer"
    playlist: Annotated[
        AbsolutePath | None, Meta(description="an absolute path: a folder of pictures and videos")
    ] = None  # None: playlist/ in the state directory
    logo: Annotated[
        AbsolutePath | None,
        _ending(LOGOS, "is no picture for a logo"),
        Meta(description=f"an absolute path to one of {' '.join(LOGOS)}"),
    ] = None
    font: Annotated[
        AbsolutePath | None,
        _ending(FONTS, "is no font"),
        Meta(description=f"an absolute path to one of {' '.join(FONTS)}"),
    ] = None  # None: our own
    background: Colour = "#faf8f5"
    text: Colour = "#1f1b1a"
    accent: Colour = "#9c2f4c"

    def __post_init__(self) -> None:
        for name, colour, least in (
            ("text", self.text, TEXT_CONTRAST_MIN),
            ("accent", self.accent, ACCENT_CONTRAST_MIN),
        ):
            found = contrast(colour, self.background)
            if found < least:
                raise Refused(
                    f"has {name} {colour} on background {self.background}: a contrast of"
                    f" {found:.1f}, too faint to read",
                    f"colours with a contrast of {least} or more",
                )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours #rrggbb, 1 to 21 (WCAG 2.2, relative luminance)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
