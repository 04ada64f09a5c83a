"""The journal's second copy: every entry on another medium within a minute, sealed.

Each file is one batch as it would go up by MQTT, sealed like a backup: only headquarters and who
has the box's recovery code open it; a stick that is stolen out of the box reveals nothing. What the
files are: copied.py. The commit path knows nothing of it.
"""

import contextlib
import logging
import os
import threading
import time
from pathlib import Path

from daemon import vault
from daemon.entropy import Entropy
from daemon.errors import StoreError
from daemon.ledger.archive import Keys
from daemon.ledger.codec import canonical
from daemon.ledger.records import Chain, Head
from daemon.sync.copied import (
    KEYS_FILE,
    SUFFIX,
    WHAT_KEYS,
    WHAT_PIECE,
    CopiedKey,
    Piece,
    copied_key,
    packed,
    pieces,
    read_keys,
)
from daemon.sync.ports import Keeper
from daemon.sync.shipping import BATCH_ENTRIES, Shipping, cards_in

EVERY_S = 20.0  # the promise is a minute; a slow stick takes some of it
HASH_SHOWN = 16

_log = logging.getLogger(__name__)


class SecondCopy:
    """Copies what is new, in a thread of its own, for as long as the box runs."""

    def __init__(
        self, store: Keeper, folder: Path, *, hq_key: bytes | None, entropy: Entropy
    ) -> None:
        """`hq_key` None: a box without headquarters; only its recovery code opens the copy."""
        self._store = store
        self._folder = folder / f"memberbox-{store.chain.box}"
        self._medium = folder
        self._shipping = Shipping(store, hq_key=hq_key)
        self._hq_key = hq_key
        self._entropy = entropy
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last: dict[int, Piece] = {}
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
        self._copy_keys()
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
            ours = [one for one in pieces(self._folder) if self._is_ours(one, chain.epoch)]
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

    def _write(self, epoch: int, first: int, last: int, payload: bytes) -> Piece:
        shown = self._hash(epoch, last)
        path = self._folder / f"e{epoch}-{first}-{last}-{shown}{SUFFIX}"
        plain = packed(payload, self._member_keys(epoch, first, last))
        self._put(path, WHAT_PIECE, f"entries {epoch}:{first} to {last}", plain)
        time.sleep(0)  # the counter first
        return Piece(path, epoch, first, last, shown)

    def _copy_keys(self) -> None:
        """Put the keys of the box beside its entries, once."""
        store = self._store
        keys = Keys(store.device_seed.hex(), store.phone_key.hex(), store.recovery.hex())
        if read_keys(self._folder, store.recovery) != keys:
            self._put(self._folder / KEYS_FILE, WHAT_KEYS, "keys", canonical(keys))

    def _put(self, path: Path, what: str, about: str, plain: bytes) -> None:
        """Write a file so that it is there whole or not at all, and on the medium."""
        header = vault.new_header(
            what,
            box=self._store.chain.box,
            about=about,
            nonce=self._entropy.draw(vault.PREFIX_BYTES),
            recovery=self._store.recovery,
            hq_key=self._hq_key,
        )
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)  # left over; or a link, which would lead into this machine
        with draft.open("xb") as file:
            for piece in vault.lock(header, recovery=self._store.recovery, chunks=[plain]):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        with contextlib.suppress(OSError):  # some file systems of sticks cannot
            handle = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _member_keys(self, epoch: int, first: int, last: int) -> tuple[CopiedKey, ...]:
        """Return the keys of the cards whose profiles stand in these entries."""
        found = []
        for stored in self._store.read(epoch, first, last - first + 1):
            for card in cards_in(stored.data):
                kept = self._store.local.kept_key(card)
                if kept is not None:
                    found.append(copied_key(card, *kept))
        return tuple(found)

    def _is_ours(self, piece: Piece, epoch: int) -> bool:
        """Whether the journal has the entry with which the file ends."""
        return piece.epoch == epoch and self._hash(epoch, piece.last) == piece.shown

    def _hash(self, epoch: int, seq: int) -> str:
        stored = self._store.read(epoch, seq, 1)
        return stored[0].hash[:HASH_SHOWN] if stored and stored[0].seq == seq else ""
