"""The way down: in order, once, signed; early ones and those without their key wait."""

from base64 import b64encode
from collections.abc import Callable
from random import Random

import msgspec
import pytest

from daemon import seal
from daemon.ledger.bodies import DownApplied, DownRefused
from daemon.ledger.codec import canonical, decode, hash_of
from daemon.ledger.messages import (
    DownBody,
    DownMessage,
    MemberSnapshot,
    Pack,
    PackActivate,
    Please,
    PleasePart,
    Staff,
    StaffList,
)
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.records import ZERO_HASH, Posting
from daemon.ledger.views import Refused
from daemon.sync.answering import answering_from
from daemon.sync.inbox import Inbox, Judge
from daemon.sync.mailroom import Mailroom, PostMail
from daemon.sync.wire import CarriedKey, Post, SignedMessage, WireError, down, sign_message
from tests.sync.memory import MemoryLedger

HQ_SEED = b"\x01" * 32
HQ_KEY = seal.public_key(HQ_SEED)
KEY, NONCE = b"\x02" * 32, b"\x03" * 24


def hq_sign(domain: str, payload: bytes) -> bytes:
    return seal.sign(HQ_SEED, domain, payload)


class Hq:
    """Writes a down log."""

    def __init__(self, box: str = "0001", epoch: int = 1) -> None:
        self._place = (box, epoch)
        self._n, self._prev = 0, ZERO_HASH

    def message(self, kind: str, body: DownBody | msgspec.Raw) -> SignedMessage:
        self._n += 1
        raw = body if isinstance(body, msgspec.Raw) else msgspec.Raw(canonical(body))
        box, epoch = self._place
        at = "2026-03-06T09:00:00.000+08:00"
        message = DownMessage(1, 1, box, epoch, self._n, self._prev, at, kind, raw)
        signed = sign_message(message, hq_sign)
        self._prev = hash_of(signed.message.encode())
        return signed

    def staff(self, no: str) -> SignedMessage:
        return self.message("staff", StaffList((Staff(no, "陈静", "clerk"),)))


class Receiver:
    """Mailroom and inbox over a ledger in memory."""

    def __init__(self, judge: Judge | None = None) -> None:
        self.ledger = MemoryLedger("0001", Random(3))
        ledger = self.ledger
        self.mailroom = Mailroom(
            "0001",
            hq_key=HQ_KEY,
            unseal=lambda sealed: seal.unseal(ledger.seed, sealed),
            phone_key=bytes(32),
            keys=ledger.local,
        )
        self.inbox = Inbox(
            ledger.chain,
            hq_key=HQ_KEY,
            books=ledger.books,
            letters=ledger.local,
            answering=answering_from(ledger),
            judge=judge,
        )

    def take(self, *messages: SignedMessage, keys: tuple[CarriedKey, ...] = ()) -> None:
        mail = self.mailroom.open(down("0001", "log"), canonical(Post(messages, keys)))
        assert isinstance(mail, PostMail)
        self.inbox.take(mail)
        at = self.ledger.at()
        while (draft := self.inbox.next(at)) is not None:
            while draft is not None:
                outcome = self.ledger.commit(draft)
                problems = (
                    tuple(problem.what for problem in outcome.problems)
                    if isinstance(outcome, Refused)
                    else ()
                )
                draft = self.inbox.settled(problems, at)

    @property
    def applied(self) -> list[tuple[int, str]]:
        """(number, why it was refused) of everything in the journal, in its order."""
        found = []
        for stored in self.ledger.entries:
            body = decode(stored.data).body
            if isinstance(body, DownApplied):
                found.append((body.n, ""))
            elif isinstance(body, DownRefused):
                found.append((body.n, body.why))
        return found


def test_messages_in_any_order_and_twice_are_applied_in_order_once() -> None:
    hq = Hq()
    log = [hq.staff(f"{n:02d}") for n in range(1, 9)]
    random = Random(4)
    receiver = Receiver()
    for _ in range(40):
        receiver.take(*random.sample(log, 3))
    receiver.take(*log)
    assert receiver.applied == [(n, "") for n in range(1, 9)]


