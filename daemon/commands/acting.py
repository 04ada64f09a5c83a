"""`memberbox act KIND [FILE|-]`: one act by its JSON request, on a running box or on its store."""

import sys
from pathlib import Path
from typing import cast

import msgspec

from daemon import control
from daemon.commands.answer import Answer, Exit, Plain, wrong_use
from daemon.config import Config


def act(config: Config, kind: str, file: str) -> Answer:
    """Do it; a refusal answers no, with code and sentence."""
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        request = msgspec.json.encode(msgspec.json.decode(text))  # one line
    except (OSError, msgspec.DecodeError) as error:
        return wrong_use(f"{file}: {error}. Give a request as a JSON object")
    return _do(config, kind, request)


def erase(config: Config, who: str, reason: str) -> Answer:
    """Make a member nobody: asking again is the same request."""
    from daemon.ledger.ids import parse_entry_id

    name = "member" if parse_entry_id(who) else "card"
    request = {"source": "command", "id": f"erase:{who}", name: who, "reason": reason}
    return _do(config, "member.erased", msgspec.json.encode(request))


def _do(config: Config, kind: str, request: bytes) -> Answer:
    answer = control.ask_act(config.run_dir, kind, request)
    if answer is None:
        answer = _at_rest(config, kind, request)
    said = cast(dict[str, object], msgspec.json.decode(answer))
    if said["ok"]:
        return Answer(Exit.YES, said, _done(said))
    return Answer(Exit.NO, said, (f"refused: {said['refused']}: {said['why']}",))


def _at_rest(config: Config, kind: str, request: bytes) -> bytes:
    """Do it on the store of a box that is stopped. Raises StoreError."""
    from daemon.actfacts import Facts
    from daemon.acts import Acts
    from daemon.commands.opening import opened
    from daemon.limiting import Limiting

    with opened(config) as resting:
        hour = config.shop.closing_hour
        limiting = Limiting(resting.store, alone=config.hq is None)
        facts = Facts(
            resting.store, resting.clock, resting.entropy, closing_hour=hour, limiting=limiting
        )
        return msgspec.json.encode(Acts(facts).do(kind, request))


def _done(said: Plain) -> list[str]:
    again = ", done before" if said.get("again") else ""
    body = msgspec.json.format(msgspec.json.encode(said["body"])).decode()
    return [f"{said['kind']}: entry {said['entry']}{again}", *body.splitlines()]
