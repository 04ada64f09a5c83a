"""What rules say in words, all of it: findings of lint, changes between packs, explanations."""

import itertools
from collections.abc import Iterator

from daemon.ledger.bodies import Applied
from daemon.rules.compare import compare
from daemon.rules.document import parse
from daemon.rules.explain import explain
from daemon.rules.explain_offers import offer_said
from daemon.rules.lint import check
from tests.rules import test_lint, test_lint_account, test_lint_sale
from tests.rules.shop import PACKS, changed, m1, zhenzi
from tests.rules.test_explain import WORKED, sale
from tests.rules.test_offers_properties import PACK

OURS = ("4s", "clubcard", "guomao", "hotel", "mall-offset", "mall-return", "year-roll", "zhenzi")


def sentences() -> Iterator[str]:
    """Yield every sentence, under a line that says what it is of."""
    faults = [
        one[0] for room in (test_lint, test_lint_account, test_lint_sale) for one in room.FAULTS
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
    for who, money in ((m1(), "cash"), (None, "cash"), (m1(), "voucher")):
        yield f"-- a sale to {'a member' if who else 'nobody'} for {money}"
        for language in ("zh_CN", "en"):
            yield from explain(sale(who, *WORKED, money=money), zhenzi().pack, language)
