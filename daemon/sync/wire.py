"""What travels besides batches: hello, state, acknowledgement, refusal, messages. Topics.

Hello, state, ack and nack travel as a Letter: a statement as text, and the signature over its
bytes under the domain of its kind. Messages travel as a Post: HQ's messages, each as it signed it,
and beside them keys of members, sealed to the box. Pure: no I/O, no clock, no random number.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

import msgspec

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.codec import CodecError, canonical, down_message, hash_of, is_canonical
from daemon.ledger.messages import DownMessage
from daemon.ledger.records import Record
from daemon.ledger.signed import (
    DOMAIN_ACK,
    DOMAIN_DOWN,
    Ack,
    ack_statement,
    down_statement,
    parse_ack,
)
from daemon.sync.batch import Signer, unbase64
from daemon.wanted import What

VERSION = 1
TOPICS = "mb1"
LETTER_BYTES_MAX = 64 * 1024  # a hello with every chain and device is below 4 KiB
POST_BYTES_MAX = 512 * 1024  # NATS takes 1 MiB
POST_MESSAGES_MAX = 200
# A message is kept in an entry, as text within JSON, and has to travel up again in a batch.
MESSAGE_BYTES_MAX = 192 * 1024
CHAINS_MAX = 64  # still to ship; each is a lost or replaced medium
DEVICES_MAX = 64
DOMAIN_HELLO = "memberbox/hello/1"
DOMAIN_STATE = "memberbox/state/1"
DOMAIN_NACK = "memberbox/nack/1"
DOMAIN_ASK = "memberbox/ask/1"
DOMAIN_WANT = "memberbox/want/1"
DOMAIN_TURN = "memberbox/turn/1"
CLOSED = "closed"  # the reason of a nack: this chain was given up
ASK_TEXT_MAX = 512  # of one field; a sealed phone number takes 120 characters

BOX_SAID = "1 to 16 of A-Z a-z 0-9 -"  # as in memberbox.toml; a test compares
_BOX = re.compile(r"[A-Za-z0-9-]{1,16}")


class WireError(ValueError):
    """Bytes that are refused: not what the other side writes, or not signed by it."""


class LetterKind(StrEnum):
    HELLO = "hello"
    STATE = "state"
    ACK = "ack"
    NACK = "nack"
    ASK = "ask"
    WANT = "want"
    TURN = "turn"


_DOMAINS: Mapping[LetterKind, str] = MappingProxyType(
    {
        LetterKind.HELLO: DOMAIN_HELLO,
        LetterKind.STATE: DOMAIN_STATE,
        LetterKind.ACK: DOMAIN_ACK,
        LetterKind.NACK: DOMAIN_NACK,
        LetterKind.ASK: DOMAIN_ASK,
        LetterKind.WANT: DOMAIN_WANT,
        LetterKind.TURN: DOMAIN_TURN,
    }
)


class Letter(Record, frozen=True):
    kind: LetterKind
    text: str  # the statement: canonical JSON
    signature: str  # base64, over the domain of the kind and the text


class ChainOffer(Record, frozen=True):
    """A chain that the box still has: how far it goes."""

    epoch: int
    last: int
    hash: str


class DownMark(Record, frozen=True):
    """Up to where the box has applied HQ's log of its present chain."""

    epoch: int
    n: int
    hash: str


class PackHeld(Record, frozen=True):
    id: str
    version: int


class DeviceNote(Record, frozen=True):
    name: str
    kind: str
    state: str


class Hello(Record, frozen=True, omit_defaults=True):
    v: int
    box: str
    session: str  # of this connection, random; the will carries it too
    software: str
    chains: tuple[ChainOffer, ...]
    down: DownMark
    incarnation: int  # the highest the box has seen; 0: none
    pack: PackHeld | None
    devices: tuple[DeviceNote, ...]
    device_key: str  # Ed25519, hex
    token: str  # base64, sealed to HQ's key; "" once HQ has answered
    tls_key: str = ""  # base64 of the DER of a public key that HQ shall sign; left out: none


class State(Record, frozen=True):
    v: int
    box: str
    session: str
    online: bool


