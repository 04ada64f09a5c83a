"""Contents as strangers may send and carry them: asked for, in parts, in files of a stick."""

import io
from pathlib import Path
from random import Random

from daemon import seal
from daemon.ledger.codec import hash_of
from daemon.sync.content import pack_part
from daemon.sync.contents import Contents
from daemon.sync.mailroom import ContentMail, Mailroom
from daemon.sync.stick import (
    Frame,
    Head,
    Kind,
    Name,
    StickError,
    content_place,
    read_file,
    seal_file,
)
from daemon.sync.wire import Ask, LetterKind, Want, WireError, down, seal_letter, up
from daemon.vault import PREFIX_BYTES
from daemon.wanted import What
from hq import contents as at_hq
from hq.headquarters import Headquarters
from hq.intake import Arrival
from tests.hq.office import Sender, new_office
from tests.sync.memory import MemoryLedger
from tests.sync.test_fuzz import DRAIN, INPUTS, SEED, dear, mutants
from tests.sync.test_inbox import HQ_KEY, hq_sign

FILM = Random(7).randbytes(900)  # three parts, short: a fuzzer looks at the frame, not at films
STEP = 300
AT = "2026-03-06T09:00:00.000+08:00"
NAME = hash_of(FILM)
SIGNED_PER_INPUT = 10  # a well signed letter takes as long as refusing ten


def parts() -> list[bytes]:
    return [
        pack_part(NAME, len(FILM), at, FILM[at : at + STEP], hq_sign)
        for at in range(0, len(FILM), STEP)
    ]


def mailroom(contents: Contents) -> Mailroom:
    ledger = MemoryLedger("0001", Random(1))
    return Mailroom(
        "0001",
        hq_key=HQ_KEY,
        unseal=lambda sealed: seal.unseal(ledger.seed, sealed),
        phone_key=bytes(32),
        keys=ledger.local,
        contents=contents,
    )


def test_fuzz_wants_and_questions_that_no_box_signed_are_refused(tmp_path: Path) -> None:
    random = Random(SEED + 10)
    office = new_office(tmp_path / "hq")
    hq, box = Headquarters(office), Sender(office)
    hq.take([box.hello()], mono_ms=1)
    at_hq.put_bytes(office, FILM)
    want = seal_letter(LetterKind.WANT, Want(1, "0001", NAME, 0), box.ledger.sign)
    ask = seal_letter(LetterKind.ASK, question(), box.ledger.sign)
    assert hq.take([Arrival(up("0001", "want"), want)], mono_ms=1).answers
    batch: list[Arrival] = []
    for payload in mutants(random, [want, ask], INPUTS):
        if payload in (want, ask):
            continue
        batch.append(Arrival(up("0001", random.choice(["want", "ask"])), payload))
        if len(batch) == DRAIN:
            drained = hq.take(batch, mono_ms=1)
            assert len(drained.refusals) == len(batch) and drained.answers == []
            batch = []
    assert office.db.execute("SELECT count(*) FROM ask").fetchone()[0] == 0


def question() -> Ask:
    return Ask(1, "0001", 1, "0123456789abcdef", What.MEMBER, card="8800000000018")


def test_fuzz_wants_that_a_box_signs_and_does_not_mean_give_no_more_than_contents(
    tmp_path: Path,
) -> None:
    random = Random(SEED + 11)
    office = new_office(tmp_path / "hq")
    hq, box = Headquarters(office), Sender(office)
    hq.take([box.hello()], mono_ms=1)
    at_hq.put_bytes(office, FILM)
    names = [NAME, "", "../keys/hq.key", NAME.upper(), NAME[:-1], "0" * 64, "\x00" * 64, "x" * 500]
    for _ in range(dear(SIGNED_PER_INPUT)):
        offset = random.choice([0, 1, STEP, len(FILM) - 1, len(FILM), -1, 2**52, -(2**52)])
        want = Want(random.choice([1, 1, 2, -1]), random.choice(["0001", "0002", "hq"]),
                    random.choice(names), offset)  # fmt: skip
        letter = seal_letter(LetterKind.WANT, want, box.ledger.sign)
        answers = hq.take([Arrival(up("0001", "want"), letter)], mono_ms=1).answers
        good = want.v == 1 and want.box == "0001" and want.hash == NAME and 0 <= offset < len(FILM)
        assert len(answers) == good
        for one in answers:
            assert one.payload.endswith(FILM[offset:])


def test_fuzz_parts_that_come_down_are_of_the_content_or_change_nothing(tmp_path: Path) -> None:
    random = Random(SEED + 12)
    contents = Contents(tmp_path)
    room, good = mailroom(contents), parts()
    taken = 0
    for number, payload in enumerate(mutants(random, good, INPUTS)):
        try:
            mail = room.open(down("0001", "content"), payload)
        except WireError:
            pass
        else:
            assert isinstance(mail, ContentMail) and mail.come.hash == NAME
            taken += 1
        if number % 1000 == 0:
            check_kept(contents, tmp_path)
    check_kept(contents, tmp_path)
    for payload in good:
        room.open(down("0001", "content"), payload)
    path = contents.path(NAME)
    assert path is not None and path.read_bytes() == FILM
    assert taken < INPUTS // 2


def check_kept(contents: Contents, folder: Path) -> None:
    """Only this content is there, and what is there of it is its beginning."""
    have = contents.have(NAME)
    for path in folder.iterdir():
        assert path.name in (NAME, f"{NAME}.part")
        data = path.read_bytes()
        assert data == FILM if path.name == NAME else data == FILM[:have]


def test_fuzz_files_of_contents_on_a_stick_open_to_what_was_written_or_to_nothing(
    tmp_path: Path,
) -> None:
    random = Random(SEED + 13)
    place, key = content_place(NAME)
    frames = [Frame(Kind.CONTENT, part) for part in parts()]
    head = Head(1, "content", "", 0, 1, HQ_KEY.hex(), HQ_KEY.hex(), AT)
    sealed = b"".join(
        seal_file(head, frames, sign=hq_sign, key=key, nonce=random.randbytes(PREFIX_BYTES))
    )
    assert str(Name(place, 1, "content")).endswith(".mbcontent")
    whole = list(read_file(io.BytesIO(sealed), key))
    contents = Contents(tmp_path)
    room = mailroom(contents)
    refused = 0
    for data in mutants(random, [sealed], INPUTS):
        try:
            for number, frame in enumerate(read_file(io.BytesIO(data), key)):
                assert frame == whole[number]
                if frame.kind == Kind.CONTENT:
                    room.open(down("0001", "content"), frame.content)
        except StickError as error:
            assert error.found
            refused += 1
    check_kept(contents, tmp_path)
    assert refused > INPUTS * 8 // 10
