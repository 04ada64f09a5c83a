"""Commands that look at a box and change nothing: status, devices, journal."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, closing
from datetime import datetime
from typing import cast

import msgspec

from daemon import control
from daemon.commands.answer import Answer, Exit, Plain, wrong_use
from daemon.config import Config
from daemon.errors import StoreError
from daemon.ledger.codec import envelope
from daemon.ledger.journal import FILE, Journal
from daemon.ledger.medium import Medium
from daemon.ledger.views import Stored
from daemon.servicing import age


def status(config: Config) -> Answer:
    """What the running box says of itself; of a box that is not running, what its journal says."""
    said = _ask(config, "status")
    if said is not None:
        return Answer(Exit.YES, {"ok": True, **said}, _status_lines(said))
    at_rest = _at_rest(config)
    lines = _status_lines(at_rest) if "seq" in at_rest else []
    return Answer(
        Exit.UNREACHABLE,
        {"ok": False, "running": False, **at_rest},
        ["the box is not running (memberbox run, or: systemctl start memberbox)", *lines],
    )


def devices(config: Config) -> Answer:
    """State and reason of every device in the config."""
    said = _ask(config, "status")
    if said is None:
        listed = {
            device.name: {
                "kind": device.kind.value,
                "state": "offline",
                "reason": "the box is not running",
            }
            for device in config.devices
        }
        return Answer(Exit.UNREACHABLE, {"ok": False, "devices": listed}, _device_lines(listed))
    listed = cast(dict[str, dict[str, str]], said["devices"])
    return Answer(Exit.YES, {"ok": True, "devices": listed}, _device_lines(listed))


def journal_show(config: Config, which: str) -> Answer:
    """One entry: `412`, or `2:412` for entry 412 of epoch 2."""
    stored = stored_entry(config, which)
    return stored if isinstance(stored, Answer) else _entry(stored.data, stored.hash)


def stored_entry(config: Config, which: str) -> Stored | Answer:
    """Return the entry that `[EPOCH:]SEQ` names, or the answer that says why not."""
    epoch_text, _, seq_text = which.rpartition(":")
    if not seq_text.isdecimal() or not (epoch_text.isdecimal() or not epoch_text):
        return wrong_use(f"{which!r} names no entry: give a number (412) or EPOCH:NUMBER (2:412)")
    with open_journal(config) as journal:
        epoch = int(epoch_text) if epoch_text else max(journal.epochs(), default=1)
        stored = journal.get(epoch, int(seq_text))
        head = journal.head(epoch)
    if stored is not None:
        return stored
    last = 0 if head is None else head.seq
    what = f"there is no entry {seq_text} in epoch {epoch}; its last is {last}"
    return Answer(Exit.NO, {"ok": False, "error": what, "last": last}, (what,))


def journal_tail(config: Config, count: int) -> Answer:
    """The newest entries, oldest first."""
    with open_journal(config) as journal:
        epoch = max(journal.epochs(), default=1)
        head = journal.head(epoch)
        last = 0 if head is None else head.seq
        stored = journal.read(epoch, max(1, last - count + 1), count)
    entries = [_plain(one.data) for one in stored]
    return Answer(Exit.YES, {"ok": True, "entries": entries}, [_line(entry) for entry in entries])


def last_wall(config: Config) -> datetime | None:
    """Return the wall time of the last entry; None before the first. Raises StoreError."""
    if not (config.state_dir / FILE).exists():
        return None
    with open_journal(config) as journal:
        epoch = max(journal.epochs(), default=1)
        head = journal.head(epoch)
        stored = None if head is None else journal.get(epoch, head.seq)
    return None if stored is None else datetime.fromisoformat(envelope(stored.data).at.wall)


def open_journal(config: Config) -> AbstractContextManager[Journal]:
    """Return the journal, read-only, beside a running box. Raises StoreError."""
    return closing(Journal(config.state_dir / FILE, Medium(), readonly=True))


def _ask(config: Config, what: str) -> dict[str, object] | None:
    answer = control.ask(config.run_dir, what)
    return None if answer is None else cast(dict[str, object], msgspec.json.decode(answer))


def _at_rest(config: Config) -> dict[str, object]:
    try:
        with open_journal(config) as journal:
            epoch = max(journal.epochs(), default=1)
            head = journal.head(epoch)
    except StoreError as error:
        return {"box": config.box.id, "error": str(error)}
    if head is None:
        return {"box": config.box.id, "epoch": epoch, "seq": 0, "hash": ""}
    return {"box": config.box.id, "epoch": epoch, "seq": head.seq, "hash": head.hash}


def _entry(data: bytes, digest: str) -> Answer:
    try:
        entry = _plain(data)
    except msgspec.DecodeError as error:
        what = f"the entry's bytes cannot be read: {error}; run memberbox verify --full"
        return Answer(Exit.NO, {"ok": False, "error": what}, (what,))
    shown = msgspec.json.format(msgspec.json.encode(entry)).decode().splitlines()
    return Answer(Exit.YES, {"ok": True, **entry, "hash": digest}, [*shown, f"hash {digest}"])


def _plain(data: bytes) -> dict[str, object]:
    return cast(dict[str, object], msgspec.json.decode(data))


def _line(entry: Mapping[str, object]) -> str:
    at = cast(Mapping[str, str], entry["at"])
    return f"{entry['box']}.{entry['epoch']}:{entry['seq']:<7} {at['wall'][:19]}  {entry['kind']}"


def _status_lines(said: Plain) -> list[str]:
    pack = cast(Mapping[str, object] | None, said.get("pack"))
    heard_s = cast(float | None, said.get("hq_age_s"))
    heard = "never" if heard_s is None else f"{age(heard_s)} ago"
    lines = [
        f"box            {said['box']}, epoch {said['epoch']}",
        f"last entry     {said['seq']}  {str(said['hash'])[:16]}",
    ]
    if "clock" in said:
        applied = f"{pack['id']} v{pack['version']}" if pack else "none: list prices"
        lines += [
            f"headquarters   has up to {said['hq_mark']}, heard {heard}",
            f"clock          {said['clock']}, business date {said['business_date'] or '-'}",
            f"rule pack      {applied}",
            f"slips waiting  {said['spool']}",
            f"second copy    {said['second_copy'] or 'none'}",
        ]
        kiosk = cast(Mapping[str, int] | None, said.get("kiosk"))
        if kiosk is not None:
            open_, playing = f"open in {kiosk['pages']}", f"{kiosk['playing']} to play"
            lines.append(f"screen         {said['kiosk_url']}  {open_}, {playing}")
        lines += _device_lines(cast(Mapping[str, Mapping[str, str]], said["devices"]))
        lines += [f"! {note}" for note in cast(list[str], said.get("notes", []))]
    return lines


def _device_lines(listed: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        f"{name:<14} {one['kind']:<16} {one['state']:<8} {one['reason']}".rstrip()
        for name, one in listed.items()
    ]
