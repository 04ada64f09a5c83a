"""What a command answers: one object for programs, lines for people, an exit code."""

import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum

import msgspec

Plain = Mapping[str, object]


class Exit(IntEnum):
    """Exit codes, a promise to scripts."""

    YES = 0
    NO = 1  # the answer is no: damage, errors found, refused
    WRONG_USE = 2  # wrong use or unreadable input
    UNREACHABLE = 3  # cannot open or reach
    BUG = 4


class Answer(msgspec.Struct, frozen=True):
    code: Exit
    data: Plain
    lines: Sequence[str] = ()


def give(answer: Answer, *, as_json: bool) -> int:
    """Print an answer for a program (one object on stdout) or for a person; return its code."""
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(answer.data) + b"\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in answer.lines))
    sys.stdout.flush()
    return int(answer.code)


def wrong_use(text: str) -> Answer:
    return Answer(Exit.WRONG_USE, {"ok": False, "error": text}, (text,))


def unreachable(text: str) -> Answer:
    return Answer(Exit.UNREACHABLE, {"ok": False, "error": text}, (text,))