class Nack(Record, frozen=True):
    """HQ refuses entry `seq` with this hash: it has another (branch), it came damaged, or it is
    the last one of a chain that HQ gave up (closed)."""

    v: int
    incarnation: int
    box: str
    epoch: int
    seq: int
    hash: str
    reason: str  # branch, damaged, closed
    at: str


class Ask(Record, frozen=True):
    """A question during a sale. A hint: its answer comes as messages of HQ's log."""

    v: int
    box: str
    epoch: int
    id: str  # random, chosen by the box; the same id is the same question
    what: What
    card: str = ""
    phone: str = ""  # base64, sealed to HQ: a digest of so short a number hides nothing
    member: str = ""
    unit: str = ""
    amount: int = 0
    sale: str = ""  # the entry's id


class Want(Record, frozen=True):
    """The next part of a content that a message has named (content.py)."""

    v: int
    box: str
    hash: str
    offset: int


class Turn(Record, frozen=True):
    """HQ's word to a connection: how many batches may be in flight; 0: others send now."""

    v: int
    box: str
    session: str
    batches: int


class SignedMessage(Record, frozen=True):
    message: str  # canonical JSON of a DownMessage
    signature: str  # base64


class CarriedKey(Record, frozen=True):
    """A member's key on its way to a box, sealed to the box's device key."""

    member: str
    card: str
    sealed: str  # base64; "": there is no key any more, do not wait for it


class Post(Record, frozen=True):
    messages: tuple[SignedMessage, ...]
    keys: tuple[CarriedKey, ...]


class Read(Record, frozen=True):
    """A message that HQ signed, read: its parts, its bytes, its hash."""

    message: DownMessage
    text: str
    signature: str
    hash: str


_LETTER = msgspec.json.Decoder(Letter)
_HELLO = msgspec.json.Decoder(Hello)
_STATE = msgspec.json.Decoder(State)
_NACK = msgspec.json.Decoder(Nack)
_ASK = msgspec.json.Decoder(Ask)
_WANT = msgspec.json.Decoder(Want)
_TURN = msgspec.json.Decoder(Turn)
_POST = msgspec.json.Decoder(Post)
_Said = TypeVar("_Said", bound=Record)
_BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, CodecError, SealError)


def up(box: str, what: str) -> str:
    """Return the topic a box publishes on: hello, journal, ask, want, state."""
    return f"{TOPICS}/{box}/up/{what}"


def down(box: str, what: str) -> str:
    """Return the topic a box listens to: ack, log, content."""
    return f"{TOPICS}/{box}/down/{what}"


def is_box(name: str) -> bool:
    """Whether a name may be a box's: it stands in topics, entries and file names."""
    return _BOX.fullmatch(name) is not None


def seal_letter(
    kind: LetterKind, statement: Hello | State | Ack | Nack | Ask | Want | Turn, sign: Signer
) -> bytes:
    """Return the letter's bytes."""
    text = ack_statement(statement) if isinstance(statement, Ack) else canonical(statement)
    signature = sign(_DOMAINS[kind], text)
    return canonical(Letter(kind, text.decode(), b64encode(signature).decode()))


def parse_letter(payload: bytes) -> Letter:
    """Return a letter whose signature nobody has looked at yet. Raises WireError."""
    if len(payload) > LETTER_BYTES_MAX:
        raise WireError(f"a letter of {len(payload)} bytes")
    try:
        letter = _LETTER.decode(payload)
        one_spelling = canonical(letter) == payload
    except _BAD as error:
        raise WireError(f"no letter: {error}") from error
    if not one_spelling:
        raise WireError("no letter: not canonical JSON")
    return letter


def check_letter(letter: Letter, public: bytes) -> None:
    """Raise WireError unless the letter is signed by this key."""
    try:
        domain, text = _DOMAINS[letter.kind], letter.text.encode()
        seal.verify(public, domain, text, unbase64(letter.signature))
    except (SealError, UnicodeEncodeError) as error:
        raise WireError(f"{letter.kind}: {error}") from error


def _stated(decoder: msgspec.json.Decoder[_Said], letter: Letter, kind: LetterKind) -> _Said:
    """Return the statement of a letter that is read as one of this kind. Raises WireError."""
    try:
        return decoder.decode(letter.text.encode())
    except _BAD as error:
        raise WireError(f"{kind}: {error}") from error


