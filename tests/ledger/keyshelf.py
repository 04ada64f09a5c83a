"""Members' keys of a simulated box: what local.db keeps of them, without a disk."""

from collections.abc import Iterable


class Keys:
    """local.db, as far as members' keys go; `held`: out of a backup, not to be used yet."""

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.held: set[str] = set()
        self.erased: set[str] = set()

    def put(self, card: str) -> None:
        if card not in self.erased:
            self.own.add(card)

    def forget_member_keys(self, cards: Iterable[str]) -> None:
        gone = set(cards)
        self.erased |= gone
        self.own -= gone
        self.held -= gone

    def held_keys(self) -> int:
        return len(self.held)

    def release_member_keys(self) -> None:
        self.own |= self.held
        self.held = set()

    def restored(self, older: set[str]) -> None:
        """A backup brings its keys; what was erased since the backup knows nothing of."""
        self.own, self.held, self.erased = set(), older, set()
