"""P10: a sale and an inquiry with a million entries and 100,000 members, and in a small box.

The small one has a hundred members with as many receipts each, so that an inquiry asks as much.
It stays so: those who buy here are not those who are asked about, for three hundred sales a round
are three receipts more for each of a hundred members and none for a hundred thousand. Both boxes
have read the keys of their requests, as one has a minute after its start. They answer in turn, so
that they meet the same disk and the same neighbours.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from daemon.clock import SystemClock
from daemon.config import load
from daemon.desk import Desk
from daemon.entropy import SystemEntropy
from daemon.ledger.journal import FILE, Journal
from daemon.ledger.keyring import open_keyring
from daemon.ledger.medium import Medium
from daemon.ledger.records import Draft, Posting
from daemon.ledger.store import Store
from daemon.ledger.views import Durable
from daemon.rules.document import read
from daemon.rules.engine import compile_pack
from tests.bench.commit import bench_disk, open_store
from tests.bench.million import ENTRIES, MEMBERS, card_of, entries, member_id, million, warmed
from tests.bench.row import ROUNDS, Part, middle
from tests.bench.sales import Till
from tests.stage import ROOT

FEW_MEMBERS = 100  # of the new box
PAIRS = 300  # of each kind, a round
LIMIT = 1.25


def against_an_empty_box() -> Sequence[Part]:
    folder = warmed(million())
    with tempfile.TemporaryDirectory(dir=bench_disk()) as beside:
        large, small = open_store(folder), open_store(_new_box(Path(beside) / "state"))
        try:
            for store in (large, small):
                _sift(store)
            ratios = [_round(large, small, number) for number in range(ROUNDS)]
        finally:
            small.close()
            large.close()
    return [
        Part("P10.sale", middle([sale for sale, _ in ratios]), LIMIT),
        Part("P10.inquiry", middle([inquiry for _, inquiry in ratios]), LIMIT),
    ]


def _round(large: Store, small: Store, number: int) -> tuple[float, float]:
    tag = f"p10-{SystemEntropy().draw(8).hex()}-{number}"
    random = Random(number)
    ours = _sales(tag, random, MEMBERS)
    theirs = _sales(tag, random, FEW_MEMBERS)
    sale = _compared(
        [_selling(large, draft) for draft in ours], [_selling(small, draft) for draft in theirs]
    )
    ours_desk, their_desk = _desk(large), _desk(small)
    inquiry = _compared(
        [_asking(ours_desk, random.randrange(0, MEMBERS, 2)) for _ in range(PAIRS)],
        [_asking(their_desk, random.randrange(0, FEW_MEMBERS, 2)) for _ in range(PAIRS)],
    )
    return sale, inquiry


def _sift(store: Store) -> None:
    """Do what the writer's thread does in its first quiet minute, and would do beside us."""
    while not store._files.books.sift():
        pass


def _compared(ours: Sequence[Callable[[], None]], theirs: Sequence[Callable[[], None]]) -> float:
    """Return p50 of ours in p50s of theirs, done in turn."""
    took: tuple[list[float], list[float]] = ([], [])
    for pair in zip(ours, theirs, strict=True):
        for side, do in zip(took, pair, strict=True):
            began = time.perf_counter()
            do()
            side.append(time.perf_counter() - began)
    return middle(took[0]) / middle(took[1])


def _selling(store: Store, draft: Draft) -> Callable[[], None]:
    def sell() -> None:
        assert isinstance(store.commit(draft), Durable)

    return sell


def _asking(desk: Desk, number: int) -> Callable[[], None]:
    """What the counter asks its shop when a card is swiped with nothing scanned."""
    card = card_of(number)

    def ask() -> None:
        known = desk.member_by_card(card)
        assert known is not None and known.shown.points, card
        desk.expiring(known.facts.id)
        desk.balance_fen(known.facts.id)

    return ask


def _desk(store: Store) -> Desk:
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    desk = Desk(load(ROOT / "config/memberbox.example.toml"), store, clock, SystemEntropy())
    opened = read((ROOT / "config/packs/zhenzi.json").read_text())
    desk.use(compile_pack(opened.pack, opened.ref))
    return desk


def _sales(tag: str, random: Random, members: int) -> list[Draft]:
    return list(islice(_drafts(tag, random, members), PAIRS))


def _drafts(tag: str, random: Random, members: int) -> Iterator[Draft]:
    for draft in Till(1, tag).drafts():
        number = random.randrange(1, members, 2)  # nobody who is asked about
        old = str(getattr(draft.body, "member"))  # noqa: B009
        moved = tuple(
            Posting(one.holder, one.account.replace(old, member_id(number)), *_rest(one))
            for one in draft.postings
        )
        body = msgspec.structs.replace(draft.body, member=member_id(number), card=card_of(number))
        yield msgspec.structs.replace(draft, body=body, postings=moved)


def _rest(posting: Posting) -> tuple[str, str, int]:
    return posting.unit, posting.lot, posting.amount


def _new_box(folder: Path) -> Path:
    folder.mkdir(parents=True)
    device_key = open_keyring(folder, SystemEntropy()).public.hex()
    journal = Journal(folder / FILE, Medium())
    count = 1 + FEW_MEMBERS * ENTRIES // MEMBERS  # members who bought as often as the others
    trouble = journal.write(1, list(entries(device_key, count=count, members=FEW_MEMBERS)))
    assert trouble is None, trouble
    journal.close()
    return folder
