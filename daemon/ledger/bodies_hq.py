"""Bodies of entries that only headquarters' own log has."""

from daemon.ledger.parts import LotPart, Part


class ClaimSettled(Part, frozen=True):
    """HQ settles a claim from the member's lots in its hand; `lapsed`: they lapsed unspent."""

    member: str
    claim: str  # its lot
    unit: str  # of what is owed
    parts: tuple[LotPart, ...] = ()  # that paid
    lapsed: int = 0  # of the claim, together with the lots that it stands for


class MemberAliased(Part, frozen=True):
    """A member id stands for another from now on; `member` "" lifts it. Nothing is posted."""

    alias: str
    member: str
    by: str = ""  # the operator; "" when HQ found it by the card


class RightOpened(Part, frozen=True):
    """HQ opens a limit of members whose home it is; `right:home:always`: it gives them a home."""

    unit: str
    qty: int
    members: tuple[str, ...]  # one lot each, in this order
