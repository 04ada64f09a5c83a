"""`memberbox restore FILE|FOLDER`: a box made again from its backup, or from its second copy."""

from pathlib import Path

import msgspec

from daemon.commands.answer import Answer, Exit, wrong_use
from daemon.commands.recovery import code_path, kept_code
from daemon.config import Config
from daemon.errors import SealError
from daemon.howmany import HowMany
from daemon.ledger import archive
from daemon.ledger.archive import ArchiveError, Contents
from daemon.ledger.backup import WHAT
from daemon.ledger.restore import Receipt, Restored, Staging, parse_receipt, taken_by
from daemon.vault import Header, parse_code, read_header, unlock

BAD_SHOWN = 5  # of the entries that are kept and break a rule; verify names them all
GIVE = "Give a file of memberbox backup, or the folder of a second copy"


class Asked(msgspec.Struct, frozen=True):
    """What a person gives to a restore. `code`, `receipt`: "" when not given."""

    file: Path  # of a backup, or the folder of a second copy
    code: str
    receipt: str


def restore(config: Config, config_path: Path, asked: Asked) -> Answer:
    """Restore the box, or say why not and leave everything as it was."""
    receipt = parse_receipt(asked.receipt) if asked.receipt else None
    if asked.receipt and receipt is None:
        return wrong_use(
            f"{asked.receipt!r} is no receipt: give its last line as it stands there (412 3fa9c1)"
        )
    file = _source(config, asked.file)
    header = _header(file)
    if isinstance(header, Answer):
        return header
    if header.box != config.box.id:
        return _no(f"this is a backup of box {header.box}; the config is of box {config.box.id}")
    blocked = taken_by(config.state_dir)
    if blocked:
        return _no(
            f"a box lives in {config.state_dir} already ({blocked}). Nothing is overwritten:"
            " move it away first, and keep it until the restored box has served a day"
        )
    recovery = _recovery(config, config_path, asked.code, header)
    if isinstance(recovery, Answer):
        return recovery
    return _restore(config, file, recovery, receipt)


def _restore(config: Config, file: Path, recovery: bytes, receipt: Receipt | None) -> Answer:
    with Staging(config.state_dir) as staging:
        try:
            contents = _taken(config, file, recovery, staging)
        except (SealError, ArchiveError) as error:
            return _no(f"{file}: {error}. Take another backup; nothing was restored")
        if contents.manifest.box != config.box.id:
            return _no(f"{file} holds box {contents.manifest.box}, not {config.box.id}")
        try:
            done = staging.finish(contents, receipt=receipt, has_hq=config.hq is not None)
        except ArchiveError as error:
            return _no(f"{file}: {error}. Take another backup; nothing was restored")
    return _said(config, done, contents.manifest.made, receipt)


def _taken(config: Config, file: Path, recovery: bytes, staging: Staging) -> Contents:
    if file.is_dir():
        from daemon.sync.copied import take_back

        return take_back(file, recovery, config.box.id, staging)
    with file.open("rb") as opened:
        return archive.unpack(unlock(opened, recovery), staging)


def _source(config: Config, given: Path) -> Path:
    """Return the folder of this box's copy where a stick with several was named."""
    inside = given / f"memberbox-{config.box.id}"
    return inside if inside.is_dir() else given


def _header(file: Path) -> Header | Answer:
    wanted = WHAT
    if file.is_dir():
        from daemon.sync.copied import KEYS_FILE, WHAT_KEYS

        file, wanted = file / KEYS_FILE, WHAT_KEYS
    try:
        with file.open("rb") as opened:
            header = read_header(opened)
    except OSError as error:
        return wrong_use(f"{file}: {error.strerror}. {GIVE}")
    except SealError as error:
        return wrong_use(f"{file}: {error}. {GIVE}")
    if header.what != wanted:
        return wrong_use(f"{file} is a {header.what}, no backup")
    return header


def _recovery(config: Config, config_path: Path, code: str, header: Header) -> bytes | Answer:
    if code:
        try:
            return parse_code(code)
        except SealError as error:
            return _no(f"{error}. Nothing was restored")
    kept = kept_code(code_path(config_path, config.box.id))
    if kept is not None:
        return kept
    where = "the code that was written down"
    if header.hq:
        where += ", or ask headquarters (memberbox-hq recovery FILE)"
    return _no(f"this backup ({header.about}) opens with the box's recovery code: --code; {where}")


def _said(config: Config, done: Restored, made: str, receipt: Receipt | None) -> Answer:
    head = done.head
    data = {
        "ok": True,
        "box": config.box.id,
        "epoch": head.epoch,
        "seq": head.seq,
        "hash": head.hash,
        "entries": done.entries,
        "made": made,
        "goes_on": done.goes_on,
        "keys_held": done.keys_held,
        "left_out": [msgspec.to_builtins(one) for one in done.broken],
        "bad": [msgspec.to_builtins(one) for one in done.bad[:BAD_SHOWN]],
    }
    when = made or f"entry {head.seq}"
    proved = "those that hold" if done.broken else "all proved"
    lines = [f"box {config.box.id} stands as of {when}: {HowMany(done.entries):entry}, {proved}"]
    lines[:0] = _damage(done)
    if done.goes_on:
        lines.append(
            f"The receipt is of its last entry: chain {config.box.id}.{head.epoch} goes on"
        )
    else:
        if receipt is not None and not done.broken:
            lines.append(
                f"The receipt is not of entry {head.seq}: something came after the backup."
            )
        lines.append(
            f"Chain {config.box.id}.{head.epoch} ends here; the next start opens a new one that"
            " holds nothing yet. It sells at once; what members have comes from headquarters."
        )
    if done.keys_held:
        lines.append(
            f"The names of {HowMany(done.keys_held):member} stay unreadable until headquarters has"
            " said who was erased since."
        )
    elif config.hq is None and not done.goes_on:
        lines.append(f"Members who were erased after {when} have to be erased again.")
    lines.append("Start one machine only with it.")
    return Answer(Exit.YES, data, lines)


def _damage(done: Restored) -> list[str]:
    """Say loudly what did not hold: whoever restores has to know before he throws media away."""
    lines = []
    for one in done.broken:
        lines.append(
            f"DAMAGED: {one}. It and everything behind it in epoch {one.epoch} was left out."
        )
    if done.broken:
        lines.append(
            "Keep this backup and the old medium, and try an older or a newer backup, or the second"
            " copy, before you start: headquarters has what was shipped to it."
        )
    for bad in done.bad[:BAD_SHOWN]:
        lines.append(
            f"WRONG: entry {bad.epoch}:{bad.seq}: {bad.what}. It was committed like this and is"
            " kept. Tell your service partner."
        )
    return lines


def _no(what: str) -> Answer:
    return Answer(Exit.NO, {"ok": False, "error": what}, (what,))
