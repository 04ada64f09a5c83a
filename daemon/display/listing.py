"""A numbered list on paper: what a step offers, for a clerk without a display to choose from."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.effects import Listing
from daemon.display.asks import ASKED
from daemon.display.sheet import Sheet, yuan
from daemon.paper import Paper

# What may stand beside a question, in Chinese and English; a member's name is masked already.
LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "member": ("会员", "Member"),
        "gives": ("赠送", "Gives"),
        "until": ("有效期至", "Until"),
        "tender": ("付款方式", "Tender"),
        "amount": ("金额", "Amount"),
        "pieces": ("件数", "Pieces"),
        "stock": ("库存", "In stock"),
    }
)


def listing_slip(listing: Listing, language: str, columns: int) -> Paper:
    """Return the list: number, words and amount a row, below what stands beside the question."""
    asked = ASKED[listing.ask]
    english = language == "en"
    sheet = Sheet(columns)
    sheet.centre(asked.en if english else asked.zh, bold=True)
    sheet.rule()
    for name, value in listing.values:
        if name in LABELS:
            sheet.row(LABELS[name][english], value)
    for row in listing.rows:
        zh, en, _ = asked.choices.get(row.key, (row.text, row.text, row.pole))
        amount = "" if row.fen is None else yuan(row.fen)
        sheet.row(f"{row.key:>2} {en if english else zh}", amount)
    sheet.rule()
    return sheet.paper()
