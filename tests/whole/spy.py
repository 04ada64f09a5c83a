"""Hears everything that goes over the broker."""

import threading

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

CONNECT_WITHIN_S = 5.0


class Spy:
    def __init__(self, address: str) -> None:
        self._heard: list[tuple[str, bytes]] = []
        self._ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("mb1/#")
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = lambda _, __, note: self._heard.append(
            (note.topic, bytes(note.payload))
        )
        host, _, port = address.rpartition(":")
        self._client.connect(host, int(port))

    def __enter__(self) -> "Spy":
        self._client.loop_start()
        assert self._ready.wait(CONNECT_WITHIN_S), "the broker does not let the spy listen"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def heard(self) -> list[tuple[str, bytes]]:
        return list(self._heard)
