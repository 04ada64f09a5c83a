"""The only place that draws random bytes. Everything else is given an Entropy."""

import os
from typing import Protocol


class Entropy(Protocol):
    def draw(self, length: int) -> bytes:
        """Return `length` fresh bytes."""
        ...


class SystemEntropy:
    """The kernel's random numbers."""

    def draw(self, length: int) -> bytes:
        return os.urandom(length)


def jitter(entropy: Entropy) -> float:
    """Return a fraction 0 <= f < 1, for spreading retries."""
    return int.from_bytes(entropy.draw(4), "big") / 2**32


def fresh_id(entropy: Entropy) -> str:
    """Return a 128-bit id as 32 hex digits."""
    return entropy.draw(16).hex()
