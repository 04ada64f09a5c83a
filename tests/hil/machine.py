"""A guest under QEMU in software: started, asked, saved, restored, killed by its handle.

    with start(ARM64_BOX, disks, folder) as machine:
        machine.ask("system.run", command=["uname", "-m"])
        machine.save(state)
    with restore(ARM64_BOX, disks, folder, state) as machine: ...

A saved state fits the same QEMU, board and image; contents of the other disks may differ, so they
are not mounted when it is saved. /dev/vdb is what a test brings, /dev/vdc is where it writes.
"""

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.hil.image import Image
from tests.hil.programs import GuestError
from tests.hil.wires import Drained, Lines

BROUGHT_BYTES = 256 << 20  # /dev/vdb, read-only; sparse
WRITTEN_BYTES = 64 << 20  # /dev/vdc; sparse
UP_WITHIN_S = 600.0  # 5 to 15 s on a quiet machine
ANSWER_WITHIN_S = 120.0
QMP_WITHIN_S = 180.0  # a state is a hundred megabytes; a second on a quiet machine
PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class Board:
    """A machine as QEMU knows it."""

    program: str
    machine: str
    cpu: str
    console: str
    memory_mib: int
    more: tuple[str, ...] = ()


ARM64_BOARD = Board("qemu-system-aarch64", "virt,gic-version=3", "cortex-a72", "ttyAMA0", 512)
AMD64_BOARD = Board("qemu-system-x86_64", "q35", "max", "ttyS0", 640)


@dataclass(frozen=True, slots=True)
class Disks:
    """What is plugged in beside the root: a file, or any address that QEMU takes."""

    brought: str
    written: str


def blank(path: Path, length_bytes: int = WRITTEN_BYTES) -> str:
    """Make an empty disk; return its address."""
    with path.open("wb") as file:
        file.truncate(length_bytes)
    return str(path)


def start(board: Board, image: Image, disks: Disks, *, extra: tuple[str, ...] = ()) -> "Machine":
    """Boot; return when the guest's agent answers. `extra` are words for QEMU."""
    machine = Machine(board, image, disks, extra)
    try:
        machine.hear(UP_WITHIN_S)
    except GuestError:
        said = machine.said()
        machine.kill()
        raise GuestError(f"the guest does not come up:\n{said}") from None
    return machine


def restore(
    board: Board, image: Image, disks: Disks, state: Path, *, extra: tuple[str, ...] = ()
) -> "Machine":
    """Go on where a guest was saved, in the third of a second. Its clock stands where it stood."""
    machine = Machine(board, image, disks, (*extra, "-incoming", f"exec:cat {state}"))
    try:
        deadline = time.monotonic() + QMP_WITHIN_S
        while machine.command("query-status")["status"] == "inmigrate":
            if time.monotonic() > deadline:
                raise GuestError(f"{state} is not taken:\n{machine.said()}")
            time.sleep(PAUSE_S)
        machine.command("cont")
    except GuestError:
        machine.kill()
        raise
    return machine


