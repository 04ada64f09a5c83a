"""Boxes that headquarters knows: one-time tokens, and the device keys bound by them.

A token is good for one box and for the first device key that shows it; the same device may show it
again (its first hello may have been lost). Only the digest of a token is kept.
"""

import hashlib

from daemon import seal
from daemon.errors import SealError
from daemon.sync.batch import unbase64
from daemon.sync.wire import Hello, WireError
from hq.store import Office

TOKEN_BYTES = 16


def issue_token(office: Office, box: str) -> str:
    """Return a fresh token for a box, to be written into its config."""
    token = office.entropy.draw(TOKEN_BYTES).hex()
    with office.transaction():
        office.db.execute(
            "INSERT INTO token (digest, box, issued) VALUES (?, ?, ?)",
            (_digest(token), box, office.now()),
        )
    return token


def keys_of(office: Office, box: str) -> list[bytes]:
    """Return the device keys bound to a box, the newest first."""
    query = "SELECT key FROM device_key WHERE box = ? ORDER BY bound DESC"
    return [bytes(row[0]) for row in office.db.execute(query, (box,))]


def admit(office: Office, hello: Hello) -> None:
    """Accept the device of a hello whose signature is good, or raise WireError."""
    key = bytes.fromhex(hello.device_key)
    if key in keys_of(office, hello.box):
        return
    if not hello.token:
        raise _turned_away(hello, "an unknown device without a token")
    try:
        token = seal.unseal(office.seed, unbase64(hello.token)).decode()
    except (SealError, UnicodeDecodeError) as error:
        raise _turned_away(hello, "a token that does not open") from error
    row = office.db.execute(
        "SELECT box, device_key FROM token WHERE digest = ?", (_digest(token),)
    ).fetchone()
    if row is None or row[0] != hello.box:
        raise _turned_away(hello, "a token that was not issued for it")
    if row[1] is not None and bytes(row[1]) != key:
        raise _turned_away(hello, "a token that another device has used")
    office.db.execute("UPDATE token SET device_key = ? WHERE digest = ?", (key, _digest(token)))
    office.db.execute(
        "INSERT INTO device_key (box, key, bound) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (hello.box, key, office.now()),
    )


def _turned_away(hello: Hello, why: str) -> WireError:
    return WireError(f"{hello.box}: {why}")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
