"""Keyboard nodes: grabbed or not taken at all, and gone when they are gone."""

import asyncio
import errno
import os
import socket

import pytest

from daemon.drivers.keyboard import KeyReader, open_device
from daemon.drivers.resources import InputPort

PORT = InputPort("/dev/input/by-path/x-event-kbd")


class Node:
    """An event node as evdev shows one: readable for ever once its device is gone."""

    def __init__(self, *, held=(), grabbed_by_another=False):
        self.held = list(held)
        self._taken = grabbed_by_another
        self.calls = []
        self._near, self._far = socket.socketpair()
        self._far.send(b"x")  # poll() says readable, always
        self.fd = self._near.fileno()

    def active_keys(self):
        self.calls.append("keys")
        return [self.held.pop()] if self.held else []

    def grab(self):
        self.calls.append("grab")
        if self._taken:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    def read(self):
        self.calls.append("read")
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def close(self):
        self.calls.append("close")
        self._near.close()
        self._far.close()


def new_node(**how):
    return Node(**how)


def test_an_unplugged_node_ends_at_once_and_does_not_spin_the_loop():
    async def scenario():
        node = new_node()
        reader = KeyReader(node, lambda *event: None)
        reader.listen()
        assert await asyncio.wait_for(reader.gone, 1) == "unplugged"
        await asyncio.sleep(0.05)
        assert node.calls.count("read") == 1
        reader.let_go()()
        assert node.calls[-1] == "close"

    asyncio.run(scenario())


def test_no_grab_no_role():
    """What another program has grabbed would also be typed into the customer's page."""
    node = new_node(grabbed_by_another=True)
    with pytest.raises(OSError, match="busy"):
        open_device(PORT, lambda path: node)
    assert node.calls[-1] == "close"


def test_it_is_grabbed_when_no_key_is_down():
    """Grabbed while Enter is down, the console never sees it go up: a stuck Enter."""
    node = new_node(held=[28, 28])
    open_device(PORT, lambda path: node)
    assert node.calls == ["keys", "keys", "keys", "grab"]
    node.close()
