"""MQTT as a pipe. paho's thread only puts what arrives into a queue.

As a worker's, the line subscribes to a share of what boxes send (MQTT 5). Only a broker that speaks
version 5 and says nothing against shared subscriptions is believed: others grant the subscription
and deliver nothing.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from daemon.entropy import Entropy, jitter
from daemon.sync.security import tls_context
from hq.intake import Arrival, Outgoing
from hq.pipe import DRAIN_MAX, RETRY_S, Address, Come, taken

QUEUE_MAX = 2000  # messages that paho has taken from the broker: 128 MB at most
UNTAKEN_MAX = 2 * DRAIN_MAX  # of one worker: what it stores, and what waits meanwhile
KEEPALIVE_S = 30
SUBSCRIBE_S = 20.0  # a node that does not answer for so long has lost its cluster
SHARE = "memberbox"  # the name of the workers' shared subscription


@dataclass(frozen=True, slots=True)
class Broker:
    """Where brokers are, one as good as the other, and how they are spoken to."""

    addresses: tuple[Address, ...]
    tls: Path | None = None  # the folder with our certificate; None: in clear
    version: str = "3.1.1"


class Line:
    """Listens to topics at one of the brokers; the next one after each connection that failed."""

    def __init__(
        self,
        broker: Broker,
        topics: Sequence[str],
        *,
        entropy: Entropy,
        say: Callable[[str], None],
        shared: bool = False,
    ) -> None:
        self._broker = broker
        self._topics = [f"$share/{SHARE}/{topic}" for topic in topics] if shared else list(topics)
        self._shared = shared
        self._entropy = entropy
        self._say = say
        self._inbox: queue.Queue[Come] = queue.Queue(QUEUE_MAX)
        self._listening = threading.Event()
        self._client: mqtt.Client | None = None
        self._tried = 0  # connections so far
        self._retry_s = RETRY_S[0]
        self._retry_at = 0.0
        self._since = 0.0  # of the present connection

    @property
    def place(self) -> str:
        host, port = self._address
        return f"mqtt {host}:{port}"

    @property
    def connection(self) -> int:
        return self._tried if self._listening.is_set() else 0

    @property
    def empty(self) -> bool:
        return self._inbox.empty()

    @property
    def _address(self) -> Address:
        return self._broker.addresses[max(0, self._tried - 1) % len(self._broker.addresses)]

    def keep_open(self) -> None:
        now = time.monotonic()
        patient = now - self._since < SUBSCRIBE_S
        if self._listening.is_set() or (patient and self._connected()):
            return
        if now < self._retry_at:
            return
        self._close()
        self._since = now
        self._retry_at = now + self._retry_s * (1 + jitter(self._entropy))
        self._retry_s = min(2 * self._retry_s, RETRY_S[1])
        self._tried += 1
        client = self._client = self._new_client()
        host, port = self._address
        clean = True if self._five else mqtt.MQTT_CLEAN_START_FIRST_ONLY
        try:
            client.connect(host, port, KEEPALIVE_S, clean_start=clean, properties=self._asked())
        except OSError as error:
            self._say(f"broker {host}:{port}: {error}")
            return
        client.loop_start()

    def arrived(self) -> list[Come]:
        return taken(self._inbox)

    def publish(self, messages: Sequence[Outgoing]) -> None:
        for message in messages:
            # QoS 0, and never queued while disconnected: boxes ask again.
            if self._client is not None and self._listening.is_set():
                self._client.publish(message.topic, message.payload, qos=0)

    def leave(self) -> None:
        self._close()
        self._retry_at = 0.0
        while not self._inbox.empty():
            self._inbox.get_nowait()

    # -- inside ------------------------------------------------------------------------------

    @property
    def _five(self) -> bool:
        return self._shared or self._broker.version == "5"

    def _connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def _asked(self) -> Properties | None:
        """Of a share no more than is soon stored: the other workers get the rest."""
        if not self._shared:
            return None
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        asked.ReceiveMaximum = UNTAKEN_MAX
        return asked

    def _close(self) -> None:
        client, self._client = self._client, None
        self._listening.clear()
        if client is not None:
            client.disconnect()
            client.loop_stop()

    def _new_client(self) -> mqtt.Client:
        """A new client object for every connection: an old one re-sends what nobody waits for."""
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"memberbox-hq-{self._entropy.draw(6).hex()}",
            clean_session=None if self._five else True,
            protocol=mqtt.MQTTv5 if self._five else mqtt.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        if self._broker.tls is not None:
            client.tls_set_context(tls_context(self._broker.tls))
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, mine: mqtt.Client, _data: object, _flags: object, reason: object, told: object
    ) -> None:
        if mine is not self._client:
            return
        if getattr(reason, "is_failure", True):
            self._say(f"broker {self.place}: {reason}{self._needs()}")
        elif self._shared and getattr(told, "SharedSubscriptionAvailable", 1) == 0:
            self._say(f"broker {self.place}: it has no shared subscriptions{self._needs()}")
            mine.disconnect()
        else:
            mine.subscribe([(topic, 1) for topic in self._topics])

    def _on_subscribe(
        self, mine: mqtt.Client, _data: object, _mid: int, codes: object, _props: object
    ) -> None:
        if mine is not self._client:
            return
        refused = [code for code in codes if code.is_failure] if isinstance(codes, list) else []
        if refused:
            self._say(f"broker {self.place}: it lets us not listen: {refused[0]}")
            mine.disconnect()
            return
        self._retry_s = RETRY_S[0]
        self._listening.set()

    def _on_disconnect(
        self, mine: mqtt.Client, _data: object, _flags: object, reason: object, _props: object
    ) -> None:
        if mine is self._client:
            self._listening.clear()

    def _on_message(self, mine: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        forget = partial(mine.ack, message.mid, message.qos) if message.qos else _nothing
        come = Come(Arrival(topic, bytes(message.payload)), forget)
        while mine is self._client:
            try:
                self._inbox.put(come, timeout=1)
                return
            except queue.Full:
                continue

    def _needs(self) -> str:
        said = ". Workers need a broker of MQTT 5 with shared subscriptions, or --nats."
        return said if self._shared else ""


def _nothing() -> None:
    """Nobody waits for a message of QoS 0."""
