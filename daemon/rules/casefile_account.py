"""The events of a case file that move an account: joining, time, questions. No evaluation."""

from daemon.rules.casewords import CaseEvent, CaseTender


class EnrolEvent(CaseEvent, frozen=True, kw_only=True, tag="enrol", rename={"name": "as"}):
    card: str
    channel: str
    of: int | None = None
    name: str = ""
    staff: str = ""
    tenders: tuple[CaseTender, ...] = ()


class InquireEvent(CaseEvent, frozen=True, kw_only=True, tag="inquire"):
    member: str


class TickEvent(CaseEvent, frozen=True, kw_only=True, tag="tick"):
    pass


class DecemberEvent(CaseEvent, frozen=True, kw_only=True, tag="december_check"):
    pass
