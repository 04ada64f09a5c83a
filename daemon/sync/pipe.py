"""paho-mqtt as a pipe: one connection, one thread, nothing queued, nothing retried.

A Pipe is used once. When it is down it stays down, and the link makes a new one: an old client
object would send again what nobody waits for, in an order of its own. Callbacks of paho never
raise (its thread would die without a word); what they saw is handed to the asyncio loop.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from daemon.errors import StoreError
from daemon.sync.mailroom import Mail, Mailroom
from daemon.sync.security import enrolling_context, tls_context
from daemon.sync.wire import WireError, down

KEEPALIVE_S = 30  # a dead TCP connection is noticed after 45 s
UP_QOS = 1  # the broker takes it for sure; what HQ has, HQ says itself
DOWN_QOS = 0  # a QoS 1 subscription costs a broker a queue for each box


class Where(msgspec.Struct, frozen=True):
    """The broker, the name that this box has there, and how it is spoken to."""

    host: str
    port: int
    client_id: str
    tls: Path | None = None  # the folder with certificates; None: in clear
    version: str = "3.1.1"  # 5 only makes a broker's refusals easier to understand
    renewed: Path | None = None  # the folder with a later certificate, if one came
    login: tuple[str, str] | None = None  # name and password, where the broker asks for them
    enrol_ca: str = ""  # at the door of first contact: whom to believe; we have no certificate


class Ears(msgspec.Struct, frozen=True):
    """What the pipe tells, always on the loop's own thread."""

    up: Callable[["Pipe"], None]  # connected and subscribed
    down: Callable[["Pipe", str], None]  # gone, and why
    mail: Callable[["Pipe", Mail], None]
    refused: Callable[["Pipe", str], None]  # something came that HQ did not sign for us


class Pipe:
    """One MQTT connection of a box."""

    def __init__(
        self,
        where: Where,
        *,
        will: tuple[str, bytes],
        mailroom: Mailroom,
        ears: Ears,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._where = where
        self._mailroom = mailroom
        self._ears = ears
        self._loop = loop
        self._client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=where.client_id,
            clean_session=None if where.version == "5" else True,
            protocol=mqtt.MQTTv5 if where.version == "5" else mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        if where.enrol_ca:
            client.tls_set_context(enrolling_context(where.enrol_ca))
        elif where.tls is not None:
            client.tls_set_context(tls_context(where.tls, where.renewed))
        if where.login is not None:
            client.username_pw_set(*where.login)
        client.will_set(will[0], will[1], qos=UP_QOS)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message

    def open(self) -> None:
        """Start connecting; `up` or `down` will be told."""
        where = self._where
        clean = True if where.version == "5" else mqtt.MQTT_CLEAN_START_FIRST_ONLY
        self._client.connect_async(where.host, where.port, keepalive=KEEPALIVE_S, clean_start=clean)
        self._client.loop_start()

    @property
    def alive(self) -> bool:
        """Tell whether paho's thread still runs; one that died says nothing itself."""
        thread = self._client._thread  # paho tells it nowhere else
        return thread is not None and thread.is_alive()

    def send(self, topic: str, payload: bytes) -> bool:
        """Hand a message to the broker; False when the connection is gone."""
        if not self._client.is_connected():
            return False
        return self._client.publish(topic, payload, qos=UP_QOS).rc == mqtt.MQTT_ERR_SUCCESS

    def close(self) -> None:
        """Leave, and tell nothing more; the thread ends by itself, nobody waits for it."""
        client = self._client
        client.disconnect()
        # Else the two hold each other, and with them two sockets that wait for Python's collector.
        client.on_connect = client.on_connect_fail = client.on_subscribe = None
        client.on_disconnect = client.on_message = None

    # -- paho's thread ---------------------------------------------------------------------------

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: object, _more: object
    ) -> None:
        if getattr(reason, "is_failure", True):
            self._tell(self._ears.down, f"the broker refuses us: {reason}")
            return
        box = self._where.client_id
        topics = [down(box, what) for what in ("ack", "log", "content")]
        if self._where.version == "5":
            client.subscribe([(topic, SubscribeOptions(qos=DOWN_QOS)) for topic in topics])
        else:
            client.subscribe([(topic, DOWN_QOS) for topic in topics])

    def _on_connect_fail(self, _client: mqtt.Client, _data: object) -> None:
        self._tell(self._ears.down, "the broker cannot be reached")

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, codes: object, _more: object
    ) -> None:
        refused = isinstance(codes, list) and any(
            getattr(code, "is_failure", False) for code in codes
        )
        if refused:
            self._tell(self._ears.down, "the broker does not let us listen")
        else:
            self._hand(self._ears.up, self)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: object, _more: object
    ) -> None:
        self._tell(self._ears.down, f"the broker is gone: {reason}")

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            mail = self._mailroom.open(message.topic, bytes(message.payload))
        except (WireError, StoreError, UnicodeDecodeError) as error:
            self._tell(self._ears.refused, str(error))  # HQ sends it again
            return
        except Exception as error:  # a bug of ours: said on the loop, or paho's thread would die
            self._tell(self._ears.refused, f"a bug: {error!r}")
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._ears.mail, self, mail)

    def _tell(self, ear: Callable[["Pipe", str], None], why: str) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(ear, self, why)

    def _hand(self, ear: Callable[["Pipe"], None], pipe: "Pipe") -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(ear, pipe)
