"""A chain of shops for the worked month: real boxes, a real headquarters, a carrier in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from daemon.ledger import accounts, daybook
from daemon.ledger.bodies import Consent, DayTotals, MemberEnrolled, NewLot, Tender, Welcome
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.records import By, Draft, Posting
from daemon.ledger.views import Durable
from daemon.sync.asking import TellAsker
from daemon.wanted import Wanted, What
from hq import packs
from hq.cards import import_cards
from hq.headquarters import Headquarters
from hq.imports import import_products, import_staff
from hq.intake import Arrival
from hq.registry import issue_token
from hq.store import Office, create
from tests.hq.tables import CARDS, PRODUCTS, staff_csv
from tests.simulation.box import Box
from tests.simulation.clocks import EAST_8, Dice, HqClock
from tests.simulation.clocks import World as Time
from tests.simulation.witness import Deaf
from tests.stage import ROOT

PACK = ROOT / "config" / "packs" / "zhenzi.json"
ROUNDS_MAX = 400  # of one settling; a day's entries need twenty
STEP_MS = 250
OPENS, CLOSES = time(9, 0), time(21, 0)
GIFT, BLANK = "GIFT1", "CARD"
QUIET_ROUNDS = 2


@dataclass(slots=True)
class Calendar(Time):
    """The true time, from the first morning of the story on."""

    begin: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=EAST_8)

    @property
    def wall(self) -> datetime:
        return self.begin + timedelta(milliseconds=self.ms)


class Shops:
    """Boxes and headquarters. Nothing here waits, and the seed decides what is random."""

    def __init__(self, folder: Path, boxes: Sequence[str], first: date, *, seed: int = 1) -> None:
        self.time = Calendar(begin=datetime.combine(first, time(7, 0), EAST_8))
        self.random = Random(seed)
        dice = Dice(self.random)
        self.office: Office = create(folder / "hq", clock=HqClock(self.time), entropy=dice)
        self.hq = Headquarters(self.office)
        self._ids = 0
        self._directory(folder)
        self.boxes = {
            name: Box(
                name,
                folder / name,
                time=self.time,
                dice=dice,
                witness=Deaf(),
                hq_key=self.office.public,
                token=issue_token(self.office, name),
            )
            for name in boxes
        }
        self._arrivals: list[Arrival] = []
        self.away: set[str] = set()  # shops whose line is cut
        self.settle()

    def _directory(self, folder: Path) -> None:
        table = folder / "table.csv"
        skus = (("ZZ-001", "洁面乳", "6800"), (BLANK, "空白卡", ""), (GIFT, "小样礼盒", ""))
        cells = [("", sku, name, name, sku, price, "regular" if price else "stock", "护肤",
                  *[""] * 8, "piece", *[""] * 10) for sku, name, price in skus]  # fmt: skip
        rows = [",".join(one) for one in cells]
        table.write_text("\n".join([PRODUCTS, *rows]) + "\n", encoding="utf-8")
        assert not import_products(self.office, table).mistakes
        assert not import_staff(self.office, staff_csv(table, shop="")).mistakes
        cards = [CARDS, "range,,8800000000000,8800000099999,,,,,,,,registered,,,,,,"]
        table.write_text("\n".join(cards) + "\n", encoding="utf-8")
        assert not import_cards(self.office, table).mistakes
        pack = json.loads(PACK.read_text(encoding="utf-8"))
        pack["roaming"] = {"release_basis_points": 0, "home_keeps_points": 40, "floor_points": 0}
        packs.publish(self.office, json.dumps(pack))

    # -- time and the line -----------------------------------------------------------------------

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """Let it be a time of a day; it never goes back."""
        wall = datetime.combine(day, time(hour, minute), EAST_8)
        self.time.ms = max(self.time.ms, int((wall - self.time.begin) / timedelta(milliseconds=1)))

    def settle(self) -> None:
        """Let everybody on the line say and hear everything."""
        quiet = 0
        for _ in range(ROUNDS_MAX):
            self.time.ms += STEP_MS
            for name, box in self.boxes.items():
                if name in self.away and box.online:
                    box.disconnect()
                elif name not in self.away and not box.online:
                    box.connect()
            moved = self._round()
            quiet = 0 if moved or not self._in_step() else quiet + 1
            if quiet == QUIET_ROUNDS:
                return
        raise AssertionError("the line does not come to rest")

    def _in_step(self) -> bool:
        return all(
            box.courier.hq_mark == box.store.head.seq
            for name, box in self.boxes.items()
            if name not in self.away
        )

    def _round(self) -> bool:
        drained = self.hq.take(self._arrivals, mono_ms=self.time.ms)
        assert not drained.refusals, drained.refusals
        self._arrivals = []
        worked = self.hq.work()
        outgoing = [*drained.answers, *self.hq.posts(self.time.ms)]
        for one in outgoing:
            box = self.boxes[one.topic.split("/")[1]]
            if box.online:
                box.courier.received(box.mailroom.open(one.topic, one.payload))
        for box in self.boxes.values():
            box.tick()
            self._arrivals += [Arrival(sent.topic, sent.payload) for sent in box.work(40)]
        return bool(worked or outgoing or self._arrivals)

    # -- what shops do ---------------------------------------------------------------------------

    def do(self, shop: str, kind: str, **request: object) -> str:
        """Do an act; return the entry's id, "" when the box refused it."""
        self._ids += 1
        box = self.boxes[shop]
        answer = box.acts.do(kind, json.dumps({"id": f"r{self._ids}", **request}).encode())
        assert answer.refused not in ("unreadable", "unknown_act"), answer.why
        box.courier.wake()
        self.time.ms += 1_000
        return answer.entry

    def done(self, shop: str, kind: str, **request: object) -> str:
        """Do it; it must be done."""
        entry = self.do(shop, kind, **request)
        assert entry, (shop, kind, request)
        return entry

    def sell(self, shop: str, fen: int, *, card: str = "", by: str = "cash", **more: object) -> str:
        points = fen // 100 if card else 0
        line = {
            "n": 1, "sku": "ZZ-001", "name": "洁面乳", "qty": 2, "list_fen": fen,
            "paid_fen": fen, "cls": "regular", "points": points,
        }  # fmt: skip
        rest = fen - sum(
            int(str(more.get(name, 0)))
            for name in ("value_fen", "points_worth_fen", "rounding_fen")
        )
        tenders = [{"code": by, "amount_fen": rest}] if rest else []
        who = {"card": card, "points": points} if card else {}
        return self.do(shop, "sale", lines=[line], tenders=tenders, **who, **more)

    def member(self, shop: str, card: str) -> str:
        """Return the member of a card, asked for when the shop does not know it."""
        box = self.boxes[shop]
        row = box.store.books.member_by_card(card)
        if row is None:
            self.ask(shop, Wanted(What.MEMBER, card=card))
            row = box.store.books.member_by_card(card)
        return "" if row is None else row.id

    def ask(self, shop: str, wanted: Wanted) -> None:
        """Ask headquarters and wait; what came lies in the shop's hand."""
        heard: list[TellAsker] = []
        questions = self.boxes[shop].courier.questions
        name = questions.ask(wanted, heard.append)
        self.settle()
        questions.ended(name)

    def enrol(self, shop: str, card: str, fee: int) -> str:
        """A new member pays a fee and gets a card and points; return the member's id."""
        box = self.boxes[shop]
        key, nonce = box.dice.draw(32), box.dice.draw(24)
        profile = lock_profile(Person(name="李晓"), card=card, key=key, nonce=nonce)
        body = MemberEnrolled(
            card, "fee", "2026-03-06", None, Consent("1", marketing=False), profile, fee,
            tenders=(Tender("wechat", fee),), points=30, welcome=(Welcome(BLANK, 1),),
            lots=(NewLot(1, Unit.POINT, "join", amount=30),),
        )  # fmt: skip
        moved = (
            Posting("@", accounts.tender("wechat"), Unit.FEN, "", fee),
            Posting("@", accounts.SALES_FEE, Unit.FEN, "", -fee),
            Posting("@", accounts.stock(BLANK), Unit.PIECE, "", -1),
            Posting("@", accounts.given(BLANK), Unit.PIECE, "", 1),
            Posting("@", accounts.points("#"), Unit.POINT, "#1", 30),
            Posting("@", accounts.ISSUED_POINTS, Unit.POINT, "", -30),
        )
        box.store.local.put_member_key(card, key=key, phone_digest=None)
        self._ids += 1
        at, by = box.facts.at(), By("02", "clerk")
        draft = Draft(
            "till", f"j{self._ids}", Kind.MEMBER_ENROLLED, at, by, None, None, body, moved
        )
        outcome = box.store.commit(draft)
        assert isinstance(outcome, Durable), outcome
        box.courier.wake()
        return f"{outcome.entry.box}.{outcome.entry.epoch}:{outcome.entry.seq}"

    def drawer(self, shop: str) -> int:
        return self.boxes[shop].store.books.balance(accounts.CASH_DRAWER, Unit.FEN)

    def z(self, shop: str, day: date) -> DayTotals:
        """Return the Z of a day, as the shop itself makes it from its own journal."""
        totals, _ = daybook.z_totals(self.boxes[shop].store, day.isoformat())
        return totals

    def close(self) -> None:
        for box in self.boxes.values():
            box.stop()
        self.office.close()
