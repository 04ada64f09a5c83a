"""The demo shop's worked day, act by act as its file tells it, at the hour that it tells.

An act becomes keys, swipes and scans; what came of it are the papers that left the printer and the
entries that the journal holds. The bench's clock is moved on by a start of the box: an open shift,
parked baskets and the spool outlive it anyway.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.stage import ROOT, Stage
from tests.whole import papers

SHOP = json.loads((ROOT / "config/demo/demo-shop.json").read_text("utf-8"))
DAY = SHOP["day"]
NOT_THE_COUNTERS = ("down.applied", "anchor", "box.started", "holding.released", "holding.taken")
TENDER_KEYS = {one["code"]: one["key"] for one in SHOP["tenders"]}
CARDS = {one["id"]: one["card"] for one in SHOP["members"]}
PHONES = {one["id"]: one["phone"] for one in SHOP["members"]}
GOODS = {one["sku"]: one for one in SHOP["products"]}
CHANNELS = {"fee": "1", "purchase": "2", "grant": "3"}
LOOKS_S = 0.4  # the longest that a display may take; some gestures leave it as it was
SETTLED_S = 0.05  # 40 characters at 9600 baud take 42 ms
PAPERS = {
    "exchange": 0,
    "sign_on": 0,
    "swipe": 0,
    "topup": 2,
}  # one for the shop, one for the member


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an act."""

    entries: tuple  # type: ignore[type-arg] # as `journal show` says them
    texts: tuple[str, ...]
    pole: str  # every line that the customer read
    clerk: str


class DemoDay:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.came: dict[str, Came] = {}  # by the act's hour
        self._seen = int(stage.box("status")["seq"])

    def play(self, act) -> Came:
        """Do the act at its hour."""
        stage = self.stage
        self._at(act["at"])
        printed = len(stage.bench.receipts())
        pole: list[str] = []
        stage.until(lambda: "WELCOME" in stage.bench.lines("pole")[0], "the pole after the start")
        idle = stage.bench.lines("pole")
        for device, text in self._gestures(act):
            _gesture(stage, device, text)
            if act["do"] == "swipe":  # nothing is printed that would tell when all is said
                stage.until(lambda: bool(stage.bench.lines("pole") != idle), "the pole to answer")
            pole += stage.bench.lines("pole")
        wanted = printed + PAPERS.get(act["do"], 1)
        stage.until(lambda: len(stage.bench.receipts()) >= wanted, f"the paper of {act}")
        pole += stage.bench.lines("pole")
        texts = tuple(str(one["text"]) for one in stage.bench.receipts()[printed:])
        entries = self.entries(self._seen)
        self._seen = max([self._seen, *(int(one["seq"]) for one in entries)])
        came = Came(entries, texts, "\n".join(pole), "\n".join(stage.bench.lines("clerk")))
        self.came[act["at"]] = came
        return came

    def entries(self, after: int):
        """Return what the counter committed after a number."""
        tail = self.stage.box("journal", "tail", "--count", "500")["entries"]
        return tuple(
            one for one in tail if one["seq"] > after and one["kind"] not in NOT_THE_COUNTERS
        )

    def _at(self, hour: str) -> None:
        stage = self.stage
        start = f'clock_start = "{SHOP["shop"]["business_date"]}T{hour}:00+08:00"'
        stage.stop("box")
        stage.config.write_text(re.sub(r"clock_start = .*", start, stage.config.read_text()))
        stage.start_box()

    # -- acts ----------------------------------------------------------------------------------

    def _gestures(self, act) -> Iterator[tuple[str, str]]:
        yield from {
            "sign_on": _nothing,
            "sale": _sale,
            "enrol": _enrol,
            "topup": _topup,
            "exchange": self._exchange,
            "redeem_gift": _redeem,
            "return": self._return,
            "swipe": _swipe,
            "day_close": _day_close,
        }[act["do"]](act)

    def _return(self, act) -> Iterator[tuple[str, str]]:
        """By the code on the receipt, line by line."""
        yield "keys", "/3"
        yield "scan", papers.code(self.came[act["of"]].texts[0])
        for sku, _ in act["lines"]:
            yield "keys", f"{self._line(act, sku)} ENTER"
        yield "keys", "ENTER"
        yield "keys", str(act["reason"])

    def _exchange(self, act) -> Iterator[tuple[str, str]]:
        yield "keys", "/33"
        yield "scan", papers.code(self.came[act["of"]].texts[0])
        for sku, _ in act["back"]:
            yield "keys", f"{self._line(act, sku)} ENTER"
        yield "keys", "ENTER"
        yield "keys", "1"  # unopened
        for sku, _ in act["out"]:
            yield "scan", GOODS[sku]["barcode"]
        yield "keys", "ENTER"
        yield "keys", "ENTER"  # nothing is to be paid: yes

    def _line(self, act, sku: str) -> int:
        (sold,) = self.came[act["of"]].entries
        return next(int(line["n"]) for line in sold["body"]["lines"] if line["sku"] == sku)


