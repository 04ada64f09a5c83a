"""The tables of memberbox.toml: frozen, strict records. What is allowed is each key's description.

Nothing here reads a file or looks at the machine. A description completes the sentence "Use ...".
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Meta, field

from daemon.config_kiosk import Kiosk
from daemon.config_table import PORT_MAX, AbsolutePath, Refused, Table, Takes, absolute, text_of
from daemon.devices import ROLES
from daemon.events import DeviceKind

DEVICES_MAX = 32  # a counter has 5 to 10 devices; a file gone wild has thousands
TENDERS_MAX = 11  # ENTER and *0 to *9
OWN_TLS = Path("own")  # `tls = "own"`: the box makes its key itself
GRAMMAR_KEYS = (*"0123456789.+-*/", "ENTER", "CLEAR")

_UNSTABLE = (
    (re.compile(r"/dev/(ttyUSB|ttyACM)\d+"), "one of /dev/serial/by-path/..."),
    (re.compile(r"/dev/input/(event|mouse|js)\d+"), "one of /dev/input/by-path/..."),
    (re.compile(r"/dev/(hidraw|usb/lp)\d+"), "a link that a udev rule makes"),
)
_ENDPOINT = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")
_PEM = r"^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*\Z"
_USB = re.compile(r"\d+-\d+(\.\d+)*|[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[!-~]+)?")  # port, or VID:PID


class Secret:
    """A text that shows itself nowhere unless it is asked for."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"


def _one_of(choices: Collection[str]) -> Takes:
    def chosen(value: object) -> object:
        if text_of(value) not in choices:
            raise Refused("is not allowed", choices=choices)
        return value

    return Takes(chosen)


def _kind(value: object) -> object:
    if isinstance(value, str) and value in set(DeviceKind):
        return DeviceKind(value)
    raise Refused("is no kind of device", choices=set(DeviceKind))


def _timezone(value: object) -> object:
    try:
        ZoneInfo(text_of(value))
    except (KeyError, OSError, ValueError) as error:
        raise Refused("is no time zone", choices=available_timezones()) from error
    return value


