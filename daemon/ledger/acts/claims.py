"""Claims (待扣): what a member owes back because it is spent already. Pure.

A claim is a lot of `claim:<unit>` and names the lots it stands for. It is settled from what the
member is granted next, never made a negative balance.
"""

from collections.abc import Sequence

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, purse
from daemon.ledger.bodies import Advance, Claim, LotPart, Settled
from daemon.ledger.kinds import Unit, claim_unit
from daemon.ledger.lots import spend_order


def settle(
    moves: Moves, member: Member, unit: str, credits: Sequence[tuple[str, int]]
) -> tuple[Settled, ...]:
    """Pay the member's open claims out of what he just got: (lot or mark, amount)."""
    account, owed = accounts.claim(member.id), claim_unit(unit)
    done = []
    for lot, amount in credits:
        rest = min(amount, moves.left(purse(member.id, unit), unit, lot))
        for row in spend_order(member.of(account, owed)):
            part = min(rest, moves.left(account, owed, row.lot))
            if part <= 0:
                continue
            rest -= part
            moves.take(purse(member.id, unit), unit, part, lot, to=accounts.settled(unit))
            moves.move(account, owed, -part, row.lot)
            moves.move(accounts.CLAIMED, owed, part)
            done.append(_settled(row.lot, unit, part, lot))
    return tuple(done)


def take_back(
    moves: Moves, member: str, unit: str, parts: Sequence[tuple[str, int]]
) -> tuple[list[LotPart], list[LotPart]]:
    """Take parts of lots back; return what was still there, and what is missing.

    A part that lapsed was never spent: it is taken from what lapsed, and not missed.
    """
    taken, missing = [], []
    for lot, amount in parts:
        rest = amount
        for account in (
            purse(member, unit),
            accounts.frozen(member),
            accounts.lapsed(unit),
        ):
            part = min(rest, moves.left(account, unit, lot))
            if part > 0:
                moves.take(account, unit, part, lot, to=accounts.voided(unit))
                taken.append(LotPart(unit, lot, part))
                rest -= part
        if rest:
            missing.append(LotPart(unit, lot, rest))
    return taken, missing


def offset(
    moves: Moves, member: str, unit: str, missing: Sequence[LotPart], credits: Sequence[str]
) -> list[LotPart]:
    """Take it from lots that the same entry gave back; return what is still missing."""
    left = []
    for one in missing:
        rest = one.amount
        for lot in credits:
            part = min(rest, moves.left(purse(member, unit), unit, lot))
            if part > 0:
                moves.take(purse(member, unit), unit, part, lot, to=accounts.settled(unit))
                rest -= part
        if rest:
            left.append(LotPart(unit, one.lot, rest))
    return left


def open_claim(moves: Moves, member: str, unit: str, missing: Sequence[LotPart]) -> list[Claim]:
    """Write down what is missing as one claim."""
    amount = sum(part.amount for part in missing)
    if not amount:
        return []
    number, owed = moves.new_lot(), claim_unit(unit)
    moves.move(accounts.claim(member), owed, amount, f"#{number}")
    moves.move(accounts.CLAIMED, owed, -amount)
    return [Claim(number, unit, amount, tuple(missing))]


def lend(moves: Moves, member: str, advance: Advance) -> None:
    """Grant points above the holding and owe them at once: the holding is never below zero."""
    owed = claim_unit(Unit.POINT)
    moves.grant(member, Unit.POINT, advance.amount, advance.n)
    moves.move(accounts.claim(member), owed, advance.amount, f"#{advance.claim}")
    moves.move(accounts.CLAIMED, owed, -advance.amount)


def to_lend(member: Member, floor: int) -> int:
    """Return how many points above the holding a member may still be lent here.

    All that he owes in this shop's hand counts, whatever it came of.
    """
    owed = member.of(accounts.claim(member.id), claim_unit(Unit.POINT))
    return max(0, floor - sum(lot.amount for lot in owed))


def _settled(claim: str, unit: str, amount: int, lot: str) -> Settled:
    if lot.startswith("#"):
        return Settled(claim, unit, amount, "", int(lot[1:]))
    return Settled(claim, unit, amount, lot)
