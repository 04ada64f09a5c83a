"""First contact of boxes that make their TLS key themselves: headquarters signs its public half.

The key stands in a hello that the box's device key has signed, and that key was admitted by a
one-time token. The certificate goes down in the box's log like any other message, so a stick
carries it as well as a line. A box whose certificates were revoked gets no other until it was
given a new token.
"""

import base64
import binascii
from collections.abc import Sequence

from daemon.sync.wire import Hello
from hq import notices
from hq.store import Office

KEY_BYTES_MAX = 512  # a P-256 key is 91 bytes of DER


def sign_offered(office: Office, hellos: Sequence[Hello]) -> None:
    """Sign the keys of these hellos that have no good certificate. In transactions of its own."""
    for hello in hellos:
        public = _der(hello.tls_key)
        if public and not _has_one(office, hello.box, public) and _may(office, hello.box):
            from hq import certificates  # heavy: X.509, and most boxes have theirs

            made = certificates.sign(office, hello.box, public)
            if made is not None:
                notices.put(office, notices.CERTIFICATE, "", made, box=hello.box)


def _der(text: str) -> bytes:
    if not text or len(text) > 2 * KEY_BYTES_MAX:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _has_one(office: Office, box: str, public: bytes) -> bool:
    query = "SELECT 1 FROM certificate WHERE name = ? AND public = ? AND revoked IS NULL"
    return office.db.execute(query, (box, public.hex())).fetchone() is not None


def _may(office: Office, box: str) -> bool:
    """Whether nothing of this box was revoked since it was last given a token."""
    query = "SELECT max(revoked) FROM certificate WHERE name = ?"
    revoked = office.db.execute(query, (box,)).fetchone()[0]
    if revoked is None:
        return True
    query = "SELECT max(issued) FROM token WHERE box = ?"
    issued = office.db.execute(query, (box,)).fetchone()[0]
    return issued is not None and str(issued) > str(revoked)
