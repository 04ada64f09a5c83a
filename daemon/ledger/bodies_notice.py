"""Bodies of entries that answer what headquarters told the shop (messages_shop.py)."""

from daemon.ledger.parts import Part

COLLECTED, CANCELLED, LAPSED = "collected", "cancelled", "lapsed"


class MessageRead(Part, frozen=True):
    """The operator has read a message to the clerks."""

    message: str


class ReservationEnded(Part, frozen=True):
    """What was kept lies on the shelf again: it is sold as usual when it was collected."""

    reservation: str
    outcome: str  # collected, cancelled, lapsed


class PackReceived(Part, frozen=True):
    """The bytes of a pack that a message had named by hash."""

    content: str
    document: str
