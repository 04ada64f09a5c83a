"""`memberbox backup FILE`: all that the box remembers in one sealed file, beside a running box."""

from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.clock import SystemClock
from daemon.commands.answer import Answer, Exit, wrong_use
from daemon.commands.proving import progress_of
from daemon.commands.recovery import code_path, keep_code
from daemon.config import Config
from daemon.entropy import SystemEntropy
from daemon.errors import SealError
from daemon.howmany import HowMany
from daemon.ledger.backup import Making, back_up
from daemon.ledger.keyring import read_keyring
from daemon.ledger.verify import verify_journal
from daemon.release import VERSION
from daemon.vault import code_of, read_header


def backup(config: Config, config_path: Path, target: Path, *, show_code: bool) -> Answer:
    """Make the backup and prove it; say who can open it."""
    if target.exists() and not _is_ours(target):
        return wrong_use(f"{target} is there and is no backup of ours: choose another name")
    if not target.parent.is_dir():
        return wrong_use(f"{target.parent} is no folder: is the stick in?")
    recovery = read_keyring(config.state_dir).recovery
    bad = verify_journal(config.state_dir / "journal.db", progress=progress_of("verified")).bad
    if bad:
        lines = [f"entry {one.epoch}:{one.seq}: {one.what}" for one in bad[:5]]
        what = "the journal is damaged, and a backup of it would be: " + "; ".join(lines)
        return Answer(Exit.NO, {"ok": False, "error": what}, (what, "Call your technician."))
    clock = SystemClock(ZoneInfo(config.shop.timezone))
    made = clock.read().wall.isoformat(timespec="seconds")
    hq_key = None if config.hq is None else config.hq.key_bytes
    making = Making(config.box.id, made, VERSION, hq_key)
    progress = progress_of("copied")
    contents = back_up(config.state_dir, target, making, SystemEntropy(), progress=progress)
    kept = keep_code(code_path(config_path, config.box.id), recovery)
    head = contents.last
    data: dict[str, object] = {
        "ok": True,
        "file": str(target),
        "box": config.box.id,
        "epoch": head.epoch,
        "seq": head.seq,
        "hash": head.hash,
        "entries": contents.entries,
        "bytes": target.stat().st_size,
        "code_kept": not kept,
    }
    lines = [
        f"{HowMany(contents.entries):entry} up to {head.epoch}:{head.seq} in {target},"
        " read back and good",
        *_who_opens(kept, has_hq=hq_key is not None, show_code=show_code),
    ]
    if show_code:
        data["code"] = code_of(recovery)
        lines.append(f"recovery code: {code_of(recovery)}  Write it down, keep it off the file.")
    return Answer(Exit.YES, data, lines)


def _who_opens(kept: str, *, has_hq: bool, show_code: bool) -> list[str]:
    lines = []
    if kept:
        lines.append(f"The recovery code could not be kept beside the config ({kept}).")
    if has_hq:
        lines.append("Headquarters can open it, and whoever has the box's recovery code.")
    elif not show_code:
        lines.append(
            "Only the box's recovery code opens it, and nobody else has it:"
            " see it once with --code and write it down."
        )
    return lines


def _is_ours(target: Path) -> bool:
    try:
        with target.open("rb") as file:
            read_header(file)
    except (OSError, SealError):
        return False
    return True
