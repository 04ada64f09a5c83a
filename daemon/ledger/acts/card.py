"""Card service: lost, frozen, closed, replaced. Pure.

A card is known by its number; value stays with the member, whatever happens to the card.
"""

from collections.abc import Callable

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, unpaid
from daemon.ledger.bodies import CardChanged, CardIssued, CardReplaced, Profile, Tender
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

IsBlank = Callable[[str, str], bool]  # sku and number: whether the card is nobody's and here

CARD_SKU = "CARD"  # blank cards are goods with serial numbers
STATUS_BEFORE = (
    (Kind.CARD_LOST, ("active", "frozen")),
    (Kind.CARD_FROZEN, ("active",)),
    (Kind.CARD_UNFROZEN, ("frozen", "lost")),
    (Kind.CARD_CLOSED, ("active", "frozen", "lost")),
)


class CardRequest(Request, frozen=True, kw_only=True):
    card: str
    reason: str = ""


class NewCardRequest(Request, frozen=True, kw_only=True):
    """A blank card that becomes a member's, for a fee or none."""

    new: str
    sku: str = CARD_SKU
    reason: str = ""
    fee_fen: int = 0
    rounding_fen: int = 0
    tenders: tuple[Tender, ...] = ()


class IssueCardRequest(NewCardRequest, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""  # one that the member has


class ReplaceRequest(NewCardRequest, frozen=True, kw_only=True):
    card: str  # the old one


def change(request: CardRequest, member: Member, stamp: Stamp, *, kind: Kind) -> Draft | Refusal:
    """Return a card that is honoured no more, or again."""
    if not member.id:
        return Refusal("card_not_ours", f"card {request.card} is nobody's here")
    if member.status not in dict(STATUS_BEFORE)[kind]:
        return Refusal("not_allowed", f"card {request.card} is {member.status} already")
    if kind is Kind.CARD_CLOSED and any(
        lot.unit in (Unit.PRINCIPAL, Unit.BONUS) for lot in member.lots
    ):
        return Refusal("not_allowed", "stored value is left: refund or transfer it first")
    body = CardChanged(request.card, member.id, request.reason)
    return Moves(_nothing).draft(stamp, kind, body)


def replace(
    request: ReplaceRequest,
    member: Member,
    balance: Balance,
    stamp: Stamp,
    *,
    is_blank: IsBlank,
    current: str,
) -> Draft | Refusal:
    """Return the new card; `current`: the member's card now. Its profile: with_profile()."""
    if not member.id:
        return Refusal("card_not_ours", f"card {request.card} is nobody's here")
    if request.card != current or member.status == "closed":
        return Refusal("not_allowed", f"card {request.card} is not the member's card any more")
    moves = _sold(request, balance, is_blank)
    if isinstance(moves, Refusal):
        return moves
    body = CardReplaced(
        request.new,
        member.id,
        request.card,
        request.sku,
        reason=request.reason,
        fee_fen=request.fee_fen,
        rounding_fen=request.rounding_fen,
        tenders=request.tenders,
    )
    return moves.draft(stamp, Kind.CARD_REPLACED, body)


def issue(
    request: IssueCardRequest,
    member: Member,
    balance: Balance,
    stamp: Stamp,
    *,
    is_blank: IsBlank,
) -> Draft | Refusal:
    """Return one more card of a member; the cards that he has stay good."""
    if not member.id or not member.kind:
        return Refusal("card_not_ours", "one more card is for a member who is known here")
    if (refused := blocked(member)) is not None:
        return refused
    moves = _sold(request, balance, is_blank)
    if isinstance(moves, Refusal):
        return moves
    body = CardIssued(
        request.new,
        member.id,
        request.sku,
        request.reason,
        request.fee_fen,
        request.rounding_fen,
        request.tenders,
    )
    return moves.draft(stamp, Kind.CARD_ISSUED, body)


def with_profile(draft: Draft, profile: Profile | None) -> Draft:
    """Return the replacement with the member's profile, locked again for the new number."""
    body = draft.body
    if profile is None or not isinstance(body, CardReplaced):
        return draft
    locked = msgspec.structs.replace(body, cipher=profile.cipher, nonce=profile.nonce)
    return msgspec.structs.replace(draft, body=locked)


def _sold(request: NewCardRequest, balance: Balance, is_blank: IsBlank) -> Moves | Refusal:
    """The blank card leaves the stock, and its fee comes in."""
    if not is_blank(request.sku, request.new):
        return Refusal("card_in_use", f"card {request.new} is no blank card of this shop")
    if (wrong := unpaid(request.tenders, request.fee_fen - request.rounding_fen)) is not None:
        return wrong
    moves = Moves(balance)
    moves.pay(request.tenders)
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, request.rounding_fen)
    moves.move(accounts.SALES_FEE, Unit.FEN, -request.fee_fen)
    moves.pieces(request.sku, 1, accounts.given(request.sku), serial=request.new)
    return moves


def _nothing(account: str, unit: str, lot: str) -> int:
    return 0
