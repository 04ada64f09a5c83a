"""Which keys of memberbox.toml headquarters may set from afar, and how they lie over the file.

Only what a person at headquarters knows better than the technician and what cannot cut a box off:
no device, no network, no key, no folder. The file stays as it is; the settings lie beside the
journal and count from the next start. A setting that the file's rules refuse is refused.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

Value = str | int | bool

FILE = "settings.json"  # in the state directory; made again from the journal at each start
REMOTE: Mapping[str, type[str] | type[int]] = MappingProxyType(
    {
        "shop.name": str,
        "shop.address": str,
        "shop.phone": str,
        "shop.service_phone": str,
        "shop.owner": str,
        "shop.language": str,
        "shop.closing_hour": int,
        "counter.guide": str,
        "counter.member_qr": str,
        "counter.float_fen": int,
        "keypad.exact_cash_guard_ms": int,
        "kiosk.faces": str,
        "kiosk.background": str,
        "kiosk.text": str,
        "kiosk.accent": str,
    }
)


def refused(key: str) -> str:
    """Return why a key may not be set from afar; "" when it may."""
    if key in REMOTE:
        return ""
    return f"{key} is not set from afar; what may be: {', '.join(REMOTE)}"


def laid_over(raw: Mapping[str, object], settings: Mapping[str, Value]) -> dict[str, object]:
    """Return the file's tables with the settings in them; a table that is not there stays away."""
    merged = {name: dict(one) if isinstance(one, dict) else one for name, one in raw.items()}
    for key, value in settings.items():
        table, _, name = key.partition(".")
        place = merged.get(table)
        if key in REMOTE and isinstance(place, dict):
            place[name] = value
        elif key in REMOTE and table == "keypad" and place is None:  # a table with defaults only
            merged[table] = {name: value}
    return merged


def read(state_dir: Path) -> dict[str, Value]:
    """Return the settings that lie beside the journal; none where they cannot be read."""
    with suppress(OSError, ValueError):
        found = json.loads((state_dir / FILE).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return {str(key): value for key, value in found.items() if isinstance(value, str | int)}
    return {}


def write(state_dir: Path, settings: Mapping[str, Value]) -> None:
    """Let these settings count from the next start on. Raises OSError."""
    fresh = state_dir / f".{FILE}.new"
    fresh.write_text(json.dumps(dict(settings), ensure_ascii=False), encoding="utf-8")
    fresh.rename(state_dir / FILE)