class Machine:
    """A guest that runs. Ends with the process that started it, whatever becomes of that."""

    def __init__(self, board: Board, image: Image, disks: Disks, extra: tuple[str, ...]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hil-"))
        command = ["setpriv", "--pdeathsig", "KILL"]  # not gently: a starved guest loses keys
        command += [*_command(board, image, disks, self.folder), *extra]
        with (self.folder / "qemu").open("wb") as said:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        try:
            self._qmp = Lines(self.folder / "qmp")
            self._qmp.receive(QMP_WITHIN_S)
            self.command("qmp_capabilities")
            self._control = Lines(self.folder / "ctl")
        except (OSError, GuestError):
            said_last = self.said()
            self.kill()
            raise GuestError(f"QEMU does not start:\n{said_last}") from None

    # -- talking ------------------------------------------------------------------------------

    def ask(self, call: str, within_s: float = ANSWER_WITHIN_S, **arguments: object):
        """Return what a method of the guest's agent returns, as JSON has it. Raises GuestError."""
        self.tell(call, **arguments)
        return self.hear(within_s)

    def tell(self, call: str, **arguments: object) -> None:
        """Ask without waiting; exactly one `hear` belongs to it."""
        self._control.send({"call": call, "with": arguments})

    def hear(self, within_s: float = ANSWER_WITHIN_S):
        said = self._control.receive(within_s)
        if "error" in said:
            raise GuestError(f"in the guest:\n{said['error']}")
        return said["ok"]

    def run(self, *command: str, within_s: float = ANSWER_WITHIN_S) -> str:
        """Run a program in the guest that has to answer yes; return what it said on stdout."""
        done = self.ask("system.run", within_s, command=list(command), limit_s=within_s)
        if done["code"]:
            raise GuestError(f"{' '.join(command)}: {done['code']}\n{done['out']}{done['err']}")
        return str(done["out"])

    def set_clock(self) -> None:
        """Give the guest the host's time."""
        self.ask("system.set_clock", seconds=time.clock_gettime(time.CLOCK_REALTIME))

    def command(self, name: str, **arguments: object):
        """Return QEMU's answer to a command of its own (QMP). Raises GuestError."""
        self._qmp.send({"execute": name, "arguments": arguments})
        while True:
            said = self._qmp.receive(QMP_WITHIN_S)
            if "return" in said:
                return said["return"]
            if "error" in said:
                raise GuestError(f"{name}: {said['error']}")

    def said(self) -> str:
        """Return the end of what QEMU and the guest's console said."""
        texts = [
            path.read_text(errors="replace")[-4000:]
            for path in (self.folder / "qemu", self.folder / "console")
            if path.exists()
        ]
        return "\n".join(texts)

    # -- a line that can be pulled --------------------------------------------------------------

    def plug_serial(self, name: str) -> Drained:
        """Plug in a USB serial adapter (FTDI); return the other end of its line."""
        path = self.folder / f"{name}.sock"
        backend = {"type": "socket", "data": {"addr": {"type": "unix", "data": {"path": str(path)}},
                                              "server": True, "wait": False}}  # fmt: skip
        self.command("chardev-add", id=name, backend=backend)
        line = Drained(path)
        self.command("device_add", driver="usb-serial", id=name, chardev=name,
                     serial=name, bus="usb.0", port="1")  # fmt: skip
        return line

    def unplug(self, name: str) -> None:
        """Pull what was plugged in."""
        self.command("device_del", id=name)

    # -- ends -----------------------------------------------------------------------------------

    def save(self, state: Path) -> None:
        """Write the guest into a file; it does not go on."""
        self.command("stop")
        self.command("migrate", uri=f"exec:cat > {state}.part && mv {state}.part {state}")
        deadline = time.monotonic() + QMP_WITHIN_S
        while (
            status := self.command("query-migrate").get("status")
        ) != "completed" or not state.exists():  # cat writes what is left in the pipe
            if status == "failed" or time.monotonic() > deadline:
                raise GuestError(f"the state cannot be saved: {status}\n{self.said()}")
            time.sleep(PAUSE_S)
        self.kill()

    def kill(self) -> None:
        """The power goes; no one is asked."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for line in (getattr(self, "_qmp", None), getattr(self, "_control", None)):
            if line is not None:
                line.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def _command(board: Board, image: Image, disks: Disks, folder: Path) -> list[str]:
    append = f"console={board.console} quiet loglevel=3 mitigations=off nokaslr panic=-1"
    append += f" systemd.mask=serial-getty@{board.console}.service systemd.show_status=no"
    command = [
        *(board.program, "-M", board.machine, "-accel", "tcg", "-cpu", board.cpu),
        *("-smp", "1", "-m", str(board.memory_mib), "-nodefaults", "-no-user-config"),
        *("-display", "none", "-no-reboot", "-kernel", str(image.kernel)),
        *("-initrd", str(image.initramfs), "-append", f"{append} random.trust_cpu=on"),
        *("-qmp", f"unix:{folder}/qmp,server=on,wait=off", "-serial", f"file:{folder}/console"),
        *("-device", "virtio-serial-pci", "-device", "qemu-xhci,id=usb"),
        *("-chardev", f"socket,id=ctl,path={folder}/ctl,server=on,wait=off"),
        *("-device", "virtserialport,chardev=ctl,name=ctl"),
    ]
    drives = (
        f"file={image.root},format=raw,readonly=on",
        f"file={disks.brought},format=raw,readonly=on",
        f"file={disks.written},format=raw,cache=writeback,discard=ignore",
    )
    for number, drive in enumerate(drives):
        command += ["-drive", f"{drive},if=none,id=disk{number}"]
        command += ["-device", f"virtio-blk-pci,drive=disk{number}"]
    return [*command, *board.more]
