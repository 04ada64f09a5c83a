"""A box makes its own key for TLS, headquarters signs it: by a line and by a stick, with real ends.

The broker has two doors: one for who has a certificate, one for first contact, by password.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.appliance.ends import BOX, PASSWORD, OneBox, TwoDoors, hq_lines
from tests.brokers import HOST
from tests.hq.serving import Serving, ask_hq


@pytest.fixture
def hq(tmp_path):
    ask_hq(tmp_path / "hq", "init")
    return tmp_path / "hq"


def test_the_first_contact_by_a_line_then_revoked_then_let_in_again(hq, tmp_path):
    broker = TwoDoors(tmp_path, hq)
    doors = (f'mqtt = "{HOST}:{broker.main}"', f'enrol = "{HOST}:{broker.enrol}"')
    box = OneBox(tmp_path / "box", hq_lines(hq, *doors, f'password = "{PASSWORD}"'))
    try:
        broker.start()
        with Serving(hq, f"{HOST}:{broker.main}", "--tls"):
            box.start()
            box.until(lambda: box.certificate() is not None, "headquarters signs")
            box.until(lambda: box.at(broker.main), "it goes to the door of all others")
            box.until(lambda: box.status().get("hq_connected") is True, "and is answered there")
            first = box.certificate()
            assert first is not None and first.subject.rfc4514_string() == f"CN={BOX}"
            key = (box.state / "tls" / "own.key").stat()
            assert key.st_mode & 0o777 == 0o600
            ask_hq(hq, "certificate", BOX, "--renew")  # as `serve` does in the last year
            box.until(lambda: box.certificate() != first, "a later one of the same key")
            first = box.certificate()
            assert ask_hq(hq, "certificate", BOX, "--revoke")["revoked"] == 2
            broker.start()
            box.until(lambda: box.at(broker.enrol), "revoked, it says so at the other door")
            time.sleep(1)
            assert _serials(hq) == [], "headquarters signs nothing for it"
            ask_hq(hq, "token", BOX)  # the operator lets it in again
            box.stop()
            box.start()
            box.until(lambda: box.certificate() != first, "there is a new one")
            box.until(lambda: box.status().get("hq_connected") is True, "it is answered")
            box.until(lambda: box.at(broker.main), "at the door of all others")
    finally:
        box.stop()
        broker.stop()


def _serials(hq: Path) -> list[str]:
    """Return the serial numbers of the box's certificates that are good."""
    from hq.store import open_office

    office = open_office(hq)
    try:
        query = "SELECT serial FROM certificate WHERE name = ? AND revoked IS NULL"
        return [row[0] for row in office.db.execute(query, (BOX,))]
    finally:
        office.close()


def test_the_first_contact_by_a_stick(hq, tmp_path):
    """One visit and back: the key goes up, the certificate comes down, and later ones; then the
    line is open."""
    broker = TwoDoors(tmp_path, hq)
    stick = tmp_path / "stick"
    stick.mkdir()
    box = OneBox(tmp_path / "box", hq_lines(hq, f'mqtt = "{HOST}:{broker.main}"'))
    words = [sys.executable, "-m", "daemon.cli", "--config", str(box.config), "--json"]
    try:
        box.start()
        box.until((box.state / "tls" / "own.pub").exists, "the key is made")
        box.until(lambda: "carry a stick" in str(box.status().get("notes")), "it says what to do")
        subprocess.run([*words, "stick", "export", str(stick)], check=True, capture_output=True)
        assert ask_hq(hq, "stick", "import", str(stick))["ok"]
        assert ask_hq(hq, "stick", "export", str(stick))["ok"]
        subprocess.run([*words, "stick", "import", str(stick)], check=True, capture_output=True)
        box.until(lambda: box.certificate() is not None, "the certificate has come")
        first = box.certificate()
        ask_hq(hq, "certificate", BOX, "--renew")  # as `serve` does in the last year
        assert ask_hq(hq, "stick", "export", str(stick))["ok"]
        subprocess.run([*words, "stick", "import", str(stick)], check=True, capture_output=True)
        box.until(lambda: box.certificate() != first, "a later one comes by stick too")
        broker.start()
        with Serving(hq, f"{HOST}:{broker.main}", "--tls"):
            box.until(lambda: box.status().get("hq_connected") is True, "and opens the line")
    finally:
        box.stop()
        broker.stop()


def test_the_lines_for_the_technician_are_a_good_config(hq, tmp_path):
    from daemon.config import check

    box = OneBox(tmp_path / "box", hq_lines(hq, 'mqtt = "hq.example:8883"', 'enrol = "h:8884"'))
    assert check(box.config) == []
    text = box.config.read_text("utf-8")
    box.config.write_text(re.sub(r'ca = """.*?"""\n', "", text, flags=re.DOTALL), "utf-8")
    (wrong,) = check(box.config)
    assert "ca beside enrol" in str(wrong)
