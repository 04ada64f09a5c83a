"""A numbered list on paper: what a step offers, for a clerk without a display to choose from."""

from daemon.counter.effects import Listing
from daemon.display.asks import ASKED
from daemon.display.sheet import Sheet, yuan
from daemon.paper import Paper


def listing_slip(listing: Listing, language: str, columns: int) -> Paper:
    """Return the list: number, words and amount a row; no member's data has a place on it."""
    asked = ASKED[listing.ask]
    english = language == "en"
    sheet = Sheet(columns)
    sheet.centre(asked.en if english else asked.zh, bold=True)
    sheet.rule()
    for row in listing.rows:
        zh, en, _ = asked.choices.get(row.key, (row.text, row.text, row.pole))
        amount = "" if row.fen is None else yuan(row.fen)
        sheet.row(f"{row.key:>2} {en if english else zh}", amount)
    sheet.rule()
    return sheet.paper()
