"""Who stands for a change: names as people type them, and whether two of them are two persons.

A name is a word, no proof: who may use this machine is its administrator's to say.
"""

import argparse
import unicodedata


def person(text: str) -> str:
    """Return a name as a command was given it. Raises ArgumentTypeError when there is none."""
    name = " ".join(text.split())
    if not name:
        raise argparse.ArgumentTypeError("give the name of a person")
    return name


def are_two(one: str, second: str) -> bool:
    """Tell whether two names stand there and are not one, however it is written: letters small or
    large, in half or full width, with more or less room between words."""
    names = {_folded(one), _folded(second)}
    return len(names) == 2 and "" not in names


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
