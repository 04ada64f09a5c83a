"""What one entry adds to the figures of a month. Pure; every figure is a sum of what stands here.

Money of sales and what paid it is read from the postings, where the Z of a box is a fold over the
bodies: that the two agree is proved at each closing, not assumed. Names: docs/CLOSING.md.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from daemon.ledger import accounts
from daemon.ledger.acts.moves import COUPON, POINTS, STORED_VALUE, money
from daemon.ledger.bodies import ChainClosed, PointsRedeemed, ValueRefunded
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import HQ
from daemon.ledger.records import Entry
from hq.closing_key import Key
from hq.closing_origin import Origin
from hq.settlement import settled
from hq.store import OWN_BOX

UNITS = (Unit.PRINCIPAL.value, Unit.BONUS.value, Unit.POINT.value, Unit.REWARD.value)
HOWS = ("granted", "spent", "refunded", "voided", "lapsed", "settled", "lost")
OPENING, CLOSING = "opening", "closing"
STOCK = "stock"
_GOODS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SALE: "goods.sold",
        Kind.SALE_VOIDED: "goods.returned",
        Kind.RETURN: "goods.returned",
        Kind.RETURN_UNREFERENCED: "goods.returned",
        Kind.EXCHANGE: "goods.exchanged",
    }
)
_FEES = frozenset({Kind.MEMBER_ENROLLED, Kind.MEMBER_RENEWED, Kind.CARD_ISSUED, Kind.CARD_REPLACED})
# Kind: what its money is called, and the account whose other side it is.
_OTHERS: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        Kind.TOPUP: ("topup.sold", accounts.OWED_VALUE),
        Kind.TOPUP_VOIDED: ("topup.voided", accounts.OWED_VALUE),
        Kind.DEPOSIT_TAKEN: ("deposit.taken", accounts.OWED_DEPOSITS),
        Kind.DEPOSIT_REFUNDED: ("deposit.refunded", accounts.OWED_DEPOSITS),
    }
)
_CASH: Mapping[str, str] = MappingProxyType(
    {
        accounts.CASH_OVER: "cash.over",
        accounts.CASH_IN: "cash.in",
        accounts.CASH_OUT: "cash.out",
        accounts.CASH_BANKED: "cash.banked",
        accounts.FLOAT: "cash.float",
    }
)
_PAID_BY: Mapping[str, str] = MappingProxyType(
    {
        accounts.OWED_VALUE: STORED_VALUE,
        accounts.REBATE_BONUS: STORED_VALUE,
        accounts.REBATE_POINTS: POINTS,
        accounts.REBATE_COUPONS: COUPON,
        accounts.DUE_MALL: "mall",
        accounts.CASH_DRAWER: "cash",
    }
)
_COUNTS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SALE: "count.sales",
        Kind.SALE_VOIDED: "count.returned",
        Kind.RETURN: "count.returned",
        Kind.RETURN_UNREFERENCED: "count.returned",
        Kind.MEMBER_ENROLLED: "count.enrolled",
    }
)
_STOCK_BY: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.STOCK_RECEIVED: "received",
        Kind.DOWN_APPLIED: "received",
        Kind.STOCK_ADJUSTED: "used",
        Kind.STOCK_COUNTED: "counted",
        Kind.STOCK_MOVED: "moved",
        Kind.HOLDING_RELEASED: "moved",
        Kind.HOLDING_TAKEN: "moved",
        Kind.SALE: "sold",
        Kind.SALE_VOIDED: "sold",
        Kind.RETURN: "sold",
        Kind.RETURN_UNREFERENCED: "sold",
        Kind.EXCHANGE: "sold",
    }
)
STOCK_HOWS = ("received", "sold", "given", "used", "counted", "moved")
_GONE = tuple(f"{how}:" for how in ("spent", "refunded", "voided", "lapsed", "settled"))


Adds = Iterator[tuple[Key, int]]
Find = Callable[[str], Origin]


def figures(entry: Entry, origin: Find, *, late_of_closed: bool = False) -> Adds:
    """Yield what an entry adds. `late_of_closed`: of a chain that was given up before it came."""
    shop = entry.box
    if shop != OWN_BOX:
        yield from _money(entry, shop)
        yield from _stock(entry, shop)
        yield from settled(entry, origin)
        if entry.kind in _COUNTS:
            yield Key(shop, _COUNTS[entry.kind]), 1
    yield from _liabilities(entry, origin, late_of_closed=late_of_closed)
    yield from _kept(entry, origin)


def _money(entry: Entry, shop: str) -> Adds:
    moved = _fen(entry)
    rounding = -moved.get(accounts.ROUNDING_CASH, 0)
    if what := _GOODS.get(entry.kind):
        yield from _goods(moved, shop, what, rounding)
    elif entry.kind in _FEES and accounts.SALES_FEE in moved:
        yield Key(shop, "fee"), rounding - moved[accounts.SALES_FEE]
        yield from _other_money(moved, shop)
    elif entry.kind in _OTHERS:
        what, account = _OTHERS[entry.kind]
        yield Key(shop, what), -moved.get(account, 0)
        yield from _other_money(moved, shop)
    elif isinstance(entry.body, ValueRefunded):
        yield Key(shop, "value.refunded"), -entry.body.refund_fen
        yield from _other_money(moved, shop)
    elif entry.kind is Kind.DEPOSIT_APPLIED:
        yield Key(shop, "deposit.applied"), -moved.get(accounts.OWED_DEPOSITS, 0)
    for account, what in _CASH.items():
        if account in moved:
            yield Key(shop, what), -moved[account]
    if accounts.COMMISSION_COST in moved:
        yield Key(shop, "commission.earned"), moved[accounts.COMMISSION_COST]
    if entry.kind is Kind.COMMISSION_PAID:
        paid = sum(fen for account, fen in moved.items() if _is(account, accounts.commission("")))
        yield Key(shop, "commission.paid"), paid


def _goods(moved: Mapping[str, int], shop: str, what: str, rounding: int) -> Adds:
    net = -moved.get(accounts.SALES_GOODS, 0)
    exchanged = what == "goods.exchanged"  # counts by its difference alone, rounding and all
    yield Key(shop, what), net + (rounding if exchanged else 0)
    if rounding and not exchanged:
        yield Key(shop, "goods.rounding"), rounding
    yield Key(shop, "goods.net"), net + rounding
    for account, fen in moved.items():
        if (code := _tender(account)) is not None and fen:
            yield Key(shop, "tender.goods", code), fen


def _other_money(moved: Mapping[str, int], shop: str) -> Adds:
    for account, fen in moved.items():
        if account in (accounts.OWED_VALUE, accounts.REBATE_BONUS):
            continue
        if (code := _tender(account)) is not None and fen:
            yield Key(shop, "tender.other", code), fen


def _stock(entry: Entry, shop: str) -> Adds:
    own = f"{entry.box}.{entry.epoch}"
    how = _STOCK_BY.get(entry.kind, "given")
    for one in entry.postings:
        sku = one.account.removeprefix(accounts.stock(""))
        if one.holder == own and one.unit == Unit.PIECE and sku != one.account:
            yield Key(shop, f"{STOCK}.{how}", sku), one.amount


def _liabilities(entry: Entry, origin: Find, *, late_of_closed: bool) -> Adds:
    """What is owed to members changes for whoever had granted the lot, wherever that happens."""
    if entry.kind is Kind.HOLDING_TAKEN:
        return  # from hand to hand; of a chain that was given up it goes against the loss
    grown: dict[tuple[str, str], int] = {}
    lost = any(_is(one.account, "loss:") for one in entry.postings if one.unit in UNITS)
    for one in entry.postings:
        if one.unit not in UNITS or not one.lot:
            continue
        key = (one.unit, one.lot)
        grown[key] = grown.get(key, 0) + one.amount
        if one.account.startswith(_GONE):
            how = one.account.partition(":")[0]
            yield Key(origin(one.lot).box, f"{one.unit}.{how}"), -one.amount
            if late_of_closed:
                yield Key(origin(one.lot).box, f"{one.unit}.lost"), one.amount
    for (unit, lot), amount in grown.items():
        if amount:
            yield Key(origin(lot).box, f"{unit}.{'lost' if lost else 'granted'}"), amount
            if late_of_closed:
                yield Key(origin(lot).box, f"{unit}.lost"), -amount
    if isinstance(entry.body, ChainClosed):
        for gone in entry.body.lots:
            if gone.unit in UNITS:
                yield Key(origin(gone.lot).box, f"{gone.unit}.lost"), -gone.amount


def _kept(entry: Entry, origin: Find) -> Adds:
    """What stays with whoever sold the value: what lapsed, and what a refund left."""
    for one in entry.postings:
        if one.account == accounts.lapsed(Unit.PRINCIPAL):
            yield Key(origin(one.lot).box, "kept.lapsed"), one.amount
    if isinstance(entry.body, ValueRefunded):
        topup = parse_entry_id(entry.re or "")
        box = entry.box if topup is None else topup[0].box
        yield Key(box, "kept.refunds"), entry.body.principal_fen - entry.body.refund_fen
    if isinstance(entry.body, PointsRedeemed):
        for part in entry.body.taken:
            by = origin(part.lot).box
            if by != entry.box:
                yield Key(entry.box, "gift.points", by), part.amount


def _fen(entry: Entry) -> dict[str, int]:
    """Return what an entry moves in its own hand, fen, by account."""
    own = HQ if entry.box == OWN_BOX else f"{entry.box}.{entry.epoch}"
    moved: dict[str, int] = {}
    for one in entry.postings:
        if one.unit == Unit.FEN and one.holder == own:
            moved[one.account] = moved.get(one.account, 0) + one.amount
    return moved


def _tender(account: str) -> str | None:
    """Return the tender whose money an account is; None: it is no money, nor in place of it."""
    code = account.removeprefix(accounts.tender(""))
    if code != account:
        assert money(code) == account, "a tender's account is spelled in one place"
        return code
    return _PAID_BY.get(account)


def _is(account: str, prefix: str) -> bool:
    return account.startswith(prefix)
