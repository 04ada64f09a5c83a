"""An entry as a line of the paper register a shop kept before (登记簿). Pure."""

from daemon.ledger import accounts
from daemon.ledger.bodies import Exchange, Returned, Sale
from daemon.ledger.ids import entry_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Chain, Entry

COLUMNS = (
    *("营业日", "时间", "单号", "类型", "会员卡号", "品名", "数量", "原价", "实付"),
    *("付款方式", "积分", "储值", "库存", "导购", "收银", "备注"),
)
# What a register never held: the machine's own business, and messages of headquarters.
NOT_LISTED = (
    *(Kind.EPOCH_OPENED, Kind.EPOCH_CLOSED, Kind.CHAIN_CLOSED, Kind.BOX_STARTED, Kind.CLOCK_SET),
    *(Kind.PACK_ACTIVATED, Kind.DOWN_APPLIED, Kind.DOWN_REFUSED, Kind.ANCHOR),
    *(Kind.MALL_BILLED, Kind.MALL_LAPSED),  # the sale that was paid has its line
    *(Kind.HOLDING_RELEASED, Kind.HOLDING_TAKEN),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


def register_row(entry: Entry) -> tuple[str, ...] | None:
    """Return the cells of COLUMNS; None: the entry has no line in a register."""
    if entry.kind in NOT_LISTED:
        return None
    body = entry.body
    lines = getattr(body, "lines", ()) or getattr(body, "back", ())
    names = [str(getattr(line, "name", "") or getattr(line, "sku", "")) for line in lines]
    quantities = [_quantity(line) for line in lines]
    tenders = getattr(body, "tenders", ())
    guides = getattr(body, "guides", ())
    return (
        entry.at.business_date,
        entry.at.wall[11:19],
        entry_id(Chain(entry.box, entry.epoch), entry.seq),
        entry.kind.value,
        str(getattr(body, "card", "") or getattr(body, "member", "")),
        _text(" / ".join(names) or str(getattr(body, "sku", ""))),
        " / ".join(map(str, quantities)),
        _yuan(getattr(body, "list_fen", 0)),
        _yuan(_paid(entry)),
        " ".join(f"{tender.code} {_yuan(tender.amount_fen)}" for tender in tenders),
        _amount(_moved(entry, Unit.POINT, "points:")),
        _yuan(_moved(entry, Unit.PRINCIPAL, "principal:") + _moved(entry, Unit.BONUS, "bonus:")),
        _stock(entry),
        " ".join(guide.staff for guide in guides),
        entry.by.operator,
        _text(str(getattr(body, "reason", "") or "") + (f" {entry.re}" if entry.re else "")),
    )


def _paid(entry: Entry) -> int:
    """Return the money of the entry as the customer saw it; paid back is below zero."""
    match entry.body:
        case Sale(pay_fen=fen) | Exchange(net_fen=fen):
            return fen
        case Returned(pay_fen=fen):
            return -fen
        case _:
            own = f"{entry.box}.{entry.epoch}"
            return sum(
                posting.amount
                for posting in entry.postings
                if posting.holder == own
                and posting.unit == Unit.FEN
                and (
                    posting.account in (accounts.CASH_DRAWER, accounts.DUE_MALL)
                    or posting.account.startswith(accounts.tender(""))
                )
            )


def _moved(entry: Entry, unit: str, prefix: str) -> int:
    own = f"{entry.box}.{entry.epoch}"
    return sum(
        posting.amount
        for posting in entry.postings
        if posting.holder == own and posting.unit == unit and posting.account.startswith(prefix)
    )


def _stock(entry: Entry) -> str:
    """Return what the shelf got or gave: `CREAM -1`."""
    own, moved = f"{entry.box}.{entry.epoch}", dict[str, int]()
    for posting in entry.postings:
        sku = posting.account.removeprefix(accounts.stock(""))
        if posting.holder == own and sku != posting.account:
            moved[sku] = moved.get(sku, 0) + posting.amount
    return " ".join(f"{sku} {amount:+d}" for sku, amount in moved.items() if amount)


def _quantity(line: object) -> object:
    return getattr(line, "qty", getattr(line, "counted", ""))


def _yuan(fen: int) -> str:
    sign, whole = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{whole // 100}.{whole % 100:02d}" if fen else ""


def _amount(number: int) -> str:
    return f"{number:+d}" if number else ""


def _text(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text
