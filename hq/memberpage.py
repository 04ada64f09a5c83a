"""The pages of members: the list, a page of it at a time, and one member whole."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from daemon.errors import StoreError
from hq import adjusting, desk, memberlist, trail
from hq.deskscreen import Block, head_lines, statement_block, whole_blocks
from hq.memberlist import MemberSaid, Place
from hq.statement import statement
from hq.store import Office

ROWS = 50  # of a page: a screen or two
BEHIND_MAX = 20_000  # entries that a page follows itself: less than a second
_NAMES = (
    "卡号 card",
    "积分 points",
    "本金 principal",
    "赠送金 bonus",
    "成长值 growth",
    "等级 level",
    "状态 status",
    "门店 home",
)


def list_part(office: Office, after: Place) -> str:
    """Return a page of members, with a form to find one and the way to the next page."""
    page = memberlist.page(office, after, ROWS)
    rows = [_cells(one) for one in page.rows]
    form = (
        "<form action=member><label>卡号 card <input name=card inputmode=numeric></label>"
        " <button>查 find</button></form>"
    )
    further = ""
    if page.next is not None:
        to = urlencode(
            {
                "card": page.next.card,
                "id": page.next.id,
                "visitors": "1" if page.next.visitors else "",
            }
        )
        further = f"<p><a href='members?{escape(to)}'>下一页 next</a></p>"
    return "<h2>会员 Members</h2>" + form + html_table(_NAMES, rows) + further


def member_part(office: Office, name: str) -> str:
    """Return one member whole, with the statement of points."""
    try:
        member = adjusting.member_of(office, name)
    except StoreError:
        return f"<h2>会员 Member</h2><p class=no>{escape(name)}: 没有此会员 no member has this card"
    if (left := trail.behind(office)) > BEHIND_MAX:
        return f"<h2>会员 Member</h2><p class=no>{left} 条记录待整理 entries are being followed yet"
    trail.catch_up(office)
    said = desk.whole(office, member)
    told = statement(office, member)
    head = "".join(f"<p>{escape(line)}</p>" for line in head_lines(said))
    blocks = [*whole_blocks(said), statement_block(told)]
    return "<h2>会员 Member</h2>" + head + "".join(_block(block) for block in blocks)


def html_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already."""
    if not rows:
        return "<p>— 无 none —</p>"
    head = "".join(f"<th>{escape(name)}" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    return f"<table><tr>{head}{body}</table>"


def _block(block: Block) -> str:
    rows = [[escape(cell) for cell in row] for row in block.rows]
    return f"<h2>{escape(block.title)}</h2>" + html_table(block.names, rows)


def _cells(one: MemberSaid) -> list[str]:
    link = f"<a href='member?{escape(urlencode({'card': one.id}))}'>{escape(one.card)}</a>"
    figures = (
        str(one.points),
        _yuan(one.principal),
        _yuan(one.bonus),
        str(one.growth),
        one.level or "—",
        one.status,
        one.home,
    )
    return [link, *(escape(text) for text in figures)]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
