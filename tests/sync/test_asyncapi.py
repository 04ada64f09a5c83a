"""docs/asyncapi.yaml is AsyncAPI 3, and says what this software sends and takes."""

import json
import re
import warnings
from pathlib import Path

import msgspec
import pytest
import yaml

from daemon.ledger.messages import DOWN_KINDS
from tests.sync.asyncapi import BODY, LETTERS, document

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


def test_every_kind_of_message_has_its_body_with_every_field() -> None:
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    schemas = said["components"]["schemas"]
    message = schemas["message"]
    assert message["properties"]["kind"]["enum"] == [kind for kind, _ in DOWN_KINDS]
    refs = {}
    for one in message["oneOf"]:
        fields = one["properties"]
        refs[fields["kind"]["const"]] = fields["body"]["$ref"].rpartition("/")[2]
    for kind, record in DOWN_KINDS:
        assert refs.pop(kind) == f"{BODY}{record.__name__}"
        named = schemas[f"{BODY}{record.__name__}"]["properties"]
        assert list(named) == [field.encode_name for field in msgspec.structs.fields(record)]
    assert not refs
    assert "title" in schemas[f"{BODY}StaffList"]["properties"]["upsert"]["items"]["properties"]


def test_the_protocol_names_every_kind_and_what_its_body_has() -> None:
    """A row may say "the same": the body of the one above it."""
    text = (DOCS / "PROTOCOL.md").read_text(encoding="utf-8")
    _, _, table = text.partition("### Kinds of messages")
    table = table.partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    said = [(kind, body) for names, body in rows for kind in re.findall(r"`([^`]+)`", names)]
    assert sorted(kind for kind, _ in said) == sorted(kind for kind, _ in DOWN_KINDS)
    for kind, body in said:
        fields = [field.name for field in msgspec.structs.fields(dict(DOWN_KINDS)[kind])]
        missing = [name for name in fields if not re.search(rf"\b{name}\b", body)]
        assert "the same" in body or not missing, (kind, missing)


def test_the_vectors_have_exactly_the_fields_that_it_names() -> None:
    vectors = json.loads((DOCS / "protocol-vectors.json").read_text(encoding="utf-8"))
    schemas = msgspec.convert(document()["components"], dict[str, dict[str, dict[str, object]]])
    for name in LETTERS:
        schema = schemas["schemas"][name]
        properties, needed = schema["properties"], schema["required"]
        statement = set(json.loads(vectors[name]["statement"]))
        assert isinstance(properties, dict) and isinstance(needed, list), name
        assert set(needed) <= statement <= set(properties), name
