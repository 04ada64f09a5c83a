"""The drills of docs/OPERATIONS.md, word for word: headquarters is lost and comes back.

The commands are read out of the manual and run in a shell; what it says one must see, must be seen.
Only places are others: folders, broker and database are this test's own.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hq import restoring
from hq.report import cases
from hq.store import open_office
from tests.brokers import Broker, mosquitto_binary
from tests.hq.serving import ROOT, Serving, ask_hq
from tests.postgres import NEVER_ROOT, Server, binaries
from tests.soak.broker import Seller, boxes_at, held, member_at, wait, write_cards

MANUAL = ROOT / "docs" / "OPERATIONS.md"
CARD = "8800000000018"  # at home in shop 0001
LOST = 40  # points: the manual's figure
KEPT = 5  # points: given between the copy and the moment
OUT_S = 60.0


@pytest.fixture
def engine() -> str:
    """The drills choose their engines themselves."""
    return "both"


@dataclass(frozen=True)
class Step:
    """A command of the manual and what one must see."""

    command: str
    seen: tuple[str, ...] = ()
    as_server: bool = False  # by the database server's own user


def drill(name: str) -> list[list[Step]]:
    """Return the blocks of a drill in their order."""
    found = rf"^```sh drill {name}( as {NEVER_ROOT})?\n(.*?)^```$"
    made = []
    for user, block in re.findall(found, MANUAL.read_text(), re.M | re.S):
        steps: list[Step] = []
        for line in block.splitlines():
            if line.startswith("#> "):
                last = steps.pop()
                seen = (*last.seen, line.removeprefix("#> "))
                steps.append(Step(last.command, seen, last.as_server))
            else:
                steps.append(Step(line, as_server=bool(user)))
        made.append(steps)
    return made


def settings(name: str) -> str:
    """Return what a drill puts into the database server's own file."""
    (found,) = re.findall(rf"^```conf drill {name}\n(.*?)^```$", MANUAL.read_text(), re.M | re.S)
    return str(found)


