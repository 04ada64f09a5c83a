"""Carries what a step wants of headquarters to the link, and word back that it was answered.

Nobody waits here: the counter says that it asks, and goes on at the answer or the deadline.
"""

import asyncio

from daemon.counter.consulting import HQ_PATIENCE_MS
from daemon.counter.effects import AskHq, HqAnswered
from daemon.counter.states import Counter, Idle
from daemon.desk import Desk
from daemon.hands import Hands
from daemon.intake import Intake
from daemon.sync.asking import Came, TellAsker
from daemon.sync.link import Sync


class Roaming:
    """Owned by the loop. `sync` None: a box without headquarters."""

    def __init__(self, sync: Sync | None, intake: Intake) -> None:
        self._sync = sync
        self._intake = intake
        self._asked: list[str] = []  # for the sale at hand

    def serves(self, hands: Hands, desk: Desk) -> None:
        """Let the desk know whether there is somebody to ask, and the hands whom."""
        sync = self._sync
        if sync is not None:
            hands.ask = self.ask
            desk.reachable = lambda: sync.status().connected

    def ask(self, asked: AskHq) -> None:
        """Ask; HqAnswered follows once all is told, and at the latest when patience ends."""
        assert self._sync is not None, "who is not reachable is not asked"
        left, late = len(asked.wanted), False

        def told(how: TellAsker) -> None:
            nonlocal left, late
            left -= 1
            late |= how.came is not Came.ANSWERED
            if not left:
                self._answered(asked.id, late=late)

        for one in asked.wanted:
            self._asked.append(self._sync.ask(one, told))
        loop = asyncio.get_running_loop()
        loop.call_later(HQ_PATIENCE_MS / 1000, lambda: self._answered(asked.id, late=True))

    def stepped(self, counter: Counter) -> None:
        """A sale that is over, however it ended: what it did not use may go back."""
        if self._sync is None or not isinstance(counter.state, Idle):
            return
        for name in self._asked:
            self._sync.ask_ended(name)
        self._asked.clear()

    def _answered(self, name: str, *, late: bool) -> None:
        self._intake.put(HqAnswered(name, late))
