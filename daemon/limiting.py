"""The pack's limits of members in this shop: what is left here, what an issue takes. Any thread.

A draft whose uses count against a limit gets its postings here, on its way to the writer; what the
flows are told of earlier uses comes from the same holdings, so that a rule gives what is left in
this hand and no more. A sale without a limit, and a pack without any, pass by.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import Use
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.limits import (
    ALWAYS,
    VALUE,
    Draw,
    Home,
    lineage_of,
    postings,
    value_changed,
    value_here,
    value_moved,
)
from daemon.ledger.records import Draft, PackRef
from daemon.ledger.store import Store
from daemon.rules.counts import SoFar
from daemon.rules.limited import NO_LIMITS, Limit, Limits
from daemon.rules.periods import first_day

if TYPE_CHECKING:
    from daemon.ledger.acts.moves import Member
    from daemon.ledger.acts.topup import ValueLimits

DAY_CHARS = len("2026-03-06")


class Limiting:
    """`alone`: a box without headquarters, which is everybody's home."""

    def __init__(self, store: Store, *, alone: bool) -> None:
        self._store = store
        self._alone = alone
        self._read: tuple[PackRef | None, Limits] = (None, NO_LIMITS)
        self._value: tuple[PackRef | None, ValueLimits] | None = None
        self._known: Home | None = None

    @property
    def limits(self) -> Limits:
        """What the active pack limits; read once for each pack."""
        pack = self._store.books.active_ref()
        if pack != self._read[0]:
            from daemon.rules.limited_pack import limits_of  # asked once for each pack

            self._read = (pack, limits_of(self._document()))
        return self._read[1]

    @property
    def of_value(self) -> "ValueLimits":
        """What the active pack says of stored value; read once for each pack."""
        pack = self._store.books.active_ref()
        if self._value is None or pack != self._value[0]:
            from daemon.ledger.acts.topup import limits_of  # a box without value goes without

            self._value = (pack, limits_of(self._document()))
        return self._value[1]

    def so_far(
        self, member: str, counted: SoFar, today: date, *, pack: PackRef | None = None
    ) -> SoFar:
        """Return what a member had, as limits ask: what is not left here counts as had.

        `counted`: what this shop's entries say, of this day, month and year. `pack`: the active one
        where the caller knows it: a receipt is priced at every key.
        """
        limits = self._read[1] if pack is not None and pack == self._read[0] else self.limits
        if not limits:
            return counted
        known = dict(counted)
        for limit in limits.all():
            known[f"{limit.what}:{limit.per}"] = limit.most - self._left(member, limit, today)
        return tuple(sorted((key, amount) for key, amount in known.items() if amount))

    def drawn(self, draft: Draft) -> Draft | str:
        """Return the draft with what it takes of its member's rights, or why it has none."""
        changed = {} if self._alone else value_changed(draft.postings)
        draws = list(self._draws(draft))
        if (not changed and not draws) or self._store.find(draft.source, draft.id) is not None:
            return draft
        for member, delta in changed.items():
            valued = self._valued(draft, member, delta)
            if isinstance(valued, str):
                return valued
            draft = valued
        return self.taken(draft, getattr(draft.body, "member", ""), draws) if draws else draft

    def counted_value(self, member: "Member", most: int | None) -> int:
        """Return what counts against the cap of a member's card: what he has, or may have."""
        have = member.total(Unit.PRINCIPAL) + member.total(Unit.BONUS)
        if self._alone or most is None or self.limits.risks or self._opens_value(member.id, most):
            return have
        return max(have, most - self._held(member.id, VALUE))

    def missing_value(self, member: str) -> list[tuple[str, int]]:
        """Return the room for value that a visiting member's card lacks here, to be asked for."""
        most = self._cap(member)
        if self._alone or most is None or self._opens_value(member, most):
            return []
        here = value_here(member, self._store.books.lots) + self._held(member, VALUE)
        return [(VALUE, most - here)] if here < most else []

    def _valued(self, draft: Draft, member: str, delta: int) -> Draft | str:
        """Return the draft with what a change of value moves of the room under the card's cap.

        Only a top-up is refused: what a return gives back may be above the cap.
        """
        most = self._cap(member)
        if most is None:
            return draft
        before = value_here(member, self._store.books.lots)
        risks = self.limits.risks or draft.kind is not Kind.TOPUP
        hand = self._home().hand(member, risks=risks)
        found = value_moved(member, delta, most - before, hand)
        if isinstance(found, str):
            return f"the card of {member} has no room for it here: ask headquarters"
        return msgspec.structs.replace(draft, postings=(*draft.postings, *found))

    def _cap(self, member: str) -> int | None:
        """Return the most that a member's card may hold; None: the pack lifts the cap."""
        known = self._store.books.member(member)
        return self.of_value.most("" if known is None else known.kind)

    def _document(self) -> str:
        row = self._store.books.active_pack()
        return "" if row is None else row.document

    def _opens_value(self, member: str, most: int) -> bool:
        return self._may_open(member, Draw(VALUE, most, most, ALWAYS))

    def taken(self, draft: Draft, member: str, draws: Iterable[Draw]) -> Draft | str:
        """Return the draft with the postings of these draws, or why there is too little."""
        hand = self._home().hand(member, risks=self.limits.risks)
        found = postings(member, draws, hand)
        if isinstance(found, str):
            return f"{found} of {member} is not in this shop's hand, or used up: ask headquarters"
        return msgspec.structs.replace(draft, postings=(*draft.postings, *found))

    def missing(self, member: str, today: date) -> list[tuple[str, int]]:
        """Return what a visiting member's limits lack here: (unit, how much), to be asked for."""
        if not member or self._alone or not (limits := self.limits):
            return []
        lacking = []
        for limit in limits.all():
            unit = limit.unit(today)
            draw = Draw(unit, limit.most, limit.most, first_day(limit.per, today).isoformat())
            held = self._held(member, unit)
            if not held and not self._may_open(member, draw):
                lacking.append((unit, limit.most))
        return lacking

    def _left(self, member: str, limit: Limit, today: date) -> int:
        """Return how much may be issued now."""
        unit, first = limit.unit(today), first_day(limit.per, today).isoformat()
        held = self._held(member, unit)
        draw = Draw(unit, limit.most, limit.most, first)
        if self._may_open(member, draw):
            return limit.most
        if held or not self.limits.risks:
            return held
        rows = self._store.books.used(member, since=first)
        return max(0, limit.most - sum(n for _, what, n in rows if what == limit.what))

    def _held(self, member: str, unit: str) -> int:
        return self._store.books.balance(accounts.right(member), unit)

    def _draws(self, draft: Draft) -> Iterator[Draw]:
        """Yield what the draft's uses take of its member's rights."""
        uses: tuple[Use, ...] = getattr(draft.body, "uses", ())
        member: str = getattr(draft.body, "member", "")
        if not uses or not member or not (limits := self.limits):
            return
        today = draft.at.wall[:DAY_CHARS]
        for use in uses:
            for limit in limits.of.get(use.what, ()):
                day = date.fromisoformat(use.day or today)
                starts = first_day(limit.per, day).isoformat()
                yield Draw(limit.unit(day), use.amount, limit.most, starts)

    def _may_open(self, member: str, draw: Draw) -> bool:
        return self._home().may_open(member, draw)

    def _home(self) -> Home:
        if self._known is None:
            store = self._store
            lineage = lineage_of(store.chain, store.read)
            posted = partial(store.purses.held_by, lot="")
            self._known = Home(lineage, store.books.lots, posted, self._alone)
        return self._known