def test_early_messages_wait_and_need_not_be_sent_again() -> None:
    hq = Hq()
    one, two, three = (hq.staff(no) for no in ("01", "02", "03"))
    receiver = Receiver()
    receiver.take(three)
    receiver.take(two)
    assert receiver.applied == []
    receiver.take(one)
    assert receiver.applied == [(1, ""), (2, ""), (3, "")]
    assert receiver.ledger.local.letters == {}


def test_an_unknown_kind_is_refused_with_why_and_the_log_goes_on() -> None:
    hq = Hq()
    receiver = Receiver()
    receiver.take(
        hq.message("horoscope", msgspec.Raw(b'{"sign":"leo"}')),
        hq.message("staff", msgspec.Raw(b'{"upsert":7}')),
        hq.staff("01"),
    )
    assert [n for n, _ in receiver.applied] == [1, 2, 3]
    whys = [why for _, why in receiver.applied]
    assert "horoscope" in whys[0]
    assert whys[1] != "" and whys[2] == ""


def member(card: str = "8800000000018") -> MemberSnapshot:
    profile = lock_profile(
        Person(phone="13800000001", name="王晓芸"), card=card, key=KEY, nonce=NONCE
    )
    return MemberSnapshot("hq.1:1", card, "active", "registered", "2025-05-05", profile=profile)


def test_two_members_of_one_card_do_not_keep_the_log_waiting() -> None:
    """Two shops enrolled the card, each with a key of its own; only one is kept for a card."""
    hq, receiver, other = Hq(), Receiver(), b"\x07" * 32
    profile = lock_profile(Person(name="李"), card="8800000000018", key=other, nonce=NONCE)
    twin = msgspec.structs.replace(member(), id="0002.1:9", profile=profile)
    keys = tuple(
        CarriedKey(
            name,
            "8800000000018",
            b64encode(seal.seal(receiver.ledger.device_public, key)).decode(),
        )
        for name, key in (("hq.1:1", KEY), ("0002.1:9", other))
    )
    messages = [hq.message("member.snapshot", one) for one in (member(), twin)]
    receiver.take(*messages, hq.staff("01"), keys=keys)
    assert receiver.applied == [(1, ""), (2, ""), (3, "")]


def test_a_member_waits_for_the_key_and_takes_only_one_that_opens_the_profile() -> None:
    hq = Hq()
    receiver = Receiver()
    snapshot, after = hq.message("member.snapshot", member()), hq.staff("01")
    receiver.take(snapshot, after)
    assert receiver.applied == []
    assert receiver.inbox.waiting_for == "hq.1:1"
    wrong = b64encode(seal.seal(receiver.ledger.device_public, b"\x09" * 32)).decode()
    receiver.take(snapshot, keys=(CarriedKey("hq.1:1", "8800000000018", wrong),))
    assert receiver.applied == []
    right = b64encode(seal.seal(receiver.ledger.device_public, KEY)).decode()
    receiver.take(snapshot, keys=(CarriedKey("hq.1:1", "8800000000018", right),))
    assert receiver.applied == [(1, ""), (2, "")]
    assert receiver.ledger.local.member_key("8800000000018") == KEY
    assert KEY.hex() not in "".join(stored.data.decode() for stored in receiver.ledger.entries)


def test_a_key_that_is_gone_for_ever_does_not_hold_the_log_up() -> None:
    hq = Hq()
    receiver = Receiver()
    snapshot = hq.message("member.snapshot", member())
    receiver.take(snapshot, keys=(CarriedKey("hq.1:1", "8800000000018", ""),))
    assert receiver.applied == [(1, "")]
    assert receiver.ledger.local.member_key("8800000000018") is None


def test_a_pack_that_hq_did_not_sign_and_one_that_is_not_here_are_refused() -> None:
    hq = Hq()
    receiver = Receiver()
    receiver.take(
        hq.message("pack", Pack('{"pack":{"id":"x","version":1},"signature":{}}')),
        hq.message("pack.activate", PackActivate("x", 1, "0" * 64)),
    )
    assert [n for n, why in receiver.applied if why] == [1, 2]


