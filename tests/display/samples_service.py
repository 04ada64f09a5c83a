"""Lists, the service menu's papers, and what practice makes of a paper."""

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


def documents(shop: ShopFacts, columns: int, sale: Paper) -> dict[str, Paper]:
    test = ServiceFacts("test", AT, "0018", "0.1.0", qr="memberbox 0018")
    checkup = ServiceFacts("checkup", AT, "0018", "0.1.0", FOUND)
    choices = Listing(Ask.SHIFT, tuple(Row(key) for key in "123456789"))
    return {
        "list-parked": listing_slip(PARKED, shop.language, columns),
        "list-choices": listing_slip(choices, shop.language, columns),
        "service-test": service_slip(test, shop, columns),
        "service-checkup": service_slip(checkup, shop, columns),
        "practice-sale": invalid(sale, shop.language, columns),
    }
