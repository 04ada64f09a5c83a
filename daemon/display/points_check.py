"""积分核对单: whose points the yearly check will take, by the tail of the card."""

from daemon.display.blocks import heading
from daemon.display.facts import Copy, PointsCheckFacts, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet
from daemon.display.shift_words import shift_words
from daemon.howmany import HowMany
from daemon.paper import Paper

ROWS_MAX = 200  # a metre and a half of paper; the table on the stick has all


def points_check_slip(facts: PointsCheckFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the list of cards that the check affects; the others are not on paper."""
    texts, words = texts_of(shop.language), shift_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.points_check, copy=Copy.FIRST)
    sheet.row(facts.at.strftime("%Y-%m-%d %H:%M"), f"{words.handled} {facts.operator}")
    if facts.on is not None:
        sheet.row(words.checked_on, facts.on.isoformat())
    sheet.rule()
    if not facts.rows:
        sheet.note(words.nobody_affected)
        return sheet.paper()
    for tail, points in facts.rows[:ROWS_MAX]:
        sheet.row(f"{texts.tail} {tail}", str(points))
    if len(facts.rows) > ROWS_MAX:
        sheet.note(words.more_affected.format(n=HowMany(len(facts.rows) - ROWS_MAX)))
    sheet.rule()
    total = sum(points for _, points in facts.rows)
    sheet.row(words.affected.format(n=HowMany(len(facts.rows)), points=HowMany(total)), bold=True)
    return sheet.paper()
