"""Stored value paid back (储值退款): `/1 *`. Which top-up, why, how, and a manager allows it.

The law knows two computations; the act makes both, and the clerk sees what each would pay back
before he chooses. What nobody used within the first days is paid back whole, whatever the reason.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.codes import Ask, Code
from daemon.counter.forms import SOURCE, End, Given, Next, No, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.pins import manager, second_person
from daemon.counter.screens import Row
from daemon.ledger.acts import refund
from daemon.ledger.acts.moves import CASH, Member, Refusal
from daemon.ledger.bodies import TopUp, ValueRefunded
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft, Entry

OWN_WISH, NOT_OWN_WISH = "1", "2"
BASES: Mapping[str, str] = MappingProxyType(
    {OWN_WISH: refund.OWN_WISH, NOT_OWN_WISH: refund.NOT_OWN_WISH}
)
AS_PAID, IN_CASH = "1", "2"
LISTED_MAX = 9  # of a member's top-ups, the newest first
_GONE = (Kind.TOPUP_VOIDED, Kind.VALUE_REFUNDED)


def refundable(member: Member, here: Here) -> tuple[Entry, ...]:
    """Return the member's latest top-ups here that were neither taken back nor paid back."""
    books = here.shop.books()
    found = books.find(
        lambda entry: isinstance(entry.body, TopUp) and entry.body.member == member.id,
        most=LISTED_MAX,
    )
    return tuple(one for one in found if not any(books.answer(id_of(one), kind) for kind in _GONE))


def listed(member: Member, here: Here) -> Shown:
    rows = []
    for n, entry in enumerate(refundable(member, here), 1):
        assert isinstance(entry.body, TopUp), "only top-ups are found"
        when = entry.at.wall[:10]
        rows.append(Row(str(n), when, when, entry.body.amount_fen, id_of(entry)))
    return Shown(tuple(rows))


def which(given: Given, here: Here) -> Next:
    """Go on with the top-up that was chosen."""
    made = _made(given, refund.OWN_WISH, "", here)
    if isinstance(made, Refusal):
        return made
    whole = _said(made).basis == refund.SEVEN_DAYS
    return _after_basis(given, here) if whole else To(Ask.REFUND_BASIS)


def _after_basis(given: Given, here: Here) -> Next:
    """What was paid in cash goes back in cash; else the clerk says how."""
    return To(Ask.MANAGER if _paid_by(given, here) == CASH else Ask.REFUND_BY)


def _by(_: Given, __: Here) -> Next:
    return To(Ask.MANAGER)


def _bases(given: Given, here: Here) -> Shown:
    """Return what either reason would pay back."""
    rows = []
    for key, basis in BASES.items():
        made = _made(given, basis, "", here)
        rows.append(Row(key, fen=None if isinstance(made, Refusal) else _said(made).refund_fen))
    return Shown(tuple(rows))


def _ways(given: Given, here: Here) -> Shown:
    code = _paid_by(given, here)
    names = [row.name for row in here.shop.tenders() if row.code == code]
    return Shown(values=(("tender", names[0] if names else code),))


def _allowed(given: Given, here: Here) -> Next:
    basis = BASES.get(given.text(Ask.REFUND_BASIS), refund.OWN_WISH)
    return _made(given, basis, manager(given, here), here)


def _made(given: Given, basis: str, allowed_by: str, here: Here) -> Draft | Refusal:
    books, topup = here.shop.books(), _topup(given, here)
    assert isinstance(topup.body, TopUp), "a top-up was chosen"
    request = refund.RefundRequest(
        id=given.id,
        source=SOURCE,
        topup=id_of(topup),
        basis=basis,
        tender=CASH if given.text(Ask.REFUND_BY) == IN_CASH else "",
        manager=allowed_by,
    )
    return refund.refund(
        request,
        topup,
        used=books.used(topup),
        member=books.member(topup.body.member),
        balance=books.balance,
        stamp=books.stamp(request),
        limits=books.limits,
    )


def _said(made: Draft) -> ValueRefunded:
    assert isinstance(made.body, ValueRefunded), "the act makes nothing else"
    return made.body


def _topup(given: Given, here: Here) -> Entry:
    row = given.row(Ask.REFUND_WHICH)
    entry = None if row is None else here.shop.books().entry(row.entry)
    assert entry is not None, "a top-up was chosen"
    return entry


def _paid_by(given: Given, here: Here) -> str:
    """Return the tender that the act pays back to if nothing else is said."""
    body = _topup(given, here).body
    assert isinstance(body, TopUp), "a top-up was chosen"
    return body.tenders[0].code if body.tenders else CASH


def begun(member: Member, here: Here) -> Next:
    """Go on to the list, if there is anything to be paid back."""
    return To(Ask.REFUND_WHICH) if refundable(member, here) else No(Code.NOTHING)


WHICH_LEADS = (Ask.REFUND_BASIS, Ask.REFUND_BY, Ask.MANAGER)
STEPS = (
    Step(
        Ask.REFUND_BASIS,
        Takes.CHOICE,
        _after_basis,
        leads=(Ask.REFUND_BY, Ask.MANAGER),
        choices=tuple(Row(key) for key in BASES),
        shows=_bases,
    ),
    Step(
        Ask.REFUND_BY,
        Takes.CHOICE,
        _by,
        leads=(Ask.MANAGER,),
        choices=(Row(AS_PAID), Row(IN_CASH)),
        shows=_ways,
    ),
    *second_person(_allowed, leads=(End.ENTRY,)),
)
