"""The JSON Schema of packs, for editors: generated from the models, never written by hand."""

import json

from daemon.rules.models import Pack

_SCHEMA_KEY_SAID = "this file, for editors; no part of the pack"


def schema_text() -> str:
    """Return the text of config/packs/pack.schema.json."""
    schema = Pack.model_json_schema()
    schema["properties"] = {
        "$schema": {"type": "string", "description": _SCHEMA_KEY_SAID},
        **schema["properties"],
    }
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
