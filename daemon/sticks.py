"""A stick at the counter: plugging it in is all that a person does.

It is read and written in a thread of its own, and what goes into the journal goes there by way of
the loop, a message at a time: no customer waits for a stick. A stick without the folder of our
chain of shops is none of ours and is not touched.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from daemon.clock import Clock
from daemon.config import Config
from daemon.counter.codes import Ask
from daemon.counter.effects import Audience, Beep, DocumentKind, Listing, Show
from daemon.counter.screens import Idle, Row
from daemon.entropy import Entropy
from daemon.errors import LinkError, StoreError
from daemon.events import DeviceChanged, DeviceKind, DeviceState
from daemon.finding import note
from daemon.howmany import HowMany
from daemon.ledger.store import Store
from daemon.spools import Spools
from daemon.surfaces import Surfaces

if TYPE_CHECKING:
    from daemon.sync.courier import Standing
    from daemon.sync.link import Sync
    from daemon.sync.mailroom import Mail
    from daemon.sync.stick_folder import StickFolder
    from daemon.sync.stick_visit import Visit, Visited

STICK = "stick"  # what the control socket calls it
TOLD_S = 20.0  # how long the result stays on the clerk's display, unless something happens
WAIT_S = 60.0  # for the loop; it is never away that long
STOP_S = 5.0  # for a stick that hangs in the kernel; nothing is lost by leaving it
NOT_A_REQUEST = 'Say {"folder": "/media/stick"}.'

log = logging.getLogger("memberbox.stick")
T = TypeVar("T")


class StickRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    folder: str = ""
    part_bytes: int = 0  # 0: as usual


class StickSaid(msgspec.Struct, frozen=True):
    """How things stand. `visited`: what came of the last visit, once it has ended."""

    ok: bool
    running: bool
    done: int = 0
    of: int = 0
    visited: "msgspec.Raw | None" = None
    error: str = ""


class Telling(msgspec.Struct, frozen=True):
    """Where a person is told. `idle`: whether the counter serves nobody now."""

    surfaces: Surfaces
    spools: Spools
    idle: Callable[[], bool]


class Wanted(msgspec.Struct, frozen=True):
    """`verb`: both, export or receive; `plugged`: nobody has typed anything."""

    root: Path
    verb: str
    plugged: bool
    part_bytes: int = 0


class Sticks:
    """Owned by the loop. One visit at a time."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        *,
        link: Callable[[], "Sync | None"],
        telling: Telling,
    ) -> None:
        self._hq_key = None if config.hq is None else config.hq.key_bytes
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._link = link
        self._telling = telling
        self._loop = asyncio.get_running_loop()
        self._thread: threading.Thread | None = None
        self._next: Wanted | None = None
        self._progress = (0, 0)
        self._visited: Visited | None = None
        self._error = ""
        self._note = ""

    def plugged(self, event: DeviceChanged, folder: Path | None) -> None:
        """A device has changed its state; `folder`: where the stick's files are now."""
        if event.kind is not DeviceKind.STICK or event.state is not DeviceState.ONLINE:
            return
        if folder is not None and self._link() is not None:
            self._begin(Wanted(folder, "both", plugged=True))

    def order(self, verb: str, request: bytes) -> StickSaid:
        """export, import: begin it; state: say how far it is."""
        if verb == "state":
            return self._said(self._error)
        try:
            wanted = msgspec.json.decode(request, type=StickRequest)
        except msgspec.DecodeError as error:
            return StickSaid(False, False, error=f"{error}. {NOT_A_REQUEST}")
        if verb not in ("export", "import"):
            return StickSaid(False, False, error=f"{verb!r} is not known here; export, import")
        if self._link() is None:
            return StickSaid(False, False, error="this box has no headquarters: [hq] in its config")
        if self._thread is not None:
            return StickSaid(False, True, error="a stick is being read or written: wait for it")
        way = "export" if verb == "export" else "receive"
        self._begin(Wanted(Path(wanted.folder), way, plugged=False, part_bytes=wanted.part_bytes))
        return self._said("")

    def notes(self) -> list[str]:
        """Return what a person should do something about."""
        return [self._note] if self._note else []

    async def stop(self) -> None:
        """Wait a little for a visit; what it has not done is done at the next."""
        thread, self._next = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.join, STOP_S)

    def _begin(self, wanted: Wanted) -> None:
        if self._thread is not None:
            self._next = wanted  # pulled out and plugged in again while we were at it
            return
        self._progress, self._visited, self._error = (0, 0), None, ""
        if wanted.plugged:
            self._show("stick_busy")
        # A stick may hang in the kernel for ever; the box must be able to end all the same.
        self._thread = threading.Thread(
            target=self._work, args=(wanted,), name="stick", daemon=True
        )
        self._thread.start()

    # -- the thread ------------------------------------------------------------------------------

    def _work(self, wanted: Wanted) -> None:
        visited: Visited | None = None
        error = ""
        try:
            visited = self._visit(wanted)
        except (LinkError, StoreError) as failed:
            error = str(failed)
        except Exception as bug:  # a thread that dies says nothing: it is said, and the box goes on
            log.exception("the stick")
            error = f"a bug: {bug!r}. What is missing goes at the next visit."
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._ended, wanted, visited, error)

    def _visit(self, wanted: Wanted) -> "Visited | None":
        """Return what came of it; None: the stick is none of ours."""
        from daemon.sync.stick_folder import found_on, is_foreign, made_on

        assert self._hq_key is not None, "a box with a link has a headquarters"
        if wanted.verb == "export":
            shelf = made_on(wanted.root, self._hq_key)
        else:
            found = found_on(wanted.root, self._hq_key)
            if found is None:
                if wanted.plugged and not is_foreign(wanted.root):
                    return None
                raise LinkError(
                    str(wanted.root),
                    doing="looking for our folder",
                    found="it is not a stick of this chain of shops",
                    fix="Headquarters makes one: memberbox-hq stick export.",
                    retry=False,
                )
            shelf = found
        link = self._link()
        assert link is not None, "a box with a link keeps it"
        visit = self._made(link, shelf, wanted)
        return {"both": visit.both, "export": visit.export, "receive": visit.receive}[wanted.verb]()

    def _made(self, link: "Sync", shelf: "StickFolder", wanted: Wanted) -> "Visit":
        from daemon.sync.stick import FILE_BYTES
        from daemon.sync.stick_visit import Visit

        assert self._hq_key is not None, "a box with a link has a headquarters"
        store = self._store
        return Visit(
            store,
            shelf,
            _LoopEnd(link, self._loop),
            link.mailroom,
            cards=(store.local, store.books),
            hq_key=self._hq_key,
            entropy=self._entropy,
            at=self._clock.read().wall.isoformat(timespec="milliseconds"),
            progress=self._far,
            part_bytes=wanted.part_bytes or FILE_BYTES,
        )

    def _far(self, done: int, of: int) -> None:
        self._progress = (done, of)

    # -- the loop again --------------------------------------------------------------------------

    def _ended(self, wanted: Wanted, visited: "Visited | None", error: str) -> None:
        self._thread, self._visited, self._error = None, visited, error
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
            return
        if visited is None and not error:
            self._show("")
            return
        ok = visited is not None and visited.ok
        self._note = "" if ok else note("stick", error or _first(visited))
        log.info("stick %s: %s", wanted.verb, visited or error)
        if wanted.plugged:
            self._tell(visited, error, ok=ok)

    def _tell(self, visited: "Visited | None", error: str, *, ok: bool) -> None:
        telling = self._telling
        telling.surfaces.sound(Beep.OK if ok else Beep.ATTENTION)
        rows = tuple(Row("", line) for line in lines(visited, error))
        telling.spools.add(DocumentKind.SERVICE, "stick", listing=Listing(Ask.TOLD, rows))
        self._show("stick_done" if ok else "stick_look")
        self._loop.call_later(TOLD_S, self._show, "")

    def _show(self, offer: str) -> None:
        """Tell the clerk, unless a customer is being served: then the paper and the beep do."""
        if self._telling.idle():
            for audience in (Audience.CLERK, Audience.CUSTOMER):
                self._telling.surfaces.show(Show(audience, Idle(offer)))

    def _said(self, error: str) -> StickSaid:
        visited = None if self._visited is None else msgspec.Raw(msgspec.json.encode(self._visited))
        done, of = self._progress
        return StickSaid(not error, self._thread is not None, done, of, visited, error)


