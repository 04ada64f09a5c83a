"""Text as a picture: a terminal's lines, a counter's displays.

SVG, the same bytes for the same text. Every line says its own length, so that columns stand under
each other in whatever font there is.
"""

from collections.abc import Sequence
from html import escape

from daemon.cells import width

CELL, LINE, EDGE = 8.4, 20, 14
COLOURS = {
    "ok": "#7ec699",
    "warning": "#f0c674",
    "error": "#f2777a",
    "$": "#9cdcfe",
    "!": "#f0c674",
}
PLAIN = "#d4d4d4"
FACE = "font-family='ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace' font-size='14'"


def terminal(lines: Sequence[str]) -> str:
    """Return a terminal with these lines; the first word of a line gives it its colour."""
    wide = max(width(line) for line in lines) * CELL + 2 * EDGE
    high = len(lines) * LINE + 2 * EDGE
    rows = [
        _text(EDGE, EDGE + (n + 0.75) * LINE, line, _colour(line)) for n, line in enumerate(lines)
    ]
    return _whole(wide, high, [_box(0, 0, wide, high, "#1e1e1e"), *rows])


def displays(shown: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return displays below each other, each with what it is: two lines of 20 cells, or an LED."""
    parts, y = [], float(EDGE)
    wide = 20 * CELL * 1.2 + 4 * EDGE
    for name, lines in shown:
        parts.append(_text(EDGE, y + 10, name, "#555"))
        high = len(lines) * 26 + 12
        parts.append(_box(EDGE, y + 16, wide - 2 * EDGE, high, "#10231b"))
        for n, line in enumerate(lines):
            parts.append(_text(2 * EDGE, y + 40 + n * 26, line, "#6ff2c0", scale=1.2))
        y += high + 34
    return _whole(wide, y, [_box(0, 0, wide, y, "#f4f4f2"), *parts])


def _colour(line: str) -> str:
    word = line.split(" ", 1)[0]
    return COLOURS.get(word, PLAIN)


def _text(x: float, y: float, line: str, colour: str, *, scale: float = 1.0) -> str:
    if not line.strip():
        return ""
    start = len(line) - len(line.lstrip())
    long = width(line.strip()) * CELL * scale
    return (
        f"<text x='{x + start * CELL * scale:.1f}' y='{y:.1f}' fill='{colour}'"
        f" font-size='{14 * scale:.1f}' textLength='{long:.1f}'"
        f" lengthAdjust='spacingAndGlyphs' xml:space='preserve'>{escape(line.strip())}</text>"
    )


def _box(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{wide:.1f}' height='{high:.1f}' rx='6'"
        f" fill='{colour}'/>"
    )


def _whole(wide: float, high: float, parts: Sequence[str]) -> str:
    inside = "\n".join(part for part in parts if part)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{wide:.0f}' height='{high:.0f}'"
        f" viewBox='0 0 {wide:.0f} {high:.0f}' {FACE}>\n{inside}\n</svg>\n"
    )
