"""The box's config: one TOML file to frozen records, and every mistake in it at once.

`load` is for who needs a config, `check` for who wants the mistakes, `load_or_last_good` for the
running box. What may stand in the file is said in daemon/config_tables.py. This module does not
look at the machine: it opens no device and does not ask whether a port is there (`doctor` does).
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from daemon import config_claimed, config_remote, wholefile
from daemon.config_kiosk import Kiosk
from daemon.config_reading import read_table, said
from daemon.config_remote import Value
from daemon.config_secrets import with_credentials
from daemon.config_tables import Box, Counter, Device, Document, Hq, Keypad, Shop, Tender
from daemon.devices import DeviceConfig
from daemon.events import DeviceKind
from daemon.mistakes import ConfigProblem, nearest, shown

CONFIG_BYTES_MAX = 256 * 1024  # a full shop has 8 KiB; more is another file under this name
STATE_DIR = Path("/var/lib/memberbox")
RUN_DIR = Path("/run/memberbox")
LAST_GOOD = "memberbox.last-good.toml"

_A_FILE = "a memberbox.toml that this user may read"
_SYNTAX = re.compile(
    r"(?P<what>.*) \(at (line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL
)


class Config(msgspec.Struct, frozen=True):
    """A config without a mistake, defaults filled in."""

    box: Box
    state_dir: Path
    run_dir: Path
    shop: Shop
    hq: Hq | None  # None: a box without headquarters
    counter: Counter
    keypad: Keypad
    tenders: tuple[Tender, ...]
    devices: tuple[DeviceConfig, ...]
    kiosk: Kiosk | None
    second_copy: Path | None = None  # a folder on another medium; None: no second copy


class Vocabulary(msgspec.Struct, frozen=True):
    """What other rooms know of a device. None: not checked."""

    drivers: Mapping[str, tuple[str, ...]] | None = None  # per kind
    profiles: Mapping[str, tuple[str, ...]] | None = None  # per driver
    # (driver, port): the forms of port that the driver takes, where port is none of them
    port_forms: Callable[[str, str], str | None] | None = None


Raw = Mapping[str, object]


class ConfigError(ValueError):
    """The config has mistakes; `problems` holds every one of them."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def unreadable(self) -> bool:
        """Whether the file could not be read at all."""
        return any(not problem.key for problem in self.problems)


