"""Money rewards that become a voucher at the end of each period (到期返还). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from daemon.rules.periods import ends, later, span

if TYPE_CHECKING:
    from daemon.rules.models_time import Expiry


class PayOut(msgspec.Struct, frozen=True):
    """What was granted within a period that ended at `due`, as one voucher."""

    due: datetime
    kind: str
    value_fen: int
    expires: datetime | None


class PayingOut(msgspec.Struct, frozen=True):
    """`due`: when a reward that was granted then is paid out."""

    due: Callable[[datetime], datetime]
    kind: str
    life: Callable[[datetime], datetime | None]

    def of(self, rewards: Iterable[tuple[datetime, int]], at: datetime) -> list[PayOut]:
        """Return what is due of (granted, fen) at a time, one voucher a period, oldest first."""
        sums: dict[datetime, int] = {}
        for granted, fen in rewards:
            due = self.due(granted)
            if due <= at:
                sums[due] = sums.get(due, 0) + fen
        return [
            PayOut(due, self.kind, fen, self.life(due)) for due, fen in sorted(sums.items()) if fen
        ]


def compile_pay_out(expiry: Expiry) -> PayingOut | None:
    """Return when rewards are paid out, and as what; None: the pack pays nothing out."""
    if expiry.kind != "payout":
        return None
    every, to, life = expiry.every, expiry.to, expiry.voucher_life
    assert every is not None and to is not None, "an unchecked payout"
    return PayingOut(
        due=lambda granted: ends(every, granted),
        kind=to,
        life=lambda due: None if life is None else later(due, span(life)),
    )
