"""The page's server over real sockets: ranges, nothing but what is played, no long queues."""

import http.client
import json
import os
import random
import socket
import time
from pathlib import Path

import pytest

from daemon.counter.effects import Audience
from daemon.counter.screens import BasketShown
from daemon.display.kiosk.board import PAGES_MAX
from tests.kiosk.house import House

FUZZ_N = int(os.environ.get("MEMBERBOX_FUZZ_N", "500"))
SECRET = b"the owner's secret"
WITHIN_S = 5.0


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    root = tmp_path_factory.mktemp("house")
    playlist = root / "playlist"
    playlist.mkdir()
    (root / "secret.jpg").write_bytes(SECRET)
    (playlist / "film.webm").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 1200)
    with House(root) as made:
        until(lambda: made.kiosk.said().playing == 1)
        yield made


def until(done) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not done():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def port_of(house: House) -> int:
    return int(house.url.rsplit(":", 1)[1].strip("/"))


def ask(house: House, path: str, method: str = "GET", body: bytes = b"", **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", port_of(house), timeout=WITHIN_S)
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, fields)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def film(house: House) -> tuple[str, bytes]:
    stored = house.kiosk._files
    name, one = next(iter(stored.items()))
    return f"/content/{name}", one.path.read_bytes()


def events(house: House) -> socket.socket:
    page = socket.create_connection(("127.0.0.1", port_of(house)), WITHIN_S)
    host = f"127.0.0.1:{port_of(house)}"
    page.sendall(f"GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return page


def read_until(page: socket.socket, text: bytes) -> bytes:
    """Return what came until the event that holds text is whole."""
    data = b""
    while text not in data or not data.endswith(b"\n\n"):
        more = page.recv(65536)
        assert more, data
        data += more
    return data


def test_a_film_is_sent_whole_and_by_ranges(house):
    path, data = film(house)
    answer, body = ask(house, path)
    assert (answer.status, body) == (200, data)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "video/webm"
    assert "immutable" in answer.headers["Cache-Control"]
    for asked, wanted, told in (
        ("bytes=0-0", data[:1], f"bytes 0-0/{len(data)}"),
        ("bytes=1000-", data[1000:], f"bytes 1000-{len(data) - 1}/{len(data)}"),
        ("bytes=-500", data[-500:], f"bytes {len(data) - 500}-{len(data) - 1}/{len(data)}"),
        ("bytes=5-99999999", data[5:], f"bytes 5-{len(data) - 1}/{len(data)}"),
    ):
        answer, body = ask(house, path, Range=asked)
        assert (answer.status, body) == (206, wanted)
        assert answer.headers["Content-Range"] == told
    answer, body = ask(house, path, Range=f"bytes={len(data)}-")
    assert (answer.status, body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(data)}"


def test_head_tells_the_length_and_sends_nothing(house):
    path, data = film(house)
    for asked, status, length in (("", 200, len(data)), ("bytes=10-19", 206, 10)):
        answer, body = ask(house, path, "HEAD", Range=asked)
        assert (answer.status, answer.headers["Content-Length"], body) == (status, str(length), b"")


def test_a_browser_that_has_it_is_told_so(house):
    path, _ = film(house)
    answer, _ = ask(house, path)
    answer, body = ask(house, path, If_None_Match=answer.headers["ETag"])
    assert (answer.status, body) == (304, b"")


def test_the_page_may_load_nothing_from_anywhere_else(house):
    answer, body = ask(house, "/")
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "http" not in policy and "*" not in policy
    for name in ("index.html", "kiosk.css", "kiosk.js", "player.js"):
        page = (Path("daemon/display/kiosk/page") / name).read_text(encoding="utf-8")
        assert "http:" not in page and "https:" not in page and "//cdn" not in page
    for line in body.decode().splitlines():
        if "/page/" in line:
            address = line.split('"')[1 if "src=" in line else 3]
            found, data = ask(house, address)
            assert found.status == 200 and data and "immutable" in found.headers["Cache-Control"]


def test_our_font_and_its_licence_are_there(house):
    tag = json.loads(read_until(events(house), b"\n\n").split(b"data: ")[1].split(b"\n")[0])["tag"]
    answer, data = ask(house, f"/page/{tag}/font.otf")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "font/otf")
    assert data[:4] == b"OTTO" and Path("config/fonts/OFL.txt").exists()


def test_a_name_that_is_not_loopbacks_is_refused(house):
    for host in ("evil.example", f"evil.example:{port_of(house)}", "127.0.0.1", ""):
        answer, body = ask(house, "/", Host=host)
        assert answer.status == 421 and b"html" not in body


def test_it_listens_on_loopback_alone(house):
    sockets = house.kiosk._site._server.sockets
    assert [one.getsockname()[0] for one in sockets] == ["127.0.0.1"]


@pytest.mark.parametrize(
    "path",
    [
        *("/content/../secret.jpg", "/content/..%2fsecret.jpg", "/content/%2e%2e/secret.jpg"),
        *("/content//etc/hostname", "/content/film.webm", "/page/x/../../kiosk.py"),
        *("/page/x/kiosk.py", "/content/", "/../secret.jpg", "//secret.jpg", "/etc/hostname"),
        "/content/..\\secret.jpg",
    ],
)
def test_nothing_outside_of_the_playlist_can_be_had(house, path):
    answer, body = ask(house, path)
    assert answer.status == 404 and SECRET not in body


