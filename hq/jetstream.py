"""A JetStream of NATS as a pipe: what boxes publish by MQTT lies in a work queue for the workers.

The servers put it there without a promise to the box, and a message may come twice: what counts is
headquarters' own acknowledgement. All workers pull from one durable consumer, at any of the nodes;
a message that nobody has acknowledged in time goes to another. The only file that imports nats-py,
whose loop has a thread of its own here.

Pulling is written out: nats-py's fetch() holds what has come back until the whole number is there.
"""

import asyncio
import json
import queue
import ssl
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import BadRequestError

from daemon.entropy import Entropy, jitter
from daemon.sync.security import tls_context
from hq.intake import Arrival, Outgoing
from hq.pipe import DRAIN_MAX, RETRY_S, Address, Come, taken

STREAM = "memberbox-up"
CONSUMER = "memberbox-intake"
MAX_AGE_S = 120.0  # a box sends again after 60 s at the latest: older ones are doubles
MAX_BYTES = 2 * 2**30  # windows of 12,000 boxes; what finds no room there comes again
ACK_WAIT_S = 15.0  # a drain takes 0.5 s; so long a worker that died keeps its share
MAX_ACK_PENDING = 4096  # in the hands of all workers: two drains each of 32
PULL_S = 2.0  # a pull ends with the node that knew of it; the next one begins after this
QUIET_PULLS = 3  # after so many empty ones the server is asked whether the consumer is there
PING_S = 5
CONNECT_S = 3
SET_UP_S = 10.0  # a cluster that has just lost a node elects first
PAUSE_S = 0.5  # after a pull that the servers refused: they are electing
_OVER = ("404", "408")  # a pull has ended in order: nothing there, or its time is up

