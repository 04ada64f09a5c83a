"""PINs: steps that any flow may put before its own. Hashes and counts of tries are the shop's.

A manager's number or badge, then the PIN. A manager who has none chooses one here, with the badge
in hand: a number alone proves nobody. Who is signed on is no second person, and while nobody is
there is no first one.
"""

from collections.abc import Callable

from daemon.counter.codes import Ask, Code
from daemon.counter.forms import End, Given, Next, No, Step, Takes, Then, To
from daemon.counter.moves import Here
from daemon.ledger.messages import Staff

MANAGER_ROLE = "manager"
PIN_DIGITS = range(4, 7)

Whose = Callable[[Given, Here], str]


def second_person(then: Then, leads: tuple[Ask | End, ...]) -> tuple[Step, ...]:
    """Return the steps by which a manager allows what `then` goes on with: enter at Ask.MANAGER."""
    return (
        Step(
            Ask.MANAGER,
            Takes.NUMBER | Takes.SCAN,
            _named,
            leads=(Ask.MANAGER_PIN, Ask.MANAGER_NEW_PIN),
        ),
        Step(Ask.MANAGER_PIN, Takes.PIN, _checked(then), leads=leads, digits=PIN_DIGITS),
        Step(
            Ask.MANAGER_NEW_PIN,
            Takes.PIN,
            _chosen,
            leads=(Ask.MANAGER_PIN,),
            digits=PIN_DIGITS,
        ),
    )


def customer_pin(whose: Whose, then: Then, leads: tuple[Ask | End, ...]) -> Step:
    """Return the step by which a member proves himself; `whose`: his `member_pin`."""

    def proved(given: Given, here: Here) -> Next:
        wrong = tried(whose(given, here), given.text(Ask.PIN), here)
        return then(given, here) if wrong is None else wrong

    return Step(Ask.PIN, Takes.PIN, proved, leads=leads, digits=PIN_DIGITS)


def staff_pin(no: str) -> str:
    """Return whose PIN it is, as the shop keeps it."""
    return f"staff:{no}"


def member_pin(member: str) -> str:
    return f"member:{member}"


def manager(given: Given, here: Here) -> str:
    """Return the staff number of the manager who allowed it; "" while nobody did."""
    if not given.has(Ask.MANAGER_PIN):
        return ""
    staff = _staff(given, here)
    return "" if staff is None else staff.no


def tried(whose: str, pin: str, here: Here) -> No | None:
    """Return why a PIN will not do; None: it is right."""
    found = here.shop.try_pin(whose, pin)
    match found.fits, found.locked_min:
        case True, _:
            return None
        case _, 0:
            return No(Code.PIN, (("n", str(found.left)),))
        case _, minutes:
            return No(Code.PIN_LOCKED, (("n", str(minutes)),))


def _staff(given: Given, here: Here) -> Staff | None:
    answer = given.last(Ask.MANAGER)
    if answer is None:
        return None
    return here.shop.staff_by_badge(answer.text) or here.shop.staff(answer.text)


def _named(given: Given, here: Here) -> Next:
    staff, answer = _staff(given, here), given.last(Ask.MANAGER)
    if staff is None:
        return No(Code.NO_STAFF)
    operator = here.shop.by().operator
    if not operator:
        return No(Code.NOBODY_ON)  # who asks is not known: he might be the manager himself
    if staff.role != MANAGER_ROLE or staff.no == operator:
        return No(Code.MANAGER)
    if here.shop.has_pin(staff_pin(staff.no)):
        return To(Ask.MANAGER_PIN)
    with_badge = answer is not None and answer.by is Takes.SCAN
    return To(Ask.MANAGER_NEW_PIN) if with_badge else No(Code.MANAGER)


def _chosen(given: Given, here: Here) -> Next:
    staff = _staff(given, here)
    assert staff is not None, "a PIN is chosen by somebody"
    here.shop.set_pin(staff_pin(staff.no), given.text(Ask.MANAGER_NEW_PIN))
    return To(Ask.MANAGER_PIN)  # keyed again: from then on it holds


def _checked(then: Then) -> Then:
    def checked(given: Given, here: Here) -> Next:
        staff = _staff(given, here)
        assert staff is not None, "a PIN is tried by somebody"
        wrong = tried(staff_pin(staff.no), given.text(Ask.MANAGER_PIN), here)
        return then(given, here) if wrong is None else wrong

    return checked
