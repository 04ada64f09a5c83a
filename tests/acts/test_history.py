"""Whole histories of a small shop, in any order: what holds after every step and at the end."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from daemon.ledger import accounts
from daemon.ledger.acts.spend import spendable
from daemon.ledger.balances import snapshot
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Unit
from daemon.ledger.posting import HELD_ACCOUNTS
from daemon.ledger.rebuild import rebuild
from tests.acts.till import Till, cash, line

MEMBERS = ("M1", "M2")
PURSES = ("points:", "principal:", "bonus:", "coupons:", "frozen:")
GONE = ("spent:", "settled:", "lapsed:", "voided:", "refunded:")

members = st.sampled_from(MEMBERS)
small = st.integers(1, 40)


class Shop(RuleBasedStateMachine):
    """A clerk who does anything at any time; refusals change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.till = Till(Path(self.folder.name))
        for member in MEMBERS:
            self.till.admit(member, 30)
        self.bills: list[tuple[str, int]] = []
        self.topups: list[str] = []
        self.coupons: list[str] = []
        self.seen = 0
        self.rows: dict[tuple[str, str, str], int] = {}
        self.granted: dict[tuple[str, str], int] = {}

    def teardown(self) -> None:
        """Replay equals: the books, and books made anew, are our fold."""
        self.till.close()
        folder = Path(self.folder.name)
        for _ in range(2):
            with snapshot(folder / "books.db", "0018") as books:
                rows = {
                    (account, unit, lot): amount
                    for (holder, account, unit, lot), amount in books.balances()
                    if holder == "0018.1"
                }
            assert rows == {key: amount for key, amount in self.rows.items() if amount}
            rebuild(folder)
        self.folder.cleanup()

    # -- what a clerk does -----------------------------------------------------------------

    @rule(
        member=members,
        prices=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 3)), min_size=1, max_size=3),
        pays=st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 2), st.booleans()),
        days=st.none() | st.integers(1, 9),
    )
    def sell(self, member, prices, pays, days):
        value, points, off, coupon = pays
        lines = [
            line(n, "TOY", paid, qty=qty, points=paid // 2, at_list=paid + 3)
            for n, (paid, qty) in enumerate(prices, 1)
        ]
        bill = sum(paid for paid, _ in prices)
        off = min(off, bill)
        value = min(value, bill - off, self.held(member, Unit.PRINCIPAL, Unit.BONUS))
        points = min(points, bill - off - value, self.held(member, Unit.POINT))
        worth = 5 if coupon and bill - off - value - points >= 5 else 0
        answer = self.till.do(
            "sale",
            member=member,
            lines=lines,
            rounding_fen=off,
            tenders=cash(bill - off - value - points - worth),
            points=sum(paid // 2 for paid, _ in prices),
            points_expire=self.end(days),
            growth=bill,
            value_fen=value,
            points_used=points,
            points_worth_fen=points,
            coupons=[{"coupon": "five", "worth_fen": worth}] if worth else [],
            commission=[{"staff": "02", "amount_fen": bill // 10}],
        )
        if answer.ok:
            self.bills.append((answer.entry, len(prices)))

    @precondition(lambda self: self.bills)
    @rule(
        which=st.integers(0, 9), n=st.integers(1, 3), qty=st.integers(1, 3), why=st.integers(1, 5)
    )
    def give_back(self, which, n, qty, why):
        sale, _ = self.bills[which % len(self.bills)]
        self.till.do("return", sale=sale, lines=[{"n": n, "qty": qty}], reason=why)

    @precondition(lambda self: self.bills)
    @rule(which=st.integers(0, 9))
    def void(self, which):
        self.till.do("sale.voided", sale=self.bills[which % len(self.bills)][0])

    @precondition(lambda self: self.bills)
    @rule(
        which=st.integers(0, 9), qty=st.integers(1, 2), paid=st.integers(0, 60), even=st.booleans()
    )
    def exchange(self, which, qty, paid, even):
        sale, _ = self.bills[which % len(self.bills)]
        request = {
            "sale": sale,
            "back": [{"n": 1, "qty": qty}],
            "lines": [line(1, "TOY", paid, points=paid // 2)],
            "points": paid // 2,
        }
        answer = self.till.do("exchange", **request, tenders=[])
        if not answer.ok and "fen are due" in answer.why and not even:
            due = int(answer.why.split(";")[1].split()[0])
            answer = self.till.do("exchange", **request, tenders=cash(due))
        if answer.ok:
            self.bills.append((answer.entry, 1))

    @rule(
        member=members, amount=small, bonus=st.integers(0, 20), days=st.none() | st.integers(1, 9)
    )
    def top_up(self, member, amount, bonus, days):
        self.topups.append(
            self.till.done(
                "topup",
                member=member,
                amount_fen=amount,
                tenders=cash(amount),
                bonus_fen=bonus,
                bonus_expires=self.end(days),
                points=amount // 4,
            )
        )

    @precondition(lambda self: self.topups)
    @rule(which=st.integers(0, 9), basis=st.sampled_from(("own_wish", "not_own_wish")))
    def refund(self, which, basis):
        self.till.do("value.refunded", topup=self.topups[which % len(self.topups)], basis=basis)

    @precondition(lambda self: self.topups)
    @rule(which=st.integers(0, 9))
    def void_topup(self, which):
        self.till.do("topup.voided", topup=self.topups[which % len(self.topups)])

    @rule(member=members, points=small)
    def redeem(self, member, points):
        self.till.do("points.redeemed", member=member, rule="g", points=points, sku="TOY")

    @rule(member=members, points=st.integers(-30, 30))
    def adjust(self, member, points):
        self.till.do("points.adjusted", member=member, points=points, reason="r", manager="01")

    @rule(member=members, unit=st.sampled_from((Unit.POINT, Unit.PRINCIPAL, Unit.BONUS)), n=small)
    def transfer(self, member, unit, n):
        to = MEMBERS[1 - MEMBERS.index(member)]
        self.till.do("points.transferred", member=member, to=to, unit=unit, amount=n)

    @rule(member=members, way=st.sampled_from(("frozen", "unfrozen", "voided")), n=small)
    def shift(self, member, way, n):
        self.till.do(f"points.{way}", member=member, amount=n, reason="r")

    @rule(member=members, days=st.none() | st.integers(1, 9), count=st.integers(1, 2))
    def issue(self, member, days, count):
        self.till.done(
            "coupon.issued", member=member, coupon="five", count=count, expires=self.end(days)
        )

    @rule(member=members)
    def use_coupon(self, member):
        answer = self.till.do("coupon.redeemed", member=member, coupon="five")
        if answer.ok:
            self.coupons.append(answer.entry)

    @precondition(lambda self: self.coupons)
    @rule(which=st.integers(0, 9))
    def restore_coupon(self, which):
        self.till.do("coupon.restored", redeemed=self.coupons[which % len(self.coupons)])

    @rule(days=st.integers(1, 4), off=st.booleans())
    def days_pass(self, days, off):
        self.till.later(days=days)
        if off:
            self.till.again()
        self.till.acts.lapse()

    @precondition(lambda self: self.bills)
    @rule()
    def everything_comes_back(self):
        """Buying and giving back nets to nothing: no money, no goods, no points of any sale."""
        for sale, lines in reversed(self.bills):
            for n in range(1, lines + 1):
                left = self.till.facts.balance(
                    f"returnable:{sale}:{n}", "returnable", f"{sale}:{n}"
                )
                if left:
                    self.till.done("return", sale=sale, lines=[{"n": n, "qty": left}], reason=1)
        assert self.till.has(accounts.SALES_GOODS) == 0
        assert self.till.has(accounts.ROUNDING_CASH) == 0
        assert self.till.has(accounts.SOLD_LINES, Unit.RETURNABLE) == 0
        assert self.till.has(accounts.COMMISSION_COST) == 0
        assert self.till.has(accounts.sold("TOY"), Unit.PIECE) == 0
        for account in (accounts.REBATE_BONUS, accounts.REBATE_POINTS, accounts.REBATE_COUPONS):
            assert self.till.has(account) == 0
        assert sum(self.till.has(accounts.growth(member), Unit.GROWTH) for member in MEMBERS) == 0

    # -- what must hold --------------------------------------------------------------------

    @invariant()
    def entries_sum_to_zero_and_every_lot_adds_up(self):
        """Invariants 1 and 3: balances + spent + settled + lapsed + voided + refunded = granted."""
        head = self.till.store.head.seq
        for stored in self.till.store.read(1, self.seen + 1, head - self.seen):
            self.fold(decode(stored.data))
        self.seen = head
        lots: dict[tuple[str, str], int] = {}
        for (account, unit, lot), amount in self.rows.items():
            if account.startswith((*PURSES, *GONE)):
                assert lot, account
                lots[unit, lot] = lots.get((unit, lot), 0) + amount
        assert lots == self.granted

    def fold(self, entry):
        """Add one entry to a fold of our own, and to what its body says it granted."""
        sums: dict[str, int] = {}
        for one in entry.postings:
            sums[one.unit] = sums.get(one.unit, 0) + one.amount
            if one.holder == "0018.1":
                key = (one.account, one.unit, one.lot)
                self.rows[key] = self.rows.get(key, 0) + one.amount
                held = one.account.startswith(HELD_ACCOUNTS)
                assert not held or self.rows[key] >= 0, key
                if entry.kind == "down.applied" and one.account.startswith(PURSES):
                    self.granted[one.unit, one.lot] = one.amount
        assert not any(sums.values()), entry
        for lot in getattr(entry.body, "lots", ()):
            if lot.unit != Unit.PIECE and lot.amount:
                self.granted[lot.unit, f"0018.1:{entry.seq}:{lot.n}"] = lot.amount

    @invariant()
    def money_owed_for_value_is_the_principal_there_is(self):
        principal = sum(self.till.has(accounts.principal(one), Unit.PRINCIPAL) for one in MEMBERS)
        assert -self.till.has(accounts.OWED_VALUE) == principal

    # -- what is asked ---------------------------------------------------------------------

    def lots(self, member):
        return self.till.facts.member(member).lots

    def held(self, member: str, *units: str) -> int:
        found = self.till.facts.member(member)
        now = self.till.clock.wall
        return sum(lot.amount for unit in units for lot in spendable(found, unit, now))

    def end(self, days: int | None) -> str | None:
        if days is None:
            return None
        return (self.till.clock.wall + timedelta(days=days)).isoformat()


Shop.TestCase.settings = settings(
    max_examples=40, stateful_step_count=18, deadline=None, print_blob=True
)
TestShop = Shop.TestCase
