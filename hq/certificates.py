"""Certificates of brokers and boxes, made by headquarters: mutual TLS without anybody else.

    DIR/keys/ca.key, ca.pem    headquarters' own certificate authority
    DIR/keys/crl.pem           what is revoked; the broker reads it

A certificate names the box and nothing else (CN = box id = client id). It begins in 1970: a box
without a battery may believe that it is then. It says nothing about the box's Ed25519 key, which
alone proves what a box has written; it only lets nobody else talk to the broker.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from daemon.errors import StoreError
from daemon.ledger.messages_shop import Certificate
from daemon.sync.security import CA, CERTIFICATE, KEY
from hq.db import Db
from hq.store import OWN_BOX, Office

YEARS = 10  # a box is not visited every year; what is lost is revoked
CRL_DAYS = 3650
RENEW_DAYS = 365  # before the end: a box that comes by stick is seen once a month
BEGINS = datetime(1970, 1, 1, tzinfo=timezone.utc)
CRL = "crl.pem"
_CA_KEY, _CA_PEM = "ca.key", "ca.pem"


@dataclass(frozen=True, slots=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def issue(office: Office, name: str, folder: Path, *, hosts: Sequence[str] = ()) -> Path:
    """Make a key and a certificate in `folder`, with the CA's beside them. Raises StoreError.

    With `hosts` it is a server's, for a broker under these names and addresses; else a box's.
    """
    authority = _authority(office)
    key = ec.generate_private_key(ec.SECP256R1())
    made = _signed(office, authority, name, key.public_key(), hosts)
    _note(office, name, made)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / KEY, _key_bytes(key), secret=True)
        _write(folder / CERTIFICATE, made.public_bytes(serialization.Encoding.PEM))
        _write(folder / CA, authority.certificate.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise _cannot(folder, "writing a certificate", error) from error
    return folder


def renew(office: Office, name: str) -> Certificate | None:
    """Make a later certificate of the key that a box has; None: it has none that is good.

    The box gets it as a message of its log; the old one stays good until its end.
    """
    row = office.db.execute(
        "SELECT public FROM certificate WHERE name = ? AND revoked IS NULL AND public IS NOT NULL"
        " ORDER BY issued DESC LIMIT 1",
        (name,),
    ).fetchone()
    if row is None:
        return None
    public = serialization.load_der_public_key(bytes.fromhex(row[0]))
    assert isinstance(public, ec.EllipticCurvePublicKey), "we made it"
    authority = _authority(office)
    made = _signed(office, authority, name, public, ())
    _note(office, name, made)
    return Certificate(_pem(made), _pem(authority.certificate))


def sign(office: Office, name: str, public: bytes) -> Certificate | None:
    """Make a certificate of a key that a box has made (DER); None: it is no key that we sign."""
    try:
        key = serialization.load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    authority = _authority(office)
    made = _signed(office, authority, name, key, ())
    _note(office, name, made)
    return Certificate(_pem(made), _pem(authority.certificate))


def authority_pem(office: Office) -> str:
    """Return headquarters' CA certificate, made when there is none yet. Raises StoreError."""
    return _pem(_authority(office).certificate)


def due(db: Db, today: str) -> list[str]:
    """Return the boxes whose last certificate ends within RENEW_DAYS of a day."""
    rows = db.execute(
        "SELECT name FROM certificate WHERE revoked IS NULL AND public IS NOT NULL AND name IN"
        " (SELECT name FROM box) GROUP BY name"
        " HAVING max(ends) < ? ORDER BY name",
        ((date.fromisoformat(today) + timedelta(days=RENEW_DAYS)).isoformat(),),
    )
    return [row[0] for row in rows]


def own_folder(office: Office) -> Path:
    """Return the folder with headquarters' own client certificate, made when it is not there."""
    folder = office.folder / "keys" / "tls"
    if not (folder / CERTIFICATE).exists():
        issue(office, OWN_BOX, folder)
    return folder


def revoke(office: Office, name: str) -> int:
    """Revoke every certificate of a name and write the list anew; return how many there were."""
    authority = _authority(office)
    with office.transaction():
        cursor = office.db.execute(
            "UPDATE certificate SET revoked = ? WHERE name = ? AND revoked IS NULL",
            (office.now(), name),
        )
        done = cursor.rowcount
        rows = office.db.execute(
            "SELECT serial, revoked FROM certificate WHERE revoked IS NOT NULL ORDER BY serial"
        ).fetchall()
    now = office.clock.read().wall.astimezone(timezone.utc)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(BEGINS)
        .next_update(now + timedelta(days=CRL_DAYS))
    )
    for serial, when in rows:
        revoked = x509.RevokedCertificateBuilder().serial_number(int(serial, 16))
        builder = builder.add_revoked_certificate(
            revoked.revocation_date(datetime.fromisoformat(when)).build()
        )
    signed = builder.sign(authority.key, hashes.SHA256())
    path = office.folder / "keys" / CRL
    try:
        _write(path, signed.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise _cannot(path, "writing the list of what is revoked", error) from error
    return done


def _authority(office: Office) -> _Authority:
    folder = office.folder / "keys"
    try:
        if not (folder / _CA_KEY).exists():
            _make_authority(office, folder)
        key = serialization.load_pem_private_key((folder / _CA_KEY).read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / _CA_PEM).read_bytes())
    except (OSError, ValueError) as error:
        raise _cannot(folder, "reading the certificate authority", error) from error
    assert isinstance(key, ec.EllipticCurvePrivateKey), "we made it"
    return _Authority(key, certificate)


def _make_authority(office: Office, folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(f"memberbox {office.public.hex()[:16]}")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        _dated(office, x509.CertificateBuilder(), years=3 * YEARS)
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / _CA_PEM, made.public_bytes(serialization.Encoding.PEM))
    _write(folder / _CA_KEY, _key_bytes(key), secret=True)


def _signed(
    office: Office,
    authority: _Authority,
    name: str,
    public: ec.EllipticCurvePublicKey,
    hosts: Sequence[str],
) -> x509.Certificate:
    return (
        _leaf(office, authority, hosts)
        .subject_name(_name(name))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .sign(authority.key, hashes.SHA256())
    )


def _note(office: Office, name: str, made: x509.Certificate) -> None:
    public = made.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    ends = made.not_valid_after_utc.date().isoformat()
    with office.transaction():
        office.db.execute(
            "INSERT INTO certificate (serial, name, issued, public, ends) VALUES (?, ?, ?, ?, ?)",
            (f"{made.serial_number:x}", name, office.now(), public.hex(), ends),
        )


def _leaf(office: Office, authority: _Authority, hosts: Sequence[str]) -> x509.CertificateBuilder:
    """Return what all certificates of servers (with hosts) or boxes have in common."""
    use = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    issuer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.value)
    builder = (
        _dated(office, x509.CertificateBuilder(), years=YEARS)
        .issuer_name(authority.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(identifier, critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder


def _dated(
    office: Office, builder: x509.CertificateBuilder, *, years: int
) -> x509.CertificateBuilder:
    now = office.clock.read().wall.astimezone(timezone.utc)
    ends = now + timedelta(days=366 * years)
    return builder.not_valid_before(BEGINS).not_valid_after(ends)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, data: bytes, *, secret: bool = False) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _cannot(path: Path, doing: str, error: Exception) -> StoreError:
    return StoreError(
        str(path),
        doing=doing,
        found=str(error),
        fix="Look at the disk and at who may write there.",
        retry=False,
    )
