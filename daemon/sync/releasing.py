"""What a shop gives to headquarters' pool at each sync, by the pack's policy. Pure.

Of the lots that this chain granted since the last time: the pack's share (roaming), less what the
home shop keeps; claims whole; and of what HQ granted for a sale, what the sale did not use. One
entry `holding.released` (source `pool`, id = the number after which it looked), so that it is done
once: the watermark is that entry's own number.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import DownApplied, HoldingReleased
from daemon.ledger.codec import CodecError, down_body, down_message
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import HoldingGranted
from daemon.ledger.posting import HQ, transit
from daemon.ledger.records import At, By, Chain, Draft, Entry, Posting

SOURCE = "pool"
WHOLE_BP = 10_000
LOTS_MAX = 1000  # of one entry: two postings each
_PURSES = ("points:", "principal:", "bonus:", "coupons:")
_CLAIMS = "claim:"

Key = tuple[str, str, str]  # account, unit, lot


class Policy(msgspec.Struct, frozen=True):
    """The pack's roaming, as far as a box follows it."""

    share_bp: int = 0
    home_keeps_points: int = 0


class Hand(msgspec.Struct, frozen=True):
    """What this chain holds now: of one lot, and of a member's points in all."""

    held: Callable[[str, str, str], int]
    points: Callable[[str], int]


@dataclass(slots=True)
class Fresh:
    """What a range of entries brought: own lots, asked grants, and what was taken of any lot."""

    granted: dict[Key, int] = field(default_factory=dict)
    claims: dict[Key, int] = field(default_factory=dict)
    asked: dict[Key, int] = field(default_factory=dict)
    taken: dict[Key, int] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        return len(self.granted) + len(self.claims) + len(self.asked) >= LOTS_MAX


class _Roaming(msgspec.Struct, frozen=True):
    release_basis_points: int = 0
    home_keeps_points: int = 0


class _Pack(msgspec.Struct, frozen=True):
    roaming: _Roaming | None = None


class _Document(msgspec.Struct, frozen=True):
    pack: _Pack


def policy_of(document: str) -> Policy:
    """Return the policy of a pack that was opened before; no pack, or none in it: nothing goes."""
    if not document:
        return Policy()
    try:
        roaming = msgspec.json.decode(document.encode(), type=_Document).pack.roaming
    except msgspec.DecodeError:
        return Policy()
    if roaming is None:
        return Policy()
    share = min(max(roaming.release_basis_points, 0), WHOLE_BP)
    return Policy(share, max(roaming.home_keeps_points, 0))


def may_matter(data: bytes, fresh: Fresh, policy: Policy) -> bool:
    """Whether an entry can bring what goes to the pool; most do not, and are not decoded."""
    if fresh.asked:  # whatever takes of it counts
        return True
    if policy.share_bp and b'"issued:' in data:
        return True
    return b'"claim:' in data or (b"holding.granted" in data and b'\\"ask\\":' in data)


def gather(fresh: Fresh, entries: Iterable[Entry], own: Chain) -> None:
    """Add what entries brought, in order."""
    holder = str(own)
    for entry in entries:
        mine = f"{id_of(entry)}:"
        asked = _is_asked(entry)
        for posting in entry.postings:
            if posting.holder != holder or not posting.lot:
                continue
            key = (posting.account, posting.unit, posting.lot)
            if posting.amount < 0:
                fresh.taken[key] = fresh.taken.get(key, 0) - posting.amount
            elif asked:
                fresh.asked[key] = fresh.asked.get(key, 0) + posting.amount
                fresh.taken.pop(key, None)  # what was taken before has nothing to do with it
            elif posting.lot.startswith(mine) and posting.account.startswith(_PURSES):
                fresh.granted[key] = fresh.granted.get(key, 0) + posting.amount
            elif posting.lot.startswith(mine) and posting.account.startswith(_CLAIMS):
                fresh.claims[key] = fresh.claims.get(key, 0) + posting.amount


def to_release(fresh: Fresh, policy: Policy, hand: Hand, own: Chain) -> dict[Key, int]:
    """Return how much of which lot goes to the pool."""
    gone: dict[Key, int] = {}
    room: dict[str, int] = {}
    for key, granted in fresh.granted.items():
        account, unit, _ = key
        part = min(granted * policy.share_bp // WHOLE_BP, hand.held(*key))
        member = account.partition(":")[2]
        if unit == Unit.POINT and _at_home(member, own):
            left = room.setdefault(member, hand.points(member) - policy.home_keeps_points)
            part = min(part, max(left, 0))
            room[member] -= part
        gone[key] = part
    for key, granted in fresh.asked.items():
        unused = granted - fresh.taken.get(key, 0)
        gone[key] = max(gone.get(key, 0), min(unused, hand.held(*key)))
    for key in fresh.claims:
        gone[key] = hand.held(*key)
    return {key: amount for key, amount in gone.items() if amount > 0}


def release_draft(at: At, gone: dict[Key, int], *, epoch: int, after: int) -> Draft:
    """Return the entry that lets go of it; `after`: the number after which it looked."""
    postings = tuple(
        Posting(holder, account, unit, lot, amount)
        for (account, unit, lot), part in sorted(gone.items())
        for holder, amount in (("@", -part), (transit(HQ), part))
    )
    body = HoldingReleased("", HQ)
    name, by = release_name(epoch, after), By("box", "system")
    return Draft(SOURCE, name, Kind.HOLDING_RELEASED, at, by, None, None, body, postings)


def release_name(epoch: int, after: int) -> str:
    return f"{epoch}:{after}"


def _is_asked(entry: Entry) -> bool:
    if not isinstance(entry.body, DownApplied) or '"ask":"' not in entry.body.message:
        return False
    try:
        body = down_body(down_message(entry.body.message.encode()))
    except CodecError:
        return False
    return isinstance(body, HoldingGranted) and body.ask != ""


def _at_home(member: str, own: Chain) -> bool:
    """Whether the member joined here, or was given to shops by HQ: others are guests."""
    visitor = accounts.visitor("")
    return member.startswith((f"{own.box}.", f"{HQ}.")) and not member.startswith(visitor)
