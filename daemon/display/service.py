"""Papers of the service menu: what a technician reads, and takes home."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.screens import Row
from daemon.display.blocks import dated
from daemon.display.facts import ServiceFacts, ShopFacts
from daemon.display.sheet import Sheet
from daemon.paper import Paper

# By topic, in Chinese and English.
TITLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "test": ("打印测试", "TEST PRINT"),
        "devices": ("设备", "DEVICES"),
        "sync": ("同步", "SYNC"),
        "network": ("网络", "NETWORK"),
        "checkup": ("体检单", "CHECK-UP"),
        "points_file": ("积分核对", "CHECK OF POINTS"),
        "stick": ("U盘同步", "STICK"),
        "config": ("配置有错", "CONFIG"),
        "claim": ("设备认领", "DEVICES CLAIMED"),
        "take_over": ("换机", "REPLACEMENT"),
    }
)
SAMPLE = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789 +-*/.,:()#", "中文打印测试:真子丽人")


def service_slip(facts: ServiceFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the slip of a topic: rows as they came, long ones broken."""
    zh, en = TITLES.get(facts.topic, (facts.topic, facts.topic))
    title, by = en if shop.language == "en" else zh, f"{facts.box} {facts.software}"
    sheet = dated(title, facts.at, shop, columns, beside=by)
    for row in facts.rows:
        _row(sheet, row)
    if facts.topic == "test":
        for line in SAMPLE:
            sheet.note(line)
        sheet.note("=" * sheet.columns)
    if facts.qr:
        sheet.feed(1)
        sheet.qr(facts.qr)
    sheet.rule()
    return sheet.paper()


def _row(sheet: Sheet, row: Row) -> None:
    sheet.note(f"{row.key} {row.text}".strip())