@dataclass
class Shell:
    """Runs the manual's commands with this test's places in them."""

    places: dict[str, str]
    env: dict[str, str]
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, block: Sequence[Step]) -> None:
        for step in block:
            command = self.here(step.command)
            if command.endswith(" &"):
                seen = self._begin(command)
            else:
                seen = self._done(command, as_server=step.as_server)
            for words in step.seen:
                assert self.here(words) in seen, (step.command, words, seen)

    def here(self, text: str) -> str:
        for place, ours in self.places.items():
            text = text.replace(place, ours)
        return text

    def _done(self, command: str, *, as_server: bool) -> str:
        words = ["bash", "-c", command]
        if as_server and os.geteuid() == 0:
            words = ["runuser", "-u", NEVER_ROOT, "--", *words]
        done = subprocess.run(
            words, capture_output=True, text=True, env=self.env, timeout=OUT_S, cwd="/"
        )
        looks = re.search(r" (doctor|cases)$", command)  # 1: there is something to see to
        assert done.returncode in ((0, 1) if looks else (0,)), (command, done.stdout, done.stderr)
        return done.stdout

    def _begin(self, command: str) -> str:
        """Start what goes on running; return its first line."""
        words = command.removesuffix(" &")
        process = subprocess.Popen(
            ["bash", "-c", f"exec {words}"], stdout=subprocess.PIPE, text=True, env=self.env
        )
        self.running.append(process)
        assert process.stdout is not None
        watchdog = threading.Timer(OUT_S, process.kill)
        watchdog.start()
        line = process.stdout.readline()
        watchdog.cancel()
        return line

    def end(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            assert process.wait(OUT_S) == 0
            assert process.stdout is not None
            process.stdout.close()


@dataclass
class Chain:
    """A headquarters that serves two shops, which sell; as the manual begins."""

    hq: Path
    broker: Broker
    folder: Path
    sellers: list[Seller] = field(default_factory=list)
    serving: Serving | None = None

    def open(self) -> None:
        key = str(ask_hq(self.hq, "status")["key"])
        ask_hq(self.hq, "import", "cards", str(write_cards(self.folder / "cards.csv")))
        account = f"points:{member_at(self.hq, CARD)}"
        self.serving = Serving(self.hq, self.broker.address).start()
        for box in ("0001", "0002"):
            token = str(ask_hq(self.hq, "token", box)["token"])
            words = [sys.executable, "-m", "tests.soak.seller", "--broker", self.broker.address]
            words += ["--key", key, "--token", token, "--account", account]
            self.sellers.append(Seller(box, self.folder, words))
            self.sellers[-1].start()
        wait(self.in_step, "both shops to be in step")

    def in_step(self) -> bool:
        found = boxes_at(self.hq)
        return len(found) == 2 and all(0 < one.down == one.applied for one in found.values())

    def give(self, points: int) -> None:
        """Points for a member, told to its shop."""
        ask_hq(self.hq, "give", CARD, str(points), "--source", "prize")
        wait(self.in_step, "the shop to know its points")

    def give_and_lose(self) -> None:
        """After the backup: points that a shop knows of; shop 0002 ends, then we do."""
        self.give(LOST)
        self.sellers[1].kill()
        assert self.serving is not None
        self.serving.kill()

    def close(self) -> None:
        if self.serving is not None:
            self.serving.kill()
        for seller in self.sellers:
            seller.kill()


def waits(hq: Path) -> list[str]:
    office = open_office(hq)
    try:
        return restoring.waiting_for(office)
    finally:
        office.close()


def pool(hq: Path) -> str:
    return str(ask_hq(hq, "status")["pool"])


def compare(chain: Chain, new: Path, sellers: Sequence[Seller], *, points: int) -> None:
    """End the shops; headquarters has all that they sold, and no point was made or lost."""
    said = {seller.box: seller.finish() for seller in sellers}
    for seller in sellers:
        own = said[seller.box]
        wait(lambda: boxes_at(new)[seller.box].booked == own["seq"], "it to book all")  # noqa: B023
        assert boxes_at(new)[seller.box].hash == own["hash"]
        assert len(seller.sold) > 20
    assert said["0001"]["points"] == points == held(new, CARD)
    office = open_office(new)
    assert cases(office) == []
    office.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    if mosquitto_binary() is None:
        pytest.skip("no mosquitto here (Debian: mosquitto)")
    with Broker("mosquitto") as made:
        yield made


def shell_at(folder: Path, places: dict[str, str], **env: str) -> Shell:
    (folder / "backup").mkdir()
    tools = [str(Path(sys.executable).parent), *([str(found)] if (found := binaries()) else [])]
    path = ":".join([*tools, os.environ["PATH"]])
    ours = {"/srv/": f"{folder}/srv/", "/media/backup": f"{folder}/backup", **places}
    return Shell(ours, {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **env})


@pytest.mark.timeout(300)  # a dozen processes; 20 s on a quiet machine
def test_a_headquarters_in_one_file_comes_back_as_the_manual_says(
    broker: Broker, tmp_path: Path
) -> None:
    backup, restore, missing, open_again = drill("sqlite")
    chain = Chain(tmp_path / "srv" / "hq", broker, tmp_path)
    new = tmp_path / "srv" / "hq-new"
    shell = shell_at(tmp_path, {"broker.example:1883": broker.address})
    try:
        ask_hq(chain.hq, "init")
        chain.open()
        points = held(chain.hq, CARD)
        shell.run(backup)
        chain.give_and_lose()
        shutil.rmtree(chain.hq)
        shell.run(restore)
        wait(lambda: waits(new) == ["0002.1"], "0001 to confirm")
        shell.run(missing)
        assert pool(new) != "open", "0002 may have been given anything"
        chain.sellers[1].start()
        wait(lambda: pool(new) == "open", "0002 to confirm")
        shell.run(open_again)
        compare(chain, new, chain.sellers, points=points + LOST)
        shell.end()
    finally:
        chain.close()
        for process in shell.running:
            process.kill()


@pytest.mark.timeout(300)
def test_a_headquarters_on_a_server_comes_back_as_the_manual_says(
    broker: Broker, tmp_path: Path
) -> None:
    if binaries() is None:
        pytest.skip("no PostgreSQL here (Debian: postgresql)")
    backup, restore, given_up, open_again = drill("postgres")
    with Server() as server:
        chain = Chain(tmp_path / "srv" / "hq", broker, tmp_path)
        new = tmp_path / "srv" / "hq-new"
        places = {
            "broker.example:1883": broker.address,
            "postgresql://hq@db.example/hq_new": server.address("hq_new"),
        }
        shell = shell_at(tmp_path, places, PGHOST=str(server.folder), PGUSER="hq")
        old = server.database()
        try:
            ask_hq(chain.hq, "--store", old, "init")
            chain.open()
            points = held(chain.hq, CARD)
            shell.run(backup)
            chain.give_and_lose()
            server.drop(old)
            shutil.rmtree(chain.hq)
            shell.run(restore)
            wait(lambda: waits(new) == ["0002.1"], "0001 to confirm")
            shell.run(given_up)
            wait(lambda: pool(new) == "open", "the pool to open")
            shell.run(open_again)
            compare(chain, new, chain.sellers[:1], points=points + LOST)
            shell.end()
        finally:
            chain.close()
            for process in shell.running:
                process.kill()


@pytest.mark.timeout(300)
def test_a_server_goes_back_to_a_moment_as_the_manual_says(broker: Broker, tmp_path: Path) -> None:
    prepare, copy, back, again, missing, open_again = drill("moment")
    server = Server()
    chain = Chain(tmp_path / "srv" / "hq", broker, tmp_path)
    places = {
        "broker.example:1883": broker.address,
        "/media/backup": f"{server.folder}/backup",
        "/var/lib/postgresql/hq": f"{server.folder}/data",
    }
    shell = shell_at(tmp_path, places, PGHOST=str(server.folder), PGUSER="hq")
    shell.run([Step("mkdir /media/backup", as_server=True), *prepare])
    ours = f"unix_socket_directories = '{server.folder}'\nlisten_addresses = ''\n"
    with (server.folder / "data" / "postgresql.conf").open("a") as file:
        file.write(shell.here(settings("moment")) + ours)
    try:
        server.start()
        ask_hq(chain.hq, "--store", server.database(), "init")
        chain.open()
        points = held(chain.hq, CARD)
        shell.run(copy)
        chain.give(KEPT)
        ((moment,),) = server.say("SELECT to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS.USOF')")
        shell.places["2026-11-23 14:04:00+08"] = str(moment)
        chain.give_and_lose()
        server.say("TRUNCATE entry, balance, member", "t1")
        shell.run(back)
        shell.run(again)
        wait(lambda: waits(chain.hq) == ["0002.1"], "0001 to confirm")
        shell.run(missing)
        chain.sellers[1].start()
        wait(lambda: pool(chain.hq) == "open", "0002 to confirm")
        shell.run(open_again)
        compare(chain, chain.hq, chain.sellers, points=points + KEPT + LOST)
        shell.end()
    finally:
        chain.close()
        for process in shell.running:
            process.kill()
        if (server.folder / "data" / "postmaster.pid").exists():  # no child of ours any more
            stop = "pg_ctl --pgdata=/var/lib/postgresql/hq --mode=immediate stop"
            shell.run([Step(stop, as_server=True)])
        server.remove()
