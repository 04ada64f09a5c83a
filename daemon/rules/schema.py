"""The JSON Schema of packs, for editors: generated from the models, never written by hand."""

import json

from daemon.rules.models import Pack

_SCHEMA_KEY = {"type": "string", "description": "this file, for editors; no part of the pack"}


def schema_text() -> str:
    """Return the text of config/packs/pack.schema.json."""
    schema = Pack.model_json_schema()
    schema["properties"] = {"$schema": _SCHEMA_KEY, **schema["properties"]}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
