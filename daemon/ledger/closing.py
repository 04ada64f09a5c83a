"""Is the head that the box signed at the close of a day still the one that stands there? Pure.

Whoever rewrites a day and all that follows it, without the device key, cannot sign it anew.
"""

from collections.abc import Callable

import msgspec

from daemon.errors import SealError
from daemon.ledger.bodies import DayClosed
from daemon.ledger.codec import CodecError, Envelope
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.records import Entry
from daemon.ledger.signed import verify_closing
from daemon.ledger.views import Stored


def closing_wrong(
    seen: Envelope | Entry, key: str, get: Callable[[int, int], Stored | None]
) -> tuple[int, int, str] | None:
    """Return what is wrong with a close of a day (epoch, number, what); None: nothing is.

    `key`: the chain's device key, hex; `get`: an entry of this journal by epoch and number.
    """
    try:
        closed = _body(seen)
    except msgspec.DecodeError:
        return seen.epoch, seen.seq, "its body is no close of a day"
    place = parse_entry_id(closed.last)
    if place is None:
        return None  # a day without entries has no head
    if not closed.signature:
        return seen.epoch, seen.seq, f"the close of {closed.business_date} is not signed"
    epoch, seq = place[0].epoch, place[1]
    last = get(epoch, seq)
    if last is None:
        return None  # it was lost with its medium: the chain says so itself
    try:
        verify_closing(closed, last, bytes.fromhex(key))
    except (SealError, CodecError, ValueError):
        what = f"the box signed another entry of this number when it closed {closed.business_date}"
        return epoch, seq, what
    return None


def _body(seen: Envelope | Entry) -> DayClosed:
    if isinstance(seen, Entry):
        assert isinstance(seen.body, DayClosed), "only closes of days are signed"
        return seen.body
    return msgspec.json.decode(seen.body, type=DayClosed)
