"""PINs of staff and members: salted hashes and counted tries in local.db. Owned by the loop."""

import hashlib
import hmac

from daemon.clock import Clock
from daemon.counter.shop import PinTry
from daemon.entropy import Entropy
from daemon.ledger.local import Local

TRIES_MAX = 5  # then a finger that slipped has had its chances
LOCKED_MS = 15 * 60_000  # 480 tries a day: ten thousand PINs take three weeks
SALT_BYTES = 16
COST = 4096  # scrypt with 4 MiB: 10 ms here, 60 ms on a Pi, and the box has the memory
BLOCK = 8
HASH_BYTES = 32

_HASH, _NEW, _TRIES = "pin:", "pin.new:", "pin.tries:"


class PinBook:
    """`pepper`: a key that is not in local.db, so that a stolen copy of it opens no PIN."""

    def __init__(self, local: Local, clock: Clock, entropy: Entropy, pepper: bytes) -> None:
        self._local = local
        self._clock = clock
        self._entropy = entropy
        self._pepper = pepper

    def has(self, whose: str) -> bool:
        return self._local.fact(_HASH + whose) is not None

    def set(self, whose: str, pin: str) -> None:
        """Keep a new PIN beside the old one; it takes its place once it was keyed again."""
        salt = self._entropy.draw(SALT_BYTES)
        self._local.put_fact(_NEW + whose, f"{salt.hex()}:{self._hash(salt, pin)}")

    def attempt(self, whose: str, pin: str) -> PinTry:
        """Compare; five wrong ones in a row lock it for a quarter of an hour, over restarts."""
        wrong, locked_ms = self._tries(whose)
        if locked_ms > 0:
            return PinTry(False, locked_min=-(-locked_ms // 60_000))
        fresh = self._local.fact(_NEW + whose)
        if fresh is not None and self._fits(fresh, pin):
            self._local.put_fact(_HASH + whose, fresh)
            self._local.drop_fact(_NEW + whose)
        elif not self._fits(self._local.fact(_HASH + whose) or "", pin):
            self._count(whose, wrong + 1)
            _, locked_ms = self._tries(whose)
            return PinTry(False, max(0, TRIES_MAX - wrong - 1), -(-locked_ms // 60_000))
        self._local.drop_fact(_TRIES + whose)
        return PinTry(True)

    def _tries(self, whose: str) -> tuple[int, int]:
        """Return the wrong tries so far, and how long it is locked still."""
        kept = self._local.fact(_TRIES + whose)
        if kept is None:
            return 0, 0
        count, since_ms, boot = kept.split(":", 2)
        wrong, reading = int(count), self._clock.read()
        if wrong < TRIES_MAX:
            return wrong, 0
        if boot != reading.boot:  # a restart does not shorten the time
            self._count(whose, wrong)
            return wrong, LOCKED_MS
        left_ms = int(since_ms) + LOCKED_MS - reading.mono_ms
        return (wrong, left_ms) if left_ms > 0 else (0, 0)

    def _count(self, whose: str, wrong: int) -> None:
        reading = self._clock.read()
        self._local.put_fact(_TRIES + whose, f"{wrong}:{reading.mono_ms}:{reading.boot}")

    def _fits(self, kept: str, pin: str) -> bool:
        salt, _, digest = kept.partition(":")
        return bool(digest) and hmac.compare_digest(self._hash(bytes.fromhex(salt), pin), digest)

    def _hash(self, salt: bytes, pin: str) -> str:
        secret = hmac.digest(self._pepper, pin.encode(), "sha256")
        return hashlib.scrypt(secret, salt=salt, n=COST, r=BLOCK, p=1, dklen=HASH_BYTES).hex()
