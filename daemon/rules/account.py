"""The account side of a pack, compiled: everything that is no sale. Pure like the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from daemon.rules.enrolment import Renewing, compile_renewal
from daemon.rules.expiry import Lapsing, compile_expiry
from daemon.rules.giving import Granting, Redeeming, compile_gifts, compile_grants
from daemon.rules.joining import Measure, compile_measure
from daemon.rules.levels import Leveling, compile_levels
from daemon.rules.paying_out import PayingOut, compile_pay_out
from daemon.rules.rewards import Brought, compile_brought
from daemon.rules.topups import Topping, compile_topups

if TYPE_CHECKING:
    from daemon.rules.models import Pack
    from daemon.rules.models_time import Calendar, Entitlement, Reminder
    from daemon.rules.models_value import Role, Transfer


class AccountRules(msgspec.Struct, frozen=True):
    """What a pack does to an account. Sections that time evaluates (timed.py) stay data."""

    renew: Renewing
    renew_measure: Measure | None  # of the purchase that renews; None: no purchase does
    lapsing: Lapsing
    top_up: Topping
    grant: Granting
    redeem: Redeeming
    levels: Leveling
    brought: Brought  # commission on cards sold and on top-ups
    rights: tuple[Entitlement, ...]
    reminders: tuple[Reminder, ...]
    calendar: Calendar | None
    pay_out: PayingOut | None  # of money rewards, at the end of each period
    reissue_fee_fen: int | None  # of a new card for a lost one; None: headquarters replaces
    frozen_by: Role  # who may freeze a card, and use it again: the pack's `holds`
    transfer: Transfer | None  # of points to another member; None: the pack passes none on


def compile_account(pack: Pack | None) -> AccountRules:
    """Return the account side of the pack as functions; of no pack: everything is refused."""
    return AccountRules(
        renew=compile_renewal(
            None if pack is None else pack.enrol, None if pack is None else pack.levels
        ),
        renew_measure=_renew_measure(pack),
        lapsing=compile_expiry(None if pack is None else pack.expiry),
        top_up=compile_topups(
            None if pack is None else pack.stored_value, None if pack is None else pack.levels
        ),
        grant=compile_grants(() if pack is None else pack.grants),
        redeem=compile_gifts(() if pack is None else pack.gifts),
        levels=compile_levels(None if pack is None else pack.levels),
        brought=compile_brought(() if pack is None else pack.commissions),
        rights=() if pack is None else tuple(pack.entitlements),
        reminders=() if pack is None else tuple(pack.reminders),
        calendar=None if pack is None else pack.calendar,
        pay_out=None if pack is None else compile_pay_out(pack.expiry),
        reissue_fee_fen=_reissue_fee_fen(pack),
        frozen_by=_frozen_by(pack),
        transfer=None if pack is None else pack.transfer,
    )


def _renew_measure(pack: Pack | None) -> Measure | None:
    section = None if pack is None or pack.enrol is None else pack.enrol.renew
    ways = () if section is None else section.channels
    bought = next((one for one in ways if one.kind == "purchase"), None)
    return None if bought is None else compile_measure(bought)


def _reissue_fee_fen(pack: Pack | None) -> int | None:
    """Return the fee; None too where new cards bring rewards, which headquarters grants."""
    said = None if pack is None or pack.enrol is None else pack.enrol.reissue
    return None if said is None or said.rewards else said.fee_fen or 0


def _frozen_by(pack: Pack | None) -> Role:
    """Return who may freeze cards: headquarters, where the pack says nothing."""
    return "hq" if pack is None or pack.holds is None else pack.holds.by
