"""Two shops of one chain, played live: what one of them knows or holds, and the other wants.

The second shop is a bench and a box of its own; broker and headquarters are the first one's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.demo.day import CARD_BLANK, Act, Gesture, keys
from tests.demo.play import play, show
from tests.stage import ROOT, Stage

FIRST, SECOND = "0018", "0019"
PACK = ROOT / "config" / "packs" / "zhenzi.json"
CREAM = "6901234100044"
CREAM_SKU = "ZZ-004"
CLERK = "12,周宁,clerk,导购,2900000000125,0019"
STICK = "carried"

_PAYS: tuple[Gesture, ...] = (
    keys("CLEAR", "CLEAR"),
    ("scan", CREAM),
    ("swipe", CARD_BLANK),
    keys("ENTER"),
    keys("*3"),
)
_BUYS: tuple[Gesture, ...] = (keys("CLEAR", "CLEAR"), ("scan", CREAM), keys("ENTER"), keys("*2"))
TOPPED_UP = Act(
    at="20:05",
    title="shop 0018: the new member tops her card up",
    gestures=(
        keys("CLEAR", "CLEAR"),
        ("swipe", CARD_BLANK),
        keys("/1"),
        keys("300", "ENTER"),
        keys("1"),
        keys("*2"),
    ),
    paper=("储值充值凭证", "示范店", "300.00"),
    says="The value lies with the shop that took the money: nobody else can spend it.",
)
SPENT_ELSEWHERE = Act(
    at="20:15",
    title="shop 0019: she pays there, with value that shop 0018 holds",
    gestures=_PAYS,
    paper=("二店", "储值卡", "120.00", "1015"),
    says="0019 has never seen her card. It asks headquarters; 0018 lets 120.00 go while she waits.",
)
SHORT = Act(
    at="20:40",
    title="shop 0019, without a line: she would pay with the rest",
    gestures=_PAYS,
    clerk=("E07", "SHORT 120.00"),
    says="The rest lies with 0018, and nobody can be asked: it is not spent here.",
)
HELD = Act(
    at="20:45",
    title="shop 0018, without a line: she pays with what lies here",
    gestures=_PAYS,
    paper=("示范店", "储值卡", "120.00", "60.00"),
    says="300 were paid in, 120 spent there, 120 here: 60 are left, whoever is asked.",
)


@dataclass(frozen=True, slots=True)
class Chain:
    first: Stage
    second: Stage

    @property
    def shops(self) -> tuple[tuple[str, Stage], ...]:
        return ((FIRST, self.first), (SECOND, self.second))


def open_second(first: Stage, key: str) -> Chain:
    """Start another shop on the first one's broker and headquarters."""
    second = Stage(first.root / SECOND)
    second.broker, second.hq_dir = first.broker, first.hq_dir
    second.start_bench(key, str(first.hq("token", SECOND)["token"]))
    config = second.config.read_text(encoding="utf-8")
    for old, new in (
        (f'"{FIRST}"', f'"{SECOND}"'),
        ("示范店", "二店"),
        ('operator = "02"', 'operator = "12"'),
        ('guide = "02"', 'guide = "12"'),
    ):
        config = config.replace(old, new)
    second.config.write_text(config, encoding="utf-8")
    _stock(first, second.bench_dir)
    second.start_box()
    return Chain(first, second)


def close_second(chain: Chain) -> None:
    """End the second shop; the broker is the first one's to end."""
    chain.second.broker = None
    chain.second.close()


def play_chain(chain: Chain) -> Iterator[str | list[str]]:
    """Play the evening; yield lines for people, and lists of what was expected and not seen."""
    yield _title("two shops and headquarters, on one line")
    yield from _play(chain.first, TOPPED_UP)
    yield from _play(chain.second, SPENT_ELSEWHERE)
    yield from _roll_out(chain)
    yield from _offline(chain)
    yield from _carried(chain)


