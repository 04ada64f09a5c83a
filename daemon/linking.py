"""What leads out of the box, made from its config: the link to headquarters, the second copy.

What they import (paho, the protocol) is a sixth of all that a box imports, so it comes when the box
serves already.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.clock import Clock, SystemClock
from daemon.config import Config
from daemon.config_tables import OWN_TLS
from daemon.entropy import Entropy
from daemon.ledger.store import Store
from daemon.status import Status

TLS = "tls"  # in the state directory: the certificate that came down

if TYPE_CHECKING:
    from daemon.board import Board
    from daemon.sync.doors import Own
    from daemon.sync.link import Sync
    from daemon.sync.secondcopy import SecondCopy


def link_of(
    config: Config,
    store: Store,
    clock: Clock,
    entropy: Entropy,
    *,
    status: Callable[[], Status],
    on_change: Callable[[], None],
    board: "Board",
) -> "Sync | None":
    """Return the link, to be started; None for a box without headquarters."""
    hq = config.hq
    if hq is None:
        return None
    from daemon.sync.link import Sync

    return Sync(
        store,
        mqtt=hq.mqtt,
        hq_key=hq.key_bytes,
        token=None if hq.token is None else hq.token.reveal(),
        entropy=entropy,
        clock=clock,
        status=status,
        on_change=on_change,
        judge=board.judge,
        contents=board.contents,
        on_content=board.came,
        on_time=clock.tell if isinstance(clock, SystemClock) else None,
        tls=tls_folder(config),
        own=_own(config),
        renewed=config.state_dir / TLS,
        mqtt_version=hq.mqtt_version,
        login=None if hq.password is None else (hq.user or store.chain.box, hq.password.reveal()),
    )


def tls_folder(config: Config) -> Path | None:
    """Return where the link's key and certificate lie; None: it is in clear."""
    tls = None if config.hq is None else config.hq.tls
    return config.state_dir / TLS if tls == OWN_TLS else tls


def _own(config: Config) -> "Own | None":
    """Return how the box comes to a certificate of the key that it makes itself."""
    from daemon.sync.doors import Own

    hq = config.hq
    if hq is None or hq.tls != OWN_TLS:
        return None
    host, _, port = hq.enrol.rpartition(":")
    enrol = (host.strip("[]"), int(port)) if hq.enrol else None
    return Own(config.state_dir / TLS, enrol, hq.ca)


def copy_of(config: Config, store: Store, entropy: Entropy) -> "SecondCopy | None":
    """Return the second copy, to be started; None where the config names no folder."""
    if config.second_copy is None:
        return None
    from daemon.sync.secondcopy import SecondCopy

    hq_key = None if config.hq is None else config.hq.key_bytes
    return SecondCopy(store, config.second_copy, hq_key=hq_key, entropy=entropy)
