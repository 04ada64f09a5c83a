"""The fault console's requests: one function each, from a JSON object to a JSON object.

A request that cannot be done raises RefusedError with a sentence; the console makes `ok: false`
of it. Any request may name `device`; each has its own default.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tests.hardware_sim.bench import Bench
from tests.hardware_sim.displays import Display
from tests.hardware_sim.hid_swiper import HidSwiper
from tests.hardware_sim.led import LedDisplay
from tests.hardware_sim.msr605 import Msr605
from tests.hardware_sim.paper_png import save_png
from tests.hardware_sim.printers import PrinterDevice
from tests.hardware_sim.sentences import RefusedError, refuse_unless
from tests.hardware_sim.serial_swiper import SerialSwiper
from tests.hardware_sim.speaker import Speaker
from tests.hardware_sim.stick import Stick
from tests.hardware_sim.tag_reader import SerialScanner, TagReader
from tests.hardware_sim.wedges import GAP_S, NO_GAP_S, Wedge

Request = Mapping[str, object]
Answer = dict[str, object]
Handler = Callable[[Bench, Request], Awaitable[Answer]]
_Sort = TypeVar("_Sort")
_SWIPERS: tuple[type[Wedge | SerialSwiper | HidSwiper | Msr605], ...]
_SWIPERS = (Wedge, SerialSwiper, HidSwiper, Msr605)
_SCANNERS: tuple[type[Wedge | SerialScanner], ...] = (Wedge, SerialScanner)
_BEEPING: tuple[type[PrinterDevice | Speaker], ...] = (PrinterDevice, Speaker)
_TERMINATORS = {"enter": "\r", "tab": "\t", "none": ""}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request: what does it, and how it looks."""

    handler: Handler
    example: str
    about: str


async def answer(bench: Bench, request: Request) -> Answer:
    """Do one request. Raises RefusedError."""
    kind = request.get("do")
    if not isinstance(kind, str) or kind not in REQUESTS:
        raise RefusedError(f"unknown request {kind!r}; there are: {', '.join(REQUESTS)}")
    return await REQUESTS[kind].handler(bench, request)


async def _swipe(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "swiper", _SWIPERS)
    given = [name for name in ("track2", "raw") if name in request]
    refuse_unless(len(given) == 1, "swipe needs either track2 (digits) or raw (all tracks)")
    text = _text(request, given[0])
    tracks = f";{text}?" if given[0] == "track2" else text
    if isinstance(device, SerialSwiper):
        device.swipe(tracks)
    elif isinstance(device, HidSwiper):
        await device.swipe(tracks)
    elif isinstance(device, Msr605):
        device.swipe(("", tracks.strip(";?"), ""))
    else:
        await device.type_text(tracks + _terminator(request), gap_s=_gap_s(request))
    return {}


async def _scan(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "scanner", _SCANNERS)
    if isinstance(device, SerialScanner):
        device.scan(_text(request, "code"))
    else:
        typed = _text(request, "code") + _terminator(request)
        await device.type_text(typed, gap_s=_gap_s(request))
    return {}


async def _tag(bench: Bench, request: Request) -> Answer:
    _device(bench, request, "tag_serial", (TagReader,)).present(_text(request, "number"))
    return {}


async def _keys(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "keypad", (Wedge,))
    keys = request.get("keys")
    if not isinstance(keys, list) or not keys:
        raise RefusedError('keys needs a list of key names: ["1", "2", "ENTER"]')
    await device.press([key if isinstance(key, str) else repr(key) for key in keys])
    return {}


async def _pole(bench: Bench, request: Request) -> Answer:
    return _lines(bench, request, "pole")


async def _clerk(bench: Bench, request: Request) -> Answer:
    return _lines(bench, request, "clerk")


