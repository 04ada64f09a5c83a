"""keys/ in the state directory: the device's signing key, and the key of phone look-ups.

They are made at the first start. The files are for the daemon's user alone.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from daemon import seal
from daemon.entropy import Entropy
from daemon.errors import StoreError

FOLDER = "keys"
DEVICE = "device.key"
PHONE = "phone.key"


@dataclass(frozen=True, slots=True)
class Keyring:
    """`seed` signs for this box (Ed25519); `phone` keys the digests of phone numbers."""

    seed: bytes
    phone: bytes

    @property
    def public(self) -> bytes:
        return seal.public_key(self.seed)


def open_keyring(state_dir: Path, entropy: Entropy) -> Keyring:
    """Return the keys, made if there are none. Raises StoreError."""
    folder = state_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return Keyring(
        seed=_key(folder / DEVICE, seal.SEED_BYTES, entropy),
        phone=_key(folder / PHONE, seal.KEY_BYTES, entropy),
    )


def _key(path: Path, length: int, entropy: Entropy) -> bytes:
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return _made(path, entropy.draw(length))
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
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key
