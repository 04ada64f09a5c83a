"""Papers of the service menu: what a technician reads, and takes home."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.screens import Row
from daemon.display.blocks import heading
from daemon.display.facts import Copy, ServiceFacts, ShopFacts
from daemon.display.languages import texts_of
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
    texts = texts_of(shop.language)
    zh, en = TITLES.get(facts.topic, (facts.topic, facts.topic))
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=en if shop.language == "en" else zh, copy=Copy.FIRST)
    sheet.row(facts.at.strftime("%Y-%m-%d %H:%M"), f"{facts.box} {facts.software}")
    sheet.rule()
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
