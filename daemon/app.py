"""The running box: wires the rooms together and holds no rule.

Everything that happens comes into one queue and is answered in order: the flow's step, then its
effects. Nothing here waits for a device, a printer or the network; a commit's outcome comes back
later, as an event of its own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from daemon import configtold
from daemon import status as said
from daemon.acting import Acting
from daemon.activation import Activation
from daemon.board import TOLD_KINDS, UNREAD, Board
from daemon.clock import Clock
from daemon.config import Config
from daemon.control import Control
from daemon.counter.effects import CommitUnknown, Errand
from daemon.counter.machine import shown, step
from daemon.counter.states import Committing, Counter, Idle
from daemon.desk import Desk
from daemon.drivers.devices import Devices
from daemon.entropy import Entropy, jitter
from daemon.errands import Aside, Errands
from daemon.events import DeviceChanged, DeviceEvent, DeviceKind, DeviceState, TimePassed
from daemon.finding import note
from daemon.hands import Hands, Till
from daemon.hours import Hours
from daemon.intake import Event, Intake
from daemon.ledger import machine
from daemon.ledger.kinds import Kind
from daemon.ledger.records import By
from daemon.ledger.store import Store
from daemon.ledger.views import Durable
from daemon.linking import copy_of, link_of
from daemon.moments import Moments
from daemon.notify import Notifier
from daemon.packs import Packs
from daemon.paperwork import Paperwork, cut_short
from daemon.practice import Lessons
from daemon.spools import ORDER, Spools
from daemon.status import DeviceSaid, PackSaid, Status
from daemon.sticks import STICK, Sticks, Telling
from daemon.surfaces import Surfaces
from daemon.vitals import Vitals

BEAT_S = 1.0
STATUS_EVERY_BEATS = 5
LAPSE_EVERY_BEATS = 600  # what is due is not spendable before its entry is written

log = logging.getLogger("memberbox.app")

Arg = TypeVar("Arg")

if TYPE_CHECKING:
    from daemon.sync.link import Sync


class Making(msgspec.Struct, frozen=True):
    """What a box is made from, beside its config."""

    software: str
    config_hash: str
    last_good: bool
    share: Path
    config_path: Path
    mistakes: tuple[str, ...] = ()  # of a memberbox.toml that was not taken
    beat_s: float = BEAT_S  # a soak lives a year in minutes, and its beats with it
    lapse_beats: int = LAPSE_EVERY_BEATS


class Box:
    """One box, made inside its loop. Raises StoreError when its state cannot be opened."""

    def __init__(self, config: Config, *, clock: Clock, entropy: Entropy, making: Making) -> None:
        self._config = config
        self._clock = clock
        self._making = making
        self._loop = asyncio.get_running_loop()
        self._intake = Intake()
        self._store = store = Store.open(
            config.state_dir,
            config.box.id,
            clock=clock,
            entropy=entropy,
            closing_hour=config.shop.closing_hour,
            software=making.software,
        )
        self._hours = Hours(store, clock, closing_hour=config.shop.closing_hour)
        self._desk = Desk(config, store, clock, entropy)
        hq_public = None if config.hq is None else config.hq.key_bytes
        self._packs = Packs(store, hq_public)
        self._activation = Activation(store, self._desk, self._packs)
        self._moments = Moments(store, self._desk, clock, closing_hour=config.shop.closing_hour)
        self._devices = Devices(
            config.devices,
            emit=self._from_device,
            jitter=lambda: jitter(entropy),
            share=making.share,
            notes=store.local,
        )
        self._surfaces = Surfaces(config, self._devices, store.local, self._desk, making.share)
        self._board = Board(config, making.config_path, store, self._desk.at, self._packs.wrong)
        self._spools = self._new_spools()
        own = Till(store, self._desk)
        self._lessons = Lessons(config, clock, entropy, own, self._paperwork)
        self._hands = Hands(self._surfaces, self._spools, self._intake, self._run_errand)
        folder = self._devices.stick_folder
        aside = Aside(making.config_path, making.share, entropy, store, folder)
        self._errands = Errands(config, aside, self._desk, self._spools)
        self._leaving = asyncio.Event()
        self._desk.status = lambda: self._board.shown(self.status())
        self._sync: Sync | None = None  # once the box serves
        idle = Telling(self._surfaces, self._spools, lambda: isinstance(self._counter.state, Idle))
        self._sticks = Sticks(config, store, clock, entropy, link=lambda: self._sync, telling=idle)
        self._entropy = entropy
        self._copy = copy_of(config, store, entropy)
        self._control = self._new_control()
        self._notifier = Notifier()
        self._vitals = Vitals(store, self._devices, lambda: self._sync, self._notifier)
        self._counter = Counter()
        self._store_state = "ok"
        self._lapsing: asyncio.Task[None] | None = None

    # -- life ----------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until stop is set; READY is told when journal, books and rules stand."""
        self._store.subscribe(lambda durable: self._soon(self._on_durable, durable))
        self._store.on_state(lambda state: self._soon(self._on_store_state, state))
        await self._activation.begin()
        self._begin()
        await self._devices.start()
        await self._surfaces.start()
        for screen in shown(self._counter):
            self._surfaces.show(screen)
        self._spools.start()
        await self._control.start()
        if self._copy is not None:
            self._copy.start()
        self._tell()
        self._notifier.ready()
        self._sync = link_of(
            self._config,
            self._store,
            self._clock,
            self._entropy,
            status=self.status,
            on_change=self._tell,
            board=self._board,
        )
        if self._sync is not None:
            await self._sync.start()
        self._board.begin(self._sync)
        self._say_unread()
        configtold.tell(self._making.mistakes, self._surfaces, self._spools, self._store.local)
        head = self._store.head
        self._vitals.examine(self._config.state_dir)
        log.info("ready box=%s chain=%s seq=%d", self._config.box.id, self._store.chain, head.seq)
        serving = {
            self._loop.create_task(work)
            for work in (self._serve(), self._beat(), stop.wait(), self._leaving.wait())
        }
        done, _ = await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
        self._notifier.stopping()
        for task in serving - done:
            task.cancel()
        if self._leaving.is_set():
            await self._leave()
        await self._close()
        for task in done:
            task.result()  # a bug in serving ends the box loudly; systemd starts it again

    async def _leave(self) -> None:
        """End the chain: what still may commit is stopped before."""
        from daemon.leaving import hand_over

        await self._control.stop()
        if self._sync is not None:
            await self._sync.stop()
        await hand_over(self._lessons.shop, self._spools)

    async def _close(self) -> None:
        await self._sticks.stop()
        await self._surfaces.stop()
        await self._spools.stop()
        await self._errands.stop()
        self._lessons.close()
        if self._sync is not None:
            await self._sync.stop()
        await self._packs.stop()
        await self._devices.stop()
        await self._control.stop()
        if self._copy is not None:
            await asyncio.to_thread(self._copy.stop)
        if self._lapsing is not None:
            await self._lapsing
        self._store.close()

    def _begin(self) -> None:
        """Commit what every start says, and sign the configured operator on for a new day."""
        for draft in self._hours.due():
            self._store.submit(draft)
        at = self._desk.at()
        making = self._making
        self._store.submit(
            machine.box_started(
                at, software=making.software, config=making.config_hash, last_good=making.last_good
            )
        )
        counter = self._config.counter
        if counter.operator and self._store.books.open_shift() is None:
            staff = self._desk.staff(counter.operator)
            by = By(counter.operator, staff.role if staff is not None else "clerk")
            draft = machine.shift_opened(
                at, by=by, float_fen=counter.float_fen, source="box", request=self._desk.fresh_id()
            )
            self._store.submit(draft)

    # -- what happens --------------------------------------------------------------------------

    async def _serve(self) -> None:
        from daemon.roaming import Roaming  # with the protocol, which comes when the box serves

        roaming = Roaming(self._sync, self._intake)
        roaming.serves(self._hands, self._desk)
        while True:
            state = self._counter.state
            committing = isinstance(state, Committing) and not state.unknown
            event = await self._intake.get(outcomes_only=committing)
            till = self._lessons.till
            self._counter, effects = step(self._counter, event, till.desk)
            self._hands.do(effects, till)
            roaming.stepped(self._counter)

    async def _beat(self) -> None:
        beats = 0
        while True:
            self._put(TimePassed(self._clock.read().mono_ms))
            self._activation.due()
            self._vitals.feed()
            if beats % STATUS_EVERY_BEATS == 0:
                self._tell()
            for draft in (due := self._hours.due()):  # the clock was set, a day has ended
                self._store.submit(draft)
            if (due or beats % self._making.lapse_beats == 0) and (
                self._lapsing is None or self._lapsing.done()
            ):
                self._lapsing = self._loop.create_task(self._moments.lapse())
            if self._sync is not None and self._sync.status().forked:
                log.critical("headquarters has another entry: this chain ends, the next begins")
                return  # the box ends, systemd starts it, and the store opens the next epoch
            if self._board.restarts(self._counter, self._clock.read().mono_ms):
                return  # the box ends, systemd starts it with the new settings
            if self._lessons.is_over(self._counter):
                self._practise()
            beats += 1
            await asyncio.sleep(self._making.beat_s)

    def _from_device(self, _: str, event: DeviceEvent) -> None:
        if isinstance(event, DeviceChanged):
            reason = f": {event.reason}" if event.reason else ""
            log.info("device %s %s%s", event.name, event.state.value, reason)
            if event.kind is DeviceKind.RECEIPT_PRINTER and event.state is DeviceState.ONLINE:
                self._spools.nudge(event.name)
            self._sticks.plugged(event, self._devices.stick_folder())
        self._put(event)

    def _put(self, event: Event) -> None:
        """Queue what came from outside; a jammed key must not fill the memory."""
        if not self._intake.put(event):
            log.warning("too much waits to be answered: %s dropped", type(event).__name__)

    def _on_durable(self, durable: Durable) -> None:
        if self._sync is not None:
            self._sync.wake()
        self._moments.after(durable)
        if durable.entry.kind is Kind.PACK_ACTIVATED:
            self._activation.load()
        elif durable.entry.kind in TOLD_KINDS:
            self._activation.due()
            self._board.changed(durable.entry)
            self._say_unread()
        elif durable.entry.kind is Kind.DAY_CLOSED:
            self._hands.day_closed(durable, self._lessons.shop)

    def _run_errand(self, errand: Errand) -> None:
        match errand:
            case Errand.TRAINING:
                self._practise()
            case Errand.READ:
                self._board.read(self._desk.by())
            case Errand.TAKE_OVER:
                self._leaving.set()
            case Errand.SYNC:
                if self._sync is not None:
                    self._sync.wake()
            case _:
                self._errands.run(errand)

    def _say_unread(self) -> None:
        """Let the clerk's display offer word from headquarters, or no longer."""
        wrong = configtold.OFFER if self._making.mistakes else ""
        self._hands.offers(
            UNREAD if self._board.unread else wrong, self._counter, self._lessons.till
        )

    def _practise(self) -> None:
        """Go over to a till whose sales count for nothing, or come back from it."""
        self._surfaces.practise(self._lessons.turn())
        self._counter = Counter(touched_ms=self._clock.read().mono_ms)
        self._hands.do(shown(self._counter), self._lessons.till)

    def _on_store_state(self, state: str) -> None:
        log.warning("store %s", state)
        self._store_state = state
        if state == "checking":
            self._intake.put_outcome(CommitUnknown())
        self._tell()

    def _soon(self, call: Callable[[Arg], None], argument: Arg) -> None:
        """Do it on the loop; a writer that ends after the loop has nobody to tell."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, argument)

    # -- wiring --------------------------------------------------------------------------------

    def _new_control(self) -> Control:
        acting = Acting(self._config, self._store, self._clock, self._entropy, self._desk.engine)
        orders = {ORDER: self._spools.order, STICK: self._sticks.order}
        return Control(self._config.run_dir, {"status": self.status}, acting.do, orders)

    def _new_spools(self) -> Spools:
        self._paperwork = paperwork = Paperwork(self._config, self._store, self._desk)
        boot = self._clock.read().boot
        spools = Spools(self._devices, self._store, paperwork.render, boot)
        forgotten = cut_short(self._store)
        if forgotten is not None:
            spools.add_late(*forgotten)
        return spools

    # -- what is said --------------------------------------------------------------------------

    def status(self) -> Status:
        """Return what the box says of itself now."""
        store, books = self._store, self._store.books
        link = None if self._sync is None else self._sync.status()
        pack = books.active_ref()
        states = self._devices.states()
        return Status(
            running=True,
            box=store.chain.box,
            epoch=store.chain.epoch,
            seq=store.head.seq,
            hash=store.head.hash,
            hq_mark=0 if link is None else link.hq_mark,
            hq_age_s=None if link is None else link.hq_age_s,
            hq_connected=link is not None and link.connected,
            clock=self._clock.read().state.value,
            business_date=books.business_date(),
            pack=None if pack is None else PackSaid(pack.id, pack.version),
            devices={
                name: DeviceSaid(one.kind.value, one.state.value, one.reason)
                for name, one in states.items()
            },
            store=self._store_state,
            spool=len(self._spools),
            last_good=self._making.last_good,
            second_copy=None if self._copy is None else self._copy.said,
            kiosk_url=self._surfaces.kiosk_url,
            kiosk=self._surfaces.kiosk_said(),
            told=self._board.said(),
            watchdog_s=self._notifier.watchdog_s,
            notes=tuple(self._notes()),
        )

    def _notes(self) -> list[str]:
        notes = [*filter(None, (self._activation.note, self._moments.note)), *self._store.notes]
        notes += [*self._surfaces.notes(), *self._spools.notes()]
        notes += [*self._sticks.notes(), *self._board.notes, *self._vitals.notes()]
        if self._copy is not None and self._copy.trouble:
            notes.append(note("second copy", self._copy.trouble))
        notes += [note("config", one) for one in self._making.mistakes]
        if self._making.last_good:
            notes.append(note("config", configtold.LAST_GOOD))
        link = None if self._sync is None else self._sync.status()
        if link is not None and link.reason:
            notes.append(note("hq", link.reason))
        return notes

    def _tell(self) -> None:
        with contextlib.suppress(OSError):  # a full /run must not stop a sale; doctor reports it
            said.write(self._config.run_dir, self.status())
