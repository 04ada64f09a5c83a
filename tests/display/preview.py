"""Paper as text: what a golden file holds. Sizes other than normal are named at the line's end."""

from daemon import cells
from daemon.paper import Align, Block, Cut, Feed, Logo, Paper, Qr


def paper_text(paper: Paper, columns: int) -> str:
    return "".join(f"{line}\n" for block in paper for line in _lines(block, columns))


def _lines(block: Block, columns: int) -> list[str]:
    if isinstance(block, Cut):
        return ["-" * 4 + " cut " + "-" * 4]
    if isinstance(block, Logo):
        return []  # the shops of these papers have none
    if isinstance(block, Feed):
        return [""] * block.lines
    if isinstance(block, Qr):
        return [f"[QR {len(block.payload)} bytes, module {block.module}]"]
    spare = columns - cells.width(block.text) * block.width
    before = {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[block.align]
    sizes = "" if (block.width, block.height) == (1, 1) else f"  {{{block.width}x{block.height}}}"
    bold = "  {bold}" if block.bold and not sizes else sizes
    return [" " * before + block.text + bold]
