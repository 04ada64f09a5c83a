"""Write config/packs/pack.schema.json, which editors complete packs with.

.venv/bin/python -m tools.pack_schema
"""

from pathlib import Path

from daemon.rules.schema import schema_text

SCHEMA = Path(__file__).parent.parent / "config" / "packs" / "pack.schema.json"

if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    print(f"wrote {SCHEMA.name}")
