"""keys/ in the state directory: the device's signing key, the key of phone look-ups, and the key
that opens this box's backups.

They are made at the first start. The files are for the daemon's user alone.
"""

from pathlib import Path

import msgspec

from daemon import seal, wholefile
from daemon.entropy import Entropy
from daemon.errors import StoreError
from daemon.vault import RECOVERY_BYTES

FOLDER = "keys"
DEVICE = "device.key"
PHONE = "phone.key"
RECOVERY = "recovery.key"

_LENGTHS = ((DEVICE, seal.SEED_BYTES), (PHONE, seal.KEY_BYTES), (RECOVERY, RECOVERY_BYTES))


class Keyring(msgspec.Struct, frozen=True):
    """`seed` signs for this box (Ed25519); `phone` keys the digests of phone numbers; `recovery`
    opens its backups and its second copy (vault.py)."""

    seed: bytes
    phone: bytes
    recovery: bytes
    made: tuple[str, ...] = ()  # the files that were not there and were made now

    @property
    def public(self) -> bytes:
        return seal.public_key(self.seed)


def open_keyring(state_dir: Path, entropy: Entropy) -> Keyring:
    """Return the keys, made where there are none. Raises StoreError."""
    folder = state_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    keys, made = {}, []
    for name, length in _LENGTHS:
        found = _read(folder / name, length)
        if found is None:
            found = _made(folder / name, entropy.draw(length))
            made.append(name)
        keys[name] = found
    return Keyring(keys[DEVICE], keys[PHONE], keys[RECOVERY], tuple(made))


def read_keyring(state_dir: Path) -> Keyring:
    """Return the keys that are there. Raises StoreError: one is missing or spoilt."""
    keys = {}
    for name, length in _LENGTHS:
        found = _read(state_dir / FOLDER / name, length)
        if found is None:
            raise StoreError(
                f"{FOLDER}/{name}",
                doing="reading the key",
                found="it is not there",
                fix="Start the box once (memberbox run); it makes what is missing.",
                retry=False,
            )
        keys[name] = found
    return Keyring(keys[DEVICE], keys[PHONE], keys[RECOVERY])


def write_keyring(state_dir: Path, keys: Keyring) -> None:
    """Put keys where there are none. Raises OSError."""
    folder = state_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, key in ((DEVICE, keys.seed), (PHONE, keys.phone), (RECOVERY, keys.recovery)):
        _made(folder / name, key)


def _read(path: Path, length: int) -> bytes | None:
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(found) != length:
        raise StoreError(
            f"{FOLDER}/{path.name}",
            doing="reading the key",
            found=f"{len(found)} bytes, a key has {length}",
            fix="Restore it from the backup; with another key the box is another box.",
            retry=False,
        )
    return found


def _made(path: Path, key: bytes) -> bytes:
    """Write the key so that it is there whole or not at all, and on the disk."""
    wholefile.replace(path, key)
    return key
