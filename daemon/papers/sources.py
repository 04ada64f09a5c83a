"""Where papers get what they say beside their entry: the books, the desk, the shop's own words."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from daemon.counter.effects import Listing
from daemon.desk import Desk
from daemon.display.facts import Copy, Lapsing, MemberOnPaper, ShopFacts
from daemon.ledger import accounts
from daemon.ledger.codec import decode
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit, claim_unit
from daemon.ledger.profiles import TAIL_DIGITS, masked
from daemon.ledger.records import Entry
from daemon.ledger.signed import receipt_code
from daemon.ledger.store import Store
from daemon.ledger.views import MemberRow
from daemon.papers.stood import stood

UNIT_OF_WEIGHT = "g"


class Sources(msgspec.Struct, frozen=True):
    store: Store
    desk: Desk
    shop: ShopFacts
    tenders: Mapping[str, str]  # code to name


class Wanted(msgspec.Struct, frozen=True):
    """A paper that is to be made. `about`: an entry's id, a member's, or "" for now."""

    about: str
    columns: int
    copy: Copy = Copy.FIRST
    listing: Listing | None = None


def committed(sources: Sources, entry: str) -> tuple[Entry, str]:
    """Return an entry of the journal and its hash."""
    stored = sources.store.entry(entry)
    assert stored is not None, f"a slip of {entry}, which is not in the journal"
    return decode(stored.data), stored.hash


def weighed(sources: Sources, skus: Iterable[str]) -> frozenset[str]:
    """Return those goods that are sold by weight."""
    products = ((sku, sources.store.books.product(sku)) for sku in skus if sku)
    return frozenset(sku for sku, one in products if one and one.unit == UNIT_OF_WEIGHT)


def code_of(sources: Sources, entry: Entry, digest: str) -> str:
    """Return the signed code that the receipt carries."""
    return receipt_code(entry, digest, sources.store.device_seed)


def member_on_paper(sources: Sources, row: MemberRow, entry: Entry | None) -> MemberOnPaper:
    """Return the member as of the entry, with the lines that its pack prints.

    As the books stand now, whatever is printed, when there is none.
    """
    desk, books = sources.desk, sources.store.books
    known = desk.known(row if entry is None else stood(sources.store, row, entry))
    points, owed = desk.points(row.id), (accounts.claim(row.id), claim_unit(Unit.POINT))
    put_by = accounts.frozen(row.id), Unit.POINT
    principal, bonus = desk.balance_fen(row.id) or None, 0
    if entry is None:
        claimed, frozen = books.balance(*owed), books.balance(*put_by)
    else:
        of_member = accounts.points(row.id)
        points = books.balance_as_of(of_member, Unit.POINT, id_of(entry))
        claimed = books.balance_as_of(*owed, id_of(entry))
        frozen = books.balance_as_of(*put_by, id_of(entry))
        principal, bonus = _value(sources, row.id, entry)
    ends = known.facts.term_ends
    # What lapses next is told from today on: a paper of another day keeps silent about it.
    today = entry is None or entry.at.business_date == desk.at().business_date
    check = desk.year_check(known.facts) if today else None
    engine = desk.engine() if entry is None else desk.engine_of(entry.pack)
    member = MemberOnPaper(
        shown=known.shown.shown,
        tail=known.shown.tail,
        level=known.shown.level,
        term_ends=None if ends is None else ends.date(),
        points_available=points,
        points_frozen=frozen,
        points_claimed=claimed,
        check=check,
        lapsing=()
        if check is not None or not today
        else tuple(Lapsing(date.fromisoformat(day), count) for day, count in desk.expiring(row.id)),
        principal_fen=principal,
        bonus_fen=bonus,
        worth_fen=None if engine is None else engine.house().worth(points),
    )
    prints = None if entry is None or engine is None or engine.ref is None else engine.house()
    return member if prints is None else member.only(frozenset(prints.receipt))


def _value(sources: Sources, member: str, entry: Entry) -> tuple[int | None, int]:
    """Return the stored value that an entry left, where it moved some; else nobody asked."""
    purses = (
        (accounts.principal(member), Unit.PRINCIPAL.value),
        (accounts.bonus(member), Unit.BONUS.value),
    )
    moved = {(posting.account, posting.unit) for posting in entry.postings}
    if moved.isdisjoint(purses):
        return None, 0
    left = [sources.store.books.balance_as_of(*purse, id_of(entry)) for purse in purses]
    return left[0], left[1]


def visitor_on_paper(card: str) -> MemberOnPaper:
    """Return what paper says of a card that this box does not know."""
    return MemberOnPaper(shown=masked(None, card), tail=card[-TAIL_DIGITS:])


def member_of(sources: Sources, member: str, card: str, entry: Entry) -> MemberOnPaper | None:
    """Return whom an entry is about: a member as of it, a visitor, or nobody."""
    if not member:
        return None
    row = sources.store.books.member(member)
    return visitor_on_paper(card) if row is None else member_on_paper(sources, row, entry)
