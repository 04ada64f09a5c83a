"""Money in advance for goods that come later (定金): taken, applied to a sale, paid back. Pure.

A deposit is no turnover: it is owed until it pays a sale. It is used as a whole, and once.
"""

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, unpaid
from daemon.ledger.bodies import (
    DepositApplied,
    DepositRefunded,
    DepositTaken,
    Guide,
    Sale,
    Tender,
)
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry

DEPOSIT = "deposit"  # the tender that a deposit pays with


class TakeDepositRequest(Request, frozen=True, kw_only=True):
    amount_fen: int
    tenders: tuple[Tender, ...]
    goods: str
    due: str = ""
    member: str = ""
    card: str = ""
    guides: tuple[Guide, ...] = ()


class ApplyDepositRequest(Request, frozen=True, kw_only=True):
    deposit: str  # the entry that took it
    sale: str


class RefundDepositRequest(Request, frozen=True, kw_only=True):
    deposit: str
    tenders: tuple[Tender, ...]
    reason: str


def take(
    request: TakeDepositRequest, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return the deposit taken."""
    if request.amount_fen <= 0 or not request.goods:
        return Refusal("not_allowed", "a deposit has an amount above 0, and says for what")
    if (wrong := unpaid(request.tenders, request.amount_fen)) is not None:
        return wrong
    moves = Moves(balance)
    moves.pay(request.tenders)
    moves.move(accounts.OWED_DEPOSITS, Unit.FEN, -request.amount_fen)
    body = DepositTaken(
        request.amount_fen,
        request.tenders,
        request.goods,
        request.due,
        member.id,
        request.card or member.card,
        request.guides,
    )
    return moves.draft(stamp, Kind.DEPOSIT_TAKEN, body)


def apply(deposit: Entry, sale: Entry | None, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return the deposit applied to a sale that says it was paid with it."""
    taken = _taken(deposit)
    if isinstance(taken, Refusal):
        return taken
    paid = (
        sum(one.amount_fen for one in sale.body.tenders if one.code == DEPOSIT)
        if sale is not None and isinstance(sale.body, Sale)
        else 0
    )
    if sale is None or paid != taken.amount_fen:
        why = f"the sale was paid {paid} fen with a deposit, this one is {taken.amount_fen} fen"
        return Refusal("not_allowed", why)
    moves = Moves(balance)
    moves.move(accounts.tender(DEPOSIT), Unit.FEN, -taken.amount_fen)
    moves.move(accounts.OWED_DEPOSITS, Unit.FEN, taken.amount_fen)
    body = DepositApplied(taken.amount_fen, id_of(sale))
    return moves.draft(stamp, Kind.DEPOSIT_APPLIED, body, re=id_of(deposit))


def refund(
    request: RefundDepositRequest, deposit: Entry, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return the deposit paid back."""
    taken = _taken(deposit)
    if isinstance(taken, Refusal):
        return taken
    if not request.reason:
        return Refusal("not_allowed", "say why the deposit is paid back")
    if (wrong := unpaid(request.tenders, taken.amount_fen)) is not None:
        return wrong
    moves = Moves(balance)
    moves.pay(request.tenders, back=True)
    moves.move(accounts.OWED_DEPOSITS, Unit.FEN, taken.amount_fen)
    body = DepositRefunded(taken.amount_fen, request.tenders, request.reason)
    return moves.draft(stamp, Kind.DEPOSIT_REFUNDED, body, re=id_of(deposit))


def _taken(deposit: Entry) -> DepositTaken | Refusal:
    if isinstance(deposit.body, DepositTaken):
        return deposit.body
    return Refusal("not_allowed", f"{id_of(deposit)} is no deposit")
