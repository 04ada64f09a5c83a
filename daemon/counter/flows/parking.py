"""Park and recall (`/0`): a basket is set aside under a number, and comes back priced anew."""

from daemon.counter import parked
from daemon.counter.codes import STEPS, Ask, Code
from daemon.counter.effects import DocumentKind, Listing, Park, Print, Unpark
from daemon.counter.forms import End, Given, Goes, Next, No, Script, Shown, Step, Takes, To
from daemon.counter.moves import BEEP_ATTENTION, BEEP_OK, Here
from daemon.counter.screens import Row
from daemon.counter.screens import Step as Screen
from daemon.counter.selling import basket_of
from daemon.counter.states import Flow, Idle, Keying, Refused, Told
from daemon.rules.rounding import yuan

SLOTS = range(1, 10)  # one key recalls


def _begin(given: Given, here: Here) -> Next:
    desk = given.desk
    if isinstance(desk, Keying) and desk.cart.lines:
        return _park(desk, here)
    return To(Ask.PARKED) if here.shop.parked() else No(Code.NOTHING)


def _park(desk: Keying, here: Here) -> Next:
    taken = here.shop.parked()
    slot = next((slot for slot in SLOTS if slot not in taken), None)
    if slot is None:
        return No(Code.PARKED_FULL)
    row = _row(slot, parked.read(text := parked.parked(desk, here)))
    told = Screen(STEPS[Ask.PARKED_AS], Ask.PARKED_AS, str(slot), {"amount": yuan(row.fen or 0)})
    ticket = Print(DocumentKind.LISTING, listing=Listing(Ask.PARKED_AS, (row,)))
    return Goes(Told(Idle(), told), (Park(slot, text), ticket, BEEP_OK))


def _shown(_: Given, here: Here) -> Shown:
    return Shown(tuple(_row(slot, parked.read(text)) for slot, text in here.shop.parked().items()))


def _recall(given: Given, here: Here) -> Next:
    slot = int(given.text(Ask.PARKED))
    kept = parked.read(here.shop.parked()[slot])
    cart, gone, unfit = parked.cart_of(kept, here)
    if not cart.lines:
        return Goes(Idle(), (Unpark(slot), BEEP_ATTENTION))
    quote = given.engine.quote(basket_of(cart, here))
    goods = Keying(Flow(given.id, given.engine), cart, quote)
    if unfit:  # blocked meanwhile: that he is gone says more than what it changes
        return Goes(Refused(goods, unfit), (Unpark(slot), BEEP_ATTENTION), kept.guides)
    if quote.bill_fen == kept.bill_fen and not gone:
        return Goes(goods, (Unpark(slot), BEEP_OK), kept.guides)
    values = (("x", yuan(kept.bill_fen)), ("y", yuan(quote.bill_fen)), ("n", str(gone)))
    told = Refused(goods, Code.REPRICED, values)
    return Goes(told, (Unpark(slot), BEEP_ATTENTION), kept.guides)


def _row(slot: int, kept: parked.ParkedBasket) -> Row:
    """Return number, time and tail of the card: what tells a clerk which basket it was."""
    words = kept.at[11:16] + (f" {kept.card[-4:]}" if kept.card else "")
    return Row(str(slot), words, words, kept.bill_fen)


SCRIPT = Script(
    digit="0",
    name="parking",
    first=_begin,
    leads=(Ask.PARKED, End.DESK),
    steps=(Step(Ask.PARKED, Takes.CHOICE, _recall, leads=(End.DESK,), shows=_shown),),
    over_basket=True,
)
