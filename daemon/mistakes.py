"""Mistakes in a file that a person wrote: data, all at once, each with what would be right.

`from_pydantic` turns what a model refused into mistakes. What is allowed for a key is said once,
in the description of the model's field. No mistake ever shows a secret.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Scalar = str | int | float | bool | None

HIDDEN = "***"
SHOWN_CHARS_MAX = 80  # a mistake is one line on a screen; a pasted certificate is not
LIKENESS_MIN = 0.5  # of difflib; below it "nearest" is a guess that misleads

# Whatever stands in [hq] beside the address may be the token, pasted at the wrong key.
_SECRET = re.compile(r"^hq\.(?!mqtt$)|token|secret|passw|credential", re.IGNORECASE)
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake. `key` is a path (`devices[2].port`, counted from 0); empty: the whole file."""

    file: str
    key: str
    value: Scalar  # as written; None for a table or for nothing; HIDDEN for what may be a secret
    allowed: str
    nearest: str | None = None
    found: str = "is not allowed"

    def __str__(self) -> str:
        shown = "" if self.value is None else f"{_literal(self.value)} "
        where = ": ".join(part for part in (PurePath(self.file).name, self.key) if part)
        hint = "" if self.nearest is None else f" Nearest: {self.nearest}."
        return f"{where}: {shown}{self.found}. Use {self.allowed}.{hint}"


def from_pydantic(file: str, model: type[BaseModel], error: ValidationError) -> list[ConfigProblem]:
    """Return a mistake for everything that model refused."""
    details = error.errors(include_url=False)
    return [_problem(file, model, one) for one in details]


def nearest(text: object, known: list[str]) -> str | None:
    """Return the known word that text was probably meant to be, or None."""
    matches = get_close_matches(str(text), known, n=1, cutoff=LIKENESS_MIN)
    return matches[0] if matches else None


def key_path(loc: tuple[int | str, ...]) -> str:
    """Return where a value stands: ("devices", 2, "port") is `devices[2].port`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


def shown(key: str, value: object) -> Scalar:
    """Return value as it may be shown beside key: nothing secret, nothing long, no tables."""
    if isinstance(value, Mapping | list | tuple):
        return None
    if _SECRET.search(key):
        return HIDDEN
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)
    if "@" in text:  # user:password@host
        return HIDDEN
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}..."


def _problem(file: str, model: type[BaseModel], one: ErrorDetails) -> ConfigProblem:
    loc, context = one["loc"], one.get("ctx", {})
    key, value = key_path(loc), shown(key_path(loc), one["input"])
    if one["type"] == "extra_forbidden":
        known = sorted(model_at(model, loc[:-1]).model_fields)
        close = nearest(loc[-1], known)
        if close is not None and _SECRET.search(close):
            value = None if value is None else HIDDEN  # a secret under a misspelt name
        return ConfigProblem(file, key, value, _any_of(known), close, found="is no known key")
    allowed = str(context.get("allowed", "")) or _description(model, loc)
    if one["type"] == "missing":
        return ConfigProblem(file, key, None, allowed, found="is missing")
    choices = _QUOTED.findall(str(context.get("expected", "")))
    found = str(context.get("found", "")) or "is not allowed"
    return ConfigProblem(file, key, value, allowed, nearest(one["input"], choices), found)


def model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of the table at loc; the path must be one that pydantic reported."""
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            model = _table_of(model, step) or model
    return model


def _table_of(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    pending: list[object] = [model.model_fields[key].annotation]
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        pending += getattr(kind, "__args__", ())
    return None


def _description(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Return what is allowed at loc; inside a mapping it is what the mapping's field says."""
    said = "something else"
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            said = model.model_fields[step].description or said
            model = _table_of(model, step) or model
    return said


def _any_of(words: list[str]) -> str:
    return f"one of {', '.join(words)}" if len(words) > 1 else words[0]


def _literal(value: Scalar) -> str:
    if value == HIDDEN or isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
