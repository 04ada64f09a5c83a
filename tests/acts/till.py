"""A till beside the box: acts by JSON on a fresh store, under a clock that is told."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from daemon.actfacts import Facts
from daemon.acts import Acts, Answered
from daemon.ledger import accounts, machine
from daemon.ledger.acts.topup import ValueLimits
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import (
    GrantedLot,
    HoldingGranted,
    MemberSnapshot,
    OpeningStock,
    StockOpened,
)
from daemon.ledger.records import By
from daemon.ledger.views import Durable
from tests.ledger.invariants import entries_of
from tests.ledger.shop import MORNING, Dice, Watch, message, open_store
from tests.ledger.witnesses import Days, Returns

CARDS = {"M1": "8800000000018", "M2": "8800000000025", "M3": "8800000000032"}


class Till:
    def __init__(
        self, folder: Path, wall: datetime = MORNING, limits: ValueLimits | None = None
    ) -> None:
        self.folder = folder
        self.clock = Watch(wall)
        self._limits = limits
        self._ids = 0
        self._n = 0
        self.start()
        body = StockOpened(
            (OpeningStock("CARD", 3, "8800000001015", "8800000001017"), OpeningStock("TOY", 9))
        )
        self.down("stock.opened", body)
        draft = machine.shift_opened(
            self.facts.at(), by=By("02", "clerk"), float_fen=30000, source="t", request="on"
        )
        assert isinstance(self.store.commit(draft), Durable)

    def start(self) -> None:
        self.store = open_store(self.folder, clock=self.clock)
        self.facts = Facts(
            self.store, self.clock, Dice("till"), closing_hour=4, limits=self._limits
        )
        self.acts = Acts(self.facts)

    def again(self) -> None:
        """Stop and start."""
        self.store.close()
        self.start()

    def close(self) -> None:
        """Stop; whatever a test did, returns and closed days are as they must be."""
        returns, days = Returns(), Days()
        for chain, head in self.store.chains():
            for one in entries_of(self.store.read(chain.epoch, 1, head.seq)):
                returns.add(one)
                days.add(one)
        self.store.close()

    def later(self, **by: int) -> None:
        self.clock.wall += timedelta(**by)

    def down(self, kind: str, body: object) -> None:
        """A message of headquarters takes effect."""
        self._n += 1
        data = message(kind, body, n=self._n, epoch=self.store.chain.epoch)
        draft = machine.down_draft(
            self.facts.at(), message=data, signature="", chain=self.store.chain
        )
        assert isinstance(self.store.commit(draft), Durable)

    def admit(self, member: str, points: int = 0, kind: str = "registered") -> None:
        """A member is known here, with points in one lot that never lapses."""
        card = CARDS[member]
        self.down(
            "member.snapshot",
            MemberSnapshot(member, card, "active", kind, "2025-05-05T00:00:00+08:00"),
        )
        if points:
            lot = GrantedLot(
                f"hq.1:{self._n}:1",
                accounts.points(member),
                Unit.POINT,
                points,
                "2025-06-01T10:00:00+08:00",
                "opening",
            )
            self.down("holding.granted", HoldingGranted(member, (lot,)))

    def do(self, kind: str, **request: object) -> Answered:
        self._ids += 1
        request.setdefault("id", f"r{self._ids}")
        return self.acts.do(kind, json.dumps(request).encode())

    def done(self, kind: str, **request: object) -> str:
        """Do it; it must be done. Return the entry's id."""
        answer = self.do(kind, **request)
        assert answer.ok, (answer.refused, answer.why)
        return answer.entry

    def code(self, kind: str, **request: object) -> str:
        """Do it; it must be refused. Return the code."""
        answer = self.do(kind, **request)
        assert not answer.ok
        return answer.refused

    def body(self, entry: str) -> dict[str, object]:
        found = self.facts.entry(entry)
        assert found is not None
        body: dict[str, object] = msgspec.json.decode(msgspec.json.encode(found.body))
        return body

    def has(self, account: str, unit: str = Unit.FEN) -> int:
        """What an account holds here, all lots together."""
        return self.store.books.balance(account, unit)

    def points(self, member: str) -> int:
        return self.has(accounts.points(member), Unit.POINT)


def line(
    n: int, sku: str, paid: int, *, qty: int = 1, points: int = 0, at_list: int | None = None
) -> dict[str, object]:
    """A priced line as a till gives it."""
    return {
        "n": n,
        "sku": sku,
        "name": sku,
        "qty": qty,
        "list_fen": paid if at_list is None else at_list,
        "paid_fen": paid,
        "cls": "regular",
        "points": points,
    }


def cash(fen: int) -> list[dict[str, object]]:
    return [{"code": "cash", "amount_fen": fen}] if fen else []


def wechat(fen: int) -> list[dict[str, object]]:
    return [{"code": "wechat", "amount_fen": fen}]
