"""What only case files obey is said by `rules check`, and nothing of what the counter obeys."""

import pytest

from daemon.rules.lint import check
from tests.rules.shop import changed
from tests.rules.test_lint_account import PACK, VALUE, levels

COUPON = {"id": "ten", "gives": "amount", "value_fen": 1000}
GIVING = {"id": "silver", "name": "silver", "needs": {}, "coupon": {"kind": "ten"}}
DESIGNED = {"id": "gold", "name": "gold", "needs": {}, "card_design": "gold on black"}

FAULTS: tuple[tuple[dict[str, object], str, str], ...] = (
    ({"holds": {"void_after": "P1Y"}}, "holds.void_after", "nothing voids"),
    (
        {"coupons": [{**COUPON, "transferable": True}]},
        "coupons[0].transferable",
        "no key of the counter",
    ),
    ({"transfer": {"keep_lot_date": False}}, "transfer.keep_lot_date", "counter refuses"),
    ({"transfer": {"by": "hq"}}, "transfer.by", "no command"),
    ({"stored_value": {**VALUE, "accept": "chain"}}, "stored_value.accept", "their books"),
    (
        {"expiry": {**PACK["expiry"], "notice_days": 30}, "reminders": []},
        "expiry.notice_days",
        "nobody is told",
    ),
    (
        {"coupons": [COUPON], "levels": {"list": [GIVING], "decided_by": "chain"}},
        "levels.list[0].coupon",
        "headquarters decides",
    ),
    ({"levels": {"list": [DESIGNED]}}, "levels.list[0].card_design", "no card is printed"),
    ({"guard": {"earning_sales_per_day": 5}}, "guard.earning_sales_per_day", "each shop counts"),
    ({"staff_purchase": {"quota_fen": 100}}, "staff_purchase.quota_fen", "each shop counts"),
    ({"late_swipe": {"within": "P7D", "per_month": 2}}, "late_swipe.per_month", "each shop counts"),
)


@pytest.mark.parametrize(("sections", "path", "said"), FAULTS, ids=[one[1] for one in FAULTS])
def test_what_the_shop_does_not_obey_is_a_note(
    sections: dict[str, object], path: str, said: str
) -> None:
    (found,) = check(changed(**sections))
    assert (found.severity, found.path) == ("note", path)
    assert said in found.reason
    assert found.fix


@pytest.mark.parametrize(
    "sections",
    [
        {"holds": {"by": "clerk"}},
        {"guard": {"own_sale_earns": False}},
        {"late_swipe": {"within": "P7D", "per_month": 2, "beyond": "refuse"}},  # a holding
        {"coupons": [COUPON]},
        {"transfer": {"by": "clerk", "keep_lot_date": True}},
        {"stored_value": {**VALUE, "accept": "own_owner"}},
        {"expiry": {**PACK["expiry"], "notice_days": 30}},  # a reminder says it
        {"coupons": [COUPON], "levels": {"list": [GIVING]}},
        levels(0, 1),
    ],
    ids=str,
)
def test_what_it_obeys_is_none(sections: dict[str, object]) -> None:
    assert check(changed(**sections)) == []
