"""What people see when something is wrong, made by the real commands and the real displays.

Figures that are this machine's and this day's (free room, how fast a flush is, how old an entry)
are put to fixed ones; folders stand where an installed box has them. Everything else is as printed.
"""

import asyncio
import re
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from daemon import awaiting
from daemon.commands import looking
from daemon.commands.doctor import doctor
from daemon.commands.proving import check
from daemon.commands.provision import provision
from daemon.commands.suggest import suggest
from daemon.commands.vocabulary import vocabulary
from daemon.config import load
from daemon.control import Control
from daemon.counter.codes import Code
from daemon.counter.effects import Audience
from daemon.counter.screens import Idle, RefusalShown, Screen
from daemon.display.poles import pole
from daemon.drivers.wire.escpos_status import Condition
from daemon.drivers.wire.led8n import code_digits
from daemon.finding import note
from daemon.paper import Pole
from daemon.status import DeviceSaid, PackSaid, Status
from hq import packs, restoring
from hq.commands.looking import register
from hq.headquarters import Headquarters
from hq.store import Office
from tests.appliance.test_doctor import Fake
from tests.appliance.test_provision import Machine, text
from tests.drivers.test_plugged import full
from tests.hq.office import Sender, new_office, take, work_all
from tests.incidents.drawing import displays, terminal
from tests.ledger.shop import Watch, open_store, sale
from tests.service.box_config import write_config
from tests.stage import ROOT
from tests.sync.memory import HandClock

HQ_KEY = bytes(range(32))
_STEADY = (
    (r"\d+ MiB free", "12483 MiB free"),
    (r"a flush takes \S+ ms(: faster than any real medium)?", "a flush takes 4.22 ms"),
    (r"is \d+ (days|h) old", "is 4 days old"),
    (r"127\.0\.0\.1:1\b", "hq.example:8883"),
    (r"(T\d\d:\d\d:\d\d)\.\d+", r"\1"),
)
_COMMANDS: Mapping[str, str] = MappingProxyType(
    {"hq-doctor": "memberbox-hq --dir DIR doctor", "check": "memberbox check bad.toml"}
)
_FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "root/": "/",
        "sys": "/sys",
        "dev": "/dev",
        "state": "/var/lib/memberbox",
        "run": "/run/memberbox",
        "memberbox.toml": "/etc/memberbox/memberbox.toml",
        "bad.toml": "bad.toml",
        "hq": "/srv/hq",
    }
)


def pictures(folder: Path) -> dict[str, str]:
    """Return every picture by its name, drawn from what is shown now."""
    drawn = {name: terminal(lines) for name, lines in _terminals(folder)}
    drawn |= {name: displays(shown) for name, shown in _displays()}
    return drawn


# -- terminals -------------------------------------------------------------------------------------


