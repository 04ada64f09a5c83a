"""The desk: what the flows may ask of their shop, answered from the books and the config.

It implements counter.shop.Shop. Figures are as of the last commit. It holds no rule and lays out no
text; personal data is opened here, masked at once, and never leaves this file in clear.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daemon.clerkview import Sight, sight
from daemon.clock import Clock, moment
from daemon.config import Config
from daemon.counter.members import BLOCKED, stranger
from daemon.counter.screens import GiftShown, MemberShown, Row
from daemon.counter.shop import Known, PinTry, TenderKey
from daemon.display.facts import YearCheck
from daemon.entropy import Entropy, fresh_id
from daemon.errors import SealError
from daemon.ledger import accounts
from daemon.ledger.bodies import Guide, Profile, Welcome
from daemon.ledger.books import Books
from daemon.ledger.kinds import Unit
from daemon.ledger.lots import available
from daemon.ledger.messages import Product, Staff
from daemon.ledger.profiles import (
    TAIL_DIGITS,
    Person,
    lock_profile,
    masked,
    open_profile,
    phone_digest,
)
from daemon.ledger.records import At, By, PackRef
from daemon.ledger.stamp import least_now, stamp
from daemon.ledger.store import Store
from daemon.ledger.views import LotRow, MallBill, MemberRow, SaleRow
from daemon.limiting import Limiting
from daemon.rules.counts import SoFar, so_far
from daemon.rules.engine import NO_PACK, Engine
from daemon.rules.types import EnrolmentOffer, MemberFacts
from daemon.seal import KEY_BYTES, NONCE_BYTES
from daemon.sync.blocked import BlockedCards

if TYPE_CHECKING:
    from daemon.actfacts import Facts
    from daemon.pinbook import PinBook
    from daemon.rules.models import Pack
    from daemon.status import Status

CARD_SKU = "CARD"  # blank cards are goods with serial numbers
LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)  # a card as old as that is past any age
YEAR_CHARS = len("2026")
WHOLE_SHARE = 10_000  # shares of guides are parts of ten thousand


class Desk:
    """Answers the counter. Owned by the loop: nobody else calls it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        *,
        catalogue: Books | None = None,
    ) -> None:
        """`catalogue`: whose goods, staff and card ranges, where the store has none of its own."""
        self._config = config
        self._store = store
        self._books = store.books
        self._blocked = BlockedCards(store.local, store.books, store.chain.epoch)
        self._catalogue = catalogue or store.books
        self._clock = clock
        self._entropy = entropy
        self._zone = ZoneInfo(config.shop.timezone)
        self._engine = NO_PACK
        alone = config.hq is None or catalogue is not None  # who practises asks nobody
        self.limiting = Limiting(store, alone=alone)
        self._facts: Facts | None = None
        self.status: Callable[[], Status] | None = None  # what the box says of itself
        self.reachable: Callable[[], bool] = lambda: False  # headquarters, by the link
        self.older: Callable[[PackRef], Engine | None] | None = None  # packs that applied before
        self.packs: Callable[[PackRef], Pack | None] | None = None  # the same, to be explained
        self._reads = sight(config) is Sight.WORDS

    def use(self, engine: Engine) -> None:
        """From the next flow on, these rules apply."""
        self._engine = engine

    def engine_of(self, ref: PackRef | None) -> Engine | None:
        """Return the rules of an entry of the past; None: they are not here any more."""
        if ref is None:
            return NO_PACK
        if ref == self._engine.ref:
            return self._engine
        return None if self.older is None else self.older(ref)

    def pack_of(self, ref: PackRef | None) -> "Pack | None":
        """Return the pack that an entry names; None while it is not at hand."""
        return None if ref is None or self.packs is None else self.packs(ref)

    # -- time and people -----------------------------------------------------------------------

    def at(self) -> At:
        return stamp(
            self._clock.read(),
            closing_hour=self._config.shop.closing_hour,
            not_before=self._books.open_date(),
        )

    def now(self) -> datetime:
        return self._clock.read().wall

    def least_now(self) -> datetime:
        """Return the lower bound of now: what is due by it is not spendable."""
        return least_now(self._clock.read(), self._store.purses.last_trusted())

    def by(self) -> By:
        shift = self._books.open_shift()
        operator = shift.operator if shift is not None else ""
        staff = self._catalogue.staff(operator)
        return By(operator, staff.role if staff is not None else "clerk")

    def staff(self, no: str) -> Staff | None:
        return self._catalogue.staff(no) or self._catalogue.staff(no.zfill(2))

    def staff_by_badge(self, badge: str) -> Staff | None:
        return self._catalogue.staff_by_badge(badge)

    def has_pin(self, whose: str) -> bool:
        return self._pins().has(whose)

    def set_pin(self, whose: str, pin: str) -> None:
        self._pins().set(whose, pin)

    def try_pin(self, whose: str, pin: str) -> PinTry:
        return self._pins().attempt(whose, pin)

    def parked(self) -> Mapping[int, str]:
        return self._store.local.parked()

    def park(self, slot: int, basket: str) -> None:
        self._store.local.park(slot, basket)

    def unpark(self, slot: int) -> None:
        self._store.local.unpark(slot)

    def service(self, topic: str) -> tuple[Row, ...]:
        from daemon.servicing import rows

        return () if self.status is None else rows(topic, self.status(), self._config)

    def cut_off(self) -> bool:
        """Tell whether there is a headquarters that does not answer now."""
        if self._config.hq is None or self.status is None:
            return False
        return not self.status().hq_connected

    def hq_answers(self) -> bool:
        return self.reachable()

    def clerk_reads(self) -> bool:
        return self._reads

    def default_guides(self) -> tuple[Guide, ...]:
        guide = self._config.counter.guide or self._config.counter.operator
        return (Guide(guide, WHOLE_SHARE),) if guide else ()

    # -- goods ---------------------------------------------------------------------------------

    def engine(self) -> Engine:
        return self._engine

    def product_by_plu(self, plu: int) -> Product | None:
        return self._catalogue.product_by_plu(plu)

    def product_by_barcode(self, code: str) -> Product | None:
        return self._catalogue.product_by_barcode(code)

    def product(self, sku: str) -> Product | None:
        return self._catalogue.product(sku)

    def products_without_code(self) -> Sequence[Product]:
        return self._catalogue.products_without_code()

    def scale_product(self, code: str) -> Product | None:
        return self._catalogue.scale_product(code)

    def stock(self, sku: str) -> int:
        return self._books.stock(sku)

    # -- members -------------------------------------------------------------------------------

    def member_by_card(self, card: str) -> Known | None:
        row = self._books.member_by_card(card)
        if row is not None:
            return self.known(row)
        status = self.card_status(card)
        return stranger(card, status) if status in BLOCKED else None

    def card_status(self, card: str) -> str:
        return self._blocked.status(card) or self._books.card_status(card)

    def member_by_phone(self, phone: str) -> Known | None:
        digest = phone_digest(self._store.phone_key, phone)
        row = self._books.member_by_phone_digest(digest)
        return None if row is None else self.known(row)

    def in_card_range(self, card: str) -> bool:
        return self._catalogue.card_range(card) is not None

    def blank_card(self, card: str) -> bool:
        return self._books.serial_in_stock(CARD_SKU, card)

    def known(self, row: MemberRow) -> Known:
        """Return what rules and screens may know of a member."""
        person, house = self.person(row), self._engine.house()
        facts = MemberFacts(
            id=row.id,
            card=row.card,
            kind=row.kind,
            status=self._blocked.status(row.card) or row.status,
            joined=moment(row.joined, self._zone),
            term_ends=None if row.term_ends is None else moment(row.term_ends, self._zone),
            level=row.level,
            staff=row.staff,
            birthday=person.birthday,
            tags=row.tags,
            benefits=row.benefits,
            broker=row.broker,
        )
        points = self.points(row.id) if house.tells("points") else None
        shown = MemberShown(
            shown=self.masked(person.name if house.tells("masked_name") else "", row.card),
            tail=row.card[-TAIL_DIGITS:],
            level=self.level_name(row.level) if house.tells("level") else "",
            points=points,
            worth_fen=None if points is None else house.worth(points),
        )
        return Known(facts, shown)

    def masked(self, name: str, card: str) -> str:
        """Return a name as the pack lets others see it."""
        return masked(name, card, self._engine.house().mask)

    def facts_of(self, member: str) -> MemberFacts | None:
        """Return what rules may know of a member."""
        row = self._books.member(member)
        return None if row is None else self.known(row).facts

    def level_name(self, level: str) -> str:
        """Return how the pack calls a level; its id where the pack has none of that id."""
        if not level or not self._engine.leveled:
            return level
        return self._engine.account().levels.names.get(level, level)

    def person(self, row: MemberRow) -> Person:
        """Return a member's personal data; nothing when its key is not here (or was erased)."""
        key = self._store.local.member_key(row.card)
        if key is None or row.profile is None:
            return Person()
        try:
            return open_profile(row.profile, card=row.card, key=key)
        except SealError:
            return Person()  # a key of another profile: shown by the card's tail, like no name

    def points(self, member: str) -> int:
        """Return the points a member may spend here now."""
        return sum(lot.amount for lot in available(self.point_lots(member), self.least_now()))

    def point_lots(self, member: str) -> Sequence[LotRow]:
        return self._books.lots(accounts.points(member), Unit.POINT)

    def expiring(self, member: str) -> tuple[tuple[str, int], ...]:
        row = self._books.member(member)
        if row is None:
            return ()
        joined, now = moment(row.joined, self._zone), self.now()
        ends = self._engine.expiring(self.point_lots(member), joined, now)
        return self._engine.house().soon(ends, now.date())

    def gifts(self, member: MemberFacts) -> tuple[GiftShown, ...]:
        offers = self._engine.gifts(member.level, self.now())
        return tuple(
            GiftShown(" + ".join(map(self._named, one.items)), one.points, one.coupon_fen)
            for one in offers
        )

    def _named(self, item: Welcome) -> str:
        product = self._catalogue.product(item.sku)
        name = item.sku if product is None else product.short or product.name
        return name if item.qty == 1 else f"{name} ×{item.qty}"

    def balance_fen(self, member: str) -> int:
        now = self.least_now()
        return sum(
            lot.amount
            for account, unit in (
                (accounts.principal(member), Unit.PRINCIPAL),
                (accounts.bonus(member), Unit.BONUS),
            )
            for lot in available(self._books.lots(account, unit), now)
        )

    def lots(self, member: str) -> Sequence[LotRow]:
        return self._store.purses.of(member)

    def mall_bill(self, entry: str) -> MallBill | None:
        return self._store.mall.bill(entry)

    def so_far(self, member: str) -> SoFar:
        today = self.now().date().isoformat()
        since = f"{today[:YEAR_CHARS]}-01-01"
        counted = so_far(self._books.used(member, since=since), today)
        pack = self._engine.ref
        return self.limiting.so_far(member, counted, self.now().date(), pack=pack)

    def lacking(self, member: str, *, value: bool = False) -> Sequence[tuple[str, int]]:
        """Return what this shop must ask for before it can issue to a member under a limit."""
        room = self.limiting.missing_value(member) if value else []
        return [*self.limiting.missing(member, self.now().date()), *room]

    def last_anonymous_sale(self) -> SaleRow | None:
        return self._books.last_anonymous_sale(self.by().operator, self.at().business_date)

    def lock_profile(self, person: Person, card: str) -> Profile:
        key = self._entropy.draw(KEY_BYTES)
        nonce = self._entropy.draw(NONCE_BYTES)
        digest = phone_digest(self._store.phone_key, person.phone) if person.phone else None
        self._store.local.put_member_key(card, key=key, phone_digest=digest)
        return lock_profile(person, card=card, key=key, nonce=nonce)

    def books(self) -> "Facts":
        """Return what acts ask; a counter that only sells does not carry it."""
        from daemon.actfacts import Facts

        if self._facts is None:
            hour = self._config.shop.closing_hour
            self._facts = Facts(
                self._store, self._clock, self._entropy, closing_hour=hour, limiting=self.limiting
            )
        return self._facts

    def year_check(self, member: MemberFacts) -> YearCheck | None:
        """Return the next yearly check of points, once it is near enough to be told, and whether
        this card's points go then.
        """
        check = None if member.joined is None else self._year_check(member.joined)
        soon = self._engine.house().soon
        return check if check and soon([(check.on.isoformat(), 0)], self.now().date()) else None

    def year_check_of(self, joined: str) -> YearCheck | None:
        """Return the same of whoever joined then, as the books write it."""
        return self._year_check(moment(joined, self._zone))

    def _year_check(self, joined: datetime) -> YearCheck | None:
        mine = self._engine.lapsing(joined, self.now())
        soonest = self._engine.lapsing(LONG_AGO, self.now())
        return None if mine is None or soonest is None else YearCheck(soonest, mine == soonest)

    def may_join(self, pay_fen: int) -> bool:
        """Return whether an anonymous purchase of so much may make its buyer a member."""
        offer = self._engine.offer("purchase", counted=pay_fen, at=self.now())
        return isinstance(offer, EnrolmentOffer)

    # -- the till ------------------------------------------------------------------------------

    def tenders(self) -> Sequence[TenderKey]:
        return self._config.tenders

    def exact_cash_guard_ms(self) -> int:
        return self._config.keypad.exact_cash_guard_ms

    def fresh_id(self) -> str:
        return fresh_id(self._entropy)

    def _pins(self) -> "PinBook":
        from daemon.pinbook import PinBook  # asked seldom: not carried all day

        store = self._store
        return PinBook(store.local, self._clock, self._entropy, store.phone_key)