@pytest.mark.parametrize("verdict", ["", "its prices are none"])
def test_the_log_waits_in_order_while_a_pack_is_looked_through(verdict: str) -> None:
    hq = Hq()
    said: list[str] = []

    def judge(body: DownBody) -> str | None:
        return (said[0] if said else None) if isinstance(body, Pack) else ""

    receiver = Receiver(judge)
    one = hq.staff("01")
    receiver.take(one, hq.message("pack", Pack('{"pack":{"id":"x","version":1}}')), hq.staff("02"))
    receiver.inbox.look_again()
    receiver.take(one)
    assert receiver.applied == [(1, "")]
    said.append(verdict)
    receiver.inbox.look_again()
    receiver.take()
    assert receiver.applied == [(1, ""), (2, verdict), (3, "")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"n":1', '"n":2'),
        lambda text: text.replace("陈静", "陈镜"),
        lambda text: text.replace('"incarnation":1', '"incarnation":9'),
        lambda text: text.replace('"box":"0001"', '"box":"0002"'),
        lambda text: text.replace("{", "{ ", 1),
        lambda text: text.replace("09:00", "10:00"),
    ],
)
def test_a_changed_message_is_refused(change: Callable[[str], str]) -> None:
    signed = Hq().staff("01")
    changed = SignedMessage(change(signed.message), signed.signature)
    assert changed.message != signed.message
    with pytest.raises(WireError):
        Receiver().take(changed)


def test_messages_of_another_box_or_epoch_are_left_alone() -> None:
    receiver = Receiver()
    receiver.take(Hq(epoch=2).staff("01"), Hq(box="0002").staff("01"))
    assert receiver.applied == []


def test_a_log_that_does_not_go_on_from_ours_is_said() -> None:
    receiver = Receiver()
    receiver.take(Hq().staff("01"))
    other = Hq()
    other.staff("77")
    receiver.take(other.staff("02"))
    assert receiver.applied == [(1, "")]
    assert "does not follow" in receiver.inbox.broken


def test_a_request_is_answered_once_though_the_box_crashes_after_its_answer() -> None:
    """The answer is an entry before the message's own; what came to the hand since is not taken."""
    hq, receiver = Hq(), Receiver()
    ledger, account = receiver.ledger, "points:M"
    hand = (
        Posting("@", account, "point", "#1", 50),
        Posting("@", "issued:points", "point", "", -50),
    )
    ledger.sell("first", hand)
    lot = f"0001.1:{ledger.head.seq}:1"
    message = hq.message("please.void", Please("M", (PleasePart(account, "point", 80),)))
    mail = receiver.mailroom.open(down("0001", "log"), canonical(Post((message,), ())))
    assert isinstance(mail, PostMail)
    receiver.inbox.take(mail)
    answer = receiver.inbox.next(ledger.at())
    assert answer is not None and answer.kind == "points.voided"
    ledger.commit(answer)  # and here the power goes
    ledger.sell("second", hand)
    again = Receiver()
    again.ledger = ledger
    again.inbox = Inbox(
        ledger.chain,
        hq_key=HQ_KEY,
        books=ledger.books,
        letters=ledger.local,
        answering=answering_from(ledger),
    )
    again.take(message)
    assert again.applied == [(1, "")]
    assert ledger.books.held(account, "point", lot) == 0
    assert sum(row.amount for row in ledger.books.lots(account, "point")) == 50


def test_a_request_that_no_chain_can_answer_is_refused_with_its_reason() -> None:
    hq, receiver = Hq(), Receiver()
    receiver.take(
        hq.message("please.void", Please("M", (PleasePart("principal:M", "principal", 5),))),
        hq.message("please.release", Please("M", ())),
        hq.message("please.release", Please("M", (PleasePart("points:M", "point", 5),))),
    )
    whys = [why for _, why in receiver.applied]
    assert "only points" in whys[0] and "0 parts" in whys[1] and whys[2] == ""