def read_hello(letter: Letter) -> Hello:
    """Return what the letter says. Raises WireError."""
    try:
        hello = _HELLO.decode(letter.text.encode())
        key = bytes.fromhex(hello.device_key)
    except (*_BAD, ValueError) as error:
        raise WireError(f"hello: {error}") from error
    if hello.v != VERSION or letter.kind is not LetterKind.HELLO or len(key) != seal.KEY_BYTES:
        raise WireError(f"hello: version {hello.v}, key of {len(key)} bytes")
    if len(hello.chains) > CHAINS_MAX or len(hello.devices) > DEVICES_MAX:
        raise WireError("hello: too much of it")
    return hello


def read_state(letter: Letter) -> State:
    """Return what the letter says. Raises WireError."""
    state = _stated(_STATE, letter, LetterKind.STATE)
    if state.v != VERSION or letter.kind is not LetterKind.STATE:
        raise WireError(f"state: version {state.v}")
    return state


def read_ack(letter: Letter) -> Ack:
    """Return what the letter says. Raises WireError."""
    try:
        ack = parse_ack(letter.text.encode())
    except _BAD as error:
        raise WireError(f"ack: {error}") from error
    if letter.kind is not LetterKind.ACK or ack.mark < 0 or ack.down_seq < 0:
        raise WireError("ack: not one")
    return ack


def read_nack(letter: Letter) -> Nack:
    """Return what the letter says. Raises WireError."""
    nack = _stated(_NACK, letter, LetterKind.NACK)
    if nack.v != VERSION or letter.kind is not LetterKind.NACK:
        raise WireError(f"nack: version {nack.v}")
    return nack


def read_ask(letter: Letter) -> Ask:
    """Return what the letter asks. Raises WireError."""
    ask = _stated(_ASK, letter, LetterKind.ASK)
    if ask.v != VERSION or letter.kind is not LetterKind.ASK or ask.amount < 0:
        raise WireError(f"ask: version {ask.v}, amount {ask.amount}")
    if max(map(len, (ask.id, ask.card, ask.phone, ask.member, ask.unit, ask.sale))) > ASK_TEXT_MAX:
        raise WireError("ask: too much of it")
    return ask


def read_want(letter: Letter) -> Want:
    """Return what the letter asks for. Raises WireError."""
    want = _stated(_WANT, letter, LetterKind.WANT)
    if want.v != VERSION or letter.kind is not LetterKind.WANT or want.offset < 0:
        raise WireError(f"want: version {want.v}, offset {want.offset}")
    return want


def read_turn(letter: Letter) -> Turn:
    """Return what the letter says. Raises WireError."""
    turn = _stated(_TURN, letter, LetterKind.TURN)
    if turn.v != VERSION or letter.kind is not LetterKind.TURN or turn.batches < 0:
        raise WireError(f"turn: version {turn.v}, {turn.batches} batches")
    return turn


def sign_message(message: DownMessage, sign: Signer) -> SignedMessage:
    """Return the message as it travels and is kept."""
    text = canonical(message)
    signature = sign(DOMAIN_DOWN, down_statement(message))
    return SignedMessage(text.decode(), b64encode(signature).decode())


def parse_post(payload: bytes) -> Post:
    """Return a post whose signatures nobody has looked at yet. Raises WireError."""
    if len(payload) > POST_BYTES_MAX:
        raise WireError(f"a post of {len(payload)} bytes")
    try:
        return _POST.decode(payload)
    except _BAD as error:
        raise WireError(f"no post: {error}") from error


def read_message(signed: SignedMessage, hq_key: bytes) -> Read:
    """Return the message that HQ signed. Raises WireError."""
    try:
        data = signed.message.encode()
        message = down_message(data)
        if not is_canonical(data):  # the signature covers the parts, the next link every byte
            raise WireError("message: not canonical JSON")
        seal.verify(hq_key, DOMAIN_DOWN, down_statement(message), unbase64(signed.signature))
    except (*_BAD, UnicodeEncodeError) as error:
        raise WireError(f"message: {error}") from error
    return Read(message, signed.message, signed.signature, hash_of(data))
