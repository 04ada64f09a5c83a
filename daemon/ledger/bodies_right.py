"""The body of entries by which a member has a right to goods or to a service."""

from daemon.ledger.parts import NewLot, Part


class Promised(Part, frozen=True):
    """`entitlement.opened`: to be fetched, within its life; `entitlement.owed`: 欠赠, without end.

    The right is a lot that waits for the member; `qty` counts pieces, uses, minutes or issues.
    """

    member: str
    rule: str
    unit: str  # item, count, minutes, issue, service
    qty: int
    sku: str = ""  # "": nothing leaves the stock
    name: str = ""
    reason: str = ""
    lots: tuple[NewLot, ...] = ()
