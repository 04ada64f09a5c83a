"""Acts about members: renewed, level, audit, cards. Read by acts.py."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from daemon.actfacts import Facts, read
from daemon.ledger.acts import card, renewal, standing, visit
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft

Act = Callable[[Facts, bytes], Draft | Refusal]


def _renewed(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, renewal.RenewRequest)
    member = facts.member(asked.member, asked.card)
    row = facts.row(member.id)
    if asked.sale and (refused := _renews(facts, asked.sale)) is not None:
        return refused
    return renewal.renew(
        asked,
        member,
        facts.balance,
        facts.stamp(asked),
        term_ends=None if row is None else row.term_ends,
        in_stock=facts.store.books.stock,
    )


def _renews(facts: Facts, sale: str) -> Refusal | None:
    """Return why a sale renews nobody; None: it may, once."""
    entry = facts.entry(sale)
    if entry is None or entry.kind is not Kind.SALE:
        return Refusal("not_allowed", f"{sale} is no sale of this box")
    if any(facts.answer(sale, kind) for kind in (Kind.MEMBER_RENEWED, Kind.MEMBER_ENROLLED)):
        return Refusal("not_allowed", f"{sale} has renewed a membership, or begun one, already")
    return None


def _level(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, standing.LevelRequest)
    member = facts.member(asked.member, asked.card)
    row = facts.row(member.id)
    before = "" if row is None else row.level
    return standing.change_level(asked, member, facts.balance, facts.stamp(asked), before=before)


def _audited(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, standing.AuditRequest)
    member = facts.member(asked.member, asked.card)
    return standing.confirm(asked, member, facts.balance, facts.stamp(asked))


def _visited(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, visit.VisitRequest)
    return visit.visit(asked, facts.member(asked.member, asked.card), facts.stamp(asked))


def _card(kind: Kind) -> Act:
    def act(facts: Facts, data: bytes) -> Draft | Refusal:
        asked = read(data, card.CardRequest)
        return card.change(asked, facts.member("", asked.card), facts.stamp(asked), kind=kind)

    return act


def _card_issued(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, card.IssueCardRequest)
    member = facts.member(asked.member, asked.card)
    stamp = facts.stamp(asked)
    return card.issue(asked, member, facts.balance, stamp, is_blank=facts.is_blank)


def _card_replaced(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, card.ReplaceRequest)
    member = facts.member("", asked.card)
    row = facts.row(member.id)
    draft = card.replace(
        asked,
        member,
        facts.balance,
        facts.stamp(asked),
        is_blank=facts.is_blank,
        current="" if row is None else row.card,
    )
    if isinstance(draft, Refusal) or row is None:
        return draft
    return card.with_profile(draft, facts.profile_for(row, asked.new))


MEMBER_ACTS: Mapping[str, Act] = MappingProxyType(
    {
        Kind.MEMBER_RENEWED.value: _renewed,
        Kind.LEVEL_CHANGED.value: _level,
        Kind.AUDIT_CONFIRMED.value: _audited,
        Kind.CARD_ISSUED.value: _card_issued,
        Kind.CARD_LOST.value: _card(Kind.CARD_LOST),
        Kind.CARD_FROZEN.value: _card(Kind.CARD_FROZEN),
        Kind.CARD_UNFROZEN.value: _card(Kind.CARD_UNFROZEN),
        Kind.CARD_CLOSED.value: _card(Kind.CARD_CLOSED),
        Kind.CARD_REPLACED.value: _card_replaced,
        Kind.VISIT_NOTED.value: _visited,
    }
)
