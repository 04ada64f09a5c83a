"""The journal's second copy: every entry on another medium within a minute, sealed to headquarters.

Each file is one batch as it would go up by MQTT, in a sealed box that only HQ's key opens: a stick
that is stolen out of the box reveals nothing. A file's name says what is in it and how it ends, so
that a copy of another chain is never mistaken for ours. The commit path knows nothing of it.
"""

import contextlib
import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from daemon import seal
from daemon.errors import StoreError
from daemon.ledger.records import Chain, Head
from daemon.sync.ports import Ledger
from daemon.sync.shipping import BATCH_ENTRIES, Shipping

EVERY_S = 20.0  # the promise is a minute; a slow stick takes some of it
HASH_SHOWN = 16
SUFFIX = ".mbcopy"

_NAME = re.compile(r"e(\d{1,7})-(\d{1,10})-(\d{1,10})-([0-9a-f]{16})\.mbcopy")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One file: entries first..last of an epoch, and how the last one's hash begins."""

    path: Path
    epoch: int
    first: int
    last: int
    shown: str


class SecondCopy:
    """Copies what is new, in a thread of its own, for as long as the box runs."""

    def __init__(self, store: Ledger, folder: Path, *, hq_key: bytes) -> None:
        self._store = store
        self._folder = folder / f"memberbox-{store.chain.box}"
        self._medium = folder
        self._shipping = Shipping(store, hq_key=hq_key)
        self._hq_key = hq_key
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last: dict[int, _Piece] = {}
        self._said: str | None = None
        self.trouble = ""  # why the last try failed; empty when it did not

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="second-copy", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Copy what is left and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def said(self) -> str | None:
        """Where the copy lies and how far it goes; None while there is none that is fresh."""
        return self._said

    def work(self) -> None:
        """Bring the copy up to the journal's head. Raises OSError, StoreError."""
        if not self._medium.is_dir():
            raise FileNotFoundError(f"{self._medium} is not there: is the stick in?")
        self._folder.mkdir(exist_ok=True)
        for chain, head in self._store.chains():
            self._copy(chain, head)
        own = self._store.chain
        self._said = f"{self._folder} up to {own}:{self._store.head.seq}"

    def _run(self) -> None:
        going = True
        while going:
            going = not self._stop.is_set()
            try:
                self.work()
                self.trouble = ""
            except (OSError, StoreError) as error:
                if str(error) != self.trouble:
                    _log.warning("second copy: %s", error)
                self.trouble, self._said = str(error), None
            if going:
                self._stop.wait(EVERY_S)

    def _copy(self, chain: Chain, head: Head) -> None:
        last = self._last.get(chain.epoch)
        if last is None or not last.path.exists():  # the first look, or another stick
            ours = [piece for piece in self._pieces(chain.epoch) if self._is_ours(piece)]
            last = max(ours, key=lambda piece: piece.last, default=None)
        done = 0 if last is None else last.last
        while done < head.seq:
            # A short piece at the end is written anew, longer: few files, and none is ever changed.
            short = last is not None and last.last - last.first + 1 < BATCH_ENTRIES
            first = last.first if short and last is not None else done + 1
            packed = self._shipping.pack(chain.epoch, first=first, last=head.seq)
            if packed is None:
                return
            payload, reached = packed
            if reached <= done:  # the longer one does not fit a batch: go on behind it
                first = done + 1
                packed = self._shipping.pack(chain.epoch, first=first, last=head.seq)
                if packed is None:
                    return
                payload, reached = packed
            written = self._write(chain.epoch, first, reached, payload)
            if last is not None and last.first == first:
                last.path.unlink(missing_ok=True)
            last, done = written, reached
        if last is not None:
            self._last[chain.epoch] = last

    def _write(self, epoch: int, first: int, last: int, payload: bytes) -> _Piece:
        """Write a file so that it is there whole or not at all, and on the medium."""
        shown = self._hash(epoch, last)
        path = self._folder / f"e{epoch}-{first}-{last}-{shown}{SUFFIX}"
        draft = path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(seal.seal(self._hq_key, payload))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        with contextlib.suppress(OSError):  # some file systems of sticks cannot
            handle = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        time.sleep(0)  # the counter first
        return _Piece(path, epoch, first, last, shown)

    def _pieces(self, epoch: int) -> list[_Piece]:
        found = []
        for path in self._folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is not None and int(match[1]) == epoch:
                found.append(_Piece(path, epoch, int(match[2]), int(match[3]), match[4]))
        return found

    def _is_ours(self, piece: _Piece) -> bool:
        """Whether the journal has the entry with which the file ends."""
        return self._hash(piece.epoch, piece.last) == piece.shown

    def _hash(self, epoch: int, seq: int) -> str:
        stored = self._store.read(epoch, seq, 1)
        return stored[0].hash[:HASH_SHOWN] if stored and stored[0].seq == seq else ""
