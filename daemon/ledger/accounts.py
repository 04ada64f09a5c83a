"""Names of accounts: the only place where they are spelled. Meanings: docs/NAMES.md."""

CASH_DRAWER = "cash:drawer"
SALES_GOODS = "sales:goods"
SALES_FEE = "sales:fee"  # membership fees: their own line of finance, no goods
ROUNDING_CASH = "rounding:cash"
FLOAT = "float"  # 备用金 put into the drawer
ISSUED_POINTS = "issued:points"
ISSUED_GROWTH = "issued:growth"
ISSUED_PRINCIPAL = "issued:principal"
ISSUED_BONUS = "issued:bonus"
SOLD_LINES = "sold-lines"
STOCK_OPENING = "opening"


def tender(code: str) -> str:
    """Money taken by a tender other than cash."""
    return f"tender:{code}"


def points(member: str) -> str:
    return f"points:{member}"


def growth(member: str) -> str:
    return f"growth:{member}"


def principal(member: str) -> str:
    return f"principal:{member}"


def bonus(member: str) -> str:
    return f"bonus:{member}"


def stock(sku: str) -> str:
    return f"stock:{sku}"


def sold(sku: str) -> str:
    return f"sold:{sku}"


def given(sku: str) -> str:
    """Goods given away: welcome items, gifts."""
    return f"given:{sku}"


def returnable(lot: str) -> str:
    """What of a sold line may still come back; `lot` is the line's lot id or its mark."""
    return f"returnable:{lot}"


def visitor(card: str) -> str:
    """The member id of a card unknown here: a function of the number, equal in every shop."""
    return f"card:{card}"
