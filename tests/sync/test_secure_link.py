"""Mutual TLS with certificates that headquarters made, and MQTT 5: real brokers, real processes."""

import asyncio
import ssl
import stat
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509

from daemon.clock import ClockState, Reading
from daemon.errors import LinkError
from daemon.sync.security import CERTIFICATE, KEY, enrolling_context, tls_context
from hq import certificates
from hq.store import create
from tests.brokers import HOST, Broker
from tests.hq.serving import Serving, ask_hq
from tests.sync.test_processes import LiveBox, agree, prepared, until


def broker_of(kind: str, folder: Path, tls: Path | None) -> Broker:
    try:
        return Broker(kind, folder, tls=tls)
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("kind", ["nats", "mosquitto"])
def test_only_who_has_our_certificate_comes_to_the_broker(kind: str, tmp_path: Path) -> None:
    asyncio.run(_mutual(kind, tmp_path))


async def _mutual(kind: str, tmp_path: Path) -> None:
    folder, key, token = prepared(tmp_path)
    at_broker, mine = tmp_path / "at-broker", tmp_path / "mine"
    ask_hq(folder, "certificate", "broker", "--host", HOST, "--out", str(at_broker))
    ask_hq(folder, "certificate", "0001", "--out", str(mine))
    assert stat.S_IMODE((mine / KEY).stat().st_mode) == 0o600
    with broker_of(kind, tmp_path / "broker", at_broker) as broker:
        with Serving(folder, broker.address, "--tls"):
            box = LiveBox(tmp_path / "box", broker.address, key, token, tls=mine)
            await box.start()
            await box.sell(20)
            await agree(box, folder)
            await box.stop()
        naked = LiveBox(tmp_path / "naked", broker.address, key, token)
        await naked.start()
        stranger = LiveBox(
            tmp_path / "stranger", broker.address, key, token, tls=_stranger(tmp_path, at_broker)
        )
        await stranger.start()
        await until(lambda: stranger.sync.status().reason != "", "the stranger is turned away")
        await until(lambda: naked.sync.status().reason != "", "and who has none")
        for one in (naked, stranger):
            assert not one.sync.status().connected
            await one.stop()


def _stranger(tmp_path: Path, at_broker: Path) -> Path:
    """Another headquarters' certificate, with our CA to believe the broker."""
    ask_hq(tmp_path / "other-hq", "init")
    folder = tmp_path / "strange"
    ask_hq(tmp_path / "other-hq", "certificate", "0001", "--out", str(folder))
    (folder / "ca.pem").write_bytes((at_broker / "ca.pem").read_bytes())
    return folder


def test_what_is_revoked_is_turned_away(tmp_path: Path) -> None:
    asyncio.run(_revoked(tmp_path))


async def _revoked(tmp_path: Path) -> None:
    folder, key, token = prepared(tmp_path)
    at_broker, mine = tmp_path / "at-broker", tmp_path / "mine"
    ask_hq(folder, "certificate", "broker", "--host", HOST, "--out", str(at_broker))
    ask_hq(folder, "certificate", "0001", "--out", str(mine))
    revoked = ask_hq(folder, "certificate", "0001", "--revoke")
    (at_broker / "crl.pem").write_bytes(Path(str(revoked["crl"])).read_bytes())
    with broker_of("mosquitto", tmp_path / "broker", at_broker) as broker:
        box = LiveBox(tmp_path / "box", broker.address, key, token, tls=mine)
        await box.start()
        await until(lambda: box.sync.status().reason != "", "it is turned away")
        assert not box.sync.status().connected
        await box.stop()
        fresh = tmp_path / "fresh"
        ask_hq(folder, "certificate", "0001", "--out", str(fresh))
        with Serving(folder, broker.address, "--tls"):
            again = LiveBox(tmp_path / "box", broker.address, key, token, tls=fresh)
            await again.start()
            await until(lambda: again.sync.status().connected, "a new one is let in")
            await again.stop()


def test_mqtt_5_does_the_same(tmp_path: Path) -> None:
    asyncio.run(_version_5(tmp_path))


async def _version_5(tmp_path: Path) -> None:
    folder, key, token = prepared(tmp_path)
    broker = broker_of("mosquitto", tmp_path / "broker", None)
    with broker, Serving(folder, broker.address, "--mqtt-version", "5"):
        box = LiveBox(tmp_path / "box", broker.address, key, token, version="5")
        await box.start()
        await box.sell(20)
        await agree(box, folder)
        broker.kill()
        await box.sell(20)
        broker.start()
        await agree(box, folder)
        await box.stop()


def test_a_folder_without_certificates_is_said_not_thrown(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="memberbox-hq certificate"):
        tls_context(tmp_path)
    (tmp_path / "ca.pem").write_text("nothing")
    (tmp_path / CERTIFICATE).write_text("nothing")
    with pytest.raises(LinkError):
        tls_context(tmp_path)


def test_a_box_whose_clock_stands_in_1970_believes_the_certificates(tmp_path: Path) -> None:
    ask_hq(tmp_path / "hq", "init")
    ask_hq(tmp_path / "hq", "certificate", "0001", "--out", str(tmp_path / "mine"))
    for name in ("ca.pem", "own.pem"):
        made = x509.load_pem_x509_certificate((tmp_path / "mine" / name).read_bytes())
        assert made.not_valid_before_utc.timestamp() == 0


def test_a_box_whose_clock_is_years_ahead_believes_the_broker_and_nobody_else(
    tmp_path: Path,
) -> None:
    """To this machine's clock the broker's certificate has ended long ago."""
    office = create(tmp_path / "hq", clock=Stopped())
    certificates.issue(office, "broker", tmp_path / "broker", hosts=(HOST,))
    certificates.issue(office, "0001", tmp_path / "mine")
    office.close()
    made = x509.load_pem_x509_certificate((tmp_path / "broker" / CERTIFICATE).read_bytes())
    assert made.not_valid_after_utc.year < 2010
    ca = (tmp_path / "mine" / "ca.pem").read_text()
    for context in (tls_context(tmp_path / "mine"), enrolling_context(ca)):
        assert handshake(context, tmp_path / "broker", HOST)
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(context, tmp_path / "broker", "127.0.0.2")
    other = create(tmp_path / "other-hq")
    certificates.issue(other, "broker", tmp_path / "false", hosts=(HOST,))
    other.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tls_context(tmp_path / "mine"), tmp_path / "false", HOST)


class Stopped:
    """A clock that stands in 1999."""

    def read(self) -> Reading:
        return Reading("b", 0, datetime(1999, 1, 1, tzinfo=timezone.utc), ClockState.SYNCED)


def handshake(context: ssl.SSLContext, server: Path, name: str) -> bool:
    """Let a client of this context meet a server with this folder's certificate, in memory."""
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(server / CERTIFICATE, server / KEY)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        context.wrap_bio(down, up, server_hostname=name),
        there.wrap_bio(up, down, server_side=True),
    )
    done: set[int] = set()
    for _ in range(10):
        for number, end in enumerate(ends):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
                done.add(number)
    return len(done) == 2
