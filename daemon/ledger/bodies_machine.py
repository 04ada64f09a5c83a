"""Bodies of the machine's own entries: epochs, starts, clock, packs, messages, holdings."""

from typing import Literal

from daemon.ledger.parts import Part


class EpochOpened(Part, frozen=True):
    """The first entry of a chain."""

    random: str  # 64 bit, hex
    reason: Literal["new", "restore", "salvage", "fork", "hardware", "replacement"]
    device_key: str  # Ed25519 public key, hex
    hardware: str  # board serial or disk id, "" when the machine has none
    parent_epoch: int = 0
    parent_seq: int = 0
    parent_hash: str = ""


class BoxStarted(Part, frozen=True):
    software: str
    config: str  # SHA-256 of the config in force
    last_good: bool = False  # running on the last good config


class ClockSet(Part, frozen=True):
    offset_ms: int
    by: str  # hq, ntp, technician


class PackActivated(Part, frozen=True):
    id: str
    version: int
    hash: str


class DownApplied(Part, frozen=True):
    """One message of HQ's log, kept as HQ signed it. What it means: messages.py."""

    incarnation: int
    n: int  # its number in the down log of this chain
    message: str  # the canonical bytes, as text
    signature: str  # base64


class DownRefused(Part, frozen=True):
    incarnation: int
    n: int
    message: str
    signature: str
    why: str


class Anchor(Part, frozen=True):
    """HQ's signed acknowledgement, at most one a business day."""

    ack: str  # the canonical bytes, as text
    signature: str  # base64


class HoldingReleased(Part, frozen=True):
    """A part of a member's balance leaves this holder's hand, through transit, for another's.

    What moves stands in the postings. HQ's log holds those to a chain, each with its message.
    """

    member: str
    to: str  # a chain `0018.1`, or `hq`
    asked: int = 0  # by a request; what was not held is missing in the postings
    message: int = 0  # its number in the down log of that chain
    ask: str = ""
