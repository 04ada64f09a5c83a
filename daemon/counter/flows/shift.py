"""Shift (`/7`): sign on, hand over, cash moves, X, 日结, the drawer, the check of points."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.codes import Ask, Code
from daemon.counter.effects import DocumentKind, Errand, Listing, OpenDrawer, Print, Run
from daemon.counter.forms import (
    SOURCE,
    End,
    Given,
    Goes,
    Next,
    No,
    Script,
    Shown,
    Step,
    Takes,
    To,
    begin_at,
)
from daemon.counter.moves import BEEP_OK, Here
from daemon.counter.screens import Row
from daemon.counter.shop import TenderKey
from daemon.counter.states import Idle
from daemon.ledger.acts import shift
from daemon.ledger.acts.moves import CASH, Refusal
from daemon.ledger.messages import Staff

BANKED = "5"
WAYS: Mapping[str, str] = MappingProxyType({"3": "in", "4": "out", BANKED: "banked"})
# Kept in the entry as they stand here; the key card and the papers have the words.
CASH_REASONS: Mapping[str, str] = MappingProxyType(
    {"1": "change", "2": "purchase", "3": "expense", "9": "other"}
)
DRAWER_REASONS: Mapping[str, str] = MappingProxyType(
    {"1": "change", "2": "check", "3": "mistake", "9": "other"}
)
UNCOUNTED = frozenset({*shift.NO_MONEY, "mall"})  # nothing of them lies at this counter


def _chosen(given: Given, here: Here) -> Next:
    books, choice = here.shop.books(), given.text(Ask.SHIFT)
    match choice:
        case "1":
            on = books.till().shift
            return To(Ask.OPERATOR) if on is None else No(Code.SIGNED_ON, (("n", on.operator),))
        case "2":
            if books.till().shift is None:
                return No(Code.NOBODY_ON)
            return To(Ask.COUNT, (OpenDrawer(), *_form(here)))
        case "6":
            return Goes(Idle(), (Print(DocumentKind.X), BEEP_OK))
        case "7":
            return To(Ask.DAY_CLOSE)
        case "8":
            return To(Ask.DRAWER_REASON)
        case "9":
            slip = Print(DocumentKind.POINTS_CHECK)
            return Goes(Idle(), (slip, Run(Errand.POINTS_FILE), BEEP_OK))
        case _:
            return To(Ask.CASH_AMOUNT)


def _operator(given: Given, here: Here) -> Next:
    if _staff(given, here) is None:
        return No(Code.NO_STAFF)
    return To(Ask.FLOAT)


def _float(given: Given, here: Here) -> Next:
    staff, books = _staff(given, here), here.shop.books()
    assert staff is not None, "asked before"
    request = shift.SignOnRequest(
        id=given.id, source=SOURCE, operator=staff.no, float_fen=given.number(Ask.FLOAT)
    )
    return shift.open_shift(request, books.till(), books.stamp(request), staff.role)


def _counted(given: Given, here: Here) -> Next:
    asked = len(given.all(Ask.COUNT))
    if asked == 1 and given.all(Ask.COUNT)[0].by is Takes.ENTER:
        return No(Code.INPUT)  # the cash is always counted
    return To(Ask.COUNT) if asked < len(_to_count(here)) else To(Ask.HAND_OVER)


def _count_shown(given: Given, here: Here) -> Shown:
    """Which tender is counted now; what the books expect of it is told afterwards, on paper."""
    tender = _to_count(here)[len(given.all(Ask.COUNT))]
    return Shown(values=(("tender", tender.code), ("key", tender.key)))


def _handed_over(given: Given, here: Here) -> Next:
    books = here.shop.books()
    counted = tuple(
        shift.Counted(tender.code, answer.number)
        for tender, answer in zip(_to_count(here), given.all(Ask.COUNT), strict=True)
        if answer.by is not Takes.ENTER
    )
    request = shift.CloseShiftRequest(id=given.id, source=SOURCE, counted=counted)
    return shift.close_shift(request, books.till(), books.stamp(request))


def _amount(given: Given, _: Here) -> Next:
    return To(Ask.RECEIVER if given.text(Ask.SHIFT) == BANKED else Ask.CASH_REASON)


def _moved(given: Given, here: Here) -> Next:
    books, receiver = here.shop.books(), given.text(Ask.RECEIVER)
    if receiver and here.shop.staff(receiver) is None:
        return No(Code.NO_STAFF)
    request = shift.MoveCashRequest(
        id=given.id,
        source=SOURCE,
        way=WAYS[given.text(Ask.SHIFT)],
        amount_fen=given.number(Ask.CASH_AMOUNT),
        reason=CASH_REASONS.get(given.text(Ask.CASH_REASON), ""),
        receiver=receiver,
    )
    return shift.move_cash(request, books.stamp(request))


def _day_closed(given: Given, here: Here) -> Next:
    made = here.shop.books().close_day(shift.CloseDayRequest(id=given.id, source=SOURCE))
    return No(Code.DAY_IS_CLOSED) if isinstance(made, Refusal) else made


def _drawer(given: Given, here: Here) -> Next:
    reason = DRAWER_REASONS[given.text(Ask.DRAWER_REASON)]
    request = shift.OpenDrawerRequest(id=given.id, source=SOURCE, reason=reason)
    return shift.open_drawer(request, here.shop.books().stamp(request))


def _staff(given: Given, here: Here) -> Staff | None:
    number = given.text(Ask.OPERATOR)
    return here.shop.staff_by_badge(number) or here.shop.staff(number)


def _to_count(here: Here) -> list[TenderKey]:
    """Return what is counted, cash first: in the order of the key card."""
    rows = [row for row in here.shop.tenders() if row.code not in UNCOUNTED]
    return sorted(rows, key=lambda row: row.code != CASH)


def _form(here: Here) -> tuple[Print, ...]:
    """Return what is counted, in its order, on paper: an LED cannot name a tender."""
    if here.shop.clerk_reads():
        return ()
    rows = tuple(Row(str(n), row.name) for n, row in enumerate(_to_count(here), 1))
    return (Print(DocumentKind.LISTING, listing=Listing(Ask.COUNT, rows)),)


def _rows(keys: str) -> tuple[Row, ...]:
    return tuple(Row(key) for key in keys)


SCRIPT = Script(
    digit="7",
    name="shift",
    first=begin_at(Ask.SHIFT),
    leads=(Ask.SHIFT,),
    steps=(
        Step(
            Ask.SHIFT,
            Takes.CHOICE,
            _chosen,
            leads=(
                *(Ask.OPERATOR, Ask.COUNT, Ask.CASH_AMOUNT, Ask.DAY_CLOSE, Ask.DRAWER_REASON),
                End.DESK,
            ),
            choices=_rows("123456789"),
        ),
        Step(Ask.OPERATOR, Takes.NUMBER | Takes.SCAN, _operator, leads=(Ask.FLOAT,)),
        Step(Ask.FLOAT, Takes.AMOUNT | Takes.ENTER, _float, leads=(End.ENTRY,), least=0),
        Step(
            Ask.COUNT,
            Takes.AMOUNT | Takes.ENTER,
            _counted,
            leads=(Ask.COUNT, Ask.HAND_OVER),
            shows=_count_shown,
            least=0,
        ),
        Step(Ask.HAND_OVER, Takes.ENTER, _handed_over, leads=(End.ENTRY,)),
        Step(Ask.CASH_AMOUNT, Takes.AMOUNT, _amount, leads=(Ask.CASH_REASON, Ask.RECEIVER)),
        Step(
            Ask.CASH_REASON,
            Takes.CHOICE,
            _moved,
            leads=(End.ENTRY,),
            choices=_rows("1239"),
        ),
        Step(Ask.RECEIVER, Takes.NUMBER | Takes.ENTER, _moved, leads=(End.ENTRY,)),
        Step(Ask.DAY_CLOSE, Takes.ENTER, _day_closed, leads=(End.ENTRY,)),
        Step(
            Ask.DRAWER_REASON,
            Takes.CHOICE,
            _drawer,
            leads=(End.ENTRY,),
            choices=_rows("1239"),
        ),
    ),
)
