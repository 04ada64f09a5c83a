"""Mutual TLS of the link: the folder that `memberbox-hq certificate` made for this box."""

import ssl
from pathlib import Path

from daemon.errors import LinkError

CA, CERTIFICATE, KEY = "ca.pem", "own.pem", "own.key"


def tls_context(folder: Path) -> ssl.SSLContext:
    """Return what a client proves itself with, and whom it believes. Raises LinkError."""
    try:
        context = ssl.create_default_context(cafile=str(folder / CA))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    except (OSError, ssl.SSLError) as error:
        raise LinkError(
            str(folder),
            doing="reading the certificates of the link",
            found=str(error),
            fix=f"It holds {CA}, {CERTIFICATE}, {KEY}: memberbox-hq certificate BOX makes them.",
            retry=False,
        ) from error
    return context
