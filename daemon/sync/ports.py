"""What sync needs of the rest of the box, as small protocols: the store, and what the box says."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Protocol

from daemon.ledger.local import Acknowledged, Letter
from daemon.ledger.records import Chain, Draft, Head
from daemon.ledger.views import (
    DownMark,
    Durable,
    Joined,
    LotRow,
    MemberRow,
    Outcome,
    PackRow,
    Stored,
)


class LocalStore(Protocol):
    """What of local.db the courier and its inbox need."""

    def put_member_key(self, card: str, *, key: bytes, phone_digest: bytes | None) -> None: ...

    def member_key(self, card: str) -> bytes | None: ...

    def keys_to_ship(self, cards: Iterable[str]) -> dict[str, bytes]: ...

    def kept_key(self, card: str) -> tuple[bytes, bytes | None] | None: ...

    def is_erased(self, card: str) -> bool: ...

    def put_letter(self, letter: Letter) -> None: ...

    def letter(self, epoch: int, n: int) -> Letter | None: ...

    def drop_letters(self, epoch: int, *, up_to: int) -> None: ...

    def put_acknowledged(self, ack: Acknowledged) -> None: ...

    def acknowledged(self, epoch: int) -> Acknowledged | None: ...

    def fact(self, name: str) -> str | None: ...

    def put_fact(self, name: str, value: str) -> None: ...


class BooksView(Protocol):
    def down_mark(self, epoch: int) -> DownMark | None: ...

    def pack(self, name: str, version: int) -> PackRow | None: ...

    def business_date(self) -> str | None: ...

    def open_date(self) -> str | None: ...

    def active_pack(self) -> PackRow | None: ...

    def lots(self, account: str, unit: str) -> list[LotRow]: ...

    def held(self, account: str, unit: str, lot: str) -> int: ...

    def member(self, member: str) -> MemberRow | None: ...


class PursesView(Protocol):
    def held_by(self, chain: Chain, account: str, unit: str, lot: str) -> int: ...


class Ledger(Protocol):
    """The store, as far as the courier needs it (daemon/ledger/store.py)."""

    @property
    def chain(self) -> Chain: ...

    @property
    def head(self) -> Head: ...

    @property
    def device_public(self) -> bytes: ...

    @property
    def books(self) -> BooksView: ...

    @property
    def purses(self) -> PursesView: ...

    @property
    def local(self) -> LocalStore: ...

    def sign(self, domain: str, payload: bytes) -> bytes: ...

    def submit(self, draft: Draft) -> Future[Outcome]: ...

    def read(self, epoch: int, first: int, limit: int) -> list[Stored]: ...

    def joined(self, epoch: int, first: int, limit: int) -> Joined | None: ...

    def find(self, source: str, name: str) -> Durable | None: ...

    def chains(self) -> list[tuple[Chain, Head]]: ...


class Keeper(Ledger, Protocol):
    """The store, as far as its second copy needs it."""

    @property
    def device_seed(self) -> bytes: ...

    @property
    def phone_key(self) -> bytes: ...

    @property
    def recovery(self) -> bytes: ...


class PackSaid(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


class DeviceSaid(Protocol):
    @property
    def kind(self) -> str: ...

    @property
    def state(self) -> str: ...


class BoxSaid(Protocol):
    """What the box says of itself (daemon/status.py), as far as hello repeats it."""

    @property
    def pack(self) -> PackSaid | None: ...

    @property
    def devices(self) -> Mapping[str, DeviceSaid]: ...
