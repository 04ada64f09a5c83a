"""The screens of docs/AUDIT.md, printed by the commands themselves over a small worked December.

    python -m tests.hq.audit_page        writes them into the document

The document tells the story: each ```console block is one command and what it says, a ```csv block
is the file that it reads, `<!-- shops: hear -->` lets the shops hear of what was written.
"""

import os
import re
import shlex
import tempfile
from pathlib import Path

from daemon.ledger import accounts
from daemon.ledger.bodies import Applied, NewLot, PointsRedeemed, Sale, SaleLine, Tender
from daemon.ledger.kinds import Kind
from daemon.ledger.records import By, Draft, PackRef, Posting
from daemon.ledger.views import Durable
from hq import packs
from hq.answers import NO
from hq.cli import command_parser
from tests.hq.auditing import settle, shops_under_check
from tests.sync.shops import CARD, Shops
from tests.sync.world import Box

DOCUMENT = Path(__file__).parents[2] / "docs" / "AUDIT.md"
HEAR = "<!-- shops: hear -->"
HOURS_3_MS = 3 * 3_600_000
_BLOCK = re.compile(r"```(console|csv) ?([^\n]*)\n(.*?)```|" + re.escape(HEAR), re.S)


def printed(text: str, folder: Path) -> str:
    """Return the document with every screen as the commands print it now."""
    made, at = [], 0
    shops = _worked(folder)
    for block in _BLOCK.finditer(text):
        made.append(text[at : block.start()])
        at = block.end()
        if block[0] == HEAR:
            _hear(shops)
            made.append(block[0])
        elif block[1] == "csv":
            (folder / block[2]).write_text(block[3], encoding="utf-8")
            made.append(block[0])
        else:
            command = block[3].splitlines()[0]
            made.append("\n".join(["```console", command, *_said(shops, command, folder), "```"]))
    return "".join([*made, text[at:]])


def _said(shops: Shops, command: str, folder: Path) -> list[str]:
    words = shlex.split(command.removeprefix("$ "))
    arguments = command_parser().parse_args(["--dir", str(folder), *words[1:]])
    before = Path.cwd()
    os.chdir(folder)
    try:
        said = arguments.do(shops.world.office, arguments)
    finally:
        os.chdir(before)
    assert said.code <= NO, (command, said.lines)
    return list(said.lines)


def _worked(folder: Path) -> Shops:
    """Return two shops that have sold and are not online; a card has 620 + 40 + 64 - 120."""
    shops = shops_under_check(folder)
    member = shops.member(CARD)
    ref = packs.in_force(shops.world.office.db)
    assert ref is not None
    _sale(shops.other, member, ref, 4000)
    shops.run(10)
    _sale(shops.home, member, ref, 6400)
    _redeem(shops, member, ref, 120)
    _hear(shops)
    return shops


def _hear(shops: Shops) -> None:
    """Let the shops be heard, and three hours go by."""
    for box in shops.world.boxes.values():
        if not box.online:
            box.connect()
    settle(shops)
    for box in shops.world.boxes.values():
        box.disconnect()
    shops.world.pass_time(HOURS_3_MS)


def _sale(box: Box, member: str, ref: PackRef, fen: int) -> None:
    points = fen // 100
    line = SaleLine(1, "ZZ-001", "保湿洁面乳", 1, fen, fen, "regular", points=points)
    body = Sale(
        (line,),
        (Tender("cash", fen),),
        fen,
        fen,
        0,
        fen,
        member=member,
        card=CARD,
        points=points,
        applied=(Applied("spend", "points", fen, points),),
        lots=(NewLot(1, "point", "sale"),),
    )
    moved = (
        Posting("@", accounts.points(member), "point", "#1", points),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -points),
    )
    _commit(box, Kind.SALE, body, ref, moved)


def _redeem(shops: Shops, member: str, ref: PackRef, points: int) -> None:
    lots = shops.home.ledger.books.lots(accounts.points(member), "point")
    lot = max(lots, key=lambda one: one.amount)
    moved = (
        Posting("@", lot.account, "point", lot.lot, -points),
        Posting("@", accounts.spent("point"), "point", lot.lot, points),
    )
    assert lot.amount >= points
    body = PointsRedeemed(member, CARD, "gift1", points, "GIFT1", 1, "丝巾")
    _commit(shops.home, Kind.POINTS_REDEEMED, body, ref, moved)


def _commit(
    box: Box, kind: Kind, body: Sale | PointsRedeemed, ref: PackRef, moved: tuple[Posting, ...]
) -> None:
    ledger = box.ledger
    name = f"{kind}-{ledger.head.seq}"
    draft = Draft("keypad", name, kind, ledger.at(), By("02", "clerk"), ref, None, body, moved)
    assert isinstance(ledger.commit(draft), Durable)
    box.courier.wake()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        DOCUMENT.write_text(printed(DOCUMENT.read_text(encoding="utf-8"), Path(folder)), "utf-8")


if __name__ == "__main__":
    main()
