"""A pack against its models: all that is wrong with it, as mistakes.

This is where pydantic comes in, with 11 MiB: whoever only applies rules does without (decision
0005).
"""

import re

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from daemon.mistakes import ConfigProblem, any_of, nearest, shown
from daemon.rules.coherence import incoherent
from daemon.rules.models import Pack

_QUOTED = re.compile(r"'([^']*)'")


def checked(data: bytes, file: str) -> Pack | list[ConfigProblem]:
    """Return the pack of a document's canonical bytes, or everything that is wrong with it."""
    try:
        pack = Pack.model_validate_json(data)
    except ValidationError as error:
        return [_problem(file, one) for one in error.errors(include_url=False)]
    problems = [
        ConfigProblem(
            file, one.path, shown(one.path, one.value), one.allowed, one.nearest, one.found
        )
        for one in incoherent(pack)
    ]
    return problems or pack


def _problem(file: str, one: ErrorDetails) -> ConfigProblem:
    loc, context = one["loc"], one.get("ctx", {})
    key = _key_path(loc)
    value = shown(key, one["input"])
    if one["type"] == "extra_forbidden":
        known = sorted(_model_at(loc[:-1]).model_fields)
        close = nearest(loc[-1], known)
        return ConfigProblem(file, key, value, any_of(known), close, found="is no known key")
    allowed = str(context.get("allowed", "")) or _description(loc)
    if one["type"] == "missing":
        return ConfigProblem(file, key, None, allowed, found="is missing")
    choices = _QUOTED.findall(str(context.get("expected", "")))
    found = str(context.get("found", "")) or "is not allowed"
    return ConfigProblem(file, key, value, allowed, nearest(one["input"], choices), found)


def _key_path(loc: tuple[int | str, ...]) -> str:
    """Return where a value stands: ("earn", 2, "points") is `earn[2].points`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


def _model_at(loc: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of the section at loc; the path must be one that pydantic reported."""
    model: type[BaseModel] = Pack
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            model = _section_of(model, step) or model
    return model


def _section_of(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    pending: list[object] = [model.model_fields[key].annotation]
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        pending += getattr(kind, "__args__", ())
    return None


def _description(loc: tuple[int | str, ...]) -> str:
    """Return what is allowed at loc; inside a mapping it is what the mapping's field says."""
    model: type[BaseModel] = Pack
    said = "something else"
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            said = model.model_fields[step].description or said
            model = _section_of(model, step) or model
    return said
