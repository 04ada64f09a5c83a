"""Who stands for a change: names as people type them, and whether two of them are two persons."""

import argparse
import unicodedata


def person(text: str) -> str:
    """Return a name as a command was given it. Raises ArgumentTypeError when there is none."""
    name = " ".join(text.split())
    if not name:
        raise argparse.ArgumentTypeError("give the name of a person")
    return name


def are_two(one: str, second: str) -> bool:
    """Tell whether two names stand there and are not one."""
    return bool(_folded(one)) and bool(_folded(second)) and not same(one, second)


def same(one: str, other: str) -> bool:
    """Tell whether two names are one, however it is written: letters small or large, in half or
    full width, with more or less room between words."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
