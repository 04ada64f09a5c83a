"""Configured devices to drivers: everything wrong is named at once, before anything is made."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from daemon.devices import DeviceConfig
from daemon.drivers.escpos import EscPosPrinter
from daemon.drivers.keyboard import key_code
from daemon.drivers.kinds import Driver
from daemon.drivers.notes import Notes
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.profiles import Profile, load_profile
from daemon.drivers.registry import DRIVERS
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import Port, PrinterPort, parse_port
from daemon.drivers.setting import DriverType, Setting
from daemon.drivers.wire import rfid
from daemon.errors import DeviceError


class DeviceProblem(msgspec.Struct, frozen=True):
    """One thing wrong with one configured device. `index` is its place in the config."""

    index: int
    key: str
    value: str
    what: str
    allowed: str = ""


def problems(configs: Sequence[DeviceConfig], share: Path) -> list[DeviceProblem]:
    """Return everything wrong with the devices; an empty list means they can be made."""
    found = []
    for index, config in enumerate(configs):
        if config.name in {earlier.name for earlier in configs[:index]}:
            found.append(DeviceProblem(index, "name", config.name, "used twice"))
        driver_type = DRIVERS.get(config.driver)
        if driver_type is None:
            found.append(_unknown_driver(index, config))
            continue
        found += _words(index, config)
        found += _misfits(index, config, driver_type, configs)
        try:
            _profile(config, driver_type, share)
        except DeviceError as error:
            found.append(DeviceProblem(index, "profile", config.profile, error.found, error.fix))
    return found


def make_drivers(
    configs: Sequence[DeviceConfig],
    reporters: Mapping[str, Reporter],
    *,
    share: Path,
    watch: PlugWatch,
    notes: Notes,
) -> dict[str, Driver]:
    """Return one driver per config, by name. Raises DeviceError for the first problem."""
    for problem in problems(configs, share):
        name = configs[problem.index].name
        found = f'{problem.key} "{problem.value}": {problem.what}'
        fix = "Correct the config (memberbox check)."
        raise DeviceError(name, doing="reading its config", found=found, fix=fix, retry=False)
    drivers: dict[str, Driver] = {}
    printers: dict[str, EscPosPrinter] = {}
    printers_first = sorted(configs, key=lambda config: config.driver != "escpos")
    for config in printers_first:
        driver_type = DRIVERS[config.driver]
        driver = driver_type.make(
            Setting(
                config,
                port_of(config, driver_type),
                _profile(config, driver_type, share),
                reporters[config.name],
                printers,
                watch,
                notes,
                share,
            )
        )
        drivers[config.name] = driver
        if isinstance(driver, EscPosPrinter):
            printers[config.name] = driver
    return drivers


def port_of(config: DeviceConfig, driver_type: DriverType) -> Port:
    """Return where the device is; a drawer is where its printer is. Raises ValueError."""
    if config.printer and PrinterPort in driver_type.ports:
        return PrinterPort(config.printer)
    return parse_port(config.port, driver_type.ports)


def _profile(config: DeviceConfig, driver_type: DriverType, share: Path) -> Profile | None:
    """Return what the config names, else the driver's own. Raises DeviceError."""
    if not config.profile:
        return driver_type.profile
    profile = load_profile(share, config.profile)
    if not isinstance(profile, type(driver_type.profile)):
        fix = "Name another profile, or another driver."
        found = f'a profile for another driver than "{config.driver}"'
        raise DeviceError(config.name, doing="reading profile", found=found, fix=fix, retry=False)
    return profile


def _unknown_driver(index: int, config: DeviceConfig) -> DeviceProblem:
    from difflib import get_close_matches  # a box without mistakes does not carry it

    near = get_close_matches(config.driver, DRIVERS, n=1)
    what = f"no such driver; did you mean {near[0]}?" if near else "no such driver"
    fitting = (name for name, known in DRIVERS.items() if config.kind in known.kinds)
    return DeviceProblem(index, "driver", config.driver, what, ", ".join(fitting))


def _words(index: int, config: DeviceConfig) -> list[DeviceProblem]:
    """Return what is wrong with the settings that are a little language of their own."""
    found = []
    if config.numbers:
        try:
            rfid.parse(config.numbers)
        except ValueError as error:
            found.append(DeviceProblem(index, "numbers", config.numbers, str(error)))
    for name, _ in config.keys:
        if key_code(name) is None:
            what = "is no key of the kernel (KEY_KPCOMMA, KEY_TAB, ...)"
            found.append(DeviceProblem(index, "keys", name, what))
    return found


def _misfits(
    index: int, config: DeviceConfig, driver_type: DriverType, configs: Sequence[DeviceConfig]
) -> list[DeviceProblem]:
    found = []
    if config.kind not in driver_type.kinds:
        fitting = ", ".join(sorted(kind.value for kind in driver_type.kinds))
        what = f"driver {config.driver} is for another kind"
        found.append(DeviceProblem(index, "kind", config.kind.value, what, fitting))
    try:
        port = port_of(config, driver_type)
    except ValueError as error:
        return [*found, DeviceProblem(index, "port", config.port, str(error))]
    printers = [other.name for other in configs if other.driver == "escpos"]
    if isinstance(port, PrinterPort) and port.name not in printers:
        what = "no such printer"
        found.append(DeviceProblem(index, "printer", port.name, what, ", ".join(printers)))
    return found
