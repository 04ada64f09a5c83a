"""What two persons at headquarters change of a member's points: put right, or cleared by an audit.

What is given is a lot of HQ's own that goes to the home shop. What is taken is taken from HQ's own
hand, and the rest is asked of the shops, each of which does min(asked, held). It is pending until
they have said so; what a member spent or moved meanwhile is looked for again, and what is nowhere
becomes a case. Everything that changes something stands in an open transaction of the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.howmany import HowMany
from daemon.ledger import accounts
from daemon.ledger.bodies import LotPart, Moved, NewLot, PointsAdjusted
from daemon.ledger.ids import lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import Please, PleasePart
from daemon.ledger.posting import HQ
from daemon.ledger.records import By, Posting
from daemon.ledger.requests import LAPSE, PARTS_MAX, VOID
from hq import adjusting, pool
from hq.chainlog import newest_log
from hq.corrected import Correction, answered, oldest, refusing, released
from hq.looks import Looks
from hq.ownlog import append
from hq.persons import are_two
from hq.store import Case, Office, open_case

ADJUSTED, CLEARED = "adjusted", "cleared"
OPEN, DONE, SHORT = "open", "done", "short"
CASE = "correction"  # of the work list
EVERY_MS = 60_000  # answers of shops come with their entries; nobody waits for this
PER_TURN = 200  # corrections, a transaction each


class NotTwoPersons(ValueError):
    """A change that nobody else agrees to, or without a reason; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Why, and which two persons say so. audit: 0 for none."""

    reason: str
    operator: str
    second: str
    audit: int = 0

    @property
    def told(self) -> str:
        """Return what stands in the books of shops."""
        return f"{self.reason} ({self.operator}, {self.second})"


class Corrections:
    """Looks now and then whether what was asked has been done. One thread, intake's."""

    def __init__(self, office: Office, *, per_turn: int = PER_TURN) -> None:
        self._office = office
        self._per_turn = per_turn
        self._looks = Looks(office, EVERY_MS)
        self._after = 0

    def work(self) -> int:
        """Go on with some to which all shops have answered, the others at the next turn.

        What has to wait for a shop keeps nobody waiting behind it.
        """
        if not self._looks.due():
            return 0
        found = answered(self._office, self._after, self._per_turn)
        self._after = found[-1].id if len(found) == self._per_turn else 0
        if self._after:
            self._looks.again()
        return sum(_gone_on(self._office, one) for one in found)


def check_persons(signed: Signed) -> None:
    """Raise NotTwoPersons unless two different persons and a reason stand for it."""
    one, second = signed.operator.strip(), signed.second.strip()
    if signed.reason.strip() and are_two(one, second):
        return
    found = "no reason" if not signed.reason.strip() else f"{one or '-'} and {second or '-'}"
    raise NotTwoPersons(f"{found}. Give --reason, and two different persons: --by and --second.")


def adjust(
    office: Office, member: str, points: int, signed: Signed, *, expires: str | None = None
) -> int:
    """Put a member's points right by so many, up or down; return the correction's number."""
    assert points, "the command has looked"
    check_persons(signed)
    if points > 0:
        lot = _give(office, member, points, signed, expires)
        return _note(office, Correction(0, ADJUSTED, member, points, OPEN, lot=lot), signed)
    done = adjusting.taken(office, member, VOID, -points, reason=signed.told)
    number = _note(office, Correction(0, ADJUSTED, member, points, OPEN, here=done.here), signed)
    _add(office, number, done.messages)
    return number


def clear(office: Office, member: str, *, day: str, due: str, signed: Signed) -> int | None:
    """Let lapse what a member was granted up to a day; return the number, None: there is nothing.

    `due`: the end that the entries name, RFC 3339.
    """
    total = sum(lot.amount for lot in oldest(office, member, day))
    if total == 0:
        return None
    made = Correction(0, CLEARED, member, -total, OPEN, due=due, day=day)
    number = _note(office, made, signed)
    _clear_more(office, number, made, signed.told)
    return number


def pursue(office: Office) -> int:
    """Go on with every correction to which all shops have answered; return how many."""
    after, done = 0, 0
    while found := answered(office, after, PER_TURN):
        after = found[-1].id
        done += sum(_gone_on(office, one) for one in found)
    return done


def _gone_on(office: Office, one: Correction) -> bool:
    if one.lot and not released(office, one):
        return False  # its home shop has not taken it yet: no lock is needed to see that
    with office.transaction():
        return pool.is_open(office) and _go_on(office, one)


def _go_on(office: Office, one: Correction) -> bool:
    """Return whether anything came of it; what is still on its way is left alone."""
    row = office.db.execute("SELECT state FROM correction WHERE id = ?", (one.id,)).fetchone()
    if row[0] != OPEN:
        return False  # another process was quicker
    if one.lot:
        return _end(office, one, DONE)
    if one.what == CLEARED:
        left = sum(lot.amount for lot in oldest(office, one.member, one.day))
        asked = _clear_more(office, one.id, one, one.told) if left else False
    else:
        left = -one.points - one.done
        asked = _take_more(office, one, left) if left > 0 else False
    if asked or (left > 0 and _on_its_way(office, one)):
        return asked
    if left <= 0:
        return _end(office, one, DONE)
    gone = "was spent, or lies with a chain that has ended or refuses"
    what = (
        f"correction {one.id} of {one.member}: {left} of {HowMany(-one.points):point}"
        f" could not be taken; what is missing {gone}. See memberbox-hq member show {one.member}"
    )
    open_case(office, Case(one.home, 0, CASE, what, hash=str(one.id)))
    return _end(office, one, SHORT)