_Errors = (NatsError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the servers are, one as good as the other, and how they are spoken to."""

    addresses: tuple[Address, ...]
    tls: Path | None = None  # the folder with our certificate; None: in clear
    replicas: int = 3  # of the stream


class JetStream:
    """Pulls from the consumer at one of the servers; the next one after each failure."""

    def __init__(
        self,
        cluster: Cluster,
        topics: Sequence[str],
        *,
        entropy: Entropy,
        say: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._subjects = [topic.replace("/", ".").replace("+", "*") for topic in topics]
        self._entropy = entropy
        self._say = say
        self._inbox: queue.Queue[Come] = queue.Queue()
        self._pulling = threading.Event()
        self._tried = 0  # connections so far
        self._thread: threading.Thread | None = None
        self._tls: ssl.SSLContext | None = None
        # Below here: the thread's.
        self._loop = asyncio.new_event_loop()
        self._left = asyncio.Event()
        self._turned = asyncio.Event()  # a pull has ended, there is room again, or we leave
        self._client: Client | None = None
        self._wanted = 0  # messages that the present pull may still bring
        self._refused = ""  # why the servers have ended it

    @property
    def place(self) -> str:
        host, port = self._address
        return f"nats {host}:{port}"

    @property
    def connection(self) -> int:
        return self._tried if self._pulling.is_set() else 0

    @property
    def empty(self) -> bool:
        return self._inbox.empty()

    @property
    def _address(self) -> Address:
        return self._cluster.addresses[max(0, self._tried - 1) % len(self._cluster.addresses)]

    def keep_open(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        tls = self._cluster.tls
        self._tls = None if tls is None else tls_context(tls)
        self._loop = asyncio.new_event_loop()
        self._left, self._turned = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="nats")
        self._thread.start()

    def arrived(self) -> list[Come]:
        come = taken(self._inbox)
        if come and self._thread is not None:
            self._loop.call_soon_threadsafe(self._turned.set)
        return come

    def publish(self, messages: Sequence[Outgoing]) -> None:
        self._do(self._publish([*messages]))

    def leave(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._loop.call_soon_threadsafe(self._leave)
        thread.join()
        while not self._inbox.empty():
            self._inbox.get_nowait()

    def _do(self, what: Coroutine[object, object, None]) -> None:
        """Let the thread do it; nobody waits for what comes of it."""
        if self._thread is None:
            what.close()
        else:
            asyncio.run_coroutine_threadsafe(what, self._loop)

    # -- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        with closing(self._loop) as loop:
            loop.run_until_complete(self._work())

    def _leave(self) -> None:
        self._left.set()
        self._turned.set()

    async def _publish(self, messages: list[Outgoing]) -> None:
        with suppress(*_Errors):  # boxes ask again
            for message in messages:
                if self._client is not None:
                    await self._client.publish(message.topic.replace("/", "."), message.payload)

    async def _forget(self, message: Msg) -> None:
        with suppress(*_Errors):  # it comes again, and is known then
            await message.ack()

    async def _work(self) -> None:
        """Connect and pull, again and again, until it is left."""
        wait_s = RETRY_S[0]
        while not self._left.is_set():
            self._tried += 1
            try:
                await self._connected()
            except _Errors as error:
                self._say(f"broker {self.place}: {_said(error)}")
            if self._pulling.is_set():
                self._pulling.clear()
                wait_s = RETRY_S[0]
            client, self._client = self._client, None
            if client is not None:
                with suppress(*_Errors):
                    await client.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), wait_s * (1 + jitter(self._entropy)))
            wait_s = min(2 * wait_s, RETRY_S[1])

    async def _connected(self) -> None:
        """Connect, set stream and consumer up, and pull until something is wrong."""
        host, port = self._address
        client = self._client = await nats.connect(
            f"{'nats' if self._tls is None else 'tls'}://{host}:{port}",
            name="memberbox-hq intake",
            tls=self._tls,
            allow_reconnect=False,
            connect_timeout=CONNECT_S,
            ping_interval=PING_S,
            error_cb=self._failed,
        )
        context = client.jetstream(timeout=SET_UP_S)
        await self._set_up(context)
        await self._pull(client, context)

    async def _failed(self, error: Exception) -> None:
        self._say(f"broker {self.place}: {_said(error)}")

    async def _set_up(self, context: JetStreamContext) -> None:
        """Make the stream and its consumer, or bring those that are there up to date."""
        stream = StreamConfig(
            name=STREAM,
            subjects=self._subjects,
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            num_replicas=self._cluster.replicas,
            max_age=MAX_AGE_S,
            max_bytes=MAX_BYTES,
            discard=DiscardPolicy.NEW,  # what a box has sent first is wanted first
        )
        try:
            await context.add_stream(stream)
        except BadRequestError:
            await context.update_stream(stream)
        consumer = ConsumerConfig(
            durable_name=CONSUMER, ack_wait=ACK_WAIT_S, max_ack_pending=MAX_ACK_PENDING
        )
        await context.add_consumer(STREAM, consumer)

    async def _pull(self, client: Client, context: JetStreamContext) -> None:
        """Keep one pull open while there is room for what it brings."""
        loop = asyncio.get_running_loop()
        inbox = client.new_inbox()
        await client.subscribe(inbox, cb=self._came)
        asked = json.dumps({"batch": DRAIN_MAX, "expires": int(PULL_S * 1e9)}).encode()
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{CONSUMER}"
        ends, quiet, self._wanted = 0.0, 0, 0
        self._pulling.set()
        while not self._left.is_set() and not client.is_closed:
            self._turned.clear()
            now = loop.time()
            if self._refused:
                self._say(f"broker {self.place}: {self._refused}")
                self._refused = ""
                await asyncio.sleep(PAUSE_S)
            elif (self._wanted and now < ends) or self._inbox.qsize() >= DRAIN_MAX:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._turned.wait(), max(PULL_S / 4, ends - now))
            else:
                quiet = quiet + 1 if now >= ends > 0 else 0
                if quiet >= QUIET_PULLS:  # not one was even ended: is the consumer still there?
                    quiet = 0
                    await context.consumer_info(STREAM, CONSUMER)
                self._wanted, ends = DRAIN_MAX, now + PULL_S + PAUSE_S
                await client.publish(subject, asked, reply=inbox)

    async def _came(self, message: Msg) -> None:
        """Take a message, or the word that a pull has ended."""
        status = (message.headers or {}).get("Status")
        if status is None:
            self._wanted = max(0, self._wanted - 1)
            arrival = Arrival(message.subject.replace(".", "/"), message.data)
            self._inbox.put(Come(arrival, lambda: self._do(self._forget(message))))
        else:
            self._wanted = 0
            if status not in _OVER:
                self._refused = f"{status}: the servers elect who has the consumer, or refuse it"
        if not self._wanted:
            self._turned.set()


def _said(error: Exception) -> str:
    """A time-out has no words."""
    return str(error) or type(error).__name__
