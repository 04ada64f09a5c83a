"""Packs as the box takes them: signed by headquarters, checked once, in a process of their own.

Checking needs the models and pydantic, which the running box does without (decision 0005). The
child (daemon/packcheck.py) gets a pack's canonical bytes and answers with the plain pack or with
all that is wrong. What it found good is kept in local.db, under this box's own signature, until
the models change: neither a start nor an activation waits for a child as a rule.
"""

import asyncio
import contextlib
import hashlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from daemon import seal
from daemon.errors import SealError, StoreError
from daemon.ledger.store import Store
from daemon.mistakes import ConfigProblem
from daemon.rules.document import PackError, Proven, prove
from daemon.rules.plain import plain_pack

if TYPE_CHECKING:
    from daemon.ledger.records import PackRef
    from daemon.rules.models import Pack

CHILD = "daemon.packcheck"
GOOD, WRONG = 0, 3  # its exit codes; 1 is how Python ends when something is broken
CHECK_WITHIN_S = 30.0  # a pack takes 0.5 s, ten times that on a small board that is busy
RETRY_MIN_S, RETRY_MAX_S = 2.0, 300.0  # a child that memory or the machine did not let work
TRIES_MAX = 6  # of a pack that arrives: after two minutes headquarters hears that it cannot be
SAID_BYTES_MAX = 400  # of what a child said when it failed
KEPT_MAX = 3  # the pack in force, the next one, and one to go back to
REFUSED_MAX = 16  # packs of which the reason is remembered; headquarters sends a few a year
FACT = "checked packs"
DOMAIN = "memberbox/checked-pack/1"

log = logging.getLogger("memberbox.packs")


