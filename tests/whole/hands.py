"""Quick hands at the bench, and eyes on paper, pole, drawer and the customer's page.

Nobody waits for a fixed time: a swipe is over when the page has answered it, an act when its
papers are cut off.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Mapping

from tests.stage import Stage, StageError

WITHIN_S = 20.0  # a loaded machine; a paper is normally out in some milliseconds
LOOK_S = 0.005


class PageSeen:
    """Every view that the customer's page was told, by the same events that its browser hears."""

    def __init__(self, url: str) -> None:
        self._answer = urllib.request.urlopen(f"{url}events")
        self.views: list[Mapping[str, object]] = []
        self.said: dict[str, Mapping[str, object]] = {"show": {}}  # by topic, the latest
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        topic = ""
        for raw in self._answer:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                topic = line.removeprefix("event: ")
            elif line.startswith("data: "):
                self.said[topic] = json.loads(line.removeprefix("data: "))
                if topic == "view":
                    self.views.append(self.said[topic])


class Hands:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.bench = stage.bench
        self.page = PageSeen(str(stage.box("status")["kiosk_url"]))
        self.until(lambda: bool(self.page.views), "the page's first view")
        self.papers: list[Mapping[str, object]] = list(stage.bench.receipts())
        self.told: list[tuple[int, int]] = []  # views and papers so far, each time papers came

    # -- what hands do -------------------------------------------------------------------------

    def keys(self, *words: str) -> None:
        """Press `/7`, `120`, `ENTER`: names whole, the rest key by key, all in one go."""
        pressed = [key for word in words for key in ([word] if word.isalpha() else word)]
        self.bench.ask("keys", keys=pressed)

    def scan(self, code: str) -> None:
        self.bench.ask("scan", code=code, wait=False)

    def swipe(self, card: str) -> None:
        """Swipe, and wait for what the customer sees of it."""
        seen = len(self.page.views)
        self.bench.ask("swipe", track2=card, wait=False)
        self.until(lambda: len(self.page.views) > seen, f"an answer to the card {card}")

    def swipe_for(self, asked: str, then: str, card: str) -> None:
        """Swipe where a function asks for it; it goes on to its next step."""
        self.clerk(asked)
        self.bench.ask("swipe", track2=card, wait=False)
        self.clerk(then)

    def idle(self) -> None:
        self.keys("CLEAR", "CLEAR")

    def fault(self, device: str, fault: str) -> None:
        self.bench.ask("fault", device=device, fault=fault)

    # -- what eyes see -------------------------------------------------------------------------

    def paper(self, count: int = 1) -> list[str]:
        """Return the texts of the next so many papers, once they are cut off."""
        wanted = len(self.papers) + count
        self.until(lambda: self.printed() >= wanted, f"{count} papers")
        self.told.append((len(self.page.views), len(self.papers)))
        assert len(self.papers) == wanted, [one["text"] for one in self.papers[wanted - count :]]
        return [str(one["text"]) for one in self.papers[wanted - count :]]

    def pole(self, *texts: str) -> list[str]:
        """Wait until the texts stand on the customer's pole; return its lines."""
        self.until(lambda: all(one in self._pole() for one in texts), f"{texts}")
        return list(self.bench.lines("pole"))

    def clerk(self, text: str) -> None:
        """Wait until the text stands on the clerk's display."""
        self.until(lambda: text in "\n".join(self.bench.lines("clerk")), f"{text}")

    def seen(self) -> str:
        page = self.page.views[-1] if self.page.views else None
        return (
            f"clerk {self.bench.lines('clerk')}, customer {self.bench.lines('pole')}, page {page}"
        )

    def view(self, kind: str) -> Mapping[str, object]:
        """Wait until the page shows that kind of view; return it."""
        self.until(lambda: self.page.views[-1]["kind"] == kind, f"{kind} on the page")
        return self.page.views[-1]

    def until(self, done, what: str) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not done():
            if time.monotonic() > deadline:
                raise StageError(f"waited {WITHIN_S:.0f} s for {what}; {self.seen()}")
            time.sleep(LOOK_S)

    def printed(self) -> int:
        """Return how many papers are cut off by now."""
        answer = self.bench.ask("paper", since=len(self.papers))
        self.papers += answer["receipts"]
        return len(self.papers)

    def _pole(self) -> str:
        return "\n".join(self.bench.lines("pole"))
