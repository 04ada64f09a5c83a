"""`memberbox spool`: what waits to be printed, and pause, resume and reprint by a person."""

from typing import cast

import msgspec

from daemon import control
from daemon.commands.answer import Answer, Exit
from daemon.config import Config


def spool(config: Config, verb: str, printer: str, entry: str) -> Answer:
    """Tell the running box, and show how its printers and its last slips stand."""
    request = msgspec.json.encode({"printer": printer, "entry": entry})
    answer = control.ask_order(config.run_dir, "spool", verb, request)
    if answer is None:
        what = "the box is not running (memberbox run, or: systemctl start memberbox)"
        return Answer(Exit.UNREACHABLE, {"ok": False, "error": what}, (what,))
    said = cast(dict[str, object], msgspec.json.decode(answer))
    if not said.get("ok"):
        return Answer(Exit.NO, said, (str(said["error"]),))
    return Answer(Exit.YES, said, _lines(said))


def _lines(said: dict[str, object]) -> list[str]:
    printers = cast(dict[str, dict[str, object]], said["printers"])
    jobs = cast(list[dict[str, object]], said["jobs"])
    lines = [
        f"{name:<14} {'paused' if one['paused'] else 'printing':<9} {one['waiting']} waiting"
        for name, one in printers.items()
    ]
    lines += [
        f"{one['job']:>6}  {one['entry']:<16} {one['document']:<11} {one['state']:<10}"
        f"{'补打 ' if one['again'] else ''}{one['printer']}"
        for one in jobs
    ]
    return lines or ["no receipt printer is configured"]
