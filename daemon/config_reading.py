"""The config as records: every mistake at once, and no guessing of what was meant.

msgspec itself stops at the first mistake, so each value of the file is put to it alone.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import getitem
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from daemon.config_table import Refused, Table, Takes
from daemon.mistakes import HIDDEN, ConfigProblem, any_of, is_secret, nearest, shown

Of = TypeVar("Of", bound=Table)


def read_table(file: str, model: type[Of], raw: object) -> Of | list[ConfigProblem]:
    """Return the document as records, or everything in it that is wrong."""
    reading = _Reading(file)
    made = reading.table(model, raw, "", "a table")
    if reading.problems:
        return reading.problems
    assert isinstance(made, model), "what has no mistake was made"
    return made


def said(model: type[Table], name: str) -> str:
    """Return what is allowed at a key of a table."""
    hints = {field.name: field.type for field in msgspec.structs.fields(model)}
    return _description(hints[name]) or "something else"


class _Reading:
    """One document. Every method returns what it made, or None after noting a problem."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[ConfigProblem] = []

    def table(self, model: type[Table], raw: object, path: str, allowed: str) -> object:
        if not isinstance(raw, dict):
            return self._refuse(path, raw, Refused("is not allowed"), allowed)
        before = len(self.problems)
        fields = {field.name: field for field in msgspec.structs.fields(model)}
        values: dict[str, object] = {}
        for name, field in fields.items():
            where, use = _at(path, name), _description(field.type) or "something else"
            if name in raw:
                values[name] = self._value(field.type, raw[name], where, use)
            elif field.required:
                self.problems.append(
                    ConfigProblem(self._file, where, None, use, found="is missing")
                )
        for key, value in raw.items():
            if key not in fields:
                self._unknown(_at(path, key), key, value, sorted(fields))
        if len(self.problems) > before:
            return None
        return self._made(lambda _: model(**values), raw, path, allowed)

    def _value(self, hint: object, raw: object, path: str, allowed: str) -> object:
        kind, extras = _bare(hint)
        takes = [extra.make for extra in extras if isinstance(extra, Takes)]
        if takes:
            return self._made(lambda value: reduce(_then, takes, value), raw, path, allowed)
        if isinstance(kind, type) and issubclass(kind, Table):
            return self.table(kind, raw, path, allowed)
        origin = get_origin(kind)
        if origin is tuple:
            return self._list(hint, get_args(kind)[0], raw, path, allowed)
        if origin is Mapping:
            return self._mapping(get_args(kind), raw, path, allowed)
        return self._made(lambda value: _leaf(kind, extras, value), raw, path, allowed)

    def _list(self, hint: object, each: object, raw: object, path: str, allowed: str) -> object:
        limits = [extra for extra in _bare(hint)[1] if isinstance(extra, Meta)]
        least = max((one.min_length or 0 for one in limits), default=0)
        most = [one.max_length for one in limits if one.max_length is not None]
        if not isinstance(raw, list) or len(raw) < least or any(len(raw) > one for one in most):
            return self._refuse(path, raw, Refused("is not allowed"), allowed)
        return tuple(
            self._value(each, value, f"{path}[{place}]", _description(each) or allowed)
            for place, value in enumerate(raw)
        )

    def _mapping(self, kinds: tuple[object, ...], raw: object, path: str, allowed: str) -> object:
        if not isinstance(raw, dict):
            return self._refuse(path, raw, Refused("is not allowed"), allowed)
        key_kind, value_kind = kinds
        made: dict[object, object] = {}
        for key, value in raw.items():
            where = _at(path, key)
            name = self._value(key_kind, key, where, allowed)
            made[name] = self._value(value_kind, value, where, allowed)
        return MappingProxyType(made)

    def _made(
        self, make: Callable[[object], object], raw: object, path: str, allowed: str
    ) -> object:
        try:
            return make(raw)
        except Refused as refused:
            return self._refuse(path, raw, refused, allowed)

    def _refuse(self, path: str, raw: object, refused: Refused, allowed: str) -> object:
        close = nearest(raw, list(refused.choices))
        use = refused.allowed or allowed
        value = shown(path, raw)
        self.problems.append(ConfigProblem(self._file, path, value, use, close, refused.found))
        return None

    def _unknown(self, path: str, key: str, raw: object, known: list[str]) -> None:
        close = nearest(key, known)
        value = shown(path, raw)
        if value is not None and close is not None and is_secret(close):
            value = HIDDEN  # a secret under a misspelt name
        problem = ConfigProblem(self._file, path, value, any_of(known), close, "is no known key")
        self.problems.append(problem)


def _then(value: object, make: Callable[[object], object]) -> object:
    return make(value)


def _leaf(kind: object, extras: tuple[object, ...], raw: object) -> object:
    """Return a plain value if msgspec takes it as it is written."""
    try:
        return msgspec.convert(raw, getitem(Annotated, (kind, *extras)) if extras else kind)
    except (msgspec.ValidationError, UnicodeEncodeError):  # half a character is no text
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        raise Refused("is not allowed", choices=choices) from None


def _bare(hint: object) -> tuple[object, tuple[object, ...]]:
    """Return the type without Annotated and None, and all that Annotated said of it."""
    extras: tuple[object, ...] = ()
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            inner, *more = get_args(hint)
            hint, extras = inner, (*more, *extras)
        elif origin in (
            Union,
            UnionType,
        ):  # TOML has no null: a value that is there is the other one
            (hint,) = (one for one in get_args(hint) if one is not NoneType)
        else:
            return hint, extras


def _description(hint: object) -> str:
    extras = _bare(hint)[1]
    texts = [extra.description for extra in extras if isinstance(extra, Meta)]
    return next((text for text in reversed(texts) if text), "")


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