class _LoopEnd:
    """The box's two logs as a thread reaches them: on the loop, which is not kept waiting."""

    def __init__(self, link: "Sync", loop: asyncio.AbstractEventLoop) -> None:
        self._link = link
        self._loop = loop

    def standing(self) -> "Standing":
        return _waited(asyncio.run_coroutine_threadsafe(self._link.standing(), self._loop))

    def lacks(self) -> tuple[str, ...]:
        return _waited(asyncio.run_coroutine_threadsafe(self._link.lacks(), self._loop))

    def take(self, mail: "Mail") -> None:
        _waited(asyncio.run_coroutine_threadsafe(self._link.carried(mail), self._loop))


def _waited(answer: Future[T]) -> T:
    try:
        return answer.result(WAIT_S)
    except TimeoutError as error:
        raise StoreError(
            "stick",
            doing="handing over what it brought",
            found="the box is too busy",
            fix="Plug it in again later.",
            retry=True,
        ) from error


def lines(visited: "Visited | None", error: str) -> list[str]:
    """Return what the paper says, in both languages."""
    if visited is None:
        return [f"未同步 not done: {error}"]
    said = [
        f"已写出 on the stick: {visited.entries} (+{visited.fresh})",
        f"收到总部 from HQ: {visited.applied}",
        f"总部已收至 HQ has up to: {visited.hq_mark}",
    ]
    if visited.blocked:
        said.append(f"新停用卡 cards blocked: {visited.blocked}")
    if visited.contents:
        said.append(f"图片与视频 contents: {visited.contents}")
    if visited.left:
        said.append(f"U盘已满 no room for: {visited.left}")
    said += [f"拒收 refused {one.file}: {one.why}" for one in visited.refused]
    if visited.trouble:
        said.append(f"中断 broken off: {visited.trouble}")
    return [*said, "可拔出 pull it out now"]


def _first(visited: "Visited | None") -> str:
    assert visited is not None, "no error and no visit is a stick that is none of ours"
    if visited.trouble:
        return visited.trouble
    if visited.left:
        return f"it is full: it lacks {HowMany(visited.left):entry}. Use another one, too."
    return f"{visited.refused[0].file}: {visited.refused[0].why}"