def test_fuzz_of_paths_finds_nothing_but_what_is_played(house):
    draw = random.Random(5)
    played, data = film(house)
    parts = [
        "..",
        ".",
        "%2e%2e",
        "%2f",
        "\\",
        "/",
        "content",
        "secret.jpg",
        "playlist",
        "film.webm",
    ]
    parts += ["%00", "\x7f", "é", "?", "&", "page", "etc", "hostname", played.rsplit("/", 1)[1]]
    for _ in range(FUZZ_N):
        path = "/" + "".join(draw.choice(parts) for _ in range(draw.randrange(1, 6)))
        answer, body = raw(house, f"GET {path} HTTP/1.1".encode())
        assert answer in (b"200", b"400", b"404"), path
        known = path.startswith(played) or path.partition("?")[0] == "/"
        assert SECRET not in body and (known or answer != b"200"), path
        assert len(body) < len(data) or path.startswith(played), path


def test_fuzz_of_requests_never_stops_the_page(house):
    draw = random.Random(9)
    good = b"POST /alive HTTP/1.1\r\nHost: %s\r\nContent-Length: 4\r\n\r\n{}{}"
    for _ in range(FUZZ_N):
        data = bytearray(good)
        for _ in range(draw.randrange(1, 12)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        with socket.create_connection(("127.0.0.1", port_of(house)), WITHIN_S) as page:
            page.sendall(bytes(data))
            page.shutdown(socket.SHUT_WR)
            while page.recv(65536):
                pass
    assert ask(house, "/")[0].status == 200


def raw(house: House, line: bytes) -> tuple[bytes, bytes]:
    with socket.create_connection(("127.0.0.1", port_of(house)), WITHIN_S) as page:
        page.sendall(line + b"\r\nHost: 127.0.0.1:%d\r\n\r\n" % port_of(house))
        data = b""
        while more := page.recv(65536):
            data += more
    head, _, body = data.partition(b"\r\n\r\n")
    return head.split(b" ")[1], body


def test_what_a_page_says_of_itself_is_heard_or_refused(house):
    said = {"page": "p", "view": "ads", "failed": [film(house)[0], "/content/none"]}
    assert ask(house, "/alive", "POST", json.dumps(said).encode())[0].status == 204
    age = house.kiosk.said().seen_age_s
    assert age is not None and age < WITHIN_S
    assert any("film.webm" in note for note in house.kiosk.notes())
    for body in (b"", b"{}", b"[1]", b'{"page": 1}', b"\xff", b"x" * 100):
        assert ask(house, "/alive", "POST", body)[0].status == 400
    assert ask(house, "/alive", "POST", b" " * 5000)[0].status == 413
    said["failed"] = []
    ask(house, "/alive", "POST", json.dumps(said).encode())
    assert house.kiosk.notes() == []


def test_a_page_that_comes_late_is_told_everything_at_once(house):
    house.swipes("8800000000018")
    page = events(house)
    data = read_until(page, b"event: view")
    assert data.index(b"event: hello") < data.index(b"event: view") and b"event: show" in data
    assert "王**".encode() in data
    page.close()
    house.keys("CLEAR CLEAR")
    until(lambda: house.kiosk.said().pages == 0)


def test_a_page_that_sleeps_holds_nothing_up_and_then_gets_the_newest(house):
    """Ten thousand screens for a browser that reads none: no queue grows anywhere."""
    sleeper = events(house)
    read_until(sleeper, b"event: view")
    awake = events(house)
    read_until(awake, b"event: view")
    house.keys("4 ENTER")
    basket = house.clerk.screens[Audience.CUSTOMER]
    assert isinstance(basket, BasketShown)

    async def flood() -> None:
        for fen in range(10_000):
            quote = basket.quote
            changed = type(quote)(
                quote.basket, quote.lines, fen, fen, 0, 0, (), quote.notices, None, ()
            )
            house.kiosk.show(Audience.CUSTOMER, type(basket)(None, changed, None))

    began = time.monotonic()
    house.on_loop(flood())
    read_until(awake, b'"value":"99.99"')
    took_s = time.monotonic() - began
    assert took_s < WITHIN_S
    waiting = 0
    sleeper.setblocking(False)
    try:
        while more := sleeper.recv(1 << 20):
            waiting += len(more)
            last = more
    except BlockingIOError:
        pass
    assert b'"value":"99.99"' in last and waiting < 300_000
    sleeper.close()
    awake.close()
    house.keys("CLEAR CLEAR")


def test_pages_that_pile_up_push_out_the_oldest(house):
    pages = [events(house) for _ in range(PAGES_MAX + 3)]
    for page in pages:
        read_until(page, b"\n\n")
    until(lambda: house.kiosk.said().pages == PAGES_MAX)
    first = pages[0]
    first.settimeout(WITHIN_S)
    while first.recv(65536):
        pass  # it was closed: the oldest is a ghost
    for page in pages:
        page.close()
    until(lambda: house.kiosk.said().pages == 0)


def test_players_that_go_away_leave_no_file_open(house):
    path, _ = film(house)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", port_of(house)), WITHIN_S) as player:
            host = f"127.0.0.1:{port_of(house)}"
            player.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            player.recv(1)
    until(lambda: len(os.listdir("/proc/self/fd")) <= before)


def test_the_port_is_the_same_again_after_a_restart(house):
    port = port_of(house)
    pages = [events(house) for _ in range(3)]
    for page in pages:
        read_until(page, b"event: view")
    house.end()  # with pages open: it does not wait for them
    house.start()
    for page in pages:
        page.close()
    assert port_of(house) == port
    until(lambda: house.kiosk.said().playing == 1)


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with House(tmp_path, kiosk=f"port = {taken}\n") as box:
            assert box.kiosk.url is None
            assert f"port {taken}" in box.kiosk.notes()[0] and "port = 0" in box.kiosk.notes()[0]
            box.swipes("8800000000018")  # the counter goes on
