"""Who may sign at headquarters: names with a role and a PIN of their own.

Without any, a name is a word that whoever sits at the machine may type. With them, each name that
a command is given is proved by that person's PIN. This keeps one person from signing for two; it
does not keep out who administers the machine, since he may change the database itself.
"""

import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from hq.persons import same
from hq.store import Office

CLERK, MANAGER = "clerk", "manager"
ROLES = (CLERK, MANAGER)  # a clerk does things; the second person, who agrees, is a manager
PIN_MIN, PIN_MAX = 6, 64
SALT_BYTES, HASH_BYTES = 16, 32
COST, BLOCK = 2**15, 8  # scrypt with 32 MiB: 80 ms here, and as long for each that somebody tries
MEMORY_BYTES = 2 * 128 * COST * BLOCK
_FACT = "operators"
_PEPPER = b"memberbox/operators/1"


class Operator(msgspec.Struct, frozen=True):
    name: str
    role: str
    salt: str
    digest: str
    since: str  # RFC 3339


class OperatorRefused(ValueError):
    """It cannot be done to the list; the text says why."""


def operators(office: Office) -> list[Operator]:
    """Return who may sign; nobody: names are words."""
    return msgspec.json.decode(office.fact(_FACT) or "[]", type=list[Operator])


def named(known: Sequence[Operator], name: str) -> Operator | None:
    return next((one for one in known if same(one.name, name)), None)


def fits(office: Office, one: Operator, pin: str) -> bool:
    return hmac.compare_digest(_digest(office, bytes.fromhex(one.salt), pin), one.digest)


def put(office: Office, name: str, role: str, pin: str) -> Operator:
    """Enter an operator, or give one another role or PIN. Raises OperatorRefused."""
    if not PIN_MIN <= len(pin) <= PIN_MAX:
        raise OperatorRefused(f"a PIN has {PIN_MIN} to {PIN_MAX} characters")
    salt = office.entropy.draw(SALT_BYTES)
    made = Operator(name, role, salt.hex(), _digest(office, salt, pin), office.now())
    with office.transaction():
        others = [one for one in operators(office) if not same(one.name, name)]
        _keep(office, [*others, made])
    return made


def remove(office: Office, name: str) -> None:
    """Take an operator out; after the last one names are words again. Raises OperatorRefused."""
    with office.transaction():
        known = operators(office)
        if named(known, name) is None:
            raise OperatorRefused(f"{name}: no operator of this name")
        _keep(office, [one for one in known if not same(one.name, name)])


def _keep(office: Office, rows: list[Operator]) -> None:
    if rows and not any(one.role == MANAGER for one in rows):
        raise OperatorRefused("no manager would be left: nobody could change the list any more")
    office.set_meta(_FACT, msgspec.json.encode(rows).decode())


def _digest(office: Office, salt: bytes, pin: str) -> str:
    """The key of headquarters is in it, which is in no database: a stolen copy opens no PIN."""
    secret = hmac.digest(office.seed, _PEPPER + pin.encode(), "sha256")
    return hashlib.scrypt(
        secret, salt=salt, n=COST, r=BLOCK, p=1, maxmem=MEMORY_BYTES, dklen=HASH_BYTES
    ).hex()