def _lines(bench: Bench, request: Request, name: str) -> Answer:
    device = _device(bench, request, name, (Display,))
    glass = device.glass
    if isinstance(glass, LedDisplay):
        raise RefusedError(f"{device.name} shows digits: ask for led")
    return {
        "lines": list(glass.lines),
        "unknown_bytes": glass.unknown_bytes,
        "refused_bytes": glass.refused_bytes,
        "baud_seen": device.baud_seen(),
    }


async def _led(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "led", (Display,))
    glass = device.glass
    if not isinstance(glass, LedDisplay):
        raise RefusedError(f"{device.name} shows lines: ask for pole or clerk")
    return {
        "digits": glass.digits,
        "lamp": glass.lamp,
        "unknown_bytes": glass.unknown_bytes,
        "baud_seen": device.baud_seen(),
    }


async def _drawer(bench: Bench, request: Request) -> Answer:
    wanted = dict(request)
    if wanted.get("device") == "drawer":
        wanted["device"] = "printer"
    device = _device(bench, wanted, "printer", (PrinterDevice,))
    refuse_unless(device.has_drawer, f"{device.name} has no drawer; the one of printer is the only")
    if request.get("shut") is True:
        device.shut_drawer()
    pulses = device.printer.drawer_pulses
    shown = [{"pin": one.pin, "on_ms": one.on_ms, "off_ms": one.off_ms} for one in pulses]
    return {"opened": len(pulses), "pulses": shown}


async def _beeps(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "printer", _BEEPING)
    if isinstance(device, Speaker):
        return {"sounds": device.sounds, "unknown_events": device.unknown_events}
    return {"sounds": sum(device.printer.beeps), "beeps": list(device.printer.beeps)}


async def _paper(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "printer", (PrinterDevice,))
    printer, since = device.printer, request.get("since", 0)
    if not isinstance(since, int) or since < 0:
        raise RefusedError(f"since is the n of a receipt, not {since!r}")
    receipts = [
        {
            "n": receipt.number,
            "text": device.text(receipt),
            "unknown_bytes": receipt.unknown_bytes,
            "cut": receipt.cut,
            "unknown": list(receipt.unknown),
            "ignored": list(receipt.ignored),
        }
        for receipt in printer.receipts[since:]
    ]
    return {
        "receipts": receipts,
        "unfinished": printer.unfinished.text,
        "waiting_bytes": printer.waiting_bytes,
    }


async def _paper_png(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "printer", (PrinterDevice,))
    receipts, number = device.printer.receipts, request.get("n", len(device.printer.receipts))
    if not isinstance(number, int) or not 1 <= number <= len(receipts):
        raise RefusedError(
            f"{device.name} has printed {len(receipts)} receipts; there is no n {number}"
        )
    path = bench.folder / _text(request, "path")
    try:
        await asyncio.to_thread(save_png, receipts[number - 1], path)
    except OSError as error:
        raise RefusedError(
            f"{path}: {error.strerror}. Name a file in a folder that exists."
        ) from error
    return {"path": str(path)}


async def _tear(bench: Bench, request: Request) -> Answer:
    _device(bench, request, "printer", (PrinterDevice,)).printer.tear()
    return {}


async def _fault(bench: Bench, request: Request) -> Answer:
    names = {device.name: device for device in bench.devices}
    name, fault = request.get("device"), request.get("fault")
    if not isinstance(name, str) or name not in names:
        raise RefusedError(f"fault needs a device, not {name!r}; there are: {', '.join(names)}")
    device = names[name]
    fault = "clear" if fault == "plug" else fault
    if not isinstance(fault, str) or fault not in device.faults:
        raise RefusedError(f"{name} has no fault {fault!r}; it has: {', '.join(device.faults)}")
    after = request.get("after_lines")
    try:
        if isinstance(device, PrinterDevice) and isinstance(after, int) and after > 0:
            device.fault(fault, after_lines=after)
        else:
            device.fault(fault)
    except OSError as error:
        raise RefusedError(f"{name}: {fault}: {error.strerror}. Try again.") from error
    return {"device": name, "active": device.active_faults, "about": device.faults[fault]}


