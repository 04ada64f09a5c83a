"""The limits of a signed pack, read from the document's own bytes. Pure.

A box that serves has no model of the pack in memory, and headquarters asks seldom. The pack was
checked when it became active.
"""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

import msgspec

from daemon.rules.limited import NO_LIMITS, Limit, Limits

RISK = "accept_risk"
TIMES = "times:"  # how often a rule gave, where its amounts are counted too
TRANSFER = "transfer"


def limits_of(document: str) -> Limits:
    """Return the limits of a pack that was opened before; of no document: none."""
    if not document:
        return NO_LIMITS
    try:
        pack = msgspec.json.decode(document, type=_Document).pack
    except msgspec.DecodeError:
        return NO_LIMITS
    found: dict[str, tuple[Limit, ...]] = {}
    for limit in _limits(pack):
        found[limit.what] = (*found.get(limit.what, ()), limit)
    roaming = pack.roaming or _Roaming()
    stored = pack.stored_value
    value = None if stored is None else stored.registered_max_fen
    bearer = None if stored is None else stored.bearer_max_fen
    of = MappingProxyType(found)
    return Limits(of, risks=roaming.limits == RISK, value=value, bearer=bearer)


class _Said(msgspec.Struct, frozen=True):
    """A limit as any section writes it: how many, of what, in which period."""

    per: str
    times: int = 0
    qty: int = 0
    most: int = 0
    unit: str = ""


class _Rule(msgspec.Struct, frozen=True):
    id: str = ""
    limit: _Said | None = None
    cap: _Said | None = None
    max_times: int | None = None
    per: str | None = None


class _Stored(msgspec.Struct, frozen=True):
    ladder: tuple[_Rule, ...] = ()
    registered_max_fen: int | None = 500_000  # as the law has it
    bearer_max_fen: int | None = 100_000


class _Late(msgspec.Struct, frozen=True):
    per_month: int
    beyond: str = "freeze"


class _Roaming(msgspec.Struct, frozen=True):
    limits: str = "refuse"


class _Pack(msgspec.Struct, frozen=True):
    prices: tuple[_Rule, ...] = ()
    promos: tuple[_Rule, ...] = ()
    coupons: tuple[_Rule, ...] = ()
    earn: tuple[_Rule, ...] = ()
    spend_rewards: tuple[_Rule, ...] = ()
    gifts: tuple[_Rule, ...] = ()
    stored_value: _Stored | None = None
    transfer: _Rule | None = None
    late_swipe: _Late | None = None
    roaming: _Roaming | None = None


class _Document(msgspec.Struct, frozen=True):
    pack: _Pack


def _limits(pack: _Pack) -> Iterator[Limit]:
    for rules in (pack.prices, pack.promos, pack.coupons, pack.spend_rewards):
        for rule in rules:
            if rule.limit is not None and rule.limit.per != "receipt":
                yield Limit(rule.id, rule.limit.per, rule.limit.times or rule.limit.qty)
    for rule in pack.earn:
        if rule.cap is not None:
            what = TIMES + rule.id if rule.cap.unit == "times" else rule.id
            yield Limit(what, rule.cap.per, rule.cap.most)
    yield from _often(pack.gifts, TIMES)
    if pack.stored_value is not None:
        yield from _often(pack.stored_value.ladder, "")
    if pack.transfer is not None:
        yield from _often((msgspec.structs.replace(pack.transfer, id=TRANSFER),), "")
    if pack.late_swipe is not None and pack.late_swipe.beyond == "refuse":
        from daemon.ledger.acts.bill import LATE  # few packs ask: a box that sells goes without

        yield Limit(LATE, "month", pack.late_swipe.per_month)


def _often(rules: Iterable[_Rule], prefix: str) -> Iterator[Limit]:
    for rule in rules:
        if rule.max_times is not None and rule.per is not None:
            yield Limit(prefix + rule.id, rule.per, rule.max_times)
