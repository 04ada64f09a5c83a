"""A box made again from a backup: into an empty state directory, proved, whole or not at all.

Everything is made in a folder of its own below the state directory and moved to its place at the
end; a box does not open while that folder is there. A restored chain ends at the next start: what
left the box after the backup would be taken twice. It goes on only where a person shows that
nothing was committed since: the last receipt's number and hash are those of the head.
"""

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.hardware import hardware_of
from daemon.ledger import bookfile, journal, local
from daemon.ledger.archive import ArchiveError, Broken, ChainHead, Contents, Keys
from daemon.ledger.codec import CodecError
from daemon.ledger.epochs import KNOWN_FACT, MACHINE_FACT, RESTORED_FACT, SALVAGED_FACT
from daemon.ledger.files import DAMAGED_FACT
from daemon.ledger.journal import Journal
from daemon.ledger.keyring import FOLDER, Keyring, write_keyring
from daemon.ledger.local import Local
from daemon.ledger.medium import Medium
from daemon.ledger.rebuild import rebuild
from daemon.ledger.remains import cut, first_breaks
from daemon.ledger.signed import parse_receipt_code
from daemon.ledger.statelock import FILE as LOCK
from daemon.ledger.statelock import RESTORING, StateLock, disk_error
from daemon.ledger.verify import Bad, verify_journal
from daemon.ledger.views import Stored

NAMES_SHOWN = 5  # of what stands in the way
_HARMLESS = frozenset({LOCK, RESTORING, "lost+found", "memberbox.last-good.toml"})
_PARTS = frozenset(
    {journal.FILE, local.FILE, bookfile.FILE, FOLDER}
)  # of a restore that was cut off
_RECEIPT = re.compile(r"#?(\d+)[ :]+([0-9a-f]{6,64})")  # a slip shows 6 digits of the hash


class Receipt(msgspec.Struct, frozen=True):
    """What stands on a slip: the entry's number, and how its hash begins.

    `chain` is known only of the code in full (`0018.1`).
    """

    seq: int
    shown: str
    chain: str = ""

    def is_of(self, box: str, head: ChainHead) -> bool:
        if self.chain not in ("", f"{box}.{head.epoch}"):
            return False
        return self.seq == head.seq and head.hash.startswith(self.shown)


class Restored(msgspec.Struct, frozen=True):
    head: ChainHead
    entries: int
    goes_on: bool  # the chain is kept; else the next start opens the next epoch
    keys_held: int  # members' keys that wait for headquarters' word on who was erased
    broken: tuple[Broken, ...]  # where chains did not hold: from there on they were left out
    bad: tuple[Bad, ...]  # entries that were kept and break a rule


def parse_receipt(text: str) -> Receipt | None:
    """Return what a slip's `#412 3fa9c1` says, or its scanned code; None: neither."""
    with suppress(CodecError):
        code = parse_receipt_code(text.strip())
        return Receipt(code.seq, code.hash_shown, code.chain)
    match = _RECEIPT.fullmatch(text.strip().lower())
    return None if match is None else Receipt(int(match[1]), match[2])


def taken_by(state_dir: Path) -> str:
    """Return what stands in the way in a state directory; "" when a box may be restored there."""
    if not state_dir.is_dir():
        return ""
    harmless = _HARMLESS | (_PARTS if (state_dir / RESTORING).exists() else frozenset())
    names = sorted(one.name for one in state_dir.iterdir() if one.name not in harmless)
    return ", ".join(names[:NAMES_SHOWN])


