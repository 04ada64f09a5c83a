"""How a command is made known to the parser: a name, a sentence, and the function that does it."""

import argparse
from collections.abc import Callable
from typing import Protocol

from hq.answers import Said
from hq.store import Office

Do = Callable[[Office, argparse.Namespace], Said]


class Add(Protocol):
    def __call__(self, name: str, text: str, do: Do) -> argparse.ArgumentParser: ...
