"""A checked pack without its models: the same names and values, as text between processes.

Whoever applies rules reads attributes and validates nothing; the models, and pydantic with them,
stay where packs are checked (decision 0005). A section is an object, a list a tuple; what JSON has
no form for stands in an object with one key that is no name.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from daemon.rules.models import Pack

_TIME, _TABLE = "@time", "@table"  # a time with its offset; a mapping, as a list of its pairs


class Plain:
    """A section. Two of the same content are equal; nothing changes one."""

    __slots__ = ("__dict__",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a pack does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self)))  # its names: a table among the values has no hash


def plain_text(pack: "Pack") -> str:
    """Return the text of a checked pack, defaults filled in."""
    return json.dumps(_written(pack), ensure_ascii=False, separators=(",", ":"))


def plain_pack(text: str) -> "Pack":
    """Return the pack of plain_text: read like the models, without them."""
    return cast("Pack", json.loads(text, object_hook=_read))


def _written(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    if isinstance(value, Mapping):
        return {_TABLE: [[key, _written(one)] for key, one in value.items()]}
    return {name: _written(one) for name, one in vars(value).items()}


def _read(table: dict[str, object]) -> object:
    if _TIME in table:
        return datetime.fromisoformat(str(table[_TIME]))
    pairs = table.get(_TABLE)
    if isinstance(pairs, list):
        return MappingProxyType(dict(pairs))
    lists = {name: tuple(one) for name, one in table.items() if isinstance(one, list)}
    return Plain({**table, **lists})
