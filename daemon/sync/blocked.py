"""Blocked cards that have come ahead of the log: honoured no more from that moment on.

The log says the same in its own order, as `card.blocked`. Should it not come so far (a file of a
stick is missing, a message waits), a lost card is refused all the same. Once the log has caught up
it alone counts, so that a card which is given back is good again whatever an older stick said.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from daemon.ledger.codec import CodecError, down_body
from daemon.ledger.messages import CardBlocked
from daemon.ledger.views import DownMark
from daemon.sync.wire import Read

FACT = "blocked:"  # and the card; epoch, number and reason


class Facts(Protocol):
    """Where they are kept, durably; safe to call from any thread."""

    def fact(self, name: str) -> str | None: ...

    def put_fact(self, name: str, value: str) -> None: ...

    def drop_fact(self, name: str) -> None: ...


class CardBooks(Protocol):
    def card_status(self, card: str) -> str: ...

    def down_mark(self, epoch: int) -> DownMark | None: ...


class BlockedCards:
    """What a chain knows of blocked cards ahead of its log."""

    def __init__(self, facts: Facts, books: CardBooks, epoch: int) -> None:
        self._facts = facts
        self._books = books
        self._epoch = epoch

    def put(self, cards: Sequence[tuple[str, str]], *, epoch: int, n: int) -> int:
        """Take (card, reason) that message n of the log says too; return how many are new here."""
        if epoch != self._epoch or self._log_says(n):
            for card, _ in cards:
                if self._facts.fact(FACT + card) is not None:
                    self._facts.drop_fact(FACT + card)
            return 0
        fresh = [one for one in cards if self._books.card_status(one[0]) in ("active", "")]
        for card, reason in fresh:
            self._facts.put_fact(FACT + card, f"{epoch}:{n}:{reason}")
        return len(fresh)

    def put_early(self, messages: Sequence[Read]) -> None:
        """Take what messages of the log say that have come before their turn."""
        for read in messages:
            message = read.message
            if message.kind == "card.blocked":
                with suppress(CodecError):
                    body = down_body(message)
                    if isinstance(body, CardBlocked) and body.reason:
                        card = (body.card, body.reason)
                        self.put([card], epoch=message.epoch, n=message.n)

    def status(self, card: str) -> str:
        """Return why a card is not honoured: lost, frozen, closed; "": nothing is known."""
        kept = self._facts.fact(FACT + card)
        if kept is None:
            return ""
        epoch, n, reason = kept.split(":", 2)
        return "" if int(epoch) != self._epoch or self._log_says(int(n)) else reason

    def _log_says(self, n: int) -> bool:
        mark = self._books.down_mark(self._epoch)
        return mark is not None and mark.n >= n
