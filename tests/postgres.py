"""A real PostgreSQL server of Debian's, in a folder of its own, for tests and benches.

with Server() as server:
    address = server.database()     # a new, empty one
    server.kill()                   # SIGQUIT to the postmaster: as after a power cut
    server.start()                  # the same folder and socket again
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType

START_S = 30.0  # a loaded machine; 0.3 s otherwise
STOP_S = 15.0
NEVER_ROOT = "postgres"  # who runs the server when we are root, as it refuses to be
ROLE = "hq"
SETTINGS = ("listen_addresses=", "shared_buffers=16MB", "max_wal_senders=3", "wal_level=replica")


def binaries() -> Path | None:
    """Return the folder of Debian's newest server programs; they are not on PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda one: int(one.parts[-3])
    )
    return found[-1].parent if found else None


class Server:
    """One server process of ours on a Unix socket in its folder."""

    def __init__(
        self,
        *settings: str,
        fsync: bool = False,
        after: "Server | None" = None,
        disk: Path | None = None,
    ) -> None:
        """`settings`: NAME=VALUE; `after`: the primary of a standby; `disk`: a folder of a disk."""
        bin_folder = binaries()
        assert bin_folder is not None, "no PostgreSQL: run tools/test-tools.sh"
        self._bin = bin_folder
        self.folder = Path(tempfile.mkdtemp(prefix="mb-pg-", dir=disk))
        self._settings = [*SETTINGS, f"fsync={'on' if fsync else 'off'}", *settings]
        self._process: subprocess.Popen[bytes] | None = None
        self._names = count(1)
        if os.geteuid() == 0:
            user = pwd.getpwnam(NEVER_ROOT)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        if after is None:
            self._run("initdb", "-D", self._data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "-N")
        else:
            self._run(
                "pg_basebackup",
                "-D",
                self._data,
                "-R",
                "-c",
                "fast",
                "-d",
                after.address("postgres"),
            )

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def address(self, database: str, **more: str) -> str:
        """Return the address of a database; the socket needs no password."""
        options = "".join(f"&{name}={value}" for name, value in more.items())
        return f"postgresql://{ROLE}@/{database}?host={self.folder}{options}"

    def database(self, like: str = "template0") -> str:
        """Make a database, a copy of another; return its address."""
        name = f"t{next(self._names)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {like} ENCODING 'UTF8' STRATEGY file_copy")
        return self.address(name)

    def drop(self, address: str) -> None:
        """Give up a database of ours, whoever is still connected."""
        self.say(f"DROP DATABASE {address.split('@/')[1].partition('?')[0]} WITH (FORCE)")

    def say(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as the owner of the server; return its rows."""
        import psycopg

        with psycopg.connect(self.address(database), autocommit=True) as db:
            cursor = db.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> "Server":
        """Start it and wait until it answers."""
        words = [word for one in self._settings for word in ("-c", one)]
        socket = f"unix_socket_directories={self.folder}"
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            self._as_server(["postgres", "-D", self._data, "-c", socket, *words]),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self._ready():
                return self
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError(f"not ready in {START_S} s: {(self.folder / 'log').read_text()}")

    def kill(self) -> None:
        """Let it end at once, without a checkpoint: the next start recovers from the log."""
        self._signal(signal.SIGQUIT)

    def kill_9(self) -> None:
        """SIGKILL to every process of it at once."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(STOP_S)

    def stop(self) -> None:
        """End it in order; nothing to do when it does not run."""
        self._signal(signal.SIGINT)

    def remove(self) -> None:
        """End it and leave nothing."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    @property
    def pid(self) -> int:
        """The postmaster of a running server; its children are the rest."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        os.kill(self.pid, number)
        self._process.wait(STOP_S)

    def _ready(self) -> bool:
        done = subprocess.run([self._bin / "pg_isready", "-q", "-h", str(self.folder)], check=False)
        return done.returncode == 0

    def _run(self, *words: str) -> None:
        done = subprocess.run(self._as_server(words), capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stderr

    def _as_server(self, words: Sequence[str]) -> list[str]:
        program = [str(self._bin / words[0]), *words[1:]]
        if os.geteuid() == 0:
            return ["runuser", "-u", NEVER_ROOT, "--", *program]
        return program
