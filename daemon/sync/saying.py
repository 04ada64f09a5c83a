"""What a box says of itself and asks: hello, state and ask letters, signed."""

from base64 import b64encode
from collections.abc import Callable

import msgspec

from daemon import seal
from daemon.ledger.views import DownMark
from daemon.sync.asking import SendAsk
from daemon.sync.ports import BoxSaid, Ledger
from daemon.sync.wire import (
    VERSION,
    Ask,
    ChainOffer,
    DeviceNote,
    Hello,
    LetterKind,
    PackHeld,
    State,
    seal_letter,
)
from daemon.sync.wire import DownMark as DownSaid


class Identity(msgspec.Struct, frozen=True):
    """Who talks to whom: HQ's key, the one-time token of the config, this software."""

    hq_key: bytes
    token: str | None
    software: str
    tls_key: Callable[[], str] = str  # the public half of the box's own TLS key; "": none


class Says:
    """Writes the letters of one box."""

    def __init__(self, store: Ledger, identity: Identity, status: Callable[[], BoxSaid]) -> None:
        self._store = store
        self._identity = identity
        self._status = status
        self._said: Hello | None = None

    def changed(self) -> bool:
        """Whether a hello would say something else of pack and devices than the last one did."""
        last = self._said
        return last is not None and self._spoken() != (last.pack, last.devices)

    def hello(self, session: str, mark: DownMark, incarnation: int, *, known: bool) -> bytes:
        """Return a hello. `known`: HQ has acknowledged this box, the token has served."""
        self._said = self._hello(session, mark, incarnation, known=known)
        return seal_letter(LetterKind.HELLO, self._said, self._store.sign)

    def carried(self, mark: DownMark, incarnation: int, *, known: bool) -> tuple[Hello, bytes]:
        """Return a hello that goes on a stick, and its letter: it belongs to no connection."""
        hello = self._hello("", mark, incarnation, known=known)
        return hello, seal_letter(LetterKind.HELLO, hello, self._store.sign)

    def _hello(self, session: str, mark: DownMark, incarnation: int, *, known: bool) -> Hello:
        store, identity = self._store, self._identity
        pack, devices = self._spoken()
        token = b""
        if identity.token is not None and not known:
            token = seal.seal(identity.hq_key, identity.token.encode())
        return Hello(
            VERSION,
            store.chain.box,
            session,
            identity.software,
            tuple(ChainOffer(chain.epoch, head.seq, head.hash) for chain, head in store.chains()),
            DownSaid(store.chain.epoch, mark.n, mark.hash),
            incarnation,
            pack,
            devices,
            store.device_public.hex(),
            b64encode(token).decode(),
            identity.tls_key(),
        )

    def state(self, session: str, *, online: bool) -> bytes:
        state = State(VERSION, self._store.chain.box, session, online)
        return seal_letter(LetterKind.STATE, state, self._store.sign)

    def ask(self, effect: SendAsk) -> bytes:
        """Return a question; a phone number is sealed to HQ."""
        asked, chain, phone = effect.question, self._store.chain, ""
        if asked.phone:
            sealed = seal.seal(self._identity.hq_key, asked.phone.encode())
            phone = b64encode(sealed).decode()
        ask = Ask(
            VERSION,
            chain.box,
            chain.epoch,
            effect.id,
            asked.what,
            asked.card,
            phone,
            asked.member,
            asked.unit,
            asked.amount,
            asked.sale,
        )
        return seal_letter(LetterKind.ASK, ask, self._store.sign)

    def _spoken(self) -> tuple[PackHeld | None, tuple[DeviceNote, ...]]:
        """Return what the box says of its pack and devices now."""
        said = self._status()
        pack = None if said.pack is None else PackHeld(said.pack.id, said.pack.version)
        return pack, tuple(
            DeviceNote(name, one.kind, one.state) for name, one in said.devices.items()
        )
