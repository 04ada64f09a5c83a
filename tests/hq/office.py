"""A headquarters and boxes for its tests: letters and batches as a real box makes them."""

from base64 import b64encode
from pathlib import Path
from random import Random

import msgspec

from daemon import seal
from daemon.sync.batch import Signer
from daemon.sync.shipping import Shipping
from daemon.sync.wire import (
    Ask,
    ChainOffer,
    DownMark,
    Hello,
    LetterKind,
    State,
    parse_letter,
    read_ack,
    read_nack,
    seal_letter,
    up,
)
from daemon.wanted import What
from hq.headquarters import Headquarters
from hq.intake import Arrival, Drained, Outgoing
from hq.registry import issue_token
from hq.store import Office, create
from tests.sync.memory import MemoryLedger, SeededEntropy, TickingClock


def new_office(folder: Path, seed: int = 1, *, store: str = "") -> Office:
    return create(folder, store, clock=TickingClock(), entropy=SeededEntropy(Random(seed)))


class Sender:
    """A box that says what it is told to say."""

    def __init__(
        self, office: Office, name: str = "0001", seed: int = 7, *, epoch: int = 1
    ) -> None:
        self.name = name
        self.office = office
        self.ledger = MemoryLedger(name, Random(seed), epoch=epoch)
        self.token = issue_token(office, name)

    def hello(
        self, *, token: str | None = None, sign: Signer | None = None, incarnation: int = 0
    ) -> Arrival:
        ledger = self.ledger
        shown = self.token if token is None else token
        sealed = seal.seal(self.office.public, shown.encode()) if shown else b""
        head = ledger.head
        hello = Hello(
            1,
            self.name,
            "session-1",
            "test",
            (ChainOffer(ledger.chain.epoch, head.seq, head.hash),),
            DownMark(ledger.chain.epoch, 0, "0" * 64),
            incarnation,
            None,
            (),
            ledger.device_public.hex(),
            b64encode(sealed).decode(),
        )
        letter = seal_letter(LetterKind.HELLO, hello, sign or ledger.sign)
        return Arrival(up(self.name, "hello"), letter)

    def ask(self, what: What, *, name: str = "ask-1", **asked: str | int) -> Arrival:
        plain = {"v": 1, "box": self.name, "epoch": 1, "id": name, "what": what.value, **asked}
        ask = msgspec.convert(plain, Ask)
        return Arrival(up(self.name, "ask"), seal_letter(LetterKind.ASK, ask, self.ledger.sign))

    def state(self, *, online: bool, session: str = "session-1") -> Arrival:
        state = State(1, self.name, session, online)
        letter = seal_letter(LetterKind.STATE, state, self.ledger.sign)
        return Arrival(up(self.name, "state"), letter)

    def batch(self, first: int = 1, last: int | None = None) -> Arrival:
        end = self.ledger.head.seq if last is None else last
        made = Shipping(self.ledger, hq_key=self.office.public).pack(
            self.ledger.chain.epoch, first=first, last=end
        )
        assert made is not None
        return Arrival(up(self.name, "journal"), made[0])

    def sell(self, count: int) -> None:
        for number in range(count):
            self.ledger.sell(f"{self.ledger.head.seq}-{number}")


def take(hq: Headquarters, *arrivals: Arrival) -> Drained:
    return hq.take(arrivals, mono_ms=1)


def marks(answers: list[Outgoing]) -> list[tuple[int, str]]:
    """Return (mark, hash) of every acknowledgement."""
    letters = [parse_letter(one.payload) for one in answers]
    acks = [read_ack(letter) for letter in letters if letter.kind is LetterKind.ACK]
    return [(ack.mark, ack.hash) for ack in acks]


def nacks(answers: list[Outgoing]) -> list[tuple[int, str]]:
    """Return (number, reason) of every refusal."""
    letters = [parse_letter(one.payload) for one in answers]
    found = [read_nack(letter) for letter in letters if letter.kind is LetterKind.NACK]
    return [(nack.seq, nack.reason) for nack in found]


def work_all(hq: Headquarters) -> None:
    while hq.work():
        pass
