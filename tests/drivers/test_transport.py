"""Streams over real terminals and sockets: fragments, stalls, ends."""

import asyncio
import os
import socket
import tty

import pytest

from daemon.drivers.transport import Flow, Stream, close_line, connect, open_serial

BIG = bytes(range(256)) * 4096


@pytest.fixture
def terminal():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def test_an_idle_line_is_not_taken_for_one_that_is_gone(terminal):
    _, path = terminal
    line = open_serial(path, baud=9600, flow=Flow.NONE)
    with pytest.raises(BlockingIOError):
        os.read(line.fileno(), 1)
    close_line(line)


@pytest.mark.parametrize("flow", Flow)
def test_a_line_is_ours_alone(terminal, flow):
    _, path = terminal
    line = open_serial(path, baud=9600, flow=flow)
    with pytest.raises(OSError, match="lock"):
        open_serial(path, baud=9600, flow=flow)
    close_line(line)
    close_line(open_serial(path, baud=9600, flow=flow))


def test_bytes_go_both_ways_through_a_terminal(terminal):
    master, path = terminal

    async def scenario():
        heard = bytearray()
        stream = Stream(open_serial(path, baud=9600, flow=Flow.NONE), heard.extend)
        os.write(master, b"\x12\r\x11\x13\x03\x04\x1c\xff")
        await stream.write(b"\x1b@\n\x00", stall_s=1)
        await asyncio.sleep(0.05)
        assert heard == b"\x12\r\x11\x13\x03\x04\x1c\xff"
        assert os.read(master, 100) == b"\x1b@\n\x00"
        stream.let_go()()

    asyncio.run(scenario())


async def socket_pair(on_bytes=lambda data: None):
    listener = socket.create_server(("127.0.0.1", 0))
    line = await connect(socket.AF_INET, listener.getsockname(), within_s=1)
    peer, _ = listener.accept()
    listener.close()
    return Stream(line, on_bytes), peer


def test_a_slow_reader_gets_every_byte_in_order():
    async def scenario():
        stream, peer = await socket_pair()
        peer.setblocking(False)
        writing = asyncio.create_task(stream.write(BIG, stall_s=5))
        got = bytearray()
        while len(got) < len(BIG):
            got += await asyncio.get_running_loop().sock_recv(peer, 70_000)
        await writing
        assert got == BIG
        await asyncio.sleep(0.05)
        assert stream.unsent_bytes() == 0
        peer.close()
        stream.let_go()()

    asyncio.run(scenario())


def test_a_reader_that_takes_nothing_ends_the_write():
    async def scenario():
        stream, peer = await socket_pair()
        with pytest.raises(TimeoutError, match="no byte taken"):
            await stream.write(BIG, stall_s=0.1)
        assert stream.unsent_bytes() > 0
        peer.close()
        stream.let_go()()

    asyncio.run(scenario())


def test_the_end_is_told_once_and_ends_a_write_that_waits():
    async def scenario():
        stream, peer = await socket_pair()
        writing = asyncio.create_task(stream.write(BIG, stall_s=5))
        await asyncio.sleep(0.05)
        peer.close()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(writing, 1)
        assert stream.gone.result()
        with pytest.raises(ConnectionError):
            await stream.write(b"x", stall_s=1)
        stream.let_go()()
        assert stream.unsent_bytes() == 0

    asyncio.run(scenario())