def _roll_out(chain: Chain) -> Iterator[str | list[str]]:
    """A pack is published at headquarters, stands on the receipts of both shops, and goes again."""
    document = json.loads(PACK.read_text(encoding="utf-8")) | {"version": 8}
    newer = chain.first.root / "zhenzi-8.json"
    newer.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    yield _title("a new rule pack: published, on paper in both shops, rolled back")
    chain.first.hq("pack", "publish", str(newer))
    yield from _in_force(chain, 8)
    for name, shop in chain.shops:
        yield from _play(shop, _bought("20:25", name, 8))
    chain.first.hq("pack", "rollback", "zhenzi")
    yield from _in_force(chain, 7)
    yield from _play(chain.second, _bought("20:30", SECOND, 7))


def _bought(at: str, name: str, version: int) -> Act:
    title = f"shop {name} sells under version {version}"
    return Act(at=at, title=title, gestures=_BUYS, paper=(f"zhenzi v{version}", name))


def _in_force(chain: Chain, version: int) -> Iterator[str]:
    for name, shop in chain.shops:
        shop.until(partial(_has_pack, shop, version), f"version {version} in {name}")
    yield f"   version {version} is in force in both shops"


def _has_pack(shop: Stage, version: int) -> bool:
    pack = shop.box("status")["pack"]
    return bool(pack) and pack["version"] == version


def _is_alone(shop: Stage) -> bool:
    return not shop.box("status")["hq_connected"]


def _offline(chain: Chain) -> Iterator[str | list[str]]:
    """The line is cut: what one shop holds the other cannot spend as well."""
    yield _title("the line is cut")
    assert chain.first.broker is not None
    chain.first.until(lambda: _all_shipped(chain), "headquarters to have everything so far")
    chain.first.broker.kill()
    for name, shop in chain.shops:
        shop.until(partial(_is_alone, shop), f"{name} to notice")
    yield from _play(chain.second, SHORT)
    yield from _play(chain.first, HELD)


def _carried(chain: Chain) -> Iterator[str | list[str]]:
    """A stick goes round; afterwards headquarters has what both shops have, without a line."""
    yield _title("an agent comes with a stick")
    stick = chain.first.root / STICK
    stick.mkdir()
    chain.first.hq("stick", "export", str(stick))
    for name, shop in chain.shops:
        said = shop.box("stick", "export", str(stick))
        yield f"   shop {name} writes {said['entries']} entries"
    taken = chain.first.hq("stick", "import", str(stick))
    yield f"   headquarters takes {taken['new']} new entries, and writes what the shops shall know"
    chain.first.hq("stick", "export", str(stick))
    for _, shop in chain.shops:
        shop.box("stick", "import", str(stick))
    missing = [] if _all_shipped(chain) else ["stick: headquarters has not what the shops have"]
    for name, shop in chain.shops:
        mine = shop.box("status")
        yield f"   shop {name} is at {mine['seq']}, confirmed {mine['hq_mark']}"
        if mine["hq_mark"] != mine["seq"]:
            missing.append(f"stick: {name} has no confirmation")
    (member,) = [one for one in chain.first.hq("members")["members"] if one["card"] == CARD_BLANK]
    yield f"   her value, over all shops: {member['principal'] / 100:.2f}"
    if member["principal"] != 6000:
        missing.append(f"stick: value {member['principal']} instead of 6000")
    yield missing


def _all_shipped(chain: Chain) -> bool:
    theirs = chain.first.hq("status")["boxes"]
    return all(
        (mine["seq"], mine["hash"]) == (theirs[name]["mark"], theirs[name]["hash"])
        for name, mine in ((name, shop.box("status")) for name, shop in chain.shops)
    )


def _play(shop: Stage, act: Act) -> Iterator[str | list[str]]:
    seen = play(shop, act)
    yield from show(seen)
    yield [f"{act.at} {text}" for text in seen.missing]


def _title(text: str) -> str:
    return f"\n{'═' * 64}\n {text}"


def _stock(first: Stage, folder: Path) -> None:
    """Give the second shop a clerk and some cream."""
    for table, rows in (
        ("staff", [CLERK]),
        ("products", [row.replace(FIRST, SECOND) for row in _rows(folder, CREAM_SKU)]),
    ):
        path = folder / f"{SECOND}-{table}.csv"
        header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        first.hq("import", table, str(path))


def _rows(folder: Path, sku: str) -> list[str]:
    lines = (folder / "products.csv").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if f",{sku}," in line]
