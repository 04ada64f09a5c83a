"""What a driver has learnt of its device and shall know at the next start."""

from typing import Protocol


class Notes(Protocol):
    """Small facts by name; the box gives its local store."""

    def fact(self, name: str) -> str | None: ...

    def put_fact(self, name: str, value: str) -> None: ...


class PocketNotes:
    """Notes that last as long as the process."""

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}

    def fact(self, name: str) -> str | None:
        return self._facts.get(name)

    def put_fact(self, name: str, value: str) -> None:
        self._facts[name] = value
