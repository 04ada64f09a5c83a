"""The tables of memberbox.toml: frozen, strict models. What is allowed is each field's description.

Nothing here reads a file or looks at the machine. A description completes the sentence "Use ...".
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from daemon.config_kiosk import Kiosk
from daemon.config_table import PORT_MAX, AbsolutePath, Table, refusal
from daemon.devices import ROLES
from daemon.events import DeviceKind

DEVICES_MAX = 32  # a counter has 5 to 10 devices; a file gone wild has thousands
TENDERS_MAX = 11  # ENTER and *0 to *9
GRAMMAR_KEYS = (*"0123456789.+-*/", "ENTER", "CLEAR")

_UNSTABLE = (
    (re.compile(r"/dev/(ttyUSB|ttyACM)\d+"), "one of /dev/serial/by-path/..."),
    (re.compile(r"/dev/input/(event|mouse|js)\d+"), "one of /dev/input/by-path/..."),
    (re.compile(r"/dev/(hidraw|usb/lp)\d+"), "a link that a udev rule makes"),
)
_ENDPOINT = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")
_USB = re.compile(r"\d+-\d+(\.\d+)*|[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[!-~]+)?")  # port, or VID:PID


def _one_of(choices: Collection[str]) -> Callable[[str], str]:
    def chosen(text: str) -> str:
        if text not in choices:
            raise refusal("is not allowed", choices=choices)
        return text

    return chosen


def _kind(value: object) -> object:
    if isinstance(value, str) and value in set(DeviceKind):
        return DeviceKind(value)
    raise refusal("is no kind of device", choices=set(DeviceKind))


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise refusal("is no time zone", choices=available_timezones()) from error
    return name


def _start(value: object) -> object:
    """Take a TOML date-time or the same as text; both with an offset."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise refusal("is no date-time") from error
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise refusal("is no date-time with an offset")
    return moment


def _frozen(table: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(table))


def _endpoint(text: str) -> str:
    match = _ENDPOINT.fullmatch(text)
    if match is None or not 0 < int(match["port"]) <= PORT_MAX:
        raise refusal("is no HOST:PORT")
    return text


def _device_port(text: str) -> str:
    for pattern, stable in _UNSTABLE:
        if pattern.fullmatch(text.removeprefix("usblp:")):
            raise refusal("is no stable name", f"{stable} (memberbox suggest)")
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
    raise refusal("is no port")


_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
_LINE = r"^[^\x00-\x1f\x7f]*$"  # one line of text: no control characters

Name = Annotated[str, Field(pattern=_NAME)]
Line = Annotated[str, Field(pattern=_LINE, max_length=64)]
Filled = Annotated[Line, Field(min_length=1)]
KeyName = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,32}$")]
GrammarKey = Annotated[str, AfterValidator(_one_of(GRAMMAR_KEYS))]

_LINE_SAID = "one line of at most 64 characters"
_FILLED_SAID = "one line of 1 to 64 characters"
_NAME_SAID = "1 to 32 of A-Z a-z 0-9 _ -, beginning with a letter or digit"


class Box(Table):
    id: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9-]{1,16}$", description="1 to 16 of A-Z a-z 0-9 -")
    ]
    state_dir: Annotated[AbsolutePath | None, Field(description="an absolute path")] = None
    run_dir: Annotated[AbsolutePath | None, Field(description="an absolute path")] = None
    clock_start: Annotated[
        datetime | None,
        BeforeValidator(_start),
        Field(description="a date-time with an offset, as 2026-03-06T09:55:00+08:00"),
    ] = None


class Shop(Table):
    no: Annotated[Name, Field(description=_NAME_SAID)]
    name: Annotated[Filled, Field(description=_FILLED_SAID)]
    chain: Annotated[Filled, Field(description=_FILLED_SAID)]
    address: Annotated[Line, Field(description=_LINE_SAID)]
    phone: Annotated[Line, Field(description=_LINE_SAID)]
    language: Annotated[Literal["zh_CN", "en"], Field(description="zh_CN or en")]
    timezone: Annotated[
        str,
        AfterValidator(_timezone),
        Field(description="a name of the tz database, as Asia/Shanghai"),
    ]
    closing_hour: Annotated[int, Field(ge=0, le=6, description="a whole number from 0 to 6")] = 4
    owner: Annotated[Line, Field(description=_LINE_SAID)] = ""
    service_phone: Annotated[Line, Field(description=_LINE_SAID)] = ""
    logo: Annotated[AbsolutePath | None, Field(description="an absolute path: a PNG file")] = None


