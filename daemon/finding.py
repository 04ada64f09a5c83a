"""One thing that a doctor found, the box's or headquarters': its level, and what to do."""

from typing import Literal

import msgspec

Level = Literal["ok", "warning", "error"]


class Finding(msgspec.Struct, frozen=True):
    what: str
    level: Level
    found: str
    fix: str = ""

    def __str__(self) -> str:
        todo = f"\n{'':21}-> {self.fix}" if self.fix else ""
        return f"{self.level:<8} {self.what:<12} {self.found}{todo}"
