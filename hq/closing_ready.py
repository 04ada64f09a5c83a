"""Does headquarters have the whole of a month, shop by shop? If not: what lacks, and what to do."""

from collections.abc import Iterable, Mapping, Sequence

from daemon.ledger.bodies import DayClosed, EpochOpened
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.records import Chain
from hq import closing_range, closing_zs, months
from hq.ages import ages
from hq.closing_key import Key
from hq.closing_range import Booked, Span
from hq.closing_store import LATE, WHOLE, ShopState
from hq.store import OWN_BOX, Office

UNHEARD = "nothing has ever come from it: set it up, or say from which month on it has its owner"
TAIL_ENTRIES_MAX = 2000  # behind the month's end: the Z of its last day stands near


def states(
    office: Office,
    month: str,
    spans: Sequence[Span],
    *,
    zs: Mapping[str, Sequence[DayClosed]],
    own: Mapping[str, Mapping[Key, int]],
    whose: Mapping[str, str],
) -> tuple[ShopState, ...]:
    """Return how much of a month is there of each shop, headquarters' own log first.

    A shop is whoever wrote something, and whoever was given an owner.
    """
    chains = {one.chain: one for one in closing_range.chains(office)}
    by_box: dict[str, list[Span]] = {}
    for part in spans:
        by_box.setdefault(part.chain.box, []).append(part)
    known = ages(office)
    entries = sum(map(len, by_box.pop(OWN_BOX, [])))
    own_log = ShopState(OWN_BOX, whose.get(OWN_BOX, OWN_BOX), WHOLE, "", "", 0, "", entries)
    found = [own_log]
    for box in sorted(by_box):
        parts = by_box[box]
        mine = [(chains[part.chain], part) for part in parts]
        day = _last_day(office, mine, month)
        closed = _zs_of(office, mine, month, zs.get(box, ()))
        why = _lacking(office, mine, month, day, closed)
        days = {one.business_date for one in closed}
        wrong = "" if why else closing_zs.differences(closed, own.get(box, {}))
        found.append(
            ShopState(
                box,
                whose.get(box, box),
                LATE if why else WHOLE,
                why,
                day,
                len(days),
                wrong,
                sum(map(len, parts)),
                known.get(box),
            )
        )
    found += [
        ShopState(box, owner, LATE, UNHEARD, "", 0, "")
        for box, owner in sorted(whose.items())
        if box not in by_box and box != OWN_BOX
    ]
    return tuple(sorted(found, key=lambda one: (one.box != OWN_BOX, one.box)))


def _lacking(
    office: Office,
    mine: Sequence[tuple[Booked, Span]],
    month: str,
    day: str,
    closed: Iterable[DayClosed],
) -> str:
    """Return what of a shop is not there and what a person can do; "" when it is whole."""
    for chain, part in mine:
        if (why := _hole(office, chain, part)) and not chain.closed:
            return why
    newest, part = mine[-1]
    if newest.closed:
        return ""  # given up: nobody waits for it
    days, end = {one.business_date for one in closed}, months.last_day(month)
    if newest.booked == part.last and end not in days:
        return (
            f"its last entry here is of {_day(office, newest) or 'no day'}: let it connect, or"
            " carry its stick; write its chain off when it is gone for good"
        )
    if day and day not in days:
        return f"its Z of {day} is not here: close that day at the box (日结), or restart the box"
    return ""


def _hole(office: Office, chain: Booked, part: Span) -> str:
    """Return which entries of a chain are missing or in no book."""
    name = chain.chain
    if left_out := closing_range.unbooked(office, name):
        inside = [case for (seq, _), case in left_out.items() if part.first <= seq <= part.last]
        if inside:
            return f"an entry of {name} could not be booked: see case {min(inside)}"
    if part.last < chain.booked:
        return ""  # it is past the month
    if chain.booked < chain.mark:
        return f"{name} is stored up to {chain.mark} and booked up to {chain.booked}: serve first"
    if chain.mark < chain.top:
        return f"entries of {name} behind {chain.mark} came without that one: let it connect"
    ended = _ended_at(office, name)
    if ended is not None and ended > chain.mark:
        return (
            f"{name} ended with entry {ended}, here it ends with {chain.mark}: bring its stick or"
            f" second copy, or give it up (memberbox-hq write-off {name})"
        )
    return ""


def _ended_at(office: Office, name: Chain) -> int | None:
    """Return with which entry a chain ended, as the next one says; None: it goes on."""
    row = office.db.execute(
        "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box = ? AND c.epoch > ? AND e.seq = 1 ORDER BY c.epoch LIMIT 1",
        (name.box, name.epoch),
    ).fetchone()
    if row is None:
        return None
    try:
        body = decode(bytes(row[0])).body
    except CodecError:
        return None
    if isinstance(body, EpochOpened) and body.parent_epoch == name.epoch:
        return body.parent_seq
    return None


def _zs_of(
    office: Office, mine: Sequence[tuple[Booked, Span]], month: str, inside: Iterable[DayClosed]
) -> list[DayClosed]:
    """Return the Z reports of a month's days; those of its last days may stand behind its end."""
    found = [*inside]
    for chain, part in mine:
        tail = Span(chain.chain, part.last + 1, min(chain.booked, part.last + TAIL_ENTRIES_MAX), "")
        for entry in closing_range.entries(office, tail, part.hash):
            if isinstance(entry.body, DayClosed):
                found.append(entry.body)
                if entry.body.business_date[:7] > month:
                    break
    return [one for one in found if one.business_date[:7] == month]


def _last_day(office: Office, mine: Sequence[tuple[Booked, Span]], month: str) -> str:
    """Return the last business date of a month on which the shop wrote; "" for none."""
    days = [closing_range.day_at(office, chain, part.last) for chain, part in mine if len(part) > 0]
    return max((day for day in days if day[:7] == month), default="")


def _day(office: Office, chain: Booked) -> str:
    return closing_range.day_at(office, chain, chain.booked) if chain.booked else ""
