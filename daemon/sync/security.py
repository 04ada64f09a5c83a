"""Mutual TLS of the link: the folder that `memberbox-hq certificate` made for this box.

A later certificate of the same key comes down from headquarters and lies in the state directory;
where it does not fit the key any more (the folder was made anew), the folder's own counts.
"""

import ssl
import tempfile
from contextlib import suppress
from pathlib import Path

from daemon import wholefile
from daemon.errors import LinkError

CA, CERTIFICATE, KEY = "ca.pem", "own.pem", "own.key"
NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL; Python has no name for it


def tls_context(folder: Path, renewed: Path | None = None) -> ssl.SSLContext:
    """Return what a client proves itself with, and whom it believes. Raises LinkError.

    `renewed`: the folder with what came down, if anything did.
    """
    if renewed is not None and (renewed / CERTIFICATE).exists():
        with suppress(OSError, ssl.SSLError):
            return _context(renewed / CA, renewed / CERTIFICATE, folder / KEY)
    try:
        return _context(folder / CA, folder / CERTIFICATE, folder / KEY)
    except (OSError, ssl.SSLError) as error:
        raise LinkError(
            str(folder),
            doing="reading the certificates of the link",
            found=str(error),
            fix=f"It holds {CA}, {CERTIFICATE}, {KEY}: memberbox-hq certificate BOX makes them.",
            retry=False,
        ) from error


def enrolling_context(ca: str) -> ssl.SSLContext:
    """Return TLS for a first contact: we believe this CA, and have no certificate yet.

    Raises LinkError.
    """
    try:
        context = ssl.create_default_context(cadata=ca)
    except (ssl.SSLError, ValueError) as error:
        raise LinkError(
            "[hq] ca",
            doing="reading the certificate of headquarters",
            found=str(error),
            fix="memberbox-hq token BOX --toml prints the lines for memberbox.toml.",
            retry=False,
        ) from error
    return _settled(context)


def fits(folder: Path, renewed: Path, certificate: str, ca: str) -> None:
    """Raise LinkError unless this certificate is one of the key in the folder."""
    try:
        renewed.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=renewed) as place:
            keep(Path(place), certificate, ca)
            _context(Path(place) / CA, Path(place) / CERTIFICATE, folder / KEY)
    except (OSError, ssl.SSLError) as error:
        raise LinkError(
            str(folder),
            doing="taking a later certificate",
            found=f"it does not fit this box's key: {error}",
            fix="Make a new folder: memberbox-hq certificate BOX --out FOLDER.",
            retry=False,
        ) from error


def keep(renewed: Path, certificate: str, ca: str) -> None:
    """Let the next connection use this certificate. Raises OSError."""
    renewed.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in ((CA, ca), (CERTIFICATE, certificate)):
        wholefile.replace(renewed / name, text.encode("ascii"), wholefile.READABLE)


def _context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(certificate, key)
    return _settled(context)


def _settled(context: ssl.SSLContext) -> ssl.SSLContext:
    """A box's clock may be years wrong until headquarters, beyond this very connection, has told it
    the time: the broker's dates are not looked at. The broker looks at ours; what headquarters says
    is signed all the same."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= NO_CHECK_TIME
    return context
