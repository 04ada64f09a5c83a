"""The box config that fits the bench: the file a technician would write for these devices."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hardware_sim.demo_shop import DEMO_SHOP, DemoShop

CLOCK_START = "2026-03-06T09:55:00+08:00"
PLAYLIST = DEMO_SHOP.parent / "playlist"
OPERATOR, FLOAT_FEN = "02", 30000
_TENDER_KEYS = ("key", "code", "name", "drawer", "change", "reference")


@dataclass(frozen=True, slots=True)
class Headquarters:
    """What the box must know of headquarters; each may be missing."""

    mqtt: str | None = None
    key: str | None = None
    token: str | None = None

    @property
    def fields(self) -> dict[str, object]:
        given = {"mqtt": self.mqtt, "key": self.key, "token": self.token}
        return {name: value for name, value in given.items() if value is not None}


def box_toml(
    folder: Path, shop: DemoShop, devices: list[dict[str, object]], hq: Headquarters
) -> str:
    """The text of memberbox.toml; folder must be absolute."""
    about = shop.shop
    head: list[tuple[str, Mapping[str, object]]] = [
        (
            "[box]",
            {
                "id": about["no"],
                "state_dir": str(folder / "state"),
                "run_dir": str(folder / "run"),
                "clock_start": CLOCK_START,
            },
        ),
        (
            "[shop]",
            {name: about[name] for name in ("no", "name")}
            | {"chain": shop.chain}
            | {name: about[name] for name in ("address", "phone")}
            | {"language": "zh_CN", "timezone": "Asia/Shanghai", "closing_hour": 4},
        ),
    ]
    if hq.fields:
        head.append(("[hq]", hq.fields))
    head += [
        ("[counter]", {"operator": OPERATOR, "guide": OPERATOR, "float_fen": FLOAT_FEN}),
        ("[keypad]", {"exact_cash_guard_ms": 0}),
    ]
    head.append(("[kiosk]", {"port": 0, "playlist": str(PLAYLIST)}))
    tables: list[tuple[str, Mapping[str, object]]] = [
        ("[[tenders]]", {key: row[key] for key in _TENDER_KEYS}) for row in shop.rows("tenders")
    ]
    tables += [("[[devices]]", device) for device in devices]
    return "\n".join(_table(title, fields) for title, fields in (*head, *tables))


def _table(title: str, fields: Mapping[str, object]) -> str:
    lines = [f"{key} = {_value(value)}\n" for key, value in fields.items()]
    return f"{title}\n{''.join(lines)}"


def _value(value: object) -> str:
    """A TOML value; TOML's basic strings take JSON's escapes."""
    return json.dumps(value, ensure_ascii=False)