async def _stick(bench: Bench, request: Request) -> Answer:
    device = _device(bench, request, "stick", (Stick,))
    inserted = request.get("insert", True)
    if not isinstance(inserted, bool):
        raise RefusedError("insert is true or false")
    device.insert(inserted=inserted)
    return {"inserted": inserted, "path": device.path}


async def _devices(bench: Bench, request: Request) -> Answer:
    rows: list[Answer] = []
    for device in bench.devices:
        row: Answer = {"name": device.name, "kind": device.kind, "path": device.path}
        if isinstance(device, PrinterDevice):
            row["columns"] = device.columns
        row |= {"plugged": device.plugged, "active": device.active_faults}
        rows.append(row | {"faults": list(device.faults)})
    return {"devices": rows}


async def _help(bench: Bench, request: Request) -> Answer:
    kinds = [{"request": kind.example, "about": kind.about} for kind in REQUESTS.values()]
    return {"requests": kinds, "faults": {one.name: dict(one.faults) for one in bench.devices}}


def _device(bench: Bench, request: Request, default: str, sorts: tuple[type[_Sort], ...]) -> _Sort:
    """The device the request names, if it is of one of the sorts."""
    name = request.get("device", default)
    for device in bench.devices:
        if device.name == name and isinstance(device, sorts):
            return device
    fitting = [device.name for device in bench.devices if isinstance(device, sorts)]
    raise RefusedError(f"{request['do']} works with {', '.join(fitting)}, not with {name!r}")


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(f"{request['do']} needs {name}, a text, not {value!r}")
    return value


def _terminator(request: Request) -> str:
    end = request.get("end", "enter")
    if not isinstance(end, str) or end not in _TERMINATORS:
        raise RefusedError(f"end is one of {', '.join(_TERMINATORS)}, not {end!r}")
    return _TERMINATORS[end]


def _gap_s(request: Request) -> float:
    wait = request.get("wait", True)
    if not isinstance(wait, bool):
        raise RefusedError("wait is true or false")
    return GAP_S if wait else NO_GAP_S


REQUESTS: Mapping[str, Kind] = {
    "swipe": Kind(
        _swipe, '{"do":"swipe","track2":"8800000000018"}', 'or raw: all tracks; "wait":false'
    ),
    "scan": Kind(
        _scan, '{"do":"scan","code":"6901234100013"}', 'types the code and Enter; "wait":false'
    ),
    "keys": Kind(_keys, '{"do":"keys","keys":["1","ENTER"]}', "0-9 . + - * / ENTER CLEAR"),
    "pole": Kind(_pole, '{"do":"pole"}', "the two lines the customer sees"),
    "clerk": Kind(_clerk, '{"do":"clerk"}', "the two lines the clerk sees"),
    "led": Kind(_led, '{"do":"led"}', "digits and lamp"),
    "drawer": Kind(_drawer, '{"do":"drawer"}', 'how often it opened; "shut":true pushes it shut'),
    "paper": Kind(_paper, '{"do":"paper"}', 'every receipt, or those after n "since"'),
    "paper_png": Kind(
        _paper_png, '{"do":"paper_png","n":1,"path":"r.png"}', "one as a picture; path from DIR"
    ),
    "beeps": Kind(_beeps, '{"do":"beeps"}', "how often the printer's buzzer, or speaker, sounded"),
    "tear": Kind(_tear, '{"do":"tear"}', "tears off paper that was not cut"),
    "tag": Kind(_tag, '{"do":"tag","number":"06008E6D5D"}', "holds a card to the tag reader"),
    "fault": Kind(_fault, '{"do":"fault","device":"printer","fault":"clear"}', "see faults"),
    "stick": Kind(_stick, '{"do":"stick","insert":true}', "puts the stick in or pulls it out"),
    "devices": Kind(_devices, '{"do":"devices"}', "what stands on the bench"),
    "help": Kind(_help, '{"do":"help"}', "this"),
}
