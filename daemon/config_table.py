"""What every table of memberbox.toml has in common: strict, frozen, and refusals that say why."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError


class Table(BaseModel):
    """What all tables have in common: no unknown key, no change, no guessing of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def refusal(found: str, allowed: str = "", choices: Collection[str] = ()) -> PydanticCustomError:
    expected = " ".join(f"'{choice}'" for choice in choices)
    return PydanticCustomError(
        "found", "{found}", {"found": found, "allowed": allowed, "expected": expected}
    )


def _absolute(value: object) -> object:
    if isinstance(value, str) and value.startswith("/") and value.isprintable():
        return Path(value)
    raise refusal("is no absolute path")


AbsolutePath = Annotated[Path, BeforeValidator(_absolute)]
PORT_MAX = 65535