class Checked(msgspec.Struct, frozen=True):
    """A pack that may apply here, and how entries name it."""

    pack: "Pack"
    ref: "PackRef"


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checked pack in local.db. `models`: the digest of those that checked it."""

    hash: str
    models: str
    plain: str
    seal: str  # the box's signature over the rest, hex


class CheckerError(Exception):
    """The child gave no verdict: nothing is known of the pack."""


_KEPT = msgspec.json.Decoder(tuple[Kept, ...])
_PROBLEMS = msgspec.json.Decoder(list[ConfigProblem])


class Packs:
    """Owned by the loop."""

    def __init__(
        self,
        store: Store,
        hq_public: bytes | None,
        *,
        models: str = "",
        retry_s: float = RETRY_MIN_S,
    ) -> None:
        """`models`: the digest of those that judge, if not of the models that are here."""
        self._store = store
        self._hq_public = hq_public
        self._told: Callable[[], None] | None = None
        self._models = models or models_digest()
        self._retry_s = retry_s
        self._refused: dict[str, str] = {}  # hash -> why
        self._child: asyncio.Task[None] | None = None
        self._tries = 0
        self._word = asyncio.Event()  # set when the child was heard of
        self.trouble = ""  # why no verdict can be had; empty when all is well

    def on_word(self, told: Callable[[], None]) -> None:
        """Call back whenever look() may have something new to say."""
        self._told = told

    def look(self, document: str) -> Checked | str | None:
        """Return the pack, or why it may not apply; None: it is being checked, ask again then."""
        if self._hq_public is None:
            return "no key of headquarters to prove it with"
        try:
            proven = prove(document, self._hq_public)
        except PackError as error:
            return str(error)
        name = proven.ref.hash
        kept = self._kept(name)
        if kept is not None:
            return Checked(plain_pack(kept.plain), proven.ref)
        if name in self._refused:
            return self._refused[name]
        if self._child is None:
            self._child = asyncio.get_running_loop().create_task(self._check(proven))
        return None

    def wrong(self, document: str) -> str | None:
        """Say why a pack that arrives is refused: "" is good, None is not known yet."""
        seen = self.look(document)
        if isinstance(seen, Checked):
            return ""
        if seen is None and self._tries >= TRIES_MAX:
            return f"it cannot be checked here: {self.trouble}"
        return seen

    async def heard(self) -> None:
        """Wait until the child at work has said something, if there is one."""
        if self._child is not None:
            self._word.clear()
            await self._word.wait()

    async def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await child

    async def _check(self, proven: Proven) -> None:
        """Have a pack checked, again and again until there is a verdict."""
        ref, wait_s = proven.ref, self._retry_s
        while (trouble := await self._verdict(proven)) != "":
            self._tries += 1
            self.trouble = f"pack {ref.id} v{ref.version} cannot be checked, tried again: {trouble}"
            log.error("%s", self.trouble)
            self._tell()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, RETRY_MAX_S)
        self._child, self._tries, self.trouble = None, 0, ""
        self._tell()

    async def _verdict(self, proven: Proven) -> str:
        """Have a pack checked once and keep the verdict; say what stood in the way."""
        name = proven.ref.hash
        try:
            self._keep(name, await checked_apart(proven.data))
        except PackError as error:
            self._refuse(name, str(error))
        except (CheckerError, StoreError) as error:
            return str(error)
        return ""

    def _tell(self) -> None:
        self._word.set()
        if self._told is not None:
            self._told()

    def _refuse(self, name: str, why: str) -> None:
        while len(self._refused) >= REFUSED_MAX:
            del self._refused[next(iter(self._refused))]
        self._refused[name] = why

    # -- what is kept ----------------------------------------------------------------------------

    def _kept(self, name: str) -> Kept | None:
        """Return what this box itself found good, by these models."""
        for one in self._all():
            if (one.hash, one.models) != (name, self._models):
                continue
            with contextlib.suppress(SealError, ValueError):
                signature = bytes.fromhex(one.seal)
                seal.verify(self._store.device_public, DOMAIN, _covered(one), signature)
                return one
        return None

    def _keep(self, name: str, plain: str) -> None:
        bare = Kept(name, self._models, plain, "")
        signature = self._store.sign(DOMAIN, _covered(bare)).hex()
        fresh = msgspec.structs.replace(bare, seal=signature)
        others = [one for one in self._all() if one.hash != name]
        rows = msgspec.json.encode((fresh, *others)[:KEPT_MAX])
        self._store.local.put_fact(FACT, rows.decode())

    def _all(self) -> tuple[Kept, ...]:
        try:
            return _KEPT.decode(self._store.local.fact(FACT) or "[]")
        except msgspec.MsgspecError:  # another version's, or spoilt: it is made anew
            return ()


async def checked_apart(data: bytes, within_s: float = CHECK_WITHIN_S) -> str:
    """Return the plain text of a pack's canonical bytes. Raises PackError, CheckerError."""
    command = (sys.executable, "-P", "-m", CHILD)
    pipe = asyncio.subprocess.PIPE
    try:
        child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise CheckerError(f"the checker does not start: {error.strerror}") from error
    try:
        async with asyncio.timeout(within_s):
            out, said = await child.communicate(data)
    except TimeoutError:
        raise CheckerError(f"the checker took more than {within_s:.0f} s") from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    code = child.returncode
    assert code is not None, "the child was waited for"
    try:
        if code == GOOD:
            return out.decode()
        if code == WRONG:
            raise PackError(_PROBLEMS.decode(out))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CheckerError(f"the checker's answer is none: {error}") from error
    last = said[-SAID_BYTES_MAX:].decode(errors="replace").strip().rpartition("\n")[2]
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}: {last}"
    raise CheckerError(f"the checker {how}")


def models_digest() -> str:
    """Return what changes when a pack could be judged, or read, otherwise."""
    rules = Path(__file__).parent / "rules"
    digest = hashlib.sha256()
    for pattern in ("models*.py", "coherence*.py", "vocabulary.py", "checking.py", "plain.py"):
        for path in sorted(rules.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _covered(one: Kept) -> bytes:
    return msgspec.json.encode((one.hash, one.models, one.plain))
