"""Screens to pole displays: two lines of 20 ASCII cells, or an LED's amount, lamp and code.

Names of products are their `pole` name; one that has none shows its number (货号), never mojibake.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from msgspec.structs import replace

from daemon.counter.codes import Ask
from daemon.counter.effects import Audience
from daemon.counter.screens import (
    AskingHq,
    BasketShown,
    Checking,
    Done,
    Idle,
    MemberPage,
    MemberShown,
    PriceShown,
    RefusalShown,
    Screen,
    Step,
    TotalShown,
)
from daemon.display.asks import ASKED, Asked
from daemon.display.kiosk.words import words_of
from daemon.display.pole_words import DONE_WORDS, OTHERWISE
from daemon.display.practice import PRACTICE, marked_lines
from daemon.display.refusals import refusal_lines
from daemon.display.sheet import yuan
from daemon.ledger.messages import Product
from daemon.paper import Lamp, Pole
from daemon.rules.types import Notice, QuotedLine

COLUMNS = 20
CHECKING_CODE = "----"
ASKING_CODE = "00--"  # headquarters
DONE_CODE = "-00-"
SOLD = frozenset({"sale", "member.enrolled"})  # what a customer paid for, as on a receipt

# Of a step's values a clerk is shown the first of these that there is, until something is typed.
STEP_VALUES = (
    ("given", "GIVEN {}"),
    ("amount", "AMOUNT {}"),
    ("tender", "{}"),
    ("stock", "HERE {}"),
    ("gives", "GIVES {}"),
    ("pieces", "PIECES {}"),
    ("until", "UNTIL {}"),
    ("n", "READ {}"),
)
OFFERS: Mapping[str, str] = MappingProxyType(
    {
        "training": "NOTHING IS VALID",
        "enrol_by_purchase": "/2 TO ENROL",
        "message": "HQ MESSAGE: /9 2",
        "stick_busy": "STICK: PLEASE WAIT",
        "stick_done": "STICK DONE",
        "stick_look": "STICK: SEE PAPER",
        "config_look": "CONFIG: SEE PAPER",
    }
)
# On an LED display, which has no letters, whoever looks at it. At rest it is never dark: who sees
# nothing on it knows that it is broken.
READY_CODE = "-"
OFFER_CODES: Mapping[str, str] = MappingProxyType(
    {
        "enrol_by_purchase": "-2",  # as the key that it speaks of
        "message": "-9",
        "stick_busy": "9---",
        "stick_done": "9-00",
        "stick_look": "9-99",
        "config_look": "99",
    }
)
PRACTICE_CODE = "0-"  # before everything while nothing counts
# A number of a step that an LED shows behind its code: `22-5000.00`, `89-12`.
FIGURES = ("given", "amount", "stock", "pieces", "n", "key")


def pole(screen: Screen, audience: Audience, *, practice: bool = False) -> Pole:
    """Return what a pole display shows of a screen to the clerk or to the customer."""
    return _finished(_pole(screen, audience), practice=practice)


def shared_pole(clerk: Screen, customer: Pole, *, practice: bool = False) -> Pole:
    """Return a customer's page with what the clerk has to see, where no display is the clerk's.

    The words stay the customer's. An LED shows the clerk's code or amount; a display with letters
    has the code at the end of its second line, where there is room.
    """
    mine = _pole(clerk, Audience.CLERK)
    upper, lower = customer.lines
    numbered = isinstance(clerk, Step | RefusalShown | Checking | AskingHq)
    room = COLUMNS - len(mine.code) - 1
    if numbered and len(lower.rstrip()) <= room and PRACTICE not in lower:
        lower = f"{lower.rstrip():<{room}} {mine.code}"
    mark = PRACTICE_CODE if practice else ""
    return replace(mine, lines=(upper, lower), mark=mark)


def page_after(screen: Screen, audience: Audience, *, practice: bool = False) -> Pole | None:
    """Return the page that follows a screen after some seconds: a member's points. An LED has no
    other page: the change stands on it until the next thing happens."""
    if not isinstance(screen, Done) or screen.points_after is None:
        return None
    second = OFFERS.get(screen.offer, "") if audience is Audience.CLERK else "THANK YOU"
    lines = (_points(screen.points_after, screen.points), second)
    return _finished(replace(_pole(screen, audience), lines=lines), practice=practice)


def _finished(shown: Pole, *, practice: bool) -> Pole:
    upper, lower = shown.lines
    lines = (_fit(upper), _fit(lower))
    if not practice:
        return replace(shown, lines=lines)
    return replace(shown, lines=marked_lines(lines, COLUMNS), mark=PRACTICE_CODE)


def _pole(screen: Screen, audience: Audience) -> Pole:
    clerk = audience is Audience.CLERK
    match screen:
        case Idle("training"):
            return Pole((PRACTICE, OFFERS["training"]), code=READY_CODE)
        case Idle(offer):
            lines = ("READY", OFFERS.get(offer, "")) if clerk else ("WELCOME", "")
            return Pole(lines, code=OFFER_CODES.get(offer, READY_CODE))
        case BasketShown():
            return _basket(screen, clerk=clerk)
        case TotalShown():
            return _total(screen, clerk=clerk)
        case Done():
            return _done(screen, clerk=clerk)
        case MemberPage():
            return _member(screen, clerk=clerk)
        case PriceShown():
            return _price(screen)
        case Step():
            return _step(screen, clerk=clerk)
        case RefusalShown(code):
            number = "".join(char for char in code if char.isdigit())
            return Pole(refusal_lines(screen, audience, COLUMNS), code=f"-{number}-")
        case Checking():
            lines = ("CHECKING THE BOOKS", "KEEP THE POWER ON") if clerk else ("PLEASE WAIT", "")
            return Pole(lines, code=CHECKING_CODE)
        case AskingHq(ahead):
            waiting = f"{ahead} KEYS WAIT" if ahead else "CLEAR: NOT NOW"
            lines = ("ASKING HQ", waiting) if clerk else ("PLEASE WAIT", "ASKING HQ")
            return Pole(lines, code=ASKING_CODE)
        case _:
            assert_never(screen)


def _basket(screen: BasketShown, *, clerk: bool) -> Pole:
    bill = yuan(screen.quote.bill_fen)
    total = _spread("TOTAL", bill)
    if clerk and screen.typed:
        total = _spread(_typed(screen.typed, COLUMNS - len(bill) - 1), bill)
    line = screen.line
    if clerk and screen.notices:
        return Pole((_notice(screen.notices[0]), total), screen.quote.bill_fen, Lamp.TOTAL)
    if line is not None:
        return Pole((_item(line), total), _unit_fen(line), Lamp.PRICE)
    if screen.member is not None and not screen.quote.lines:
        second = total if clerk and screen.typed else _balance(screen.member)
        return Pole((f"CARD {screen.member.tail}", second), code=_who(screen.member))
    count = f"ITEMS {len(screen.quote.lines)}"
    return Pole((count, total), screen.quote.bill_fen, Lamp.TOTAL)


def _total(screen: TotalShown, *, clerk: bool) -> Pole:
    items = f"ITEMS {screen.count}" if screen.count else ""  # a top-up and a fee sell no goods
    second = f"PAID {yuan(screen.paid_fen)}" if screen.paid_fen else items
    if clerk and screen.typed:
        second = _typed(screen.typed, COLUMNS)
    elif clerk and screen.notices:
        second = _notice(screen.notices[0])
    return Pole((f"DUE {yuan(screen.due_fen)}", second), screen.due_fen, Lamp.TOTAL)


def _done(screen: Done, *, clerk: bool) -> Pole:
    if not clerk and screen.kind not in words_of("en").done:
        return Pole(("WELCOME", ""), code=DONE_CODE)  # a shift, a count: no customer's business
    if screen.kind not in SOLD or not screen.pay_fen:
        return _acted(screen)
    due = f"DUE {yuan(screen.pay_fen)}"
    if not screen.given_fen:
        return Pole((due, f"PAID {yuan(screen.pay_fen)}"), screen.pay_fen, Lamp.PAID)
    change = f"CHG {yuan(screen.change_fen)}"
    cash = f"CASH {_short(screen.given_fen)} {change}"
    second = cash if len(cash) <= COLUMNS else change
    return Pole((due, second), screen.change_fen, Lamp.CHANGE)


def _acted(screen: Done) -> Pole:
    """What is no sale: what was done, and what was paid or paid back."""
    words = DONE_WORDS.get(screen.kind, OTHERWISE)
    if screen.change_fen:
        change = _spread("CHG", yuan(screen.change_fen))
        return Pole((words, change), screen.change_fen, Lamp.CHANGE)
    if screen.pay_fen:
        return Pole((words, yuan(screen.pay_fen)), abs(screen.pay_fen), Lamp.PAID)
    return Pole((words, "OK"), code=DONE_CODE)


def _member(screen: MemberPage, *, clerk: bool) -> Pole:
    member = screen.member
    first = f"CARD {member.tail}"
    if clerk and screen.term_ends:
        first = f"{member.tail} TERM {screen.term_ends[:10]}"
    if clerk and member.waiting:
        first = f"{member.tail} GIFT WAITS /4"
    if screen.balance_fen is not None:
        first = f"CARD {member.tail}" if member.points is None else f"POINTS {member.points}"
        return Pole((first, f"BALANCE {yuan(screen.balance_fen)}"), screen.balance_fen, Lamp.TOTAL)
    return Pole((first, _balance(member)), code=_who(member))


def _price(screen: PriceShown) -> Pole:
    name = screen.pole if _plain(screen.pole) else screen.name if _plain(screen.name) else "PRICE"
    member_price = screen.member_price_fen
    second = "" if member_price is None else _spread("MEMBER", yuan(member_price))
    return Pole((_spread(name, yuan(screen.price_fen)), second), screen.price_fen, Lamp.PRICE)


def _step(screen: Step, *, clerk: bool) -> Pole:
    code = screen.code.rstrip("-") + "-"
    asked = ASKED[Ask(screen.asks)]
    if not clerk:
        words = "ENTER PIN ****" if screen.asks == Ask.PIN else "PLEASE WAIT"
        return Pole((words, ""), code=code)
    second = _typed(screen.typed, COLUMNS) if screen.typed else _row(screen, asked)
    values = screen.values or {}
    for name, template in STEP_VALUES:
        if name in values and not second:
            second = template.format(values[name])
    figure = next((values[name] for name in FIGURES if name in values), "")
    return Pole((f"{code} {asked.pole}", second), code=code, figure=figure)


def _row(screen: Step, asked: Asked) -> str:
    """Return the row of a list that is looked at; fixed choices stand in the first line."""
    if not screen.rows:
        return ""
    row = screen.rows[screen.at]
    words = asked.choices.get(row.key, ("", "", row.pole))[2]
    left = f"{row.key} {words}"
    return left if row.fen is None else _spread(left, yuan(row.fen))


def _notice(notice: Notice) -> str:
    return refusal_lines(RefusalShown(notice.code, notice.values), Audience.CLERK, COLUMNS)[0]


def _item(line: QuotedLine) -> str:
    """Return `CREAM      1 x120.00`; the amount of the line where one has no price of its own."""
    if line.product.unit == "g":
        amount = f"{line.qty}g ={yuan(line.paid_fen)}"
    elif line.qty > 0 and line.paid_fen % line.qty == 0:
        amount = f"{line.qty} x{yuan(line.paid_fen // line.qty)}"
    else:
        amount = f"{line.qty} ={yuan(line.paid_fen)}"
    return _spread(_name(line.product), amount)


def _unit_fen(line: QuotedLine) -> int:
    if line.product.unit == "g" or line.qty <= 0 or line.paid_fen % line.qty:
        return line.paid_fen
    return line.paid_fen // line.qty


def _name(product: Product) -> str:
    if _plain(product.pole):
        return product.pole
    if product.plu is not None:
        return f"NO.{product.plu}"
    return product.sku if _plain(product.sku) else "ITEM"


def _balance(member: MemberShown) -> str:
    if member.points is None:
        return "WELCOME"
    worth = member.worth_fen
    return _spread(f"POINTS {member.points}", "" if worth is None else f"={yuan(worth)}").rstrip()


def _who(member: MemberShown) -> str:
    """Return a member on an LED: the points, which have neither lamp nor cents; a visitor, who has
    none, is the card's tail behind a minus."""
    return f"-{member.tail}" if member.points is None else str(member.points)


def _points(after: int, change: int) -> str:
    """Return `POINTS 808    (+188)`; without the change where both do not fit."""
    balance, moved = f"POINTS {after}", f"({change:+d})"
    fits = change and len(balance) + 1 + len(moved) <= COLUMNS
    return _spread(balance, moved) if fits else balance


def _typed(typed: str, room: int) -> str:
    """Return the end of what is being typed, and a mark that it goes on."""
    return typed[-(room - 1) :] + "_"


def _short(fen: int) -> str:
    """Return 230 for a whole amount, else 230.50."""
    return str(fen // 100) if fen % 100 == 0 else yuan(fen)


def _plain(text: str) -> bool:
    return bool(text) and all(" " <= char <= "~" for char in text)


def _fit(line: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in line[:COLUMNS])


def _spread(left: str, right: str) -> str:
    """Return left and right at the edges of one line; the right one, an amount, is whole."""
    room = COLUMNS - len(right) - 1
    return f"{left[:room]:<{room}} {right}" if room > 0 else right