def _take_more(office: Office, one: Correction, left: int) -> bool:
    but = refusing(office, one.id)
    done = adjusting.taken(office, one.member, VOID, left, reason=one.told, but=but)
    _add(office, one.id, done.messages)
    _took(office, one.id, done.here)
    return bool(done.here or done.messages)


def _clear_more(office: Office, number: int, one: Correction, reason: str) -> bool:
    """Let HQ's own part lapse and ask the shops for theirs; return whether any can be reached."""
    but, asked, own = refusing(office, number), dict[str, list[PleasePart]](), list[PleasePart]()
    for lot in oldest(office, one.member, one.day):
        part = PleasePart(lot.account, Unit.POINT, lot.amount, (lot.lot,))
        if lot.holder == HQ and pool.is_open(office):
            own.append(part)
        elif lot.box and lot.box not in but:
            asked.setdefault(lot.box, []).append(part)
    if own:
        _lapse(office, one, own, reason)
        _took(office, number, sum(part.amount for part in own))
    messages = []
    for box, parts in asked.items():
        log = newest_log(office, box)
        for at in range(0, 0 if log is None else len(parts), PARTS_MAX):
            assert log is not None, "no part is asked of nobody"
            chunk = tuple(parts[at : at + PARTS_MAX])
            please = Please(one.member, chunk, reason, due=one.due)
            messages.append((log.chain, log.please(LAPSE, please)))
    _add(office, number, messages)
    return bool(own or messages)


def _lapse(office: Office, one: Correction, parts: list[PleasePart], reason: str) -> None:
    """Let what lies in HQ's own hand lapse."""
    postings = [
        Posting(HQ, account, Unit.POINT, part.lots[0], amount)
        for part in parts
        for account, amount in (
            (part.account, -part.amount),
            (accounts.lapsed(Unit.POINT), part.amount),
        )
    ]
    gone = tuple(LotPart(Unit.POINT, part.lots[0], part.amount) for part in parts)
    total = sum(part.amount for part in parts)
    body = Moved(one.member, Unit.POINT, total, gone, one.due, reason)
    request = f"cleared:{one.member}:{office.entropy.draw(8).hex()}"
    append(office, Kind.POINTS_LAPSED, request=request, body=body, postings=postings)


def _give(office: Office, member: str, points: int, signed: Signed, expires: str | None) -> str:
    """Grant points in HQ's own hand, from where they go home; return the lot."""
    account = accounts.points(member)
    lots = (NewLot(1, Unit.POINT, ADJUSTED, expires),)
    body = PointsAdjusted(member, points, 0, signed.reason, signed.second, lots=lots)
    postings = (
        Posting(HQ, account, Unit.POINT, "#1", points),
        Posting(HQ, accounts.ISSUED_POINTS, Unit.POINT, "", -points),
    )
    request = f"adjusted:{member}:{office.entropy.draw(8).hex()}"
    by = By(signed.operator, "manager")
    kind = Kind.POINTS_ADJUSTED
    entry = append(office, kind, request=request, body=body, postings=postings, by=by)
    lot = lot_id(entry, 1)
    row = (lot, account, Unit.POINT, office.now(), expires, ADJUSTED, "", "")
    office.db.execute("INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    office.touch_directory()
    return lot


def _note(office: Office, one: Correction, signed: Signed) -> int:
    row = office.db.execute(
        "INSERT INTO correction (what, member, points, reason, operator, second, at, audit, lot,"
        " due, day, here) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            *(one.what, one.member, one.points),
            *(signed.reason.strip(), signed.operator.strip(), signed.second.strip()),
            *(office.now(), signed.audit, one.lot, one.due, one.day, one.here),
        ),
    ).fetchone()
    return int(row[0])


def _add(office: Office, number: int, messages: Sequence[tuple[int, int]]) -> None:
    rows = [(number, chain, n) for chain, n in messages]
    office.db.executemany("INSERT INTO correction_part VALUES (?, ?, ?)", rows)


def _took(office: Office, number: int, here: int) -> None:
    office.db.execute("UPDATE correction SET here = here + ? WHERE id = ?", (here, number))


def _end(office: Office, one: Correction, state: str) -> bool:
    office.db.execute("UPDATE correction SET state = ? WHERE id = ?", (state, one.id))
    return True


def _on_its_way(office: Office, one: Correction) -> bool:
    """Tell whether anything of his is between two hands, or with a shop that is not heard yet."""
    purses = [accounts.points(name) for name in pool.ids_of(office, one.member)]
    for purse in purses:
        row = office.db.execute(
            "SELECT 1 FROM balance WHERE account = ? AND unit = 'point' AND amount > 0"
            " AND holder LIKE 'transit:%' LIMIT 1",
            (purse,),
        ).fetchone()
        if row is not None:
            return True
    return False
