"""Reports of the service menu, with figures like the demo shop's."""

from collections.abc import Mapping
from datetime import datetime

from daemon.display.day import x_slip
from daemon.display.facts import ShopFacts, XFacts
from daemon.display.reports import (
    AlertFacts,
    DueFacts,
    DueOnPaper,
    ReportFacts,
    alerts_slip,
    due_slip,
    guides_slip,
    hours_slip,
    top_slip,
)
from daemon.ledger.alerts import alerts
from daemon.ledger.shopreport import ShopReport, Tally
from daemon.paper import Paper
from tests.display.samples_shift import DAY
from tests.display.samples_stock import BATCHES, CREAM, ROWS

REPORT = ShopReport(
    staff={
        "02": Tally(4, 51033, 510),
        "03": Tally(2, 19500),
        "": Tally(0, -3000),
    },
    goods={
        "ZZ-004": Tally(4, 48000, name=CREAM),
        "ZZ-001": Tally(2, 13600, name="水漾保湿洁面乳 120g"),
        "SOAP": Tally(145, 4063, name="手工冷制皂(散装)"),
        "无码商品": Tally(1, 1870, name="无码商品"),
    },
    hours={10: Tally(3, 42790), 14: Tally(2, 23743), 15: Tally(1, 1000)},
    sales=Tally(6, 67533),
    members=Tally(4, 49023),
)
DUE = (
    DueOnPaper("王** 0018", "138****0001", "birthday", "2026-03-21", "会员生日将至,请准备礼品"),
    DueOnPaper("会员 尾号 0032", "", "term_end", "2026-04-05", ""),
    DueOnPaper("李* 0025", "139****0002", "妇女节", "2026-03-08", "节日快乐"),
)
EMPTY = ShopReport({}, {}, {}, Tally(), Tally())


def documents(shop: ShopFacts, tenders: Mapping[str, str], columns: int) -> dict[str, Paper]:
    at = datetime.fromisoformat("2026-03-06T20:10:00+08:00")
    names = {"02": "李娜", "03": "周敏"}
    month = ReportFacts(at, "2026-03-01", "2026-03-06", REPORT, names, frozenset({"SOAP"}))
    today = ReportFacts(at, "2026-03-06", "2026-03-06", EMPTY, names)
    asked = AlertFacts(at, alerts(ROWS, BATCHES, "2026-03-06"))
    return {
        "report-guides": guides_slip(month, shop, columns),
        "report-top": top_slip(month, shop, columns),
        "report-hours": hours_slip(month, shop, columns),
        "report-none": top_slip(today, shop, columns),
        "report-alerts": alerts_slip(asked, shop, columns),
        "report-alerts-none": alerts_slip(AlertFacts(at, ()), shop, columns),
        "report-due": due_slip(DueFacts(at, DUE), shop, columns),
        "report-due-none": due_slip(DueFacts(at, ()), shop, columns),
        "report-today": x_slip(XFacts(DAY, at, "02", "", tenders, "2026-03-06"), shop, columns),
    }
