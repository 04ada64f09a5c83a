"""What systemd hears from the box, on a real socket."""

import socket

import pytest

from daemon.notify import STATUS_CHARS_MAX, Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(2)
        if request.param == "path":
            listener.bind(str(tmp_path / "notify"))
        else:
            listener.bind("")  # the kernel chooses an abstract name
        name = listener.getsockname()
        named = "@" + name[1:].decode() if isinstance(name, bytes) else name
        yield listener, {"NOTIFY_SOCKET": named, "WATCHDOG_USEC": "30000000"}


def test_systemd_hears_ready_alive_status_and_stopping(systemd):
    listener, environ = systemd
    notifier = Notifier(environ)
    notifier.ready()
    notifier.status("printer: cover open\nClose it")
    notifier.alive()
    notifier.stopping()
    assert [listener.recv(4096) for _ in range(4)] == [
        b"READY=1",
        b"STATUS=printer: cover open Close it",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


def test_a_long_status_is_cut(systemd):
    listener, environ = systemd
    Notifier(environ).status("收" * 1000)
    assert listener.recv(4096).decode() == "STATUS=" + "收" * STATUS_CHARS_MAX


def test_the_watchdog_is_fed_twice_as_often_as_systemd_asks():
    assert Notifier({"WATCHDOG_USEC": "30000000"}).watchdog_every_s == 15
    assert Notifier({}).watchdog_every_s is None


def test_without_systemd_or_with_a_dead_one_nothing_happens(tmp_path):
    Notifier({}).ready()
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


def test_a_systemd_that_does_not_read_never_blocks_the_box(systemd):
    _, environ = systemd
    notifier = Notifier(environ)
    for _ in range(5000):
        notifier.alive()
