"""docs/asyncapi.yaml is AsyncAPI 3, and says what this software sends and takes."""

import json
import warnings
from pathlib import Path

import msgspec
import pytest
import yaml

from tests.sync.asyncapi import LETTERS, document

DOCS = Path(__file__).parents[2] / "docs"
FILE = DOCS / "asyncapi.yaml"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its models shadow names of pydantic's
    from asyncapi3.models.asyncapi import AsyncAPI3


def test_it_is_asyncapi_3() -> None:
    AsyncAPI3.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("part", ["info", "channels"])
def test_the_validator_bites(part: str) -> None:
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    if part == "info":
        del said["info"]["title"]
    else:
        said["channels"]["hello"]["address"] = ["not", "an", "address"]
    with pytest.raises(ValueError):
        AsyncAPI3.model_validate(said)


def test_it_is_made_from_the_records_of_this_software() -> None:
    made = json.loads(json.dumps(document()))
    assert yaml.safe_load(FILE.read_text(encoding="utf-8")) == made


def test_the_vectors_have_exactly_the_fields_that_it_names() -> None:
    vectors = json.loads((DOCS / "protocol-vectors.json").read_text(encoding="utf-8"))
    schemas = msgspec.convert(document()["components"], dict[str, dict[str, dict[str, object]]])
    for name in LETTERS:
        schema = schemas["schemas"][name]
        properties, needed = schema["properties"], schema["required"]
        statement = set(json.loads(vectors[name]["statement"]))
        assert isinstance(properties, dict) and isinstance(needed, list), name
        assert set(needed) <= statement <= set(properties), name