def _nothing(_) -> Iterator[tuple[str, str]]:
    yield from ()


def _sale(act) -> Iterator[tuple[str, str]]:
    yield "keys", f"*{int(act['guide'])} ENTER"
    if act["member"] and act.get("by_phone"):
        yield "keys", f"{PHONES[act['member']]} ENTER"
    elif act["member"]:
        yield "swipe", CARDS[act["member"]]
    for sku, qty, *how in act["lines"]:
        product = GOODS[sku]
        if qty == "scale":
            yield "scan", product["scale"]["example"]
            continue
        if qty > 1:
            yield "keys", f"{qty}*"
        scanned = product["barcode"] is not None
        yield ("scan", product["barcode"]) if scanned else ("keys", f"{product['plu']} ENTER")
        assert not how or how == ["swap"], "its price follows from the basket"
    yield "keys", "ENTER"
    yield from _paid(act["tenders"])


def _paid(tenders: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    for code, amount in tenders:
        key = TENDER_KEYS[code]
        yield "keys", f"{amount // 100} ENTER" if key == "ENTER" else key


def _enrol(act) -> Iterator[tuple[str, str]]:
    yield "keys", "/2"
    yield "swipe", act["card"]
    yield "keys", CHANNELS[act["channel"]]
    yield "keys", f"{act['phone']} ENTER"
    yield "keys", f"{act['phone'][-4:]} ENTER"
    for agreed in (act["agree"]["terms"], act["agree"]["marketing"]):
        yield "keys", f"{int(agreed)} ENTER"


def _topup(act) -> Iterator[tuple[str, str]]:
    yield "keys", "/1"
    yield "swipe", CARDS[act["member"]]
    yield "keys", f"{act['amount'] // 100} ENTER"
    yield "keys", "1"  # who he is, is recorded
    yield from _paid(act["tenders"])


def _redeem(act) -> Iterator[tuple[str, str]]:
    yield "keys", "/4"
    yield "swipe", CARDS[act["member"]]
    yield "keys", "1 ENTER"
    yield "keys", "ENTER"


def _swipe(act) -> Iterator[tuple[str, str]]:
    yield "swipe", act["card"]
    if "principal" in act["expect"]:
        yield "keys", "."


def _day_close(_) -> Iterator[tuple[str, str]]:
    yield "keys", "/77"
    yield "keys", "ENTER"


# -- hands and eyes ----------------------------------------------------------------------------


def _gesture(stage: Stage, device: str, text: str) -> None:
    """Do one, and look at the displays: most gestures change them."""
    before = stage.bench.lines("clerk"), stage.bench.lines("pole")
    more: dict[str, object] = {"keys": _pressed(text)}
    if device != "keys":
        more = {"track2" if device == "swipe" else "code": text, "wait": False}
    stage.until(  # a device that nobody reads yet answers no
        lambda: bool(stage.bench.try_ask(device, **more)["ok"]), f"somebody to read the {device}"
    )
    deadline = time.monotonic() + LOOKS_S
    last = before
    while time.monotonic() < deadline:
        time.sleep(SETTLED_S)
        now = stage.bench.lines("clerk"), stage.bench.lines("pole")
        if now == last != before:
            return
        last = now


def _pressed(text: str) -> list[str]:
    words = text.split()
    return [key for word in words for key in ([word] if word.isalpha() else word)]
