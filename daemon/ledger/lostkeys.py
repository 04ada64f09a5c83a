"""What a start finds missing in keys/, and what that means: said loudly, mended where it can be."""

import logging

from daemon.ledger.files import Start
from daemon.ledger.keyring import DEVICE, PHONE, RECOVERY, Keyring
from daemon.ledger.local import Local
from daemon.ledger.phonebook import Members, check_digests

_log = logging.getLogger(__name__)

_DEVICE_LOST = (
    "keys/device.key was lost: headquarters does not know the new one and the chain ended. Ask"
    " headquarters for a token (memberbox-hq token), or restore keys/ from a backup."
)
_RECOVERY_LOST = (
    "keys/recovery.key was lost: backups made until now open with the old code only (headquarters"
    " has it). Make a new backup."
)


def said_of_keys(keyring: Keyring, books: Members, local: Local, start: Start) -> tuple[str, ...]:
    """Return what a person must hear of keys that were made anew. Raises StoreError."""
    lived = start.opening is None or start.opening.parent_epoch > 0
    said = []
    if lived and DEVICE in keyring.made:
        said.append(_DEVICE_LOST)
    if lived and RECOVERY in keyring.made and PHONE in keyring.made:
        said.append(_RECOVERY_LOST)  # alone it is no loss: older software had none
    rebuilt = check_digests(books, local, keyring.phone, fresh=PHONE in keyring.made)
    if rebuilt is not None:
        said.append(str(rebuilt))
    for one in said:
        _log.critical("%s", one)
    return tuple(said)
