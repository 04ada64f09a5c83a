"""What changes of the projection are in SQL: (change) -> statements on books.db. Pure."""

from collections.abc import Iterator

import msgspec

from daemon.ledger import projection as p
from daemon.ledger.messages import Product
from daemon.ledger.notices import NoticeGone, NoticePut
from daemon.ledger.projection_member import (
    BenefitsPut,
    CardPut,
    LevelPut,
    MemberCarded,
    MemberChange,
    MemberPut,
    RangesSet,
    TermPut,
)
from daemon.ledger.projection_pack import PackInForce, PackPut, PackWanted
from daemon.ledger.projection_shop import (
    BatchPut,
    CardErased,
    ProfilePut,
    ShiftEnded,
    UnlistedPut,
    Used,
)

Statement = tuple[str, tuple[str | int | bytes | None, ...]]
"""A query and its values."""

_DOCUMENT = msgspec.json.Encoder()


def statements(change: p.Change, *, epoch: int, no: int) -> Iterator[Statement]:
    """Yield what a change of entry `no` does to the books, in order.

    Not for what a sheet adds up or gathers into rows by itself (sheet.py).
    """
    match change:
        case PackPut(ref, document):
            row = (ref.id, ref.version, ref.hash, document)
            yield "INSERT OR REPLACE INTO pack VALUES (?, ?, ?, ?)", row
        case PackInForce(ref):
            query = "INSERT OR REPLACE INTO active_pack VALUES (1, ?, ?, ?)"
            yield query, (ref.id, ref.version, ref.hash)
        case PackWanted(n, ref, start):
            query = "INSERT OR REPLACE INTO wanted_pack VALUES (1, ?, ?, ?, ?, ?, ?)"
            yield query, (epoch, n, ref.id, ref.version, ref.hash, start)
        case p.DownMarked(of, n, digest):
            yield "INSERT OR REPLACE INTO down_mark VALUES (?, ?, ?)", (of, n, digest)
        case NoticePut(kind, key, body):
            yield "INSERT OR REPLACE INTO notice VALUES (?, ?, ?, ?)", (kind.value, key, no, body)
        case NoticeGone(kind, key):
            yield "DELETE FROM notice WHERE kind = ? AND key = ?", (kind.value, key)
        case ProfilePut() | CardErased() | ShiftEnded() | BatchPut() | Used() | UnlistedPut():
            yield from _of_shop(change, no)
        case MemberPut() | CardPut() | MemberCarded() | RangesSet() | TermPut():
            yield from _of_member(change)
        case LevelPut() | BenefitsPut():
            yield from _of_member(change)
        case p.ProductPut() | p.ProductRetired() | p.StaffPut() | p.StaffRetired():
            yield from _of_catalogue(change)
        case _:
            raise AssertionError(f"{type(change).__name__} is not written by a statement")


def _of_shop(
    change: ProfilePut | CardErased | ShiftEnded | BatchPut | Used | UnlistedPut, no: int
) -> Iterator[Statement]:
    match change:
        case ShiftEnded():
            yield "DELETE FROM shift", ()
        case UnlistedPut(code, n):
            yield "INSERT OR REPLACE INTO unlisted VALUES (?, ?, ?)", (code, no, n)
        case BatchPut(sku, batch, use_by, qty):
            yield "INSERT INTO batch VALUES (?, ?, ?, ?, ?)", (no, sku, batch, use_by, qty)
        case Used(member, day, what, amount):
            yield (
                "INSERT INTO used VALUES (?, ?, ?, ?) ON CONFLICT (member, day, what)"
                " DO UPDATE SET amount = amount + excluded.amount",
                (member, day, what, amount),
            )
        case ProfilePut(member, profile):
            locked = (None, None) if profile is None else (profile.cipher, profile.nonce)
            yield "UPDATE member SET cipher = ?, nonce = ? WHERE id = ?", (*locked, member)
        case CardErased(card, member):
            yield "INSERT OR REPLACE INTO card VALUES (?, ?, 'erased')", (card, member)


def _of_member(change: MemberChange) -> Iterator[Statement]:
    match change:
        case MemberPut(name, card, kind, joined, term_ends, level, staff, profile):
            locked = (None, None) if profile is None else (profile.cipher, profile.nonce)
            more = " ".join(change.tags), change.broker, " ".join(change.benefits)
            yield (
                "INSERT OR REPLACE INTO member VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                " (SELECT level_until FROM member WHERE id = ?1 AND level = ?6), ?11, ?12)",
                (name, card, kind, joined, term_ends, level, staff, *locked, *more),
            )
        case CardPut(number, member, status):
            yield (
                "INSERT INTO card VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE"
                " SET status = iif(status = 'erased', status, excluded.status),"
                " member = coalesce(nullif(excluded.member, ''), member)",
                (number, member, status),
            )
        case MemberCarded(member, card, cipher, nonce):
            yield (
                "UPDATE member SET card = ?, cipher = nullif(?, ''), nonce = nullif(?, '')"
                " WHERE id = ?",
                (card, cipher, nonce, member),
            )
        case TermPut(member, term_ends):
            yield "UPDATE member SET term_ends = ? WHERE id = ?", (term_ends, member)
        case LevelPut(member, level, until):
            query = "UPDATE member SET level = ?, level_until = ? WHERE id = ?"
            yield query, (level, until, member)
        case BenefitsPut(member, benefits):
            query = "UPDATE member SET benefits = ? WHERE id = ?"
            yield query, (" ".join(benefits), member)
        case RangesSet(ranges):
            yield "DELETE FROM card_range", ()
            for one in ranges:
                query = "INSERT INTO card_range VALUES (?, ?, ?)"
                yield query, (one.first, one.last, one.kind)


def _of_catalogue(
    change: p.ProductPut | p.ProductRetired | p.StaffPut | p.StaffRetired,
) -> Iterator[Statement]:
    match change:
        case p.ProductPut(product):
            yield (
                "INSERT OR REPLACE INTO product VALUES (?, ?, ?, ?, ?)",
                (
                    product.sku,
                    product.plu,
                    product.barcode or None,
                    _scale_key(product),
                    _DOCUMENT.encode(product),
                ),
            )
        case p.ProductRetired(sku):
            yield "DELETE FROM product WHERE sku = ?", (sku,)
        case p.StaffPut(staff):
            row = (staff.no, staff.badge, _DOCUMENT.encode(staff))
            yield "INSERT OR REPLACE INTO staff VALUES (?, ?, ?)", row
        case p.StaffRetired(no):
            yield "DELETE FROM staff WHERE no = ?", (no,)


def _scale_key(product: Product) -> str | None:
    """Return what a scale's barcode of this product begins with."""
    return None if product.scale is None else product.scale.prefix + product.scale.item
