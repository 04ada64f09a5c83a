"""A backup: all that the box remembers, sealed in one file, made beside a running box.

The file is there whole and proved, or not at all: it is written under another name, read back from
the medium, opened and followed entry by entry, and only then given its name. The books are no part
of it; they are made anew from the journal.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import msgspec

from daemon import vault
from daemon.entropy import Entropy
from daemon.errors import SealError, StoreError
from daemon.ledger import archive, journal, local
from daemon.ledger.archive import ArchiveError, ChainHead, Contents, Keys, Manifest
from daemon.ledger.bookfile import Progress, no_progress
from daemon.ledger.codec import canonical
from daemon.ledger.journal import Journal
from daemon.ledger.keyring import Keyring, read_keyring
from daemon.ledger.medium import Medium, copied
from daemon.ledger.views import Stored

WHAT = "backup"


class Making(msgspec.Struct, frozen=True):
    """What a backup says of itself, and who may open it beside the owner of the code."""

    box: str
    made: str  # RFC 3339
    software: str
    hq_key: bytes | None  # None: only the recovery code opens it


def back_up(
    state_dir: Path,
    target: Path,
    making: Making,
    entropy: Entropy,
    *,
    progress: Progress = no_progress,
) -> Contents:
    """Write the backup and return what was proved to stand in it. Raises StoreError.

    An older file of this name is replaced at the very end; on any failure it stays as it is.
    """
    keys = read_keyring(state_dir)
    draft = target.with_name(f"{target.name}.part")
    try:
        try:
            with closing(Journal(state_dir / journal.FILE, Medium(), readonly=True)) as opened:
                manifest = Manifest(making.box, making.made, making.software, _heads(opened))
                blocks = _blocks(manifest, opened, state_dir / local.FILE, keys, progress)
                _write(draft, _header(making, manifest, keys, entropy), keys, blocks)
            contents = prove(draft, keys.recovery)
            os.replace(draft, target)
            _flush_folder(target.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _failed(target, "writing the backup", str(error), retry=True) from error
    return contents


def prove(file: Path, recovery: bytes) -> Contents:
    """Read a whole backup from its medium and return what it holds. Raises StoreError, OSError."""
    with file.open("rb") as opened:
        try:
            return archive.whole(archive.unpack(vault.unlock(opened, recovery), _Nobody()))
        except (SealError, ArchiveError) as error:
            raise _failed(file, "proving the backup", str(error), retry=True) from error


class _Nobody:
    """Takes what only has to be looked at."""

    def entries(self, epoch: int, run: Sequence[Stored]) -> None: ...

    def local(self, data: bytes) -> None: ...

    def keys(self, keys: Keys) -> None: ...


def _heads(opened: Journal) -> tuple[ChainHead, ...]:
    heads = []
    for epoch in opened.epochs():
        head = opened.head(epoch)
        assert head is not None, "an epoch with entries has a last one"
        heads.append(ChainHead(epoch, head.seq, head.hash))
    if not heads:
        raise StoreError(
            opened.path.name,
            doing="making a backup",
            found="the box has committed nothing yet",
            fix="Start the box once; then there is something to keep.",
            retry=False,
        )
    return tuple(heads)


def _header(making: Making, manifest: Manifest, keys: Keyring, entropy: Entropy) -> vault.Header:
    last = manifest.chains[-1]
    return vault.new_header(
        WHAT,
        box=making.box,
        about=f"up to entry {last.epoch}:{last.seq}, {making.made}",
        nonce=entropy.draw(vault.PREFIX_BYTES),
        recovery=keys.recovery,
        hq_key=making.hq_key,
    )


def _blocks(
    manifest: Manifest, opened: Journal, local_path: Path, keys: Keyring, progress: Progress
) -> Iterator[bytes]:
    yield archive.block("M", canonical(manifest))
    count = 0
    for head in manifest.chains:
        entries = islice(opened.walk(head.epoch, 1), head.seq)
        while run := list(islice(entries, archive.RUN_ENTRIES)):
            yield archive.run_block(head.epoch, run)
            count += len(run)
            progress(count)
    yield archive.block("L", copied(Medium(), local_path))
    hexed = Keys(keys.seed.hex(), keys.phone.hex(), keys.recovery.hex())
    yield archive.block("K", canonical(hexed))
    yield archive.block("Z", canonical(count))


def _write(draft: Path, header: vault.Header, keys: Keyring, blocks: Iterator[bytes]) -> None:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in vault.lock(header, recovery=keys.recovery, chunks=archive.packed(blocks)):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        with suppress(OSError, AttributeError):  # so that the proof reads the medium, not memory
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems of sticks cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _failed(file: Path, doing: str, found: str, *, retry: bool) -> StoreError:
    return StoreError(
        str(file),
        doing=doing,
        found=found,
        fix="Nothing was kept under this name. Try another medium; run memberbox verify.",
        retry=retry,
    )