class Staging:
    """The box as it comes into being. Use as a context; nothing stays unless finish() was done."""

    def __init__(self, state_dir: Path) -> None:
        """Begin, or begin anew where one was cut off. Raises StoreError."""
        self._state = state_dir
        self._folder = state_dir / RESTORING
        self._journal: Journal | None = None
        self._fresh: Local | None = None  # local.db, where the copy brings none
        try:
            state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._lock = StateLock(state_dir)
            blocked = taken_by(state_dir)
            if blocked:
                self._lock.release()
                raise _taken(state_dir, blocked)
            self._clear_half()
            self._folder.mkdir(mode=0o700)
        except OSError as error:
            raise disk_error(state_dir, error) from error
        self._journal = Journal(self._folder / journal.FILE, Medium())

    def __enter__(self) -> "Staging":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._clear_half()
        self._lock.release()

    # What the backup holds, in its order (archive.Taking).

    def entries(self, epoch: int, run: Sequence[Stored]) -> None:
        assert self._journal is not None
        trouble = self._journal.write(epoch, run)
        if trouble is not None:
            raise _failed(self._state, "writing the journal", str(trouble.error))

    def local(self, data: bytes) -> None:
        (self._folder / local.FILE).write_bytes(data)

    def keys(self, keys: Keys) -> None:
        device, phone = bytes.fromhex(keys.device), bytes.fromhex(keys.phone)
        write_keyring(self._folder, Keyring(device, phone, bytes.fromhex(keys.recovery)))

    def member_key(self, card: str, *, key: bytes, phone_digest: bytes | None) -> None:
        """Take a member's key that came beside the entries (of a second copy)."""
        if self._fresh is None:
            self._fresh = Local(self._folder / local.FILE, Medium())
        self._fresh.put_member_key(card, key=key, phone_digest=phone_digest)

    # The end.

    def finish(self, contents: Contents, *, receipt: Receipt | None, has_hq: bool) -> Restored:
        """Prove the journal as it lies on the disk, leave out what does not hold, and move
        everything to its place. Raises StoreError; ArchiveError: nothing in it holds."""
        broken, entries, heads = self._prove(contents)
        head = heads[-1]
        cut_at = {(one.epoch, one.seq) for one in broken}
        found = verify_journal(self._folder / journal.FILE).bad
        bad = tuple(one for one in found if (one.epoch, one.seq) not in cut_at)
        goes_on = not broken and receipt is not None and receipt.is_of(contents.manifest.box, head)
        with closing(Local(self._folder / local.FILE, Medium())) as kept:
            kept.drop_jobs()
            kept.drop_fact(DAMAGED_FACT)
            if not goes_on:
                kept.put_fact(SALVAGED_FACT if broken else RESTORED_FACT, str(head.epoch))
                kept.put_fact(KNOWN_FACT, str(contents.last.epoch))
                if has_hq:
                    kept.hold_member_keys()
            else:
                kept.put_fact(MACHINE_FACT, f"{head.epoch} {hardware_of(self._folder)}")
            held = kept.held_keys()
        rebuild(self._folder)
        try:
            self._move()
        except OSError as error:
            raise disk_error(self._state, error) from error
        return Restored(head, entries, goes_on, held, broken, bad)

    def _prove(self, contents: Contents) -> tuple[tuple[Broken, ...], int, tuple[ChainHead, ...]]:
        assert self._journal is not None
        first = {one.epoch: one for one in contents.broken}
        for one in first_breaks(self._journal, contents.manifest.box):
            known = first.get(one.epoch)
            if known is None or one.seq < known.seq:
                first[one.epoch] = one
        broken = tuple(first[epoch] for epoch in sorted(first))
        entries, heads = cut(self._journal, broken)
        self._close()
        if not heads:
            raise ArchiveError(
                f"not one entry in it holds: {broken[0]}" if broken else "it is empty"
            )
        return broken, entries, heads

    def _move(self) -> None:
        """Everything belongs to whom the directory belongs; the journal is the last to come."""
        (self._folder / LOCK).unlink()
        owner = self._state.stat()
        for path in sorted(self._folder.rglob("*")):
            if os.geteuid() == 0:
                os.chown(path, owner.st_uid, owner.st_gid)
            _flush(path)
        if os.geteuid() == 0:
            os.chown(self._state / LOCK, owner.st_uid, owner.st_gid)
        for name in (FOLDER, local.FILE, bookfile.FILE, journal.FILE):
            source = self._folder / name
            if source.exists():
                source.rename(self._state / name)
        _flush(self._state)
        shutil.rmtree(self._folder)
        _flush(self._state)

    def _clear_half(self) -> None:
        """Take away what a restore that was cut off has left: it was all its own."""
        if not self._folder.exists():
            return
        for name in (journal.FILE, local.FILE, bookfile.FILE):
            for suffix in ("", "-wal", "-shm"):
                (self._state / f"{name}{suffix}").unlink(missing_ok=True)
        shutil.rmtree(self._state / FOLDER, ignore_errors=True)
        shutil.rmtree(self._folder)

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self._fresh is not None:
            self._fresh.close()
            self._fresh = None


def _flush(path: Path) -> None:
    with suppress(OSError):  # a folder on some file systems
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _taken(state_dir: Path, blocked: str) -> StoreError:
    return StoreError(
        str(state_dir),
        doing="restoring a box",
        found=f"a box lives there already ({blocked})",
        fix="Nothing is overwritten: move the directory away, or choose another [box] state_dir.",
        retry=False,
    )


def _failed(where: Path, doing: str, found: str) -> StoreError:
    return StoreError(
        str(where), doing=doing, found=found, fix="Make room and restore again.", retry=True
    )
