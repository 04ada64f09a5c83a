"""The box config: what a technician writes, and what they are told about it."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import asdict

from daemon.commands.vocabulary import vocabulary
from daemon.config import (
    CONFIG_BYTES_MAX,
    ConfigError,
    Vocabulary,
    check,
    load,
)
from daemon.events import DeviceKind
from daemon.mistakes import ConfigProblem

EXAMPLE = Path(__file__).parents[2] / "config" / "memberbox.example.toml"
TOKEN = "s3cret-one-time-token"

GOOD = f"""
[box]
id = "0018"
[shop]
no = "0018"
name = "真子专柜"
chain = "真子丽人俱乐部"
address = ""
phone = ""
language = "zh_CN"
timezone = "Asia/Shanghai"
[hq]
mqtt = "127.0.0.1:1883"
key = "{"ab" * 32}"
token = "{TOKEN}"
[counter]
operator = "02"
"""
PRINTER = """
[[devices]]
name = "printer"
kind = "receipt_printer"
driver = "escpos"
port = "tcp:127.0.0.1:9100"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "memberbox.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> dict[str, ConfigProblem]:
    return {problem.key: problem for problem in check(written(folder, text))}


def device(kind: str, port: str) -> str:
    return f'[[devices]]\nname = "it"\nkind = "{kind}"\ndriver = "any"\nport = "{port}"\n'


def test_the_example_is_a_good_config_and_names_every_key():
    config = load(EXAMPLE)
    by_default = [kind for kind in DeviceKind if kind is not DeviceKind.BEEPER]
    assert [device.kind for device in config.devices] == by_default
    text = EXAMPLE.read_text(encoding="utf-8")
    for key in (
        *("state_dir", "run_dir", "clock_start", "owner", "service_phone", "token", "float_fen"),
        *("exact_cash_guard_ms", "map", "earns", "refundable", "baud", "profile", "faces"),
        *("playlist", "logo", "font", "background", "text", "accent"),
    ):
        assert f"{key} = " in text


def test_uncommenting_the_examples_defaults_changes_nothing(tmp_path):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        if not line.startswith(
            (
                *("# state_dir", "# run_dir", "# clock_start", "# token", "# map"),
                *("# playlist", "# logo", "# font", "# background", "# text", "# accent"),
            )
        ):
            continue
        changed = [*lines[:at], line.removeprefix("# "), *lines[at + 1 :]]
        assert check(written(tmp_path, "\n".join(changed))) == [], line


def test_defaults_are_filled_in(tmp_path):
    config = load(written(tmp_path, GOOD), environ={})
    assert (config.state_dir, config.run_dir) == (
        Path("/var/lib/memberbox"),
        Path("/run/memberbox"),
    )
    assert config.shop.closing_hour == 4
    assert config.counter.guide == config.counter.operator == "02"
    assert config.keypad.exact_cash_guard_ms == 400
    assert [(tender.key, tender.code) for tender in config.tenders] == [
        ("ENTER", "cash"),
        ("*1", "bank"),
        ("*2", "wechat"),
        ("*5", "alipay"),
    ]
    assert config.kiosk is None
    assert config.hq is not None
    assert (config.hq.host, config.hq.port, config.hq.key_bytes) == (
        "127.0.0.1",
        1883,
        b"\xab" * 32,
    )


def test_systemd_says_where_the_state_lies_unless_the_file_does(tmp_path):
    environ = {"STATE_DIRECTORY": "/srv/one:/srv/two", "RUNTIME_DIRECTORY": "/run/one"}
    config = load(written(tmp_path, GOOD), environ=environ)
    assert (config.state_dir, config.run_dir) == (Path("/srv/one"), Path("/run/one"))
    named = GOOD.replace("[box]", '[box]\nstate_dir = "/srv/own"')
    assert load(written(tmp_path, named), environ=environ).state_dir == Path("/srv/own")


def test_a_box_without_headquarters_works(tmp_path):
    text = GOOD[: GOOD.index("[hq]")] + GOOD[GOOD.index("[counter]") :]
    assert load(written(tmp_path, text)).hq is None


@pytest.mark.parametrize("quote", ['"', ""])
def test_clock_start_as_text_or_as_toml_date_time(tmp_path, quote):
    line = f"[box]\nclock_start = {quote}2026-03-06T09:55:00+08:00{quote}"
    config = load(written(tmp_path, GOOD.replace("[box]", line)))
    assert config.box.clock_start == datetime.fromisoformat("2026-03-06T09:55:00+08:00")


