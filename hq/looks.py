"""When headquarters looks again at what needs a look now and then."""

from hq.store import Office

DAY_MS = 86_400_000


class Looks:
    """Due at the first question, and so long after each look."""

    def __init__(self, office: Office, every_ms: int) -> None:
        self._office = office
        self._every_ms = every_ms
        self._looked_ms: int | None = None

    def due(self) -> bool:
        """Tell whether it is time; whoever is told so looks now. A clock put back makes it due."""
        now_ms = self._office.now_ms()
        if self._looked_ms is not None and 0 <= now_ms - self._looked_ms < self._every_ms:
            return False
        self._looked_ms = now_ms
        return True

    def again(self) -> None:
        """Let it be due at once: there is more than one turn takes."""
        self._looked_ms = None
