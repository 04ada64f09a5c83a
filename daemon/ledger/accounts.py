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
LOSS_CHAIN = "loss:chain"  # what a lost chain held, granted again by headquarters
LOSS_HQ_RESTORE = "loss:hq_restore"  # granted by HQ before its restore, and forgotten by it
OWED_VALUE = "owed:value"  # stored value that was paid for and not yet used: owed to members
OWED_DEPOSITS = "owed:deposits"  # money taken in advance, for goods that come later
KEPT_VALUE = "kept:value"  # what a refund of stored value left to the shop, or cost it beyond
REBATE_BONUS = "rebate:bonus"  # goods paid with bonus: a rebate, no money
REBATE_POINTS = "rebate:points"
REBATE_COUPONS = "rebate:coupons"
DUE_MALL = "due:mall"  # what the mall's till took for us, and owes us
COMMISSION_COST = "commission-cost"
CASH_OVER = "over:cash"  # 长款短款: what was counted more or less than expected
CASH_IN = "in:cash"  # 存入
CASH_OUT = "out:cash"  # 支出
CASH_BANKED = "banked:cash"  # 缴款: handed in
CLAIMED = "claimed"  # the other side of claims
FREED = "freed"  # the other side of room under the cap of a card: its value is spent
PROMISED = "promised"  # the other side of goods that wait for a member


def tender(code: str) -> str:
    """Money taken by a tender other than cash."""
    return f"tender:{code}"


def points(member: str) -> str:
    return f"points:{member}"


def reward(member: str) -> str:
    """Money owed to a member as a reward for what he bought, paid out later."""
    return f"reward:{member}"


def growth(member: str) -> str:
    return f"growth:{member}"


def principal(member: str) -> str:
    return f"principal:{member}"


def bonus(member: str) -> str:
    return f"bonus:{member}"


def stock(sku: str) -> str:
    return f"stock:{sku}"


def reserved(sku: str) -> str:
    """Goods kept for somebody (预留), a lot for each reservation."""
    return f"reserved:{sku}"


def sold(sku: str) -> str:
    return f"sold:{sku}"


def given(sku: str) -> str:
    """Goods given away: welcome items, gifts."""
    return f"given:{sku}"


def supplied(sku: str) -> str:
    """Goods that came from the supplier."""
    return f"supplied:{sku}"


def used(reason: str, sku: str) -> str:
    """Goods that left for a reason that is no sale: tester, sample, loss, expired, own_use."""
    return f"used:{reason}:{sku}"


def counted(sku: str) -> str:
    """What a stock-take found more (below zero) or less than the books."""
    return f"counted:{sku}"


def missing(sku: str) -> str:
    """Goods that another shop sent and that did not arrive."""
    return f"missing:{sku}"


def returnable(lot: str) -> str:
    """What of a sold line may still come back; `lot` is the line's lot id or its mark."""
    return f"returnable:{lot}"


def visitor(card: str) -> str:
    """The member id of a card unknown here: a function of the number, equal in every shop."""
    return f"card:{card}"


def issued(unit: str) -> str:
    """The other side of what was granted; `point` and the other purses have names of their own."""
    return ISSUED_POINTS if unit == "point" else f"issued:{unit}"


def spent(unit: str) -> str:
    """Where what was spent of a lot stays on view, by lot; restored from here."""
    return f"spent:{unit}"


def lapsed(unit: str) -> str:
    return f"lapsed:{unit}"


def voided(unit: str) -> str:
    """What was granted and taken back, by lot."""
    return f"voided:{unit}"


def settled(unit: str) -> str:
    """What went to settle a claim, by lot."""
    return f"settled:{unit}"


def refunded(unit: str) -> str:
    return f"refunded:{unit}"


def coupons(member: str) -> str:
    return f"coupons:{member}"


def claim(member: str) -> str:
    """What a member owes back, one lot a claim."""
    return f"claim:{member}"


def frozen(member: str) -> str:
    return f"frozen:{member}"


def right(member: str) -> str:
    """What may still be issued to a member under limits of the pack, as far as it lies here."""
    return f"right:{member}"


def drawn(member: str) -> str:
    """What was issued to a member under a limit; a return puts it back from here."""
    return f"drawn:{member}"


def limit(member: str) -> str:
    """The other side of a member's rights: below zero by what was opened here."""
    return f"limit:{member}"


def risked(member: str) -> str:
    """The other side of what was issued to a member without a right in hand; below zero by it."""
    return f"risked:{member}"


def pending(member: str) -> str:
    """What a member was given and may not spend before headquarters has confirmed it."""
    return f"pending:{member}"


def waiting(member: str) -> str:
    """Goods promised to a member and not yet handed over (待领取)."""
    return f"waiting:{member}"


def damaged(sku: str) -> str:
    """Goods that came back and cannot be sold."""
    return f"damaged:{sku}"


def commission(staff: str) -> str:
    """Commission owed to one of the staff, fen."""
    return f"commission:{staff}"