class Hq(Table):
    mqtt: Annotated[
        str, AfterValidator(_endpoint), Field(description="HOST:PORT, as hq.example:1883")
    ]
    key: Annotated[
        str, Field(pattern=r"^[0-9A-Fa-f]{64}$", description="the 64 hex digits of HQ's public key")
    ]
    token: Annotated[
        SecretStr | None,
        Field(min_length=1, description="the one-time token of `memberbox-hq token`"),
    ] = None

    @property
    def host(self) -> str:
        return self.mqtt.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.mqtt.rpartition(":")[2])

    @property
    def key_bytes(self) -> bytes:
        return bytes.fromhex(self.key)


class Counter(Table):
    operator: Annotated[Name, Field(description="a staff number")]
    guide: Annotated[Name, Field(description="a staff number")] = ""  # the operator, once loaded
    member_qr: Annotated[
        str,
        Field(
            pattern=r"^([!-~]{2,32})?$",
            description="2 to 32 characters that a member's QR code begins with",
        ),
    ] = ""
    float_fen: Annotated[int, Field(ge=0, description="a whole number of fen, 0 or more")] = 0


class Keypad(Table):
    exact_cash_guard_ms: Annotated[
        int, Field(ge=0, le=5000, description="a whole number from 0 to 5000")
    ] = 400
    map: Annotated[
        Mapping[KeyName, GrammarKey],
        AfterValidator(_frozen),
        Field(description=f"KEY_NAME = one of {' '.join(GRAMMAR_KEYS)}"),
    ] = Field(default_factory=lambda: MappingProxyType({}))


class Tender(Table):
    key: Annotated[str, Field(pattern=r"^(ENTER|\*[0-9])$", description="ENTER or * and a digit")]
    code: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="1 to 32 of a-z 0-9 _")
    ]
    name: Annotated[Filled, Field(description=_FILLED_SAID)]
    drawer: Annotated[bool, Field(description="true or false")] = False
    change: Annotated[bool, Field(description="true or false")] = False
    reference: Annotated[bool, Field(description="true or false")] = False
    earns: Annotated[bool | None, Field(description="true or false")] = None  # None: the pack says
    refundable: Annotated[bool | None, Field(description="true or false")] = (
        None  # None: the code says
    )


class Device(Table):
    name: Annotated[Name, Field(description=_NAME_SAID)]
    kind: Annotated[
        DeviceKind, BeforeValidator(_kind), Field(description=f"one of {', '.join(DeviceKind)}")
    ]
    driver: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="a driver (memberbox devices)")
    ]
    port: Annotated[
        str,
        AfterValidator(_device_port),
        Field(description="/PATH, tcp:HOST:PORT, pipe:/PATH, folder:/PATH or printer:NAME"),
    ] = ""
    baud: Annotated[
        int | None, Field(ge=300, le=921600, description="a whole number from 300 to 921600")
    ] = None
    role: Annotated[
        str,
        AfterValidator(_one_of(ROLES)),
        Field(description=f"one of {', '.join(filter(None, ROLES))}"),
    ] = ""
    columns: Annotated[
        int | None, Field(ge=8, le=64, description="a whole number from 8 to 64")
    ] = None
    profile: Annotated[
        str, Field(pattern=r"^[a-z0-9_-]{0,32}$", description="a device profile")
    ] = ""
    printer: Annotated[str, Field(pattern=_NAME, description="the name of a receipt_printer")] = ""
    numbers: Annotated[
        str,
        Field(
            pattern=r"^([0-9DH,-]{2,9}( (msb|lsb))?( as [0-9DH,-]{2,9})?)?$",
            description='how it writes cards, as "8H-10D lsb" (memberbox teach)',
        ),
    ] = ""


class SecondCopyTable(Table):
    folder: Annotated[AbsolutePath, Field(description="an absolute path: a stick, another disk")]


DEFAULT_TENDERS = (
    Tender(key="ENTER", code="cash", name="现金", drawer=True, change=True),
    Tender(key="*1", code="bank", name="银行卡", reference=True),
    Tender(key="*2", code="wechat", name="微信"),
    Tender(key="*5", code="alipay", name="支付宝"),
)


class Document(Table):
    """The whole file."""

    box: Annotated[Box, Field(description="a table [box]")]
    shop: Annotated[Shop, Field(description="a table [shop]")]
    hq: Annotated[Hq | None, Field(description="a table [hq]")] = None
    counter: Annotated[Counter, Field(description="a table [counter]")]
    keypad: Annotated[Keypad, Field(description="a table [keypad]")] = Field(default_factory=Keypad)
    tenders: Annotated[
        tuple[Tender, ...],
        Field(
            strict=False, min_length=1, max_length=TENDERS_MAX, description="1 to 11 [[tenders]]"
        ),
    ] = DEFAULT_TENDERS
    devices: Annotated[
        tuple[Device, ...],
        Field(strict=False, max_length=DEVICES_MAX, description="at most 32 [[devices]]"),
    ] = ()
    kiosk: Annotated[Kiosk | None, Field(description="a table [kiosk]")] = None
    second_copy: Annotated[SecondCopyTable | None, Field(description="a table [second_copy]")] = (
        None
    )
