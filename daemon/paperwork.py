"""What paper says beside its entry: facts from the books, as of that entry. Lays nothing out."""

from datetime import date

from daemon.config import Config
from daemon.counter.effects import DOCUMENTS, DocumentKind
from daemon.counter.entries import SOURCE as KEYPAD
from daemon.desk import Desk
from daemon.display.enrolment import enrolment_slip
from daemon.display.facts import (
    EnrolmentFacts,
    InquiryFacts,
    Lapsing,
    MemberOnPaper,
    SaleFacts,
    ShopFacts,
)
from daemon.display.inquiry import inquiry_slip
from daemon.display.listing import listing_slip
from daemon.display.receipt import sale_receipt
from daemon.ledger import accounts
from daemon.ledger.bodies import MemberEnrolled, Sale
from daemon.ledger.codec import decode, envelope
from daemon.ledger.ids import entry_id, id_of
from daemon.ledger.kinds import Kind, Unit, claim_unit
from daemon.ledger.profiles import TAIL_DIGITS, masked
from daemon.ledger.records import Entry
from daemon.ledger.signed import receipt_code
from daemon.ledger.store import Store
from daemon.ledger.views import MemberRow
from daemon.paper import Paper
from daemon.spooler import Slip

UNIT_OF_WEIGHT = "g"
LOOK_BACK_ENTRIES = 100  # between a sale and a crash stand acknowledgements and HQ's messages


class Paperwork:
    """Makes the paper of a slip. Owned by the loop."""

    def __init__(self, config: Config, store: Store, desk: Desk) -> None:
        self._store = store
        self._books = store.books
        self._desk = desk
        shop = config.shop
        self._shop = ShopFacts(
            chain=shop.chain,
            name=shop.name,
            no=shop.no,
            address=shop.address,
            phone=shop.phone,
            language=shop.language,
            box=config.box.id,
        )
        self._tenders = {row.code: row.name for row in config.tenders}

    def render(self, slip: Slip, columns: int) -> Paper:
        """Return the paper of a slip for a printer of so many columns."""
        if slip.listing is not None:
            return listing_slip(slip.listing, self._shop.language, columns)
        if slip.kind is DocumentKind.INQUIRY:
            return inquiry_slip(self._inquiry(slip.about), self._shop, columns)
        stored = self._store.entry(slip.about)
        assert stored is not None, f"a slip of {slip.about}, which is not in the journal"
        entry = decode(stored.data)
        if isinstance(entry.body, MemberEnrolled):
            enrolment = self._enrolment(entry, entry.body, stored.hash)
            return enrolment_slip(entry, enrolment, self._shop, columns, slip.copy)
        assert isinstance(entry.body, Sale), f"no slip of a {entry.kind} is known"
        sale = self._sale(entry, entry.body, stored.hash)
        return sale_receipt(entry, sale, self._shop, columns, slip.copy)

    def _sale(self, entry: Entry, sale: Sale, digest: str) -> SaleFacts:
        member = self._books.member(sale.member) if sale.member else None
        products = {line.sku: self._books.product(line.sku) for line in sale.lines if line.sku}
        on_paper = None
        if sale.member:
            on_paper = self._member(member, entry) if member else self._visitor(sale)
        return SaleFacts(
            hash=digest,
            qr=receipt_code(entry, digest, self._store.device_seed),
            member=on_paper,
            tender_names=self._tenders,
            weighed=frozenset(
                sku for sku, one in products.items() if one and one.unit == UNIT_OF_WEIGHT
            ),
            offer=not sale.member and self._desk.may_join(sale.pay_fen),
        )

    def _enrolment(self, entry: Entry, body: MemberEnrolled, digest: str) -> EnrolmentFacts:
        row = self._books.member(id_of(entry))
        assert row is not None, f"{id_of(entry)} enrolled nobody"
        names = {item.sku: self._books.product(item.sku) for item in body.welcome}
        return EnrolmentFacts(
            member=self._member(row, entry),
            hash=digest,
            qr=receipt_code(entry, digest, self._store.device_seed),
            names={sku: one.name if one else sku for sku, one in names.items()},
            tender_names=self._tenders,
        )

    def _inquiry(self, member: str) -> InquiryFacts:
        row = self._books.member(member)
        assert row is not None, f"an inquiry about {member}, whom nobody knows"
        on_paper = self._member(row, None)
        return InquiryFacts(on_paper, self._desk.now(), self._desk.by().operator)

    def _member(self, row: MemberRow, entry: Entry | None) -> MemberOnPaper:
        """Return the member as of the entry; as the books stand now when there is none."""
        known = self._desk.known(row)
        points, owed = known.shown.points, (accounts.claim(row.id), claim_unit(Unit.POINT))
        if entry is None:
            claimed = self._books.balance(*owed)
        else:
            of_member = accounts.points(row.id)
            points = self._books.balance_as_of(of_member, Unit.POINT, id_of(entry))
            claimed = self._books.balance_as_of(*owed, id_of(entry))
        ends = known.facts.term_ends
        check = self._desk.year_check(known.facts)
        return MemberOnPaper(
            shown=known.shown.shown,
            tail=known.shown.tail,
            level=row.level,
            term_ends=None if ends is None else ends.date(),
            points_available=points,
            points_claimed=claimed,
            check=check,
            lapsing=()
            if check is not None
            else tuple(
                Lapsing(date.fromisoformat(day), count)
                for day, count in self._desk.expiring(row.id)
            ),
            principal_fen=self._desk.balance_fen(row.id) or None if entry is None else None,
        )

    def _visitor(self, sale: Sale) -> MemberOnPaper:
        return MemberOnPaper(shown=masked(None, sale.card), tail=sale.card[-TAIL_DIGITS:])


def cut_short(store: Store) -> tuple[DocumentKind, str] | None:
    """Return the slip that a crash kept from being spooled: the last one before it, if any.

    The counter spools a slip before it begins the next commit, so only the newest entry of the
    keypad may lack its job, and only when the box has not been started since.
    """
    chain, head = store.chain, store.head
    stored = store.read(chain.epoch, max(1, head.seq - LOOK_BACK_ENTRIES + 1), LOOK_BACK_ENTRIES)
    for one in reversed(stored):
        seen = envelope(one.data)
        if seen.kind == Kind.BOX_STARTED:
            return None
        document = DOCUMENTS.get(Kind(seen.kind)) if seen.source == KEYPAD else None
        if document is not None:
            about = entry_id(chain, one.seq)
            return None if store.local.jobs_of(about) else (document, about)
    return None
