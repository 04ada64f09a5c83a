"""Lists, the service menu's papers, and what practice makes of a paper."""

from collections.abc import Mapping
from datetime import datetime

from daemon.counter.codes import Ask
from daemon.counter.effects import Listing
from daemon.counter.screens import Row
from daemon.display.facts import ServiceFacts, ShopFacts
from daemon.display.listing import listing_slip
from daemon.display.practice import invalid
from daemon.display.service import service_slip
from daemon.paper import Paper

AT = datetime.fromisoformat("2026-03-06T15:10:00+08:00")
PARKED = Listing(
    Ask.PARKED,
    (
        Row("1", "10:40 0018", "10:40 0018", 22790),
        Row("3", "11:05", "11:05", 123456),
        Row("9", "SUPER-LONG-NAME-OF-SOMETHING-PARKED-HERE", "", 990),
    ),
)
FOUND = (
    Row("", "OK journal: 431 entries; the tail and the books agree"),
    Row("", "WARNING hq: 127.0.0.1:1883 cannot be reached: [Errno 111] Connection refused"),
    Row("", "-> Check network and address; the counter goes on without."),
)


TOLD: Mapping[str, tuple[str, ...]] = {  # by topic, as the box says it
    "devices": (
        "1 printer: online",
        "2 pole: offline no such port. Plug it in.",
        "3 swiper: online",
    ),
    "sync": ("1 offline", "2 总部确认 / headquarters: 9 h", "3 待传 / waiting: 431"),
    "network": ("1 IP 192.168.8.20", "2 memberbox-0018", "3 HQ hq.example:8883 offline"),
    "claim": (
        "[[devices]]",
        'name = "scanner2"',
        'kind = "scanner"',
        'driver = "wedge"',
        'port = "/dev/input/by-id/usb-Newland_HR22-event-kbd"',
        "? USB keypad 1a2c:2124",
        "已写入,重启后生效 / written; holds from the next start",
    ),
    "points_file": ("points-0018-2026-12-01.csv: 431",),
    "stick": (
        "已写出本店账 / written: 1-431",
        "已读入总部件 / read: 12",
        "可以拔出 / it may be pulled out",
    ),
    "config": (
        'devices[2].port: "/dev/ttyUSB0" is no stable name. Use one of /dev/serial/by-path/... '
        "(memberbox suggest).",
        "shop.columns: 40 is not allowed. Allowed: 32, 42, 48.",
    ),
    "take_over": (
        "0018.1 -> 0018.2",
        "#431 9f3a1c",
        "本机账已结束,全部余额转入新账。请关机,把本机数据装到新机,只开一台。",
        "This box has ended its chain. Switch it off, and start the new machine only.",
    ),
}


def documents(shop: ShopFacts, columns: int, sale: Paper) -> dict[str, Paper]:
    test = ServiceFacts("test", AT, "0018", "0.1.0", qr="memberbox 0018")
    checkup = ServiceFacts("checkup", AT, "0018", "0.1.0", FOUND)
    choices = Listing(Ask.SHIFT, tuple(Row(key) for key in "123456789"))
    return {
        "list-parked": listing_slip(PARKED, shop.language, columns),
        "list-choices": listing_slip(choices, shop.language, columns),
        "service-test": service_slip(test, shop, columns),
        "service-checkup": service_slip(checkup, shop, columns),
        **{f"service-{topic}": _told(topic, shop, columns) for topic in TOLD},
        "practice-sale": invalid(sale, shop.language, columns),
    }


def _told(topic: str, shop: ShopFacts, columns: int) -> Paper:
    rows = tuple(Row("", text) for text in TOLD[topic])
    qr = "memberbox 0018\nIP 192.168.8.20\nHQ hq.example:8883" if topic == "network" else ""
    return service_slip(ServiceFacts(topic, AT, "0018", "0.1.0", rows, qr), shop, columns)
