"""How a command is made known to the parser: a name, a sentence, and the function that does it."""

import argparse
from collections.abc import Callable
from typing import Protocol

from hq.answers import Said
from hq.persons import person
from hq.store import Office

Do = Callable[[Office, argparse.Namespace], Said]


class Add(Protocol):
    def __call__(self, name: str, text: str, do: Do) -> argparse.ArgumentParser: ...


def told_as_json() -> argparse.ArgumentParser:
    """Return what every command has, as a parent of its parser; --json before it stands too."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object"
    )
    return shared


def add_by(parser: argparse.ArgumentParser, who: str = "who does it") -> None:
    """Let a command be given the person who does it; without one it is not done."""
    parser.add_argument("--by", type=person, required=True, metavar="PERSON", help=who)


def add_two(parser: argparse.ArgumentParser) -> None:
    """Let a command be given two persons; without them it is not done."""
    add_by(parser)
    parser.add_argument(
        "--second", type=person, required=True, metavar="PERSON", help="who agrees to it"
    )