def load(
    path: Path,
    vocabulary: Vocabulary | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the config in path, with what was claimed. Raises ConfigError with every mistake."""
    return _with_claimed(path, _toml(path, _read(path)), vocabulary or Vocabulary(), environ)


def check(path: Path, vocabulary: Vocabulary | None = None) -> list[ConfigProblem]:
    """Return every mistake in path; an empty list means that a box would start with it."""
    try:
        load(path, vocabulary)
    except ConfigError as error:
        return list(error.problems)
    return []


def load_or_last_good(
    path: Path,
    last_good: Path,
    vocabulary: Vocabulary | None = None,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Config, list[ConfigProblem], bool]:
    """Return the config under headquarters' settings, what is wrong, and whether it is the last
    good one instead of path's.

    A good config is copied to last_good first. Raises ConfigError with the mistakes of path when
    there is no last good one either.
    """
    words = vocabulary or Vocabulary()
    try:
        source = _read(path)
        config = _with_settings(path, source, words, environ)
    except ConfigError as error:
        try:
            good = _with_settings(last_good, _read(last_good), words, environ)
            return good, list(error.problems), True
        except ConfigError:
            raise error from None
    return config, _keep(last_good, source), False


def refused_settings(path: Path, settings: Mapping[str, Value]) -> list[ConfigProblem]:
    """Return what would be wrong with the file under these settings of headquarters."""
    return _refused(path, lambda raw: config_remote.laid_over(raw, settings))


def refused_claims(path: Path, text: str) -> list[ConfigProblem]:
    """Return what would be wrong with the file if these devices had been claimed."""
    return _refused(path, lambda raw: config_claimed.laid_under(raw, config_claimed.rows_of(text)))


def _refused(path: Path, laid: Callable[[Raw], Raw]) -> list[ConfigProblem]:
    try:
        _parse(path, laid(_toml(path, _read(path))), Vocabulary(), os.environ)
    except ConfigError as error:
        return list(error.problems)
    return []


def _with_claimed(path: Path, raw: Raw, words: Vocabulary, environ: Mapping[str, str]) -> Config:
    """Return the config with the devices that were claimed; without where they do not fit."""
    config = _parse(path, raw, words, environ)
    claimed = config_claimed.read(config.state_dir)
    if claimed:
        with suppress(ConfigError):
            return _parse(path, config_claimed.laid_under(raw, claimed), words, environ)
    return config


def _with_settings(
    path: Path, source: bytes, words: Vocabulary, environ: Mapping[str, str]
) -> Config:
    """Return the config with what headquarters has set; without it where it does not fit."""
    config = _with_claimed(path, _toml(path, source), words, environ)
    settings = config_remote.read(config.state_dir)
    if settings:
        with suppress(ConfigError):
            raw = config_remote.laid_over(_toml(path, source), settings)
            return _with_claimed(path, raw, words, environ)
    return config


def last_good_path(path: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the last good copy of path lies: the state directory, else beside path."""
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(state) / LAST_GOOD if state else path.with_name(f".{LAST_GOOD}")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            source = file.read(CONFIG_BYTES_MAX + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError([_whole(path, f"cannot be read: {reason}", _A_FILE)]) from None
    if len(source) > CONFIG_BYTES_MAX:
        found = f"is larger than {CONFIG_BYTES_MAX // 1024} KiB"
        raise ConfigError([_whole(path, found, _A_FILE)])
    return source


def _parse(path: Path, raw: Raw, vocabulary: Vocabulary, environ: Mapping[str, str]) -> Config:
    problems = _between_tables(str(path), raw, vocabulary)
    document = read_table(str(path), Document, raw)
    if isinstance(document, list):
        named = {problem.key for problem in document}
        raise ConfigError(document + [one for one in problems if one.key not in named])
    if problems:
        raise ConfigError(problems)
    return _assemble(document, environ)


def _toml(path: Path, source: bytes) -> dict[str, object]:
    try:
        return tomllib.loads(source.decode())
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        found = "is no UTF-8"
    except ValueError as error:  # also integers of thousands of digits
        found, line = _syntax(str(error), source)
    except RecursionError:
        found, line = "is nested too deeply", 1
    problem = ConfigProblem(str(path), f"line {line}", None, "TOML 1.0 in UTF-8", found=found)
    raise ConfigError([problem])


def _syntax(message: str, source: bytes) -> tuple[str, int]:
    """Return what tomllib found, without the place, and the line."""
    match = _SYNTAX.fullmatch(message)
    if match is None:
        return "is no TOML", 1
    line = int(match["line"] or source.rstrip().count(b"\n") + 1)
    return f"is no TOML: {match['what'][0].lower()}{match['what'][1:]}", line


def _between_tables(
    file: str, raw: Mapping[str, object], vocabulary: Vocabulary
) -> list[ConfigProblem]:
    """Return the mistakes that no table shows alone, as far as the tables are tables."""
    devices, tenders = _rows(raw, "devices"), _rows(raw, "tenders")
    problems = _doubles(file, "devices", devices, "name")
    problems += _doubles(file, "tenders", tenders, "key")
    problems += _doubles(file, "tenders", tenders, "code")
    printers = [str(row.get("name")) for _, row in devices if row.get("kind") == "receipt_printer"]
    for index, row in devices:
        problems += _unknown_words(file, f"devices[{index}]", row, vocabulary)
        problems += _port_of(file, f"devices[{index}]", row, printers)
    return problems


def _rows(raw: Mapping[str, object], key: str) -> list[tuple[int, Mapping[str, object]]]:
    rows = raw.get(key)
    listed = rows if isinstance(rows, list) else []
    return [(index, row) for index, row in enumerate(listed) if isinstance(row, dict)]


def _doubles(
    file: str, table: str, rows: list[tuple[int, Mapping[str, object]]], key: str
) -> list[ConfigProblem]:
    first: dict[str, int] = {}
    problems = []
    for index, row in rows:
        value = row.get(key)
        if not isinstance(value, str):
            continue
        if value in first:
            found = f"is already the {key} of {table}[{first[value]}]"
            path = f"{table}[{index}].{key}"
            problems.append(
                ConfigProblem(file, path, shown(path, value), f"a {key} of its own", found=found)
            )
        first.setdefault(value, index)
    return problems


def _unknown_words(
    file: str, where: str, row: Mapping[str, object], vocabulary: Vocabulary
) -> list[ConfigProblem]:
    kind, driver, port = (str(row.get(key, "")) for key in ("kind", "driver", "port"))
    drivers = None if vocabulary.drivers is None else vocabulary.drivers.get(kind)
    profiles = None if vocabulary.profiles is None else vocabulary.profiles.get(driver)
    problems = []
    if vocabulary.port_forms is not None and port:
        forms = vocabulary.port_forms(driver, port)
        if forms is not None:
            found = f"is no place for {driver}"
            key = f"{where}.port"
            problems.append(ConfigProblem(file, key, shown(key, port), forms, found=found))
    for key, known in (("driver", drivers), ("profile", profiles)):
        value = row.get(key)
        if known is None or not isinstance(value, str) or not value or value in known:
            continue
        allowed = f"one of {', '.join(known)}" if known else f"no {key}"
        problems.append(
            ConfigProblem(
                file, f"{where}.{key}", shown(key, value), allowed, nearest(value, list(known))
            )
        )
    return problems


def _port_of(
    file: str, where: str, row: Mapping[str, object], printers: list[str]
) -> list[ConfigProblem]:
    """Return what is wrong with how a device is reached: drawers and beepers hang on printers."""
    port, printer = row.get("port", ""), row.get("printer", "")
    if not _hangs(str(row.get("kind")), str(port), str(printer)):
        problems = []
        if port == "":
            allowed = said(Device, "port")
            problems.append(ConfigProblem(file, f"{where}.port", None, allowed, found="is missing"))
        if printer:
            found = "is for a cash_drawer or beeper only"
            key = f"{where}.printer"
            problems.append(
                ConfigProblem(file, key, shown(key, printer), "no printer", None, found)
            )
        return problems
    key, named = ("printer", printer) if printer else ("port", str(port).removeprefix("printer:"))
    if named in printers:
        return []
    allowed = f"the name of a receipt_printer: {', '.join(printers) or 'there is none yet'}"
    near = nearest(named, printers)
    value = shown(key, row.get(key))
    return [ConfigProblem(file, f"{where}.{key}", value, allowed, near, "names no printer")]


def _hangs(kind: str, port: str, printer: str) -> bool:
    """Return whether a device is on a printer: a drawer always, a beeper unless it has a port."""
    if kind == DeviceKind.BEEPER:
        return bool(printer) or not port or port.startswith("printer:")
    return kind == DeviceKind.CASH_DRAWER


def _assemble(document: Document, environ: Mapping[str, str]) -> Config:
    counter = document.counter
    return Config(
        box=document.box,
        state_dir=document.box.state_dir or _folder(environ, "STATE_DIRECTORY", STATE_DIR),
        run_dir=document.box.run_dir or _folder(environ, "RUNTIME_DIRECTORY", RUN_DIR),
        shop=document.shop,
        hq=with_credentials(document.hq, environ),
        counter=msgspec.structs.replace(counter, guide=counter.guide or counter.operator),
        keypad=document.keypad,
        tenders=document.tenders,
        devices=tuple(_device(table, document) for table in document.devices),
        kiosk=document.kiosk,
        second_copy=None if document.second_copy is None else document.second_copy.folder,
    )


def _folder(environ: Mapping[str, str], name: str, default: Path) -> Path:
    """Return the folder that systemd made; it may name several, joined by colons."""
    given = environ.get(name, "").partition(":")[0]
    return Path(given) if given else default


def _device(table: Device, document: Document) -> DeviceConfig:
    """Return the plain record; a drawer's printer stands in `printer` and in `port`."""
    port, printer = table.port, table.printer
    if _hangs(table.kind, port, printer):
        printer = printer or port.removeprefix("printer:")
        port = f"printer:{printer}"
    return DeviceConfig(
        name=table.name,
        kind=table.kind,
        driver=table.driver,
        port=port,
        role=table.role,
        baud=table.baud,
        columns=table.columns,
        profile=table.profile,
        printer=printer,
        numbers=table.numbers,
        keys=tuple(document.keypad.map.items()) if table.kind is DeviceKind.KEYPAD else (),
        logo=_logo(table, document),
        member_qr=document.counter.member_qr if table.kind is DeviceKind.SCANNER else "",
    )


def _logo(table: Device, document: Document) -> str:
    logo = document.shop.logo
    return "" if logo is None or table.kind is not DeviceKind.RECEIPT_PRINTER else str(logo)


def _keep(last_good: Path, source: bytes) -> list[ConfigProblem]:
    """Copy source to last_good, whole or not at all; return what stood in the way."""
    try:
        if last_good.exists() and last_good.read_bytes() == source:
            return []
        last_good.parent.mkdir(parents=True, exist_ok=True)
        wholefile.replace(last_good, source)  # it may hold the token
    except OSError as error:
        found = f"last good copy cannot be kept: {error.strerror}"
        return [_whole(last_good, found, "a writable folder with free space")]
    return []


def _whole(path: Path, found: str, allowed: str) -> ConfigProblem:
    return ConfigProblem(str(path), "", None, allowed, found=found)
