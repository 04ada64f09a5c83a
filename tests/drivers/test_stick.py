"""The stick as a device: what the agent and the shopkeeper are told of it."""

import asyncio
import errno
from pathlib import Path

import pytest

from daemon.drivers.folder import DiskPlace, StickDriver, device_number
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.reporter import Reporter
from daemon.drivers.stick_medium import FREE_BYTES_MIN, PROBE_NAME, RealFiles, trouble
from daemon.drivers.supervisor import Supervisor
from daemon.events import DeviceChanged, DeviceEvent, DeviceKind, DeviceState
from tests.contract.counter import until

TABLE = "22 1 0:21 / /proc rw - proc proc rw\n36 35 8:1 / {} rw,nosuid - vfat /dev/sda1 rw\nshort\n"


class Faulty(RealFiles):
    """A medium with one fault."""

    def __init__(self, fault=""):
        self.fault = fault

    def free_bytes(self, folder):
        return FREE_BYTES_MIN - 1 if self.fault == "full" else 2 * FREE_BYTES_MIN

    def is_read_only(self, folder):
        return self.fault == "dirty"

    def write(self, path, data):
        if self.fault == "short":
            return super().write(path, data[:100])
        if self.fault in ("ENOSPC", "EROFS", "EIO"):
            raise OSError(getattr(errno, self.fault), "words of the kernel")
        return super().write(path, data)

    def read(self, path):
        data = super().read(path)
        return data[:-1] + b"?" if self.fault == "fake" else data


@pytest.mark.parametrize(
    ("fault", "words"),
    [("", ""), ("full", "full."), ("dirty", "read-only"), ("short", "fake"), ("fake", "fake")],
)
def test_a_stick_is_tried_before_it_is_trusted(fault, words, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"not ours")
    told = trouble(tmp_path, Faulty(fault), b"probe")
    assert words in told
    assert bool(words) == bool(told)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]  # nothing is left on it


def test_a_real_folder_is_tried_by_real_files(tmp_path):
    files = RealFiles()
    assert files.free_bytes(tmp_path) > 0
    assert not files.is_read_only(tmp_path)
    assert files.write(tmp_path / PROBE_NAME, b"x") == 1
    assert files.read(tmp_path / PROBE_NAME) == b"x"
    assert device_number("/dev/null") == "1:3"


class Cable:
    """A supervised stick whose node, mount table and medium the test changes."""

    def __init__(self, folder: Path):
        self.node, self.mounts, self.media = folder / "sda1", folder / "mountinfo", folder / "media"
        self.mounts.write_text("")
        self.media.mkdir()
        self.files = Faulty()
        self.told: list[DeviceEvent] = []
        reporter = Reporter("stick", DeviceKind.STICK, lambda _, event: self.told.append(event))
        self.watch = PlugWatch()
        place = DiskPlace(str(self.node), self.mounts, self.number)
        self.driver = StickDriver(place, self.files, reporter, self.watch)
        self.supervisor = Supervisor(self.driver, reporter, jitter=lambda: 0.5, watch=self.watch)

    def number(self, path):
        self.node.stat()
        return "8:1"

    def mount(self):
        self.mounts.write_text(TABLE.format(self.media))
        self.node.with_name("other").touch()  # the kernel tells nothing of a mount; udev links do
        self.node.with_name("other").unlink()

    async def reaches(self, state, words):
        await until(lambda: self.last().state is state and words in self.last().reason)
        assert self.last().reason.endswith(".") or state is DeviceState.ONLINE

    def last(self):
        changed = self.told[-1] if self.told else None
        nothing = DeviceChanged("stick", DeviceKind.STICK, DeviceState.OFFLINE, "")
        return changed if isinstance(changed, DeviceChanged) else nothing


def test_plugged_mounted_pulled_and_the_ways_of_bad_sticks(tmp_path):
    async def scenario():
        cable = Cable(tmp_path)
        cable.supervisor.start()
        await cable.reaches(DeviceState.OFFLINE, "no stick")
        cable.node.touch()
        await cable.reaches(DeviceState.STALE, "not mounted")
        cable.files.fault = "EIO"
        cable.mount()
        await cable.reaches(DeviceState.STALE, "words of the kernel")
        assert cable.driver.folder() is None
        for fault, words in (("ENOSPC", "full"), ("EROFS", "read-only"), ("fake", "fake")):
            cable.files.fault = fault
            cable.mount()
            await cable.reaches(DeviceState.STALE, words)
        cable.files.fault = ""
        cable.mount()
        await cable.reaches(DeviceState.ONLINE, "")
        assert cable.driver.folder() == cable.media
        cable.node.unlink()
        await cable.reaches(DeviceState.OFFLINE, "pulled out")
        assert cable.driver.folder() is None
        await cable.supervisor.stop()
        cable.watch.close()

    asyncio.run(scenario())