def _start(value: object) -> object:
    """Take a TOML date-time or the same as text; both with an offset."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise Refused("is no date-time") from error
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise Refused("is no date-time with an offset")
    return moment


def _secret(value: object) -> object:
    if not text_of(value):
        raise Refused("is not allowed")
    return Secret(text_of(value))


def _own_or_path(value: object) -> object:
    """Take "own" as it is: the box makes its key itself, and keeps it in its state directory."""
    if value == "own":
        return OWN_TLS
    try:
        return absolute(value)
    except Refused as refused:
        raise Refused(refused.found, choices=(OWN_TLS.name,)) from None


def _endpoint(value: object) -> object:
    match = _ENDPOINT.fullmatch(text_of(value))
    if match is None or not 0 < int(match["port"]) <= PORT_MAX:
        raise Refused("is no HOST:PORT")
    return value


def _device_port(value: object) -> object:
    text = text_of(value)
    for pattern, stable in _UNSTABLE:
        if pattern.fullmatch(text.removeprefix("usblp:")):
            raise Refused("is no stable name", f"{stable} (memberbox suggest)")
    scheme, colon, rest = text.partition(":")
    if scheme == "tcp" and colon:
        return f"tcp:{_endpoint(rest)}"
    if scheme in ("pipe", "folder", "usblp") and rest.startswith("/") and text.isprintable():
        return text
    if scheme == "usb" and _USB.fullmatch(rest):
        return text
    if scheme == "printer" and rest:
        return text
    if len(text) > 1 and text.startswith("/") and text.isprintable():
        return text
    raise Refused("is no port")


_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z"
_LINE = r"^[^\x00-\x1f\x7f]*\Z"  # one line of text: no control characters

Name = Annotated[str, Meta(pattern=_NAME)]
Line = Annotated[str, Meta(pattern=_LINE, max_length=64)]
Filled = Annotated[Line, Meta(min_length=1)]
KeyName = Annotated[str, Meta(pattern=r"^[A-Z0-9_]{1,32}\Z")]
GrammarKey = Annotated[str, _one_of(GRAMMAR_KEYS)]

_LINE_SAID = "one line of at most 64 characters"
_FILLED_SAID = "one line of 1 to 64 characters"
_NAME_SAID = "1 to 32 of A-Z a-z 0-9 _ -, beginning with a letter or digit"


class Box(Table, frozen=True, kw_only=True):
    id: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9-]{1,16}\Z", description="1 to 16 of A-Z a-z 0-9 -")
    ]
    state_dir: Annotated[AbsolutePath | None, Meta(description="an absolute path")] = None
    run_dir: Annotated[AbsolutePath | None, Meta(description="an absolute path")] = None
    clock_start: Annotated[
        datetime | None,
        Takes(_start),
        Meta(description="a date-time with an offset, as 2026-03-06T09:55:00+08:00"),
    ] = None


class Shop(Table, frozen=True, kw_only=True):
    no: Annotated[Name, Meta(description=_NAME_SAID)]
    name: Annotated[Filled, Meta(description=_FILLED_SAID)]
    chain: Annotated[Filled, Meta(description=_FILLED_SAID)]
    address: Annotated[Line, Meta(description=_LINE_SAID)]
    phone: Annotated[Line, Meta(description=_LINE_SAID)]
    language: Annotated[Literal["zh_CN", "en"], Meta(description="zh_CN or en")]
    timezone: Annotated[
        str,
        Takes(_timezone),
        Meta(description="a name of the tz database, as Asia/Shanghai"),
    ]
    closing_hour: Annotated[int, Meta(ge=0, le=6, description="a whole number from 0 to 6")] = 4
    owner: Annotated[Line, Meta(description=_LINE_SAID)] = ""
    service_phone: Annotated[Line, Meta(description=_LINE_SAID)] = ""
    logo: Annotated[AbsolutePath | None, Meta(description="an absolute path: a PNG file")] = None


class Hq(Table, frozen=True, kw_only=True):
    mqtt: Annotated[str, Takes(_endpoint), Meta(description="HOST:PORT, as hq.example:1883")] = ""
    key: Annotated[
        str, Meta(pattern=r"^[0-9A-Fa-f]{64}\Z", description="the 64 hex digits of HQ's public key")
    ]
    token: Annotated[
        Secret | None,
        Takes(_secret),
        Meta(description="the one-time token of `memberbox-hq token`"),
    ] = None
    user: Annotated[
        Line, Meta(description="one line of at most 64 characters: the name at the broker")
    ] = ""
    password: Annotated[
        Secret | None, Takes(_secret), Meta(description="the password at the broker")
    ] = None
    tls: Annotated[
        Path | None,
        Takes(_own_or_path),
        Meta(description='"own", or an absolute path: the folder of `memberbox-hq certificate`'),
    ] = None
    enrol: Annotated[
        str, Takes(_endpoint), Meta(description="HOST:PORT: the broker's door of first contact")
    ] = ""
    ca: Annotated[
        str,
        Meta(
            pattern=_PEM,
            description="headquarters' certificate (memberbox-hq token BOX --toml)",
        ),
    ] = ""
    mqtt_version: Annotated[Literal["3.1.1", "5"], Meta(description='"3.1.1" or "5"')] = "3.1.1"

    def __post_init__(self) -> None:
        if self.enrol and not self.ca:
            raise Refused("has enrol, and no ca", "ca beside enrol: whom to believe there")

    @property
    def host(self) -> str:
        return self.mqtt.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.mqtt.rpartition(":")[2] or 0)

    @property
    def key_bytes(self) -> bytes:
        return bytes.fromhex(self.key)


class Counter(Table, frozen=True, kw_only=True):
    operator: Annotated[Name, Meta(description="a staff number")]
    guide: Annotated[Name, Meta(description="a staff number")] = ""  # the operator, once loaded
    member_qr: Annotated[
        str,
        Meta(
            pattern=r"^([!-~]{2,32})?\Z",
            description="2 to 32 characters that a member's QR code begins with",
        ),
    ] = ""
    float_fen: Annotated[int, Meta(ge=0, description="a whole number of fen, 0 or more")] = 0


class Keypad(Table, frozen=True, kw_only=True):
    exact_cash_guard_ms: Annotated[
        int, Meta(ge=0, le=5000, description="a whole number from 0 to 5000")
    ] = 400
    map: Annotated[
        Mapping[KeyName, GrammarKey],
        Meta(description=f"KEY_NAME = one of {' '.join(GRAMMAR_KEYS)}"),
    ] = field(default_factory=lambda: MappingProxyType({}))


class Tender(Table, frozen=True, kw_only=True):
    key: Annotated[str, Meta(pattern=r"^(ENTER|\*[0-9])\Z", description="ENTER or * and a digit")]
    code: Annotated[
        str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z", description="1 to 32 of a-z 0-9 _")
    ]
    name: Annotated[Filled, Meta(description=_FILLED_SAID)]
    drawer: Annotated[bool, Meta(description="true or false")] = False
    change: Annotated[bool, Meta(description="true or false")] = False
    reference: Annotated[bool, Meta(description="true or false")] = False
    earns: Annotated[bool | None, Meta(description="true or false")] = None  # None: the pack says
    refundable: Annotated[bool | None, Meta(description="true or false")] = (
        None  # None: the code says
    )


class Device(Table, frozen=True, kw_only=True):
    name: Annotated[Name, Meta(description=_NAME_SAID)]
    kind: Annotated[DeviceKind, Takes(_kind), Meta(description=f"one of {', '.join(DeviceKind)}")]
    driver: Annotated[
        str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z", description="a driver (memberbox devices)")
    ]
    port: Annotated[
        str,
        Takes(_device_port),
        Meta(description="/PATH, tcp:HOST:PORT, pipe:/PATH, folder:/PATH or printer:NAME"),
    ] = ""
    baud: Annotated[
        int | None, Meta(ge=300, le=921600, description="a whole number from 300 to 921600")
    ] = None
    role: Annotated[
        str,
        _one_of(ROLES),
        Meta(description=f"one of {', '.join(filter(None, ROLES))}"),
    ] = ""
    columns: Annotated[int | None, Meta(ge=8, le=64, description="a whole number from 8 to 64")] = (
        None
    )
    profile: Annotated[
        str, Meta(pattern=r"^[a-z0-9_-]{0,32}\Z", description="a device profile")
    ] = ""
    printer: Annotated[str, Meta(pattern=_NAME, description="the name of a receipt_printer")] = ""
    numbers: Annotated[
        str,
        Meta(
            pattern=r"^([0-9DH,-]{2,9}( (msb|lsb))?( as [0-9DH,-]{2,9})?)?\Z",
            description='how it writes cards, as "8H-10D lsb" (memberbox teach)',
        ),
    ] = ""


class SecondCopyTable(Table, frozen=True, kw_only=True):
    folder: Annotated[AbsolutePath, Meta(description="an absolute path: a stick, another disk")]


DEFAULT_TENDERS = (
    Tender(key="ENTER", code="cash", name="现金", drawer=True, change=True),
    Tender(key="*1", code="bank", name="银行卡", reference=True),
    Tender(key="*2", code="wechat", name="微信"),
    Tender(key="*5", code="alipay", name="支付宝"),
)


class Document(Table, frozen=True, kw_only=True):
    """The whole file."""

    box: Annotated[Box, Meta(description="a table [box]")]
    shop: Annotated[Shop, Meta(description="a table [shop]")]
    hq: Annotated[Hq | None, Meta(description="a table [hq]")] = None
    counter: Annotated[Counter, Meta(description="a table [counter]")]
    keypad: Annotated[Keypad, Meta(description="a table [keypad]")] = field(default_factory=Keypad)
    tenders: Annotated[
        tuple[Tender, ...],
        Meta(min_length=1, max_length=TENDERS_MAX, description="1 to 11 [[tenders]]"),
    ] = DEFAULT_TENDERS
    devices: Annotated[
        tuple[Device, ...],
        Meta(max_length=DEVICES_MAX, description="at most 32 [[devices]]"),
    ] = ()
    kiosk: Annotated[Kiosk | None, Meta(description="a table [kiosk]")] = None
    second_copy: Annotated[SecondCopyTable | None, Meta(description="a table [second_copy]")] = None
