"""A member's personal data: locked with the member's own key, and masked for showing. Pure.

The key never stands in an entry; who loses it has erased the person. The profile is bound to the
card it was made with, so that it cannot be moved to another member.
"""

import base64
import binascii

import msgspec

from daemon.errors import SealError
from daemon.ledger.bodies import Profile
from daemon.ledger.codec import canonical
from daemon.seal import decrypt, encrypt, keyed_digest

SURNAME = "surname"  # the mask of a pack that says none
TAIL_DIGITS = 4  # of the card, shown when a member has given no name


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a member told us. Everything but the phone may come later."""

    phone: str = ""
    name: str = ""
    birthday: str = ""  # YYYY-MM-DD
    gender: str = ""
    address: str = ""
    note: str = ""


_PERSON = msgspec.json.Decoder(Person)


def lock_profile(person: Person, *, card: str, key: bytes, nonce: bytes) -> Profile:
    """Return the profile encrypted; key 32 and nonce 24 fresh bytes, never used before."""
    cipher = encrypt(key, nonce=nonce, about=card, plain=canonical(person))
    return Profile(cipher=base64.b64encode(cipher).decode(), nonce=base64.b64encode(nonce).decode())


def open_profile(profile: Profile, *, card: str, key: bytes) -> Person:
    """Return the person. Raises SealError: another key, another card, or changed bytes."""
    try:
        cipher = base64.b64decode(profile.cipher, validate=True)
        nonce = base64.b64decode(profile.nonce, validate=True)
        return _PERSON.decode(decrypt(key, nonce=nonce, about=card, cipher=cipher))
    except (binascii.Error, msgspec.DecodeError) as error:
        raise SealError(f"the profile is damaged: {error}") from error


def phone_digest(phone_key: bytes, phone: str) -> bytes:
    """Return what a phone number is looked up by; only holders of the key can compute it."""
    return keyed_digest(phone_key, phone)


def masked(name: str | None, card: str, mask: str = SURNAME) -> str:
    """Return the name as others may see it: 王**, 林*; without a name 会员 尾号 0018.

    `mask` initials leaves the first letter of each word: J*** S****.
    """
    if not name:
        return f"会员 尾号 {card[-TAIL_DIGITS:]}"
    words = [name] if mask == SURNAME else name.split() or [name]
    return " ".join(word[0] + "*" * (len(word) - 1) for word in words)
