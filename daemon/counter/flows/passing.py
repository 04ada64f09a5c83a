"""Points passed on to another member (积分转赠): `/5 5`, as far as the pack allows it.

Points are spent by who proves himself, so the giver swipes his card or keys his PIN. The lots go
over with their dates; a pack that gives them new ones leaves it to headquarters.
"""

from daemon.counter.codes import Ask, Code, Why
from daemon.counter.flows import whose
from daemon.counter.forms import SOURCE, Answer, End, Given, Next, No, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.pins import customer_pin, manager, member_pin
from daemon.counter.shop import Known
from daemon.counter.wallet import points_short
from daemon.ledger.acts import points
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.acts.spend import spendable
from daemon.ledger.bodies import Use
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Draft

TRANSFER = "transfer"  # what a limit counts
HQ, MANAGER = "hq", "manager"
POINTS_DIGITS = range(1, 8)


def begin(given: Given, here: Here) -> Next:
    """Go on with the member whose card was named."""
    rule = given.engine.account().transfer
    if rule is None:
        return No(Code.NOT_ALLOWED, Why.NO_TRANSFER.told)
    if rule.by == HQ or not rule.keep_lot_date:
        return No(Code.NOT_ALLOWED, Why.HQ_TRANSFERS.told)
    giver = _giver(given, here)
    if isinstance(giver, No):
        return giver
    done = dict(here.shop.so_far(giver.facts.id)).get(f"{TRANSFER}:{rule.per}", 0)
    if rule.max_times is not None and done >= rule.max_times:
        return No(Code.NOT_ALLOWED, Why.TOO_OFTEN.told)
    if given.all(Ask.CARD_HELD)[0].by is Takes.SWIPE:
        return To(Ask.TRANSFER_TO)
    known = here.shop.has_pin(member_pin(giver.facts.id))
    return To(Ask.PIN) if known else No(Code.CARD_NEEDED)


def _proved(_: Given, __: Here) -> Next:
    return To(Ask.TRANSFER_TO)


def _to(given: Given, here: Here) -> Next:
    giver, taker = _giver(given, here), _taker(given, here)
    if isinstance(giver, No):
        return giver
    if isinstance(taker, No):
        return taker
    if taker.shown.visitor or taker.facts.id == giver.facts.id:
        return No(Code.NOT_ALLOWED, Why.SAME_MEMBER.told)
    return To(Ask.TRANSFER_POINTS)


def _amount(given: Given, here: Here) -> Next:
    rule, giver = given.engine.account().transfer, _giver(given, here)
    if isinstance(giver, No):
        return giver
    assert rule is not None, "asked before"
    asked = given.number(Ask.TRANSFER_POINTS)
    if asked < rule.min_points or (rule.max_points is not None and asked > rule.max_points):
        return No(Code.NOT_ALLOWED, Why.POINTS_LIMIT.told)
    member = here.shop.books().member(giver.facts.id)
    have = sum(lot.amount for lot in spendable(member, Unit.POINT, here.shop.least_now()))
    if asked > have:
        less = points_short(asked, have, here)
        return No(less.code, less.values)
    return To(Ask.MANAGER if rule.by == MANAGER else Ask.TRANSFER_SURE)


def passed(given: Given, here: Here) -> Draft | Refusal | No:
    """Book it; a manager has allowed it where the pack wants one."""
    giver, taker, books = _giver(given, here), _taker(given, here), here.shop.books()
    if isinstance(giver, No):
        return giver
    if isinstance(taker, No):
        return taker
    request = points.TransferRequest(
        id=given.id,
        source=SOURCE,
        member=giver.facts.id,
        to=taker.facts.id,
        amount=given.number(Ask.TRANSFER_POINTS),
        manager=manager(given, here),
        uses=(Use(TRANSFER, 1),),
    )
    member, to = books.member(giver.facts.id), books.member(taker.facts.id)
    return points.transfer(request, member, to, books.balance, books.stamp(request))


def _shown(given: Given, here: Here) -> Shown:
    """Return how many points go over, and to whom, as a screen may say it."""
    taker = _taker(given, here)
    to = "" if isinstance(taker, No) else taker.shown.shown
    return Shown(values=(("n", given.text(Ask.TRANSFER_POINTS)), ("member", to)))


def _giver(given: Given, here: Here) -> Known | No:
    return _in_term(given.all(Ask.CARD_HELD)[0], here)


def _taker(given: Given, here: Here) -> Known | No:
    answer = given.last(Ask.TRANSFER_TO)
    assert answer is not None, "asked before"
    return _in_term(answer, here)


def _in_term(answer: Answer, here: Here) -> Known | No:
    """Return a member whose term holds."""
    known = whose.named(answer, here)
    if isinstance(known, No):
        return known
    ends = known.facts.term_ends
    if ends is not None and here.now() >= ends:
        return No(Code.TERM_ENDED, (("date", ends.date().isoformat()),))
    return known


def _whose(given: Given, here: Here) -> str:
    giver = _giver(given, here)
    return "" if isinstance(giver, No) else member_pin(giver.facts.id)


STEPS = (
    customer_pin(_whose, _proved, leads=(Ask.TRANSFER_TO,)),
    Step(Ask.TRANSFER_TO, whose.TAKES, _to, leads=(Ask.TRANSFER_POINTS,)),
    Step(
        Ask.TRANSFER_POINTS,
        Takes.NUMBER,
        _amount,
        leads=(Ask.MANAGER, Ask.TRANSFER_SURE),
        digits=POINTS_DIGITS,
    ),
    Step(Ask.TRANSFER_SURE, Takes.ENTER, passed, leads=(End.ENTRY,), shows=_shown),
)
