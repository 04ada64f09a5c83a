"""What the clerk of this counter looks at: the first of what the config gives him."""

from enum import Enum

from daemon.config import Config
from daemon.events import DeviceKind

CLERK = "clerk"
DIGITS = "led8n"  # the one driver whose display has no letters


class Sight(Enum):
    WORDS = "words"  # a strip on the page, or a line display of his own
    CODES = "codes"  # a display of his own that has digits alone: lists go to paper
    SHARED = "shared"  # none of his own: the customer's display carries his codes


def sight(config: Config) -> Sight:
    """Return how much the clerk can be shown, and where."""
    own = [
        one.driver
        for one in config.devices
        if one.kind is DeviceKind.LINE_DISPLAY and one.role == CLERK
    ]
    strip = config.kiosk is not None and config.kiosk.faces == "both"
    if strip or any(driver != DIGITS for driver in own):
        return Sight.WORDS
    return Sight.CODES if own else Sight.SHARED
