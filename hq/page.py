"""The page of a running headquarters: boxes, marks, members by card, last entries, cases.

Plain HTML with nothing from elsewhere, and the same as JSON at /status.json. It changes nothing in
any book. No personal data: members are shown by card only. /members is the list by pages, /member
one of them whole.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from functools import cache
from html import escape

import msgspec
from microdot import Microdot, Request, Response

from daemon.errors import StoreError
from hq import memberpage, report
from hq.memberlist import Place
from hq.store import Office

HOST = "127.0.0.1"
REFRESH_S = 2
START_S = 10.0

_STYLE = (
    "body{font:16px/1.5 system-ui,'Noto Sans SC','Microsoft YaHei',sans-serif;margin:2rem;"
    "color:#222;background:#fafafa}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}"
    "table{border-collapse:collapse;background:#fff}th,td{padding:.3rem .8rem;text-align:left;"
    "border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}code{font-size:.9em}"
    ".yes{color:#087f23}.no{color:#b00020}"
)
Cell = tuple[str, str]  # text, class


def render(office: Office) -> str:
    """Return the page as it is now."""
    said = report.status(office)
    return (
        _head(said, f"<meta http-equiv=refresh content={REFRESH_S}>")
        + _boxes(said)
        + memberpage.list_part(office, Place())
        + _entries(office)
        + _cases(office)
    )


def members_page(office: Office, after: Place) -> str:
    """Return the list of members from a place on."""
    return _head(report.status(office), "") + memberpage.list_part(office, after)


def member_page(office: Office, name: str) -> str:
    """Return one member whole."""
    return _head(report.status(office), "") + memberpage.member_part(office, name)


def _head(said: report.StatusSaid, refresh: str) -> str:
    return (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>memberbox 总部</title>"
        f"{refresh}<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<style>{_STYLE}</style><h1><a href=./>总部 Headquarters</a></h1>"
        f"<p>化身 incarnation {said.incarnation} · 规则包 rule pack "
        f"{escape(said.pack or '—')} · <a href=status.json>status.json</a></p>"
    )


def _boxes(said: report.StatusSaid) -> str:
    rows = [
        [
            (name, ""),
            ("在线 online", "yes") if box.online else ("离线 offline", "no"),
            (_age(box.seen_age_s), ""),
            (f"{box.epoch}:{box.mark}", ""),
            (box.hash[:12], ""),
            (str(box.booked), ""),
            (f"{box.applied} / {box.down}", ""),
            (box.pack or "—", ""),
            (str(box.cases), "no" if box.cases else ""),
        ]
        for name, box in said.boxes.items()
    ]
    names = (
        "门店 box",
        "连接 link",
        "上次 seen",
        "已收 mark",
        "哈希 hash",
        "已记 booked",
        "下发 applied/told",
        "规则包 pack",
        "待办 cases",
    )
    return "<h2>门店 Boxes</h2>" + _table(names, rows)


def _entries(office: Office) -> str:
    rows = [
        [
            (f"{entry.box}.{entry.epoch}:{entry.seq}", ""),
            (entry.kind, ""),
            (entry.at, ""),
            (entry.hash[:12], ""),
        ]
        for entry in report.last_entries(office.db)
    ]
    return "<h2>最近的记录 Last entries</h2>" + _table(
        ("编号 entry", "种类 kind", "时间 at", "哈希 hash"), rows
    )


def _cases(office: Office) -> str:
    rows = [
        [(f"{case.box}.{case.epoch}:{case.seq}", ""), (case.kind, ""), (case.what, "")]
        for case in report.cases(office)
    ]
    return "<h2>待办 Cases</h2>" + _table(("记录 entry", "种类 kind", "说明 what"), rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    if not rows:
        return "<p>— 无 none —</p>"
    head = "".join(f"<th>{escape(name)}" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td class='{css}'>{escape(text)}" for text, css in row) for row in rows
    )
    return f"<table><tr>{head}{body}</table>"


def _age(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds:.0f} s"


class Page:
    """Serves the page on the loopback from a thread of its own. Port 0: a free one."""

    def __init__(self, opened: Callable[[], Office], port: int) -> None:
        self._opened = opened
        self._port = port
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        self._failed: OSError | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._port}/"

    def start(self) -> None:
        """Return when it listens. Raises OSError when it cannot."""
        self._port = _bindable(self._port)
        self._thread.start()
        self._ready.wait(START_S)
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        app = Microdot()
        office = cache(self._opened)  # at the first look: the database may be away now

        async def page(request: Request) -> Response:
            return _html(render(office()))

        async def members(request: Request) -> Response:
            asked = request.args
            visitors = bool(asked.get("visitors"))
            place = Place(asked.get("card", ""), asked.get("id", ""), visitors)
            return _html(members_page(office(), place))

        async def member(request: Request) -> Response:
            return _html(member_page(office(), request.args.get("card", "").strip()))

        async def status(request: Request) -> Response:
            body = msgspec.json.encode(report.status(office()))
            return Response(body, headers={"Content-Type": "application/json"})

        async def away(request: Request, error: Exception) -> Response:
            return Response(str(error), status_code=503)

        app.errorhandler(StoreError)(away)
        app.get("/")(page)
        app.get("/members")(members)
        app.get("/member")(member)
        app.get("/status.json")(status)
        server = asyncio.ensure_future(app.start_server(host=HOST, port=self._port))
        while not server.done() and not await self._listens():
            await asyncio.sleep(0.02)
        self._ready.set()
        await server

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, self._port)
        except OSError:
            return False
        writer.close()
        return True


def _html(text: str) -> Response:
    return Response(text, headers={"Content-Type": "text/html; charset=utf-8"})


def _bindable(port: int) -> int:
    """Return the port, or a free one for 0. Raises OSError when somebody else has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])
