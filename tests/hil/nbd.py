"""A disk with a volatile write cache: a server of the NBD protocol that remembers its order.

What is written lies in the cache until a flush, or comes with FUA. Every write, flush and word of
the guest is kept in the order in which it came, so that cuts.py can say what a power cut at any
moment might have left.

    handshake (fixed newstyle)   NBDMAGIC IHAVEOPT flags | flags | IHAVEOPT option length data ...
    request                      25609513 flags:16 type:16 cookie:64 offset:64 length:32 data
    answer                       67446698 error:32 cookie:64 data

https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
"""

import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

GREETING = b"NBDMAGIC" + b"IHAVEOPT" + struct.pack(">H", 3)  # fixed newstyle, no zeroes
OPTION = struct.Struct(">8sII")
OPTION_ANSWER = struct.Struct(">QIII")
OPTION_ANSWER_MAGIC = 0x0003E889045565A9
EXPORT_NAME, ABORT, INFO, GO = 1, 2, 6, 7
ACK, INFO_REPLY, UNSUPPORTED = 1, 3, 0x80000001
BLOCK_SIZES = (512, 4096, 1 << 25)  # least, best, most
REQUEST = struct.Struct(">IHHQQI")
ANSWER = struct.Struct(">IIQ")
REQUEST_MAGIC, ANSWER_MAGIC = 0x25609513, 0x67446698
FUA = 1
OFFERED = 1 | 4 | 8 | 64  # flags of the disk: they follow, flush, FUA, write zeroes
EINVAL = 22


class Do(IntEnum):
    READ = 0
    WRITE = 1
    DISCONNECT = 2
    FLUSH = 3
    WRITE_ZEROES = 6


@dataclass(frozen=True, slots=True)
class Wrote:
    """A write that lies in the cache; `sure`: it came with FUA, and lies on the medium."""

    offset: int
    data: bytes
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Flushed:
    """All that was written before lies on the medium."""


@dataclass(frozen=True, slots=True)
class Told:
    """The guest told the world something, after all that stands before."""

    word: str


Happened = Wrote | Flushed | Told


class Disk:
    """Serves `base` on the socket `path`, from start() until its one client has gone.

    `flush_s`: so long takes a flush. Who tells the world before it has ended is caught at it.
    """

    def __init__(self, base: bytes, path: Path, *, flush_s: float = 0.0) -> None:
        self._flush_s = flush_s
        self.base = base
        self.history: list[Happened] = []
        self.told = 0  # how often the guest said something
        self._data = bytearray(base)
        self._lock = threading.Lock()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, word: str) -> None:
        """Note that the guest said this now."""
        with self._lock:
            self.history.append(Told(word))
            self.told += 1

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError, EOFError):  # the guest's power is gone
            client, _ = self._listening.accept()
            with client:
                if self._greet(client):
                    while self._answer(client):
                        pass

    def _greet(self, client: socket.socket) -> bool:
        """Tell what disk there is, until the client takes it."""
        client.sendall(GREETING)
        _exactly(client, 4)
        about = struct.pack(">QH", len(self._data), OFFERED)
        while True:
            _, option, length = OPTION.unpack(_exactly(client, OPTION.size))
            _exactly(client, length)

            def reply(kind: int, data: bytes = b"", option: int = option) -> None:
                head = OPTION_ANSWER.pack(OPTION_ANSWER_MAGIC, option, kind, len(data))
                client.sendall(head + data)

            if option == EXPORT_NAME:
                client.sendall(about)
                return True
            if option in (INFO, GO):
                reply(INFO_REPLY, struct.pack(">H", 0) + about)
                reply(INFO_REPLY, struct.pack(">HIII", 3, *BLOCK_SIZES))
                reply(ACK)
                if option == GO:
                    return True
            elif option == ABORT:
                reply(ACK)
                return False
            else:
                reply(UNSUPPORTED)

    def _answer(self, client: socket.socket) -> bool:
        magic, flags, kind, cookie, offset, length = REQUEST.unpack(_exactly(client, REQUEST.size))
        assert magic == REQUEST_MAGIC, "not in step with the client"
        data = _exactly(client, length) if kind == Do.WRITE else b""
        error, read = 0, b""
        if kind == Do.FLUSH:
            time.sleep(self._flush_s)
        with self._lock:
            if kind == Do.READ:
                read = bytes(self._data[offset : offset + length])
            elif kind in (Do.WRITE, Do.WRITE_ZEROES):
                data = data or bytes(length)
                self._data[offset : offset + length] = data
                self.history.append(Wrote(offset, data, sure=bool(flags & FUA)))
            elif kind == Do.FLUSH:
                self.history.append(Flushed())
            elif kind == Do.DISCONNECT:
                return False
            else:
                error = EINVAL
        client.sendall(ANSWER.pack(ANSWER_MAGIC, error, cookie) + read)
        return True


def _exactly(client: socket.socket, length: int) -> bytes:
    """Return so many bytes. Raises EOFError when the client is gone."""
    came = bytearray()
    while len(came) < length:
        data = client.recv(length - len(came))
        if not data:
            raise EOFError
        came += data
    return bytes(came)
