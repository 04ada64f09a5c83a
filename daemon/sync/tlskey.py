"""The box's own key for TLS: made on the box, never leaves it; headquarters signs its public half.

Making one takes a library of 20 MiB, so it is made in a process of its own, once:

    python -m daemon.sync.tlskey FOLDER      own.key, and own.pub: the public half as DER in base64
"""

import sys
from pathlib import Path

from daemon import wholefile
from daemon.errors import LinkError
from daemon.sync.security import KEY

PUBLIC = "own.pub"
MAKE_WITHIN_S = 60.0  # a small box on a slow card


def public_of(folder: Path) -> str:
    """Return the public half as it travels; "" while there is no key yet."""
    try:
        return (folder / PUBLIC).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def make(folder: Path) -> None:
    """Make the key unless it is there. Blocks for seconds. Raises LinkError."""
    if public_of(folder):
        return
    import subprocess  # once in a box's life

    command = [sys.executable, "-P", "-m", "daemon.sync.tlskey", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command, capture_output=True, text=True, check=False, timeout=MAKE_WITHIN_S
        )
        found = done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        found = str(error)
    if found or not public_of(folder):
        raise LinkError(
            str(folder),
            doing="making this box's key for TLS",
            found=found or "nothing came of it",
            fix="Look at the disk; it is tried again.",
            retry=True,
        )


def _main(folder: Path) -> None:
    from base64 import b64encode

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / KEY
    if place.exists():  # a cut came between the two files
        key = serialization.load_pem_private_key(place.read_bytes(), None)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        wholefile.replace(place, pem)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    wholefile.replace(folder / PUBLIC, b64encode(public))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
