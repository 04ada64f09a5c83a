"""The events of a case that move an account: which function of the books does each."""

from daemon.rules.caseaccount import BOUGHT, did, risen
from daemon.rules.casefile_account import (
    AccountEvent,
    AdjustEvent,
    DecemberEvent,
    EnrolEvent,
    FreezeEvent,
    GrantEvent,
    InquireEvent,
    LifeEventEvent,
    LostEvent,
    RedeemGiftEvent,
    RenewEvent,
    ShareEvent,
    TopupEvent,
    TransferEvent,
    UnfreezeEvent,
)
from daemon.rules.casefile_sale import SaleEvent
from daemon.rules.caseholds import adjust, freeze, lost, unfreeze
from daemon.rules.casehouse import inquire, share
from daemon.rules.casejoining import enrol, renew
from daemon.rules.casetime import december, life_event, tick
from daemon.rules.casevalue import grant, redeem_gift, topup, transfer
from daemon.rules.caseworld import Answer, World


def account_event(world: World, place: int, event: AccountEvent) -> Answer:
    """Do what an event does to an account."""
    match event:
        case EnrolEvent():
            return enrol(world, event)
        case RenewEvent():
            return renew(world, event)
        case TopupEvent():
            return topup(world, place, event)
        case RedeemGiftEvent():
            return redeem_gift(world, event)
        case GrantEvent():
            return grant(world, event)
        case TransferEvent():
            return transfer(world, event)
        case FreezeEvent():
            return freeze(world, event)
        case UnfreezeEvent():
            return unfreeze(world, event)
        case LostEvent():
            return lost(world, event)
        case AdjustEvent():
            return adjust(world, event)
        case LifeEventEvent():
            return life_event(world, event)
        case InquireEvent():
            return inquire(world, event)
        case ShareEvent():
            return share(world, event)
        case DecemberEvent():
            return december(world, event.at)
        case _:
            return tick(world, event.at)


def after_sale(world: World, event: SaleEvent, told: Answer) -> Answer:
    """Let the level rise by a sale that went through; return its answer with it."""
    holder = None if event.member is None else world.holder(event.member)
    growth, coupons = told.get("growth"), told.get("coupons")
    if holder is None or not isinstance(growth, int):
        return told
    holder.growth += growth
    did(holder, BOUGHT, event.at)
    more, brought = risen(world, holder, event.at, growth)
    kept = coupons if isinstance(coupons, list) else []
    return told | more | {"coupons": [*kept, *brought]}
