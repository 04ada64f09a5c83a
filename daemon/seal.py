"""Signing and sealed boxes, pure given the keys and the random bytes (PyNaCl: Ed25519, XChaCha20).

A signature always covers a domain tag, so that bytes signed for one purpose never pass for another.
Keys are raw bytes: a 32-byte seed is secret, a 32-byte public key is not.
"""

import hashlib

from nacl import bindings
from nacl.exceptions import CryptoError

from daemon.errors import SealError

SEED_BYTES = 32
NONCE_BYTES = 24
KEY_BYTES = 32


def public_key(seed: bytes) -> bytes:
    """Return the Ed25519 public key of a seed."""
    public, _ = bindings.crypto_sign_seed_keypair(seed)
    return bytes(public)


def sign(seed: bytes, domain: str, payload: bytes) -> bytes:
    """Return the 64-byte signature of (domain, payload)."""
    _, secret = bindings.crypto_sign_seed_keypair(seed)
    return bytes(bindings.crypto_sign(_covered(domain, payload), secret)[:64])


def verify(public: bytes, domain: str, payload: bytes, signature: bytes) -> None:
    """Raise SealError unless `signature` is public's over (domain, payload)."""
    try:
        bindings.crypto_sign_open(signature + _covered(domain, payload), public)
    except (CryptoError, ValueError, TypeError) as error:
        raise SealError(f"the signature over {domain} does not verify") from error


def seal(public: bytes, data: bytes) -> bytes:
    """Return data that only the owner of the Ed25519 key can open (an anonymous sealed box)."""
    curve = bindings.crypto_sign_ed25519_pk_to_curve25519(public)
    return bytes(bindings.crypto_box_seal(data, curve))


def unseal(seed: bytes, sealed: bytes) -> bytes:
    """Return the data of a sealed box. Raises SealError."""
    public, secret = bindings.crypto_sign_seed_keypair(seed)
    curve_public = bindings.crypto_sign_ed25519_pk_to_curve25519(public)
    curve_secret = bindings.crypto_sign_ed25519_sk_to_curve25519(secret)
    try:
        return bytes(bindings.crypto_box_seal_open(sealed, curve_public, curve_secret))
    except (CryptoError, ValueError, TypeError) as error:
        raise SealError("the sealed box is not for this key, or was changed") from error


def encrypt(key: bytes, *, nonce: bytes, about: str, plain: bytes) -> bytes:
    """Return plain encrypted; `about` is bound to it and must be given again to decrypt."""
    aead = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt
    return bytes(aead(plain, about.encode(), nonce, key))


def decrypt(key: bytes, *, nonce: bytes, about: str, cipher: bytes) -> bytes:
    """Return what encrypt() was given. Raises SealError."""
    aead = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt
    try:
        return bytes(aead(cipher, about.encode(), nonce, key))
    except (CryptoError, ValueError, TypeError) as error:
        raise SealError("the record does not open with this key") from error


def keyed_digest(key: bytes, text: str) -> bytes:
    """Return a 16-byte digest that only holders of the key can compute (phone look-up)."""
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).digest()


def _covered(domain: str, payload: bytes) -> bytes:
    return domain.encode() + b"\x00" + payload
