"""Claims (待扣) in headquarters' hand: settled from the lots they stand for, then from the pool.

What is left goes whole to one shop, which settles it from what the member earns next. When the lots
that a claim stands for lapsed unspent, the claim lapses with them.
"""

import json
from dataclasses import dataclass

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import ClaimSettled, LotPart
from daemon.ledger.kinds import Kind, claim_unit
from daemon.ledger.messages import GrantedLot
from daemon.ledger.posting import HQ
from daemon.ledger.records import Posting
from hq import pool
from hq.chainlog import newest_log
from hq.ownlog import append
from hq.store import Office

CLAIMS_PER_TURN = 200

_OPEN = (
    "SELECT b.account, b.unit, b.lot, b.amount, coalesce(c.stands, '[]') FROM balance AS b"
    " LEFT JOIN claim AS c ON c.lot = b.lot"
    " WHERE b.holder = 'hq' AND b.amount > 0 AND b.account LIKE 'claim:%' LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim in HQ's hand. `stands`: the lots that should have been taken back."""

    account: str
    lot: str
    unit: str  # of what is owed
    amount: int
    stands: tuple[LotPart, ...]

    @property
    def member(self) -> str:
        return self.account.removeprefix(accounts.claim(""))


def settle(office: Office) -> int:
    """Settle or hand on what lies here; return how many claims moved."""
    if not pool.is_open(office):
        return 0
    rows = office.db.execute(_OPEN, (CLAIMS_PER_TURN,)).fetchall()
    if not rows:
        return 0
    done = 0
    with office.transaction():
        for account, unit, lot, amount, stands in rows:
            owed = unit.removeprefix(claim_unit(""))
            parts = msgspec.json.decode(stands, type=tuple[LotPart, ...])
            done += _settle(office, _Claim(account, lot, owed, amount, parts))
    return done


def _settle(office: Office, claim: _Claim) -> int:
    names = pool.purses(office, claim.member, claim.unit)
    free = pool.free(office, names, claim.unit)
    own = {part.lot for part in claim.stands}
    order = [lot for lot in free if lot.lot in own] + [lot for lot in free if lot.lot not in own]
    paid = pool.cut(order, claim.amount)
    rest = claim.amount - sum(lot.amount for lot in paid)
    lapsed = min(rest, _lapsed(office, claim))
    if paid or lapsed:
        _write(office, claim, paid, lapsed)
    return int(bool(paid or lapsed)) + _hand_on(office, claim, rest - lapsed)


def _write(office: Office, claim: _Claim, paid: list[GrantedLot], lapsed: int) -> None:
    settled, owed = sum(lot.amount for lot in paid), claim_unit(claim.unit)
    postings = [
        Posting(HQ, account, claim.unit, lot.lot, amount)
        for lot in paid
        for account, amount in (
            (lot.account, -lot.amount),
            (accounts.settled(claim.unit), lot.amount),
        )
    ]
    postings.append(Posting(HQ, claim.account, owed, claim.lot, -settled - lapsed))
    postings.append(Posting(HQ, accounts.CLAIMED, owed, "", settled + lapsed))
    parts = tuple(LotPart(claim.unit, lot.lot, lot.amount) for lot in paid)
    body = ClaimSettled(claim.member, claim.lot, claim.unit, parts, lapsed)
    request = f"claim:{claim.lot}:{office.now()}"
    append(office, Kind.CLAIM_SETTLED, request=request, body=body, postings=postings)


def _lapsed(office: Office, claim: _Claim) -> int:
    """Return how much of the lots that the claim stands for came to its end unspent."""
    total = 0
    for part in claim.stands:
        row = office.db.execute(
            "SELECT coalesce(sum(amount), 0) FROM balance"
            " WHERE account = ? AND unit = ? AND lot = ?",
            (accounts.lapsed(part.unit), part.unit, part.lot),
        ).fetchone()
        total += min(part.amount, row[0])
    return total


def _hand_on(office: Office, claim: _Claim, rest: int) -> int:
    """Give what is left to the shop that holds those lots, else to the home shop."""
    if rest <= 0:
        return 0
    home = office.db.execute("SELECT home FROM member WHERE id = ?", (claim.member,)).fetchone()
    holder = office.db.execute(
        "SELECT substr(holder, 1, instr(holder, '.') - 1) FROM balance"
        " WHERE amount > 0 AND unit = ? AND lot IN (SELECT value FROM json_each(?))"
        " AND instr(holder, '.') > 0 AND holder NOT LIKE 'transit:%' ORDER BY amount DESC LIMIT 1",
        (claim.unit, json.dumps([part.lot for part in claim.stands])),
    ).fetchone()
    for row in (holder, home):
        log = None if row is None or not row[0] else newest_log(office, row[0])
        if log is not None:
            unit = claim_unit(claim.unit)
            lots = [one for one in pool.free(office, [claim.account], unit) if one.lot == claim.lot]
            return int(log.grant(claim.member, pool.cut(lots, rest)) > 0)
    return 0
