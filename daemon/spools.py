"""All the print spools of a box, and what a person may tell them over the control socket.

Slips go to the printer for receipts; a spare prints what a person sends to it by name.
"""

from collections.abc import Callable, Mapping

import msgspec

from daemon.counter.effects import DOCUMENTS, DocumentKind, Listing
from daemon.display.facts import Copy
from daemon.drivers.devices import Devices
from daemon.events import DeviceKind
from daemon.finding import note
from daemon.ledger.codec import envelope
from daemon.ledger.ids import entry_id, parse_entry_id
from daemon.ledger.kinds import Kind
from daemon.ledger.local import Local
from daemon.ledger.records import Chain
from daemon.ledger.store import Store
from daemon.spooler import Render, Spooler, same_boot

ORDER = "spool"  # what the control socket calls it
JOBS_TOLD = 20  # of the newest: a technician wants the last hour, not the last month
NOT_A_REQUEST = 'Say {"printer": NAME} or, for reprint, {"entry": "412", "printer": NAME}.'


class SpoolRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    printer: str = ""  # empty: the printer for receipts
    entry: str = ""  # reprint: SEQ, EPOCH:SEQ or a whole id


class SpoolSaid(msgspec.Struct, frozen=True):
    waiting: int
    paused: bool  # by a person


class JobSaid(msgspec.Struct, frozen=True):
    job: int
    entry: str
    document: str
    printer: str
    state: str  # queued, sent, confirmed, unsure
    again: bool  # 补打 from the start


class SpoolsSaid(msgspec.Struct, frozen=True):
    ok: bool
    printers: dict[str, SpoolSaid]
    jobs: list[JobSaid]  # the newest, oldest first
    error: str = ""


class Spools:
    """Owned by the loop."""

    def __init__(self, devices: Devices, store: Store, render: Render, boot: str) -> None:
        self._store = store
        self._local: Local = store.local
        same = same_boot(store.local, boot)
        named = [
            *devices.named(DeviceKind.RECEIPT_PRINTER, role="receipts"),
            *devices.named(DeviceKind.RECEIPT_PRINTER, role=""),
            *devices.named(DeviceKind.RECEIPT_PRINTER, role="spare"),
        ]
        self._by_name = {
            name: Spooler(devices.printer(name), name, store.local, render, same_boot=same)
            for name in named
        }
        spares = devices.named(DeviceKind.RECEIPT_PRINTER, role="spare")
        self._main_name = next((name for name in named if name not in spares), "")
        none = Spooler(None, "", store.local, render, same_boot=same)
        self._main = self._by_name.get(self._main_name, none)

    def __len__(self) -> int:
        return sum(map(len, self._by_name.values()))

    def start(self) -> None:
        for spooler in self._by_name.values():
            spooler.start()

    async def stop(self) -> None:
        for spooler in self._by_name.values():
            await spooler.stop()

    def add(
        self,
        kind: DocumentKind,
        about: str,
        copy: Copy = Copy.FIRST,
        listing: Listing | None = None,
        *,
        training: bool = False,
    ) -> None:
        """Put a slip at the end of the printer for receipts."""
        self._main.add(kind, about, copy, listing, training=training)

    def add_late(self, kind: DocumentKind, about: str) -> None:
        """Put a slip that an earlier run may or may not have printed."""
        self._main.add_late(kind, about)

    def nudge(self, printer: str) -> None:
        """The printer's state has changed: try now."""
        spooler = self._by_name.get(printer)
        if spooler is not None:
            spooler.nudge()

    def notes(self) -> list[str]:
        """Return what a person should do something about."""
        paused = [name for name, spooler in self._by_name.items() if spooler.paused]
        return [
            note("spool", f"printing on {name} is paused: memberbox spool resume {name}")
            for name in paused
        ]

    def order(self, verb: str, request: bytes) -> SpoolsSaid:
        """Do what a person wants, and say how things stand then."""
        verbs: Mapping[str, Callable[[SpoolRequest, Spooler], str]] = {
            "list": lambda *_: "",
            "pause": _pause,
            "resume": _resume,
            "reprint": self._reprint,
        }
        try:
            wanted = msgspec.json.decode(request, type=SpoolRequest)
        except msgspec.DecodeError as error:
            return self._said(f"{error}. {NOT_A_REQUEST}")
        known = ", ".join(self._by_name) or "none"
        spooler = self._by_name.get(wanted.printer or self._main_name)
        if spooler is None and verb != "list":
            return self._said(f"there is no printer {wanted.printer!r}; there is: {known}")
        if verb not in verbs:
            return self._said(f"{verb!r} is not known here; there is: {', '.join(verbs)}")
        return self._said("" if spooler is None else verbs[verb](wanted, spooler))

    def _reprint(self, wanted: SpoolRequest, spooler: Spooler) -> str:
        """Print the paper of an entry once more, marked 补打; return what is wrong."""
        found = self._find(wanted.entry)
        if found is None:
            return f"there is no entry {wanted.entry!r} in the journal"
        about, kind = found
        document = DOCUMENTS.get(kind)
        if document is None:
            return f"entry {wanted.entry} is a {kind.value}, of which no slip is printed"
        spooler.add(document, about, Copy.REPRINT)
        return ""

    def _find(self, which: str) -> tuple[str, Kind] | None:
        """Return id and kind of the entry that SEQ, EPOCH:SEQ or a whole id names."""
        own = self._store.chain
        epoch, _, seq = which.rpartition(":")
        if seq.isdecimal() and (epoch.isdecimal() or not epoch):
            which = entry_id(Chain(own.box, int(epoch or own.epoch)), int(seq))
        if parse_entry_id(which) is None:
            return None
        stored = self._store.entry(which)
        return None if stored is None else (which, Kind(envelope(stored.data).kind))

    def _said(self, error: str) -> SpoolsSaid:
        printers = {
            name: SpoolSaid(len(spooler), spooler.paused) for name, spooler in self._by_name.items()
        }
        jobs = [
            JobSaid(row.job, row.entry, row.kind, row.device, row.state.value, row.n > 1)
            for row in self._local.last_jobs(JOBS_TOLD)
        ]
        return SpoolsSaid(not error, printers, jobs, error)


def _pause(_: SpoolRequest, spooler: Spooler) -> str:
    spooler.pause()
    return ""


def _resume(_: SpoolRequest, spooler: Spooler) -> str:
    spooler.resume()
    return ""
