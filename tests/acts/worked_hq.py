"""Worked entries that only headquarters writes in its own log; worked.py tells the shop's day."""

from collections.abc import Iterator

from daemon.clock import ClockState
from daemon.ledger import accounts
from daemon.ledger.bodies import (
    ChainClosed,
    ClaimSettled,
    LostLot,
    LotPart,
    MemberAliased,
    RightOpened,
)
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.limits import HOME
from daemon.ledger.posting import HQ
from daemon.ledger.records import ZERO_HASH, At, By, Chain, Draft, Entry, Posting
from daemon.ledger.sealing import seal_draft


def of_hq() -> Iterator[Entry]:
    """What only headquarters writes in its own log: a box was stolen, a card had two accounts."""
    lost = LostLot(1, "0022.1:90:1", "points:hq.1:7", Unit.POINT, 300, "sale")
    body = ChainClosed("0022.1", 412, "9f" * 32, (lost,))
    moved = (
        Posting(HQ, "points:hq.1:7", Unit.POINT, "#1", 300),
        Posting(HQ, accounts.LOSS_CHAIN, Unit.POINT, "", -300),
    )
    wall = "2026-03-08T09:00:00.000+08:00"
    at = At("hq", 1, wall, ClockState.SYNCED, "2026-03-08")
    by = By("hq", "system")
    draft = Draft("hq", "off", Kind.CHAIN_CLOSED, at, by, None, None, body, moved)
    yield seal_draft(draft, Chain(HQ, 1), seq=31, prev=ZERO_HASH)
    alias = MemberAliased("card:8800000001015", "0018.1:20")
    draft = Draft("hq", "alias", Kind.MEMBER_ALIASED, at, by, None, None, alias, ())
    yield seal_draft(draft, Chain(HQ, 1), seq=32, prev=ZERO_HASH)
    owed, gives = "0018.1:25:1", "0018.1:20:1"
    settled = ClaimSettled("0018.1:20", owed, Unit.POINT, (LotPart(Unit.POINT, gives, 32),))
    paid = (
        Posting(HQ, "points:0018.1:20", Unit.POINT, gives, -32),
        Posting(HQ, accounts.settled(Unit.POINT), Unit.POINT, gives, 32),
        Posting(HQ, "claim:0018.1:20", "claim:point", owed, -32),
        Posting(HQ, accounts.CLAIMED, "claim:point", "", 32),
    )
    draft = Draft("hq", "claim", Kind.CLAIM_SETTLED, at, by, None, None, settled, paid)
    yield seal_draft(draft, Chain(HQ, 1), seq=33, prev=ZERO_HASH)
    home = (
        Posting(HQ, accounts.right("hq.1:7"), HOME, "#1", 1),
        Posting(HQ, accounts.limit("hq.1:7"), HOME, "", -1),
    )
    opened = RightOpened(HOME, 1, ("hq.1:7",))
    draft = Draft("hq", "home", Kind.RIGHT_OPENED, at, by, None, None, opened, home)
    yield seal_draft(draft, Chain(HQ, 1), seq=34, prev=ZERO_HASH)
