"""What is promised to a member and waits for him (待领取): gifts of headquarters, 欠赠. Pure."""

from daemon.counter.shop import Shop
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.ledger.views import LotRow


def lots(member: str, shop: Shop) -> tuple[LotRow, ...]:
    """Return what waits, the oldest first."""
    account = accounts.waiting(member), Unit.PIECE
    held = (lot for lot in shop.lots(member) if (lot.account, lot.unit) == account)
    return tuple(lot for lot in held if lot.amount > 0)


def told(member: str, shop: Shop) -> tuple[tuple[str, int], ...]:
    """Return what waits as screens and papers say it: name, pieces."""
    return tuple((name_of(sku_of(lot), shop), lot.amount) for lot in lots(member, shop))


def sku_of(lot: LotRow) -> str:
    return lot.source.partition(":")[2]


def name_of(sku: str, shop: Shop) -> str:
    product = shop.product(sku)
    return sku if product is None else product.short or product.name
