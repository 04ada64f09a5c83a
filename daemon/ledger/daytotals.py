"""X and Z: what a run of entries makes in figures. A pure fold; the same entries, the same figures.

goods_gross - rounding + returns + exchanged = goods_net = the sum of what each tender took for
goods. An exchange counts by its difference alone.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from daemon.ledger import accounts
from daemon.ledger.bodies import (
    CardIssued,
    CardReplaced,
    CashMoved,
    DayTotals,
    DepositRefunded,
    DepositTaken,
    DrawerOpened,
    Exchange,
    MemberEnrolled,
    MemberRenewed,
    PointsAdjusted,
    PointsGranted,
    PointsRedeemed,
    Returned,
    ReturnUnreferenced,
    Sale,
    SaleClaimed,
    ShiftOpened,
    Taken,
    Tender,
    TenderTotal,
    TopUp,
    TopUpVoided,
    ValueRefunded,
    VisitNoted,
)
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry

IN: Final = "in"


def day_totals(entries: Iterable[Entry], *, drawer_fen: int = 0) -> DayTotals:
    """Return the figures; `drawer_fen`: the cash in the drawer before the first entry."""
    fold = Fold(drawer_fen)
    for entry in entries:
        fold.add(entry)
    return fold.totals()


class Fold:
    def __init__(self, drawer_fen: int) -> None:
        self._sum: dict[str, int] = {}
        self._sales: dict[str, int] = {}
        self._other: dict[str, int] = {}
        self._count: dict[str, int] = {}
        self._drawer_fen = drawer_fen
        self._seen: set[str] = set()  # members with a visit
        self._buyers: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Take one more entry."""
        own = f"{entry.box}.{entry.epoch}"
        for posting in entry.postings:
            if posting.unit == Unit.FEN and posting.holder == own:
                if posting.account == accounts.CASH_DRAWER:
                    self._drawer_fen += posting.amount
                elif posting.account == accounts.CASH_OVER:
                    self._more("cash_over_fen", -posting.amount)
        before = dict(self._sales), dict(self._other)
        self._goods(entry)
        self._money(entry)
        self._points(entry)
        for now, then in zip((self._sales, self._other), before, strict=True):
            for code, fen in now.items():
                if fen != then.get(code, 0):
                    self._count[code] = self._count.get(code, 0) + 1

    def totals(self) -> DayTotals:
        """Return the figures of what was added."""
        of = self._sum.get
        codes = sorted(set(self._sales) | set(self._other))
        return DayTotals(
            sales=of("sales", 0),
            returned=of("returned", 0),
            goods_gross_fen=of("gross", 0),
            returns_fen=of("returns", 0),
            exchanged_fen=of("exchanged", 0),
            rounding_fen=of("rounding", 0),
            goods_net_fen=of("gross", 0)
            - of("rounding", 0)
            + of("returns", 0)
            + of("exchanged", 0),
            topup_fen=of("topup", 0),
            fee_fen=of("fee", 0),
            tenders=tuple(
                TenderTotal(
                    code, self._sales.get(code, 0), self._other.get(code, 0), self._count[code]
                )
                for code in codes
                if code in self._count
            ),
            points_granted=of("points_granted", 0),
            points_taken_back=of("points_taken_back", 0),
            points_redeemed=of("points_redeemed", 0),
            points_paid=of("points_paid", 0),
            float_fen=of("float_fen", 0),
            cash_moved_fen=of("cash_moved_fen", 0),
            cash_over_fen=of("cash_over_fen", 0),
            cash_expected_fen=self._drawer_fen,
            members_enrolled=of("members_enrolled", 0),
            drawer_opened=of("drawer_opened", 0),
            visits=len(self._seen - self._buyers),
        )

    def _goods(self, entry: Entry) -> None:
        match entry.body:
            case Sale() as sale:
                self._more("sales", 1)
                self._buyers.add(sale.member)
                self._more("gross", sale.bill_fen)
                self._more("rounding", sale.rounding_fen)
                self._pay(self._sales, sale.tenders)
            case Returned() as back:
                self._more("returned", 1)
                self._more("returns", -back.goods_fen)
                self._more("rounding", -back.rounding_fen)
                self._pay(self._sales, back.tenders, sign=-1)
                self._restore(back.restored)
            case ReturnUnreferenced() as back:
                self._more("returned", 1)
                self._more("returns", -back.pay_fen)
                self._pay(self._sales, back.tenders, sign=-1)
            case Exchange() as exchange:
                self._more("exchanged", exchange.net_fen)
                self._pay(self._sales, exchange.tenders)
                self._restore(exchange.restored)
            case _:
                return

    def _money(self, entry: Entry) -> None:
        match entry.body:
            case TopUp(amount_fen=amount, tenders=tenders):
                self._more("topup", amount)
                self._pay(self._other, tenders)
            case TopUpVoided(amount_fen=amount, tenders=tenders):
                self._more("topup", -amount)
                self._pay(self._other, tenders, sign=-1)
            case ValueRefunded(refund_fen=amount, tenders=tenders):
                self._more("topup", -amount)
                self._pay(self._other, tenders, sign=-1)
            case DepositTaken(tenders=tenders):
                self._pay(self._other, tenders)
            case DepositRefunded(tenders=tenders):
                self._pay(self._other, tenders, sign=-1)
            case MemberEnrolled() as joined:
                self._more("members_enrolled", 1)
                self._more("fee", joined.fee_fen - joined.rounding_fen)
                self._pay(self._other, joined.tenders)
            case MemberRenewed() as again:
                self._more("fee", again.fee_fen - again.rounding_fen)
                self._pay(self._other, again.tenders)
            case CardReplaced() | CardIssued() as new:
                self._more("fee", new.fee_fen - new.rounding_fen)
                self._pay(self._other, new.tenders)
            case ShiftOpened(float_fen=amount):
                self._more("float_fen", amount)
            case CashMoved(way=way, amount_fen=amount):
                self._more("cash_moved_fen", amount if way == IN else -amount)
            case DrawerOpened():
                self._more("drawer_opened", 1)
            case VisitNoted(member=member):
                self._seen.add(member)
            case _:
                return

    def _points(self, entry: Entry) -> None:
        match entry.body:
            case Sale(spent=spent):
                self._paid_with(spent, sign=-1)
            case Returned(restored=restored) | Exchange(restored=restored):
                self._paid_with(restored, sign=1)
        match entry.body:
            case (
                Sale(points=points)
                | MemberEnrolled(points=points)
                | MemberRenewed(points=points)
                | TopUp(points=points)
                | SaleClaimed(points=points)
                | PointsGranted(points=points)
            ):
                self._more("points_granted", points)
            case PointsAdjusted(points=points) | Exchange(points_net=points):
                self._more("points_granted" if points > 0 else "points_taken_back", points)
            case Returned(points=points) | TopUpVoided(points=points):
                self._more("points_taken_back", -points)
            case PointsRedeemed(points=points):
                self._more("points_redeemed", -points)
            case _:
                return

    def _pay(self, to: dict[str, int], tenders: Sequence[Tender], *, sign: int = 1) -> None:
        for tender in tenders:
            to[tender.code] = to.get(tender.code, 0) + sign * tender.amount_fen

    def _restore(self, restored: Sequence[Taken]) -> None:
        for one in restored:
            self._sales[one.code] = self._sales.get(one.code, 0) - one.worth_fen

    def _paid_with(self, spent: Sequence[Taken], *, sign: int) -> None:
        points = sum(one.amount for one in spent if one.unit == Unit.POINT)
        self._more("points_paid", sign * points)

    def _more(self, what: str, by: int) -> None:
        self._sum[what] = self._sum.get(what, 0) + by