def test_five_mistakes_are_five_errors_in_one_run(tmp_path):
    text = GOOD.replace('id = "0018"', 'id = "box 18"').replace("zh_CN", "zh")
    text = text.replace("[shop]", "[shop]\nclosing_hour = 7\nservice_fone = 1")
    found = mistakes(tmp_path, text + device("line_display", "/dev/ttyUSB0"))
    assert set(found) == {
        "box.id",
        "shop.language",
        "shop.closing_hour",
        "shop.service_fone",
        "devices[0].port",
    }
    assert all(problem.file == str(tmp_path / "memberbox.toml") for problem in found.values())
    assert found["box.id"].allowed == "1 to 16 of A-Z a-z 0-9 -"
    assert found["box.id"].value == "box 18"
    assert found["shop.closing_hour"].allowed == "a whole number from 0 to 6"
    assert found["shop.closing_hour"].value == 7
    assert found["shop.language"].nearest == "zh_CN"
    assert found["shop.service_fone"].nearest == "service_phone"
    assert "service_phone" in found["shop.service_fone"].allowed
    assert str(found["devices[0].port"]) == (
        'memberbox.toml: devices[0].port: "/dev/ttyUSB0" is no stable name. '
        "Use one of /dev/serial/by-path/... (memberbox suggest)."
    )
    json.dumps([asdict(problem) for problem in found.values()])


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("Asia/Shanghai", "Asia/Shangai", "shop.timezone"),
        ("Asia/Shanghai", "../../etc/passwd", "shop.timezone"),
        ("[shop]", "[shop]\nclosing_hour = true", "shop.closing_hour"),
        ("[shop]", "[shop]\nclosing_hour = 4.0", "shop.closing_hour"),
        ("127.0.0.1:1883", "127.0.0.1", "hq.mqtt"),
        ("127.0.0.1:1883", "127.0.0.1:70000", "hq.mqtt"),
        ("ab" * 32, "ab" * 31, "hq.key"),
        ("[box]", '[box]\nstate_dir = "data"', "box.state_dir"),
        ("[box]", '[box]\nclock_start = "2026-03-06T09:55:00"', "box.clock_start"),
        ("[box]", '[box]\nclock_start = "soon"', "box.clock_start"),
        ('operator = "02"', "operator = 2", "counter.operator"),
        ('operator = "02"', 'operator = "02"\nfloat_fen = -1', "counter.float_fen"),
        ('operator = "02"', "", "counter.operator"),
        ("[counter]", "[counters]", "counters"),
        ("真子专柜", "a\\nb", "shop.name"),
    ],
)
def test_what_may_not_stand_in_a_table_is_named_by_its_key(tmp_path, old, new, key):
    assert old in GOOD
    assert key in mistakes(tmp_path, GOOD.replace(old, new))


def test_a_table_that_is_missing_is_named(tmp_path):
    found = mistakes(tmp_path, GOOD.replace("[counter]", "[counters]"))
    assert found["counter"].found == "is missing"
    assert found["counters"].nearest == "counter"


@pytest.mark.parametrize(
    ("kind", "port"),
    [
        ("card_reader", "pipe:/tmp/bench/swiper"),
        ("receipt_printer", "tcp:[::1]:9100"),
        ("line_display", "/dev/pts/4"),
        ("line_display", "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0"),
        ("stick", "folder:/tmp/bench/stick"),
    ],
)
def test_port_forms(tmp_path, kind, port):
    assert mistakes(tmp_path, GOOD + device(kind, port)) == {}


@pytest.mark.parametrize(
    "port",
    [
        *("", "COM3", "usb:1", "tcp:host", "tcp:host:0", "pipe:relative"),
        *("/", "/dev/ttyACM1", "/dev/hidraw0", "/dev/input/event3", "/dev/usb/lp0"),
    ],
)
def test_ports_that_no_box_should_open(tmp_path, port):
    assert list(mistakes(tmp_path, GOOD + device("scanner", port))) == ["devices[0].port"]


def test_names_keys_and_codes_stand_once(tmp_path):
    tender = '[[tenders]]\nkey = "*1"\ncode = "bank"\nname = "x"\n'
    found = mistakes(tmp_path, GOOD + PRINTER + PRINTER + tender + tender)
    assert set(found) == {"devices[1].name", "tenders[1].key", "tenders[1].code"}
    assert found["devices[1].name"].found == "is already the name of devices[0]"


def test_a_drawer_hangs_on_a_printer_by_port_or_by_name(tmp_path):
    drawer = '[[devices]]\nname = "drawer"\nkind = "cash_drawer"\ndriver = "any"\n'
    for line in ('port = "printer:printer"', 'printer = "printer"'):
        config = load(written(tmp_path, GOOD + PRINTER + drawer + line))
        assert (config.devices[1].port, config.devices[1].printer) == ("printer:printer", "printer")
    found = mistakes(tmp_path, GOOD + PRINTER + drawer + 'port = "printer:prniter"')
    assert found["devices[1].port"].found == "names no printer"
    assert found["devices[1].port"].nearest == "printer"
    assert list(mistakes(tmp_path, GOOD + PRINTER + drawer)) == ["devices[1].port"]
    lost = mistakes(tmp_path, GOOD + PRINTER + 'printer = "printer"')
    assert list(lost) == ["devices[0].printer"]