def _terminals(folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    makers: Mapping[str, Callable[[Path], Sequence[str]]] = {
        "doctor": _doctor,
        "status": _status,
        "suggest": _suggest,
        "provision": _provision,
        "check": _check,
        "hq-doctor": _hq_doctor,
    }
    for name, make in makers.items():
        place = folder / name
        place.mkdir()
        command = _COMMANDS.get(name, f"memberbox {name}")
        yield name, (f"$ {command}", *_steady(make(place), place))


def _steady(lines: Sequence[str], place: Path) -> Iterator[str]:
    text = "\n".join(lines)
    for root, stands in _FOLDERS.items():
        text = text.replace(f"{place}/{root}", stands)
    for pattern, fixed in _STEADY:
        text = re.sub(pattern, fixed, text)
    yield from text.splitlines()


def _doctor(place: Path) -> Sequence[str]:
    fake = _ill(place)
    with _running(fake.config, _said()):
        return doctor(fake.config, fake.where).lines


def _status(place: Path) -> Sequence[str]:
    fake = _ill(place)
    with _running(fake.config, _said()):
        return looking.status(load(fake.config, vocabulary())).lines


def _ill(place: Path) -> Fake:
    """A box of which much is wrong: its books, its machine."""
    fake = Fake(place)
    write_config(place, hq_key=HQ_KEY)
    store = open_store(fake.state, clock=Watch())
    for number in range(3):
        store.commit(sale(f"sale-{number}"))
    store.close()
    fake.write_rate(megabytes_a_day=2000)
    fake.put(fake.where.sys / "devices/platform/soc/soc:firmware/get_throttled", "50000")
    fake.put(fake.where.sys / "class/watchdog/watchdog0/state", "inactive")
    fake.put(fake.where.etc / "credentials/token", "x").chmod(0o600)
    return fake


def _said() -> Status:
    return Status(
        running=True,
        box="0018",
        epoch=1,
        seq=4,
        hash="9fa3c1d27b40e815",
        hq_mark=0,
        hq_age_s=4 * 86400.0,
        hq_connected=False,
        clock="estimated",
        business_date="2026-03-06",
        pack=PackSaid("zhenzi", 7),
        devices={
            "printer": DeviceSaid("receipt_printer", "offline", Condition(cover_open=True).halted),
            "pole": DeviceSaid("line_display", "online", ""),
            "scanner": DeviceSaid("scanner", "offline", "unplugged"),
        },
        store="ok",
        spool=2,
        last_good=False,
        second_copy=None,
        kiosk_url=None,
        watchdog_s=30.0,
        notes=(
            note("spool", "printing on printer is paused: memberbox spool resume printer"),
            note("hq", "broker hq.example:8883: the broker cannot be reached"),
        ),
    )


@contextmanager
def _running(config: Path, said: Status) -> Iterator[None]:
    """A box's control socket that answers with this status."""
    run_dir = load(config, vocabulary()).run_dir
    run_dir.mkdir(exist_ok=True)
    loop = asyncio.new_event_loop()
    control = Control(run_dir, {"status": lambda: said}, lambda *_: said)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    loop.run_until_complete(control.start())
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(control.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _suggest(place: Path) -> Sequence[str]:
    machine = full(place)
    return suggest(machine.sys, machine.dev).lines


def _provision(place: Path) -> Sequence[str]:
    machine = Machine(place / "root")
    machine.boot.write_text(_bad(), encoding="utf-8")
    return provision(machine.root).lines


def _check(place: Path) -> Sequence[str]:
    file = place / "bad.toml"
    file.write_text(_bad(), encoding="utf-8")
    return check(file, vocabulary()).lines


def _bad() -> str:
    bad = text().replace("closing_hour = 4", "closing_hour = 9").replace("[counter]", "[conter]")
    return bad.replace('driver = "escpos"', 'driver = "escpoz"')


def _hq_doctor(place: Path) -> Sequence[str]:
    office = new_office(place / "hq")
    try:
        packs.publish(office, (ROOT / "config/packs/zhenzi.json").read_text("utf-8"))
        _silent_shops(office)
        found: dict[str, Callable[..., object]] = {}

        def add(name: str, _: str, do: Callable[..., object]) -> ArgumentParser:
            found[name] = do
            return ArgumentParser()

        register(add)  # type: ignore[arg-type]
        said = found["doctor"](office, Namespace(json=False))
        return tuple(getattr(said, "lines"))  # noqa: B009
    finally:
        office.close()


def _silent_shops(office: Office) -> None:
    hq = Headquarters(office)
    for name, seed, hours in (("0019", 8, 24 * 8), ("0018", 7, 30)):
        box = Sender(office, name, seed=seed)
        take(hq, box.hello(), box.batch())
        assert isinstance(office.clock, HandClock)
        office.clock.move(hours * 3_600_000)
    work_all(hq)
    restoring.raise_incarnation(office)
    with office.transaction():
        office.db.execute(
            "INSERT INTO certificate (serial, name, issued, ends) VALUES ('1', 'broker', '', ?)",
            ("2026-04-01",),
        )


# -- displays --------------------------------------------------------------------------------------

_SCREENS: Mapping[str, Screen] = MappingProxyType(
    {
        "e17": RefusalShown(Code.PRINTER, {}),
        "e18": RefusalShown(Code.STORAGE, {"phone": "020 8888 0000"}),
        "e19": RefusalShown(Code.CLOCK, {}),
        "stick": Idle(offer="stick_look"),
        "config": Idle(offer="config_look"),
    }
)
_CUSTOMER_TOO = frozenset({"e18"})


def _displays() -> Iterator[tuple[str, list[tuple[str, Sequence[str]]]]]:
    for name, screen in _SCREENS.items():
        shown = _shown("clerk", pole(screen, Audience.CLERK))
        if name in _CUSTOMER_TOO:
            shown += _shown("customer", pole(screen, Audience.CUSTOMER))[:1]
        yield name, shown
    yield "no-config", _shown("every display", awaiting.pole(0))
    yield "first-config", _shown("every display", awaiting.pole(3))


def _shown(who: str, page: Pole) -> list[tuple[str, Sequence[str]]]:
    return [(who, page.lines), ("LED", (code_digits(page.code).rjust(8),))]
