"""The events of a case file that move an account, as they are written. No evaluation."""

from typing import Literal

from daemon.rules.casewords import Amount, CaseEvent, CaseTender, Number
from daemon.rules.models_value import Role


class EnrolEvent(CaseEvent, frozen=True, kw_only=True, tag="enrol", rename={"name": "as"}):
    """`of`: the purchases or the top-up that let in; `family_of`: to whose own card one more."""

    card: str
    channel: str = ""
    of: int | tuple[int, ...] | None = None
    level: str = ""  # that the fee buys
    broker: str = ""
    family_of: str = ""
    name: str = ""
    staff: str = ""
    tenders: tuple[CaseTender, ...] = ()
    person: str = ""  # who it is, where a reward is once per person
    birthday: str = ""  # 1990-03-01
    organisation: bool = False


class RenewEvent(CaseEvent, frozen=True, kw_only=True, tag="renew"):
    member: str
    channel: str
    of: int | tuple[int, ...] | None = None
    staff: str = ""
    tenders: tuple[CaseTender, ...] = ()


class TopupEvent(CaseEvent, frozen=True, kw_only=True, tag="topup"):
    member: str
    amount: Amount
    tender: str = "cash"
    staff: str = ""


class RedeemGiftEvent(CaseEvent, frozen=True, kw_only=True, tag="redeem_gift"):
    """`rule`: a gift of the table, or an entitlement that is handed over."""

    member: str
    rule: str
    qty: Amount = 1
    staff: str = ""


class GrantEvent(CaseEvent, frozen=True, kw_only=True, tag="grant"):
    member: str
    source: str
    fields: tuple[str, ...] = ()  # what the record of the action has
    staff: str = ""


class TransferEvent(CaseEvent, frozen=True, kw_only=True, tag="transfer"):
    """`coupon`: of that kind in place of points. `role`: of who does it."""

    member: str
    to: str
    points: Amount = 0
    coupon: str = ""
    role: Role = "hq"
    staff: str = ""


class LifeEventEvent(CaseEvent, frozen=True, kw_only=True, tag="life_event"):
    """A member tells the shop of a wedding, a birth ..."""

    member: str
    event: str
    staff: str = ""


class FreezeEvent(CaseEvent, frozen=True, kw_only=True, tag="freeze"):
    """`points` null: the card and all that it holds."""

    member: str
    reason: str
    points: Amount | None = None
    role: Role = "hq"
    staff: str = ""


class UnfreezeEvent(CaseEvent, frozen=True, kw_only=True, tag="unfreeze"):
    member: str
    staff: str = ""


class LostEvent(CaseEvent, frozen=True, kw_only=True, tag="lost"):
    """`card`: the new card, where it is replaced at once."""

    member: str
    card: str = ""
    tenders: tuple[CaseTender, ...] = ()
    staff: str = ""


class AdjustEvent(CaseEvent, frozen=True, kw_only=True, tag="adjust"):
    member: str
    amount: Number
    unit: Literal["points", "growth"] = "points"
    reason: str = ""
    staff: str = ""


class InquireEvent(CaseEvent, frozen=True, kw_only=True, tag="inquire"):
    member: str
    role: str = ""  # of who asks; "" is the member's own swipe


class ShareEvent(CaseEvent, frozen=True, kw_only=True, tag="share"):
    """A party asks for a member's fields."""

    member: str
    party: str
    consent: bool = False


class TickEvent(CaseEvent, frozen=True, kw_only=True, tag="tick"):
    pass


class DecemberEvent(CaseEvent, frozen=True, kw_only=True, tag="december_check"):
    pass


AccountEvent = (
    EnrolEvent
    | RenewEvent
    | TopupEvent
    | RedeemGiftEvent
    | GrantEvent
    | LifeEventEvent
    | TransferEvent
    | FreezeEvent
    | UnfreezeEvent
    | LostEvent
    | AdjustEvent
    | InquireEvent
    | ShareEvent
    | TickEvent
    | DecemberEvent
)
