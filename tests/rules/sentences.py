"""What rules say in words, all of it: findings of lint, changes between packs, explanations."""

import itertools
from collections.abc import Iterator

from daemon.ledger.bodies import (
    Applied,
    Body,
    Claim,
    Commission,
    CouponIssued,
    LevelChanged,
    LotPart,
    MemberRenewed,
    Moved,
    PointsGranted,
    PointsRedeemed,
    Returned,
    SaleClaimed,
    Tender,
    TopUp,
    TopUpVoided,
)
from daemon.rules.compare import compare
from daemon.rules.document import parse
from daemon.rules.explain import explain
from daemon.rules.explain_account import account_said
from daemon.rules.explain_offers import offer_said
from daemon.rules.lint import check
from tests.rules import test_lint, test_lint_account, test_lint_desk, test_lint_sale
from tests.rules.shop import PACKS, changed, m1, zhenzi
from tests.rules.test_explain import WORKED, sale
from tests.rules.test_offers_properties import PACK

LEVELED = parse((PACKS / "year-roll.json").read_text(encoding="utf-8"))
TAKEN = (LotPart("reward", "0018.1:1:2", 300), LotPart("reward", "0018.1:2:2", 500))
OWED = (Claim(1, "point", 20, ()),)
ACCOUNT: tuple[Body, ...] = (
    TopUp(
        *("M1", "88", 30000, (Tender("cash", 30000),), "1"),
        registered=True,
        bonus_fen=1500,
        points=100,
        applied=(
            Applied("t300", "bonus", 30000, 1500),
            Applied("t300", "points", 30000, 100),
            Applied("t300", "coupon", 30000, 2000),
            Applied("c2000", "card", 30000, 0),
            Applied("grow", "growth", 30000, 5),
        ),
        commission=(Commission("02", 150),),
        benefits=("c5000", "c2000"),
    ),
    TopUpVoided("M1", 30000, 0, (), 100, commission=(Commission("02", 150),), claims=OWED),
    MemberRenewed(
        *("M1", "88", "fee", "2026-03-06", "2027-03-06"),
        fee_fen=4800,
        points=10,
        applied=(Applied("again", "points", 0, 10), Applied("grow", "growth", 0, 5)),
    ),
    MemberRenewed("M1", "88", "purchase", None, None),
    MemberRenewed("M1", "88", "grant", None, "2027-03-06"),
    PointsRedeemed("M1", "88", "gift250", 250, "GIFT1", 1, promised=True),
    PointsRedeemed("M1", "88", "gone", 100, "", 1, coupon="voucher"),
    PointsGranted("M1", 5, "task", rule="task"),
    PointsGranted("M1", 20, "task"),
    SaleClaimed("M1", "88", 88, lines=(88,), sku="TOY", taken_back=(LotPart("point", "#1", 44),)),
    SaleClaimed("M1", "88", 188, lines=(188,), frozen="late_swipes"),
    LevelChanged("M1", "silver", "basic", "growth", "2027-03-06T10:00:00+08:00"),
    LevelChanged("M1", "basic", "silver", "review"),
    LevelChanged("M1", "gone", "", "by_hand", manager="01"),
    CouponIssued("M1", "voucher", 1, "payout", 800, paid=TAKEN),
    CouponIssued("M1", "c20", 2, "silver", 2000),
    Returned((), 6800, 0, 6800, points=68, claims=OWED, commission=(Commission("02", 20),)),
    Moved("M1", "point", 7, (), "2026-12-15T00:00:00+08:00"),
    Moved("M1", "point", 7, ()),
)

OURS = tuple(sorted(path.stem for path in PACKS.glob("*.json") if path.stem != "pack.schema"))


def sentences() -> Iterator[str]:
    """Yield every sentence, under a line that says what it is of."""
    faults = [
        one[0]
        for room in (test_lint, test_lint_account, test_lint_sale, test_lint_desk)
        for one in room.FAULTS
    ]
    for sections in faults:
        yield f"-- a pack with {sorted(sections)}"
        yield from (str(one) for one in check(changed(**sections)))
    packs = {name: parse((PACKS / f"{name}.json").read_text(encoding="utf-8")) for name in OURS}
    for old, new in itertools.pairwise((*OURS, OURS[0])):
        yield f"-- from {old} to {new}"
        yield from (text for pair in compare(packs[old], packs[new]) for text in pair)
    yield "-- offers"
    named = ["gone", *(one.id for one in PACK.promos), *(one.id for one in PACK.coupons)]
    named += [*(one.id for one in PACK.offsets), *(one.id for one in PACK.spend_rewards)]
    for name in named:
        for what in ("promo", "coupon", "offset", "give", "manual", "factor", "growth", "reward"):
            told = offer_said(Applied(name, what, 24000, 18999), PACK)
            yield from (f"{what}: {text}" for text in told or ())
    for body in ACCOUNT:
        yield f"-- {type(body).__name__}"
        yield from (text for pair in account_said(body, LEVELED) for text in pair)
    for who, money in ((m1(), "cash"), (None, "cash"), (m1(), "voucher")):
        yield f"-- a sale to {'a member' if who else 'nobody'} for {money}"
        for language in ("zh_CN", "en"):
            yield from explain(sale(who, *WORKED, money=money), zhenzi().pack, language)
