"""What every open page is told: the latest of each topic, never a queue.

A page that is slow, or has just connected, gets the newest of what it has not seen; what it missed
in between is gone. So a thousand swipes cost a sleeping browser nothing, and the box no memory.
"""

import asyncio

PAGES_MAX = 8  # a screen, a technician's laptop, and reloads whose end is not yet heard of


class Page:
    """One open page, as the board knows it."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.closed = False
        self._seen: dict[str, int] = {}

    def close(self) -> None:
        self.closed = True
        self.wake.set()

    def news(self, topics: dict[str, tuple[int, bytes]]) -> bytes:
        """Return, and count as seen, what is newer than what this page has."""
        fresh = [
            (topic, version, said)
            for topic, (version, said) in topics.items()
            if self._seen.get(topic) != version
        ]
        self._seen.update((topic, version) for topic, version, _ in fresh)
        return b"".join(said for _, _, said in fresh)


class Board:
    """Topics and the pages that look at them. Owned by the loop."""

    def __init__(self) -> None:
        self._topics: dict[str, tuple[int, bytes]] = {}
        self._pages: list[Page] = []

    def put(self, topic: str, said: bytes) -> None:
        """Say something new (JSON, one line); what says the same wakes nobody."""
        frame = b"event: %s\ndata: %s\n\n" % (topic.encode(), said)
        version, before = self._topics.get(topic, (0, b""))
        if frame == before:
            return
        self._topics[topic] = (version + 1, frame)
        for page in self._pages:
            page.wake.set()

    def open(self) -> Page:
        """Return a new page; one too many closes the oldest, which is likely a ghost."""
        page = Page()
        self._pages.append(page)
        if len(self._pages) > PAGES_MAX:
            self.leave(self._pages[0])
        return page

    def leave(self, page: Page) -> None:
        page.close()
        if page in self._pages:
            self._pages.remove(page)

    def news(self, page: Page) -> bytes:
        page.wake.clear()
        return page.news(self._topics)

    def close(self) -> None:
        for page in list(self._pages):
            self.leave(page)

    def __len__(self) -> int:
        return len(self._pages)
