"""`memberbox keycard`: the card beside the keypad, with all flows and codes. Needs no config."""

from msgspec.structs import asdict

from daemon.commands.answer import Answer, Exit
from daemon.display.keycard import card, lines


def keycard(language: str) -> Answer:
    """The key card in zh_CN or en."""
    made = card(language)
    return Answer(Exit.YES, {"ok": True, **asdict(made)}, tuple(lines(made)))