def test_words_of_other_rooms_are_checked_where_they_are_given(tmp_path):
    words = Vocabulary(
        drivers={"receipt_printer": ("escpos", "star")}, profiles={"escpso": ("xp80",)}
    )
    path = written(tmp_path, GOOD + PRINTER.replace("escpos", "escpso") + 'profile = "xp58"')
    found = {problem.key: problem for problem in check(path, words)}
    assert found["devices[0].driver"].nearest == "escpos"
    assert found["devices[0].driver"].allowed == "one of escpos, star"
    assert found["devices[0].profile"].nearest == "xp80"
    assert check(path) == []


def test_the_example_names_drivers_and_ports_that_there_are():
    assert check(EXAMPLE, vocabulary()) == []


def test_a_driver_says_which_ports_it_takes_and_which_profiles_it_knows(tmp_path):
    pole = device("line_display", "tcp:127.0.0.1:9100").replace("any", "cd5220")
    path = written(tmp_path, GOOD + PRINTER + 'profile = "cd5220"\n' + pole)
    found = {problem.key: problem for problem in check(path, vocabulary())}
    assert set(found) == {"devices[0].profile", "devices[1].port"}
    assert "generic-80" in found["devices[0].profile"].allowed
    assert found["devices[1].port"].found == "is no place for cd5220"
    assert "/dev/serial/by-path" in found["devices[1].port"].allowed


def test_keypad_map_gives_only_keys_of_the_grammar(tmp_path):
    good = '[keypad]\nmap = { KEY_TAB = "CLEAR" }\n'
    assert load(written(tmp_path, GOOD + good)).keypad.map == {"KEY_TAB": "CLEAR"}
    found = mistakes(tmp_path, GOOD + good.replace("CLEAR", "ESC"))
    assert "ENTER" in found["keypad.map.KEY_TAB"].allowed


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[box]\nid = \n", "line 2"),
        ("[box\n", "line 1"),
        ("a = 1\nb = '", "line 2"),
        ("x = " + "[" * 9000, "line 1"),
        ("x = " + "9" * 9000, "line 1"),
    ],
)
def test_broken_toml_is_named_by_its_line(tmp_path, text, line):
    (problem,) = check(written(tmp_path, text))
    assert problem.key == line
    assert "TOML" in str(problem)


def test_a_file_in_another_encoding_is_named_by_its_line(tmp_path):
    path = tmp_path / "memberbox.toml"
    path.write_bytes("[shop]\nname = '真子'".encode("gbk"))
    (problem,) = check(path)
    assert (problem.key, problem.found) == ("line 2", "is no UTF-8")


@pytest.mark.parametrize("make", ["missing", "folder", "huge"])
def test_a_file_that_cannot_be_read_says_so(tmp_path, make):
    path = tmp_path / "memberbox.toml"
    if make == "folder":
        path.mkdir()
    if make == "huge":
        path.write_bytes(b"#" * (CONFIG_BYTES_MAX + 1))
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.unreadable
    assert len(caught.value.problems) == 1


def test_secrets_stand_in_no_repr_and_in_no_mistake(tmp_path):
    config = load(written(tmp_path, GOOD))
    assert config.hq is not None
    assert config.hq.token is not None
    assert config.hq.token.reveal() == TOKEN
    assert TOKEN not in f"{config} {config!r}"
    spoilt = [
        GOOD.replace("token", "tokn"),
        GOOD.replace("token", "mqtt2"),
        GOOD.replace(f'key = "{"ab" * 32}"', f'key = "{TOKEN}"'),
        GOOD.replace("127.0.0.1:1883", f"box:{TOKEN}@hq:1883"),
        GOOD.replace("[hq]", "[hqq]"),
        GOOD.replace(f'"{TOKEN}"', f'["{TOKEN}"]'),
        GOOD.replace(f'"{TOKEN}"', f'"{TOKEN}'),
    ]
    for text in spoilt:
        with pytest.raises(ConfigError) as caught:
            load(written(tmp_path, text))
        said = f"{caught.value!r} {caught.value} {caught.value.problems!r}"
        assert TOKEN not in said
        assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("more", "port", "printer", "found"),
    [
        ('printer = "printer"', "printer:printer", "printer", ""),
        ('port = "printer:printer"', "printer:printer", "printer", ""),
        ('port = "/dev/input/by-path/x-event-spkr"', "/dev/input/by-path/x-event-spkr", "", ""),
        ('printer = "nobody"', "", "", "names no printer"),
        ("", "", "", "names no printer"),
    ],
)
def test_a_beeper_is_in_a_printer_or_a_device_of_its_own(more, port, printer, found, tmp_path):
    text = EXAMPLE.read_text(encoding="utf-8")
    file = tmp_path / "memberbox.toml"
    beeper = f'\n[[devices]]\nname = "b"\nkind = "beeper"\ndriver = "any"\n{more}\n'
    file.write_text(text + beeper, encoding="utf-8")
    problems = check(file)
    assert [problem.found for problem in problems] == ([found] if found else [])
    if not found:
        device = load(file).devices[-1]
        assert (device.port, device.printer) == (port, printer)
