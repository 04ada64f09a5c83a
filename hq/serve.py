"""`memberbox-hq serve`: MQTT around headquarters, one page on the loopback, until SIGTERM.

paho's thread only puts what arrives into a queue; one thread stores, answers, and only then lets
the broker's PUBACK go. A broker that dies, or we: boxes send again what was not acknowledged.
"""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from daemon.entropy import Entropy, jitter
from daemon.errors import LinkError, StoreError
from daemon.sync.security import tls_context
from daemon.sync.wire import TOPICS
from hq.headquarters import Headquarters
from hq.intake import Arrival, Outgoing
from hq.page import HOST, Page
from hq.store import Office, alone

QUEUE_MAX = 2000  # messages that paho has taken from the broker: 128 MB at most
DRAIN_MAX = 64  # messages of one transaction: 4 MB compressed, stored in 0.5 s
IDLE_S = 0.1  # how long new work of other processes (an import) may wait
WORK_EVERY_MS = 500  # booking goes on while intake is never idle
RETRY_S = (0.5, 15.0)  # first and longest wait before connecting again; jitter on top
KEEPALIVE_S = 30
SAY_REFUSALS_MAX = 20  # lines on stderr a minute; a stranger may send any number


@dataclass(frozen=True, slots=True)
class _Come:
    """A message as paho gave it, and the client whose PUBACK it waits for."""

    client: mqtt.Client
    mid: int
    qos: int
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and how it is spoken to."""

    host: str
    port: int
    tls: Path | None = None  # the folder with our certificate; None: in clear
    version: str = "3.1.1"


class Server:
    """One headquarters on one broker."""

    def __init__(self, office: Office, broker: Broker) -> None:
        self._office = office
        self._hq = Headquarters(office)
        self._entropy: Entropy = office.entropy
        self._broker = broker
        self._inbox: queue.Queue[_Come] = queue.Queue(QUEUE_MAX)
        self._stop = threading.Event()
        self._connected = threading.Event()
        self._client: mqtt.Client | None = None
        self._retry_s = RETRY_S[0]
        self._retry_at = 0.0
        self._greeted: mqtt.Client | None = None
        self._said: list[float] = []
        self._worked_ms = 0

    def stop(self) -> None:
        self._stop.set()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until stop(). `ready` is called when boxes can reach us for the first time."""
        said = False
        while not self._stop.is_set():
            try:
                self._keep_connected()
                if not said and self._connected.is_set():
                    said = True
                    ready()
                self._turn()
            except StoreError as error:
                if not error.retry:
                    raise
                self._say(str(error))
                self._wait_for_store()
        self._drop()

    def _wait_for_store(self) -> None:
        """Leave the broker until the database is back; boxes send again what was not answered."""
        self._drop()
        with suppress(queue.Empty):
            while True:
                self._inbox.get_nowait()
        wait_s = RETRY_S[0]
        while not self._stop.wait(wait_s * (1 + jitter(self._entropy))):
            wait_s = min(2 * wait_s, RETRY_S[1])
            try:
                self._hq = Headquarters(self._office)  # what the old one held in hand is not so
            except StoreError as error:
                if not error.retry:
                    raise
                continue
            self._retry_at = 0.0
            return

    def _turn(self) -> None:
        """Take what has arrived, answer it, and do some work."""
        come = self._arrived()
        now = time.monotonic_ns() // 1_000_000
        if come:
            drained = self._hq.take([one.arrival for one in come], mono_ms=now)
            for refusal in drained.refusals:
                self._say(f"refused {refusal.topic}: {refusal.why}")
            self._publish(drained.answers)
            for one in come:
                if one.qos:
                    one.client.ack(one.mid, one.qos)
        if self._connected.is_set() and self._greeted is not self._client:
            self._greeted = self._client
            self._publish(self._hq.started(now))
        if self._inbox.empty() or now - self._worked_ms >= WORK_EVERY_MS:
            self._worked_ms = now
            self._hq.work()
        self._publish(self._hq.posts(now))

    def _arrived(self) -> list[_Come]:
        come: list[_Come] = []
        try:
            come.append(self._inbox.get(timeout=IDLE_S))
            while len(come) < DRAIN_MAX:
                come.append(self._inbox.get_nowait())
        except queue.Empty:
            pass
        return come

    def _publish(self, messages: list[Outgoing]) -> None:
        if self._client is None:
            return
        for message in messages:
            # QoS 0, and never queued while disconnected: boxes ask again.
            if self._connected.is_set():
                self._client.publish(message.topic, message.payload, qos=0)

    def _keep_connected(self) -> None:
        if self._client is not None and (self._connected.is_set() or self._client.is_connected()):
            return
        now = time.monotonic()
        if now < self._retry_at:
            return
        self._drop()
        broker = self._broker
        self._retry_at = now + self._retry_s * (1 + jitter(self._entropy))
        self._retry_s = min(2 * self._retry_s, RETRY_S[1])
        client = self._client = self._new_client()
        try:
            clean = True if broker.version == "5" else mqtt.MQTT_CLEAN_START_FIRST_ONLY
            client.connect(broker.host, broker.port, keepalive=KEEPALIVE_S, clean_start=clean)
        except OSError as error:
            self._say(f"broker {broker.host}:{broker.port}: {error}")
            return
        client.loop_start()

    def _new_client(self) -> mqtt.Client:
        """A new client object for every connection: an old one re-sends what nobody waits for."""
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"memberbox-hq-{self._entropy.draw(6).hex()}",
            clean_session=None if self._broker.version == "5" else True,
            protocol=mqtt.MQTTv5 if self._broker.version == "5" else mqtt.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        if self._broker.tls is not None:
            client.tls_set_context(tls_context(self._broker.tls))

        def on_connect(
            mine: mqtt.Client, _data: object, _flags: object, reason: object, _props: object
        ) -> None:
            if mine is self._client and not getattr(reason, "is_failure", True):
                mine.subscribe(f"{TOPICS}/+/up/+", qos=1)

        def on_subscribe(
            mine: mqtt.Client, _data: object, _mid: int, _codes: object, _props: object
        ) -> None:
            if mine is self._client:
                self._retry_s = RETRY_S[0]
                self._connected.set()

        def on_disconnect(
            mine: mqtt.Client, _data: object, _flags: object, _reason: object, _props: object
        ) -> None:
            if mine is self._client:
                self._connected.clear()

        def on_message(mine: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
            try:
                topic = message.topic
            except UnicodeDecodeError:
                return
            come = _Come(mine, message.mid, message.qos, Arrival(topic, bytes(message.payload)))
            while not self._stop.is_set():
                try:
                    self._inbox.put(come, timeout=1)
                    return
                except queue.Full:
                    continue

        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_disconnect = on_disconnect
        client.on_message = on_message
        return client

    def _drop(self) -> None:
        client, self._client = self._client, None
        self._connected.clear()
        if client is not None:
            client.disconnect()
            client.loop_stop()

    def _say(self, text: str) -> None:
        now = time.monotonic()
        self._said = [when for when in self._said if now - when < 60]
        if len(self._said) < SAY_REFUSALS_MAX:
            self._said.append(now)
            print(text, file=sys.stderr, flush=True)


def serve(
    office: Office,
    opened: Callable[[], Office],
    *,
    broker: Broker,
    http_port: int,
    say: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `say` gets one line when boxes can reach us.

    Raises LinkError when the page's port is taken, StoreError when another serves here.
    """
    with alone(office):
        _serve(office, opened, broker=broker, http_port=http_port, say=say)


def _serve(
    office: Office,
    opened: Callable[[], Office],
    *,
    broker: Broker,
    http_port: int,
    say: Callable[[str], None],
) -> None:
    server = Server(office, broker)
    page = Page(opened, http_port)
    try:
        page.start()
    except OSError as error:
        raise LinkError(
            f"{HOST}:{http_port}",
            doing="opening the page",
            found=str(error),
            fix="Give another --http port.",
            retry=False,
        ) from error

    def end(_number: int, _frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    server.run(lambda: say(f"ready {page.address} mqtt {broker.host}:{broker.port}"))
