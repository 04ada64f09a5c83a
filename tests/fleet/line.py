"""A box's MQTT connection on the process's own loop: paho's socket, no thread."""

import asyncio
import socket
from collections.abc import Callable

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from daemon.sync.pipe import DOWN_QOS, KEEPALIVE_S, UP_QOS
from daemon.sync.wire import down


class Line:
    """One connection; used once, as the real pipe."""

    def __init__(
        self,
        box: str,
        will: tuple[str, bytes],
        *,
        up: Callable[[], None],
        lost: Callable[[], None],
        heard: Callable[[str, bytes], None],
    ) -> None:
        self._box = box
        self._up, self._lost, self._heard = up, lost, heard
        self._loop = asyncio.get_running_loop()
        client = self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=box, reconnect_on_failure=False
        )
        client.will_set(*will, qos=UP_QOS)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._up()
        client.on_disconnect = lambda *_: self._lost()
        client.on_message = lambda _c, _d, one: self._heard(one.topic, bytes(one.payload))
        client.on_socket_open = self._opened
        client.on_socket_close = self._closed
        client.on_socket_register_write = self._writing
        client.on_socket_unregister_write = self._written

    def open(self, host: str, port: int) -> bool:
        """Connect; False: nobody listens there."""
        try:
            self._client.connect(host, port, keepalive=KEEPALIVE_S)
        except OSError:
            return False
        return True

    def send(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=UP_QOS)

    def tick(self) -> None:
        """About a second has passed."""
        self._client.loop_misc()

    def cut(self) -> None:
        """Leave without a word more: the broker sends the will."""
        self._lost = lambda: None
        client = self._client
        found = client.socket()
        if found is not None:
            self._closed(client, None, found)
            found.close()
        # It finds the handle closed when it is collected.
        client.on_socket_close = client.on_socket_unregister_write = None

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: object, _more: object
    ) -> None:
        if getattr(reason, "is_failure", True):
            self._lost()
            return
        client.subscribe([(down(self._box, what), DOWN_QOS) for what in ("ack", "log")])

    def _opened(self, client: mqtt.Client, _data: object, sock: object) -> None:
        assert isinstance(sock, socket.socket)
        self._loop.add_reader(sock, client.loop_read)

    def _writing(self, client: mqtt.Client, _data: object, sock: object) -> None:
        assert isinstance(sock, socket.socket)
        self._loop.add_writer(sock, client.loop_write)

    def _written(self, _client: mqtt.Client, _data: object, sock: object) -> None:
        assert isinstance(sock, socket.socket)
        self._loop.remove_writer(sock)

    def _closed(self, _client: mqtt.Client, _data: object, sock: object) -> None:
        assert isinstance(sock, socket.socket)
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)
