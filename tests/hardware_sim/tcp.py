"""The cable of a network printer: a TCP port on loopback that serves one client at a time.

A second client is let in by the kernel and waits, unanswered, until the first has gone: so do
cheap print servers. Unplugged, the port refuses; plugged in again it is the same port, also on a
bench that was started again: a printer keeps its address.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

READ_BYTES_MAX = 4096
RECEIVE_BYTES = 4096  # the kernel's buffer: small, so that a stalled printer is felt soon
WAITING_CLIENTS_MAX = 8
UNSENT_BYTES_MAX = 65536  # answers that the client does not fetch


class TcpPort:
    """One listening port; the kernel chooses it when it is first plugged in, `keep` remembers."""

    def __init__(self, keep: Path | None = None) -> None:
        self._on_bytes: Callable[[bytes], object] = len
        self._keep = keep
        self._port = 0
        self._kept = 0 if keep is None or not keep.exists() else int(keep.read_text())
        self._busy = False
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self._stalled = False
        self._unsent = b""

    @property
    def path(self) -> str:
        return f"tcp:127.0.0.1:{self._port}"

    @property
    def plugged(self) -> bool:
        return self._listener is not None

    def plug(self, on_bytes: Callable[[bytes], None]) -> None:
        """Listen; what the client writes goes to on_bytes.

        Raises OSError when another process took the port while it was unplugged.
        """
        if self._listener:
            return
        self._on_bytes = on_bytes
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        self._bind(listener)
        listener.listen(WAITING_CLIENTS_MAX)
        listener.setblocking(False)
        self._port = listener.getsockname()[1]
        if self._keep is not None:
            self._keep.write_text(str(self._port))
        self._listener = listener
        if not self._busy:
            self._watch_listener()

    def _bind(self, listener: socket.socket) -> None:
        """Take the port that it has; at the start the one of last time, if nobody took it."""
        if not self._port and self._kept:
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", self._kept))
                return
        listener.bind(("127.0.0.1", self._port))

    def unplug(self) -> None:
        """Close the port and the connection."""
        if not self._listener:
            return
        self._drop_client()
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()
        self._listener = None

    def stall(self, *, stalled: bool) -> None:
        """Stop or go on reading."""
        if stalled == self._stalled:
            return
        self._stalled = stalled
        if self._client:
            loop = asyncio.get_running_loop()
            if stalled:
                loop.remove_reader(self._client)
            else:
                loop.add_reader(self._client, self._read)

    def occupy(self, *, busy: bool) -> None:
        """Another client has the printer: whoever connects now is let in and not attended to."""
        if busy == self._busy:
            return
        self._busy = busy
        if not self._listener:
            return
        if not busy:
            self._watch_listener()
        elif self._client:
            self._drop_client()
        else:
            asyncio.get_running_loop().remove_reader(self._listener)

    def write(self, data: bytes) -> None:
        """Send data to the client, if there is one."""
        if not self._client:
            return
        self._unsent = (self._unsent + data)[-UNSENT_BYTES_MAX:]
        self._flush()

    def _watch_listener(self) -> None:
        assert self._listener
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        assert self._listener
        try:
            self._client, _ = self._listener.accept()
        except OSError:
            return  # it has gone again
        self._client.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener)  # the next one waits for this one
        if not self._stalled:
            loop.add_reader(self._client, self._read)

    def _read(self) -> None:
        assert self._client
        try:
            data = self._client.recv(READ_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._on_bytes(data)
            return
        self._drop_client()
        if not self._busy:
            self._watch_listener()

    def _flush(self) -> None:
        if not self._client:
            return
        loop = asyncio.get_running_loop()
        try:
            self._unsent = self._unsent[self._client.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent = b""  # reading will find that it has gone
        if self._unsent:
            loop.add_writer(self._client, self._flush)
        else:
            loop.remove_writer(self._client)

    def _drop_client(self) -> None:
        client, self._client, self._unsent = self._client, None, b""
        if not client:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(client)
        loop.remove_writer(client)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()
