"""What a page has room for and a pole has not: goods at the total, gifts, savings."""

from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.counter.screens import Done, GiftShown, MemberPage, TotalShown
from daemon.rules.giving import GiftAsk, Redemption, compile_gift_table, compile_gifts
from daemon.rules.models_value import GiftRule
from tests.counter.clerk import Clerk

M1 = "8800000000018"
AT = datetime(2026, 3, 6, 10, 40, tzinfo=timezone.utc)


def test_a_member_sees_what_points_buy_and_what_lapses():
    clerk = Clerk()
    clerk.swipes(M1)
    member = clerk.tells(MemberPage).member
    assert member.gifts == (
        GiftShown("积分礼:丝巾礼盒(800分)", 800),
    )  # 620 are there: told all the same
    assert member.expiring == (("2026-12-15", 620),)


def test_the_total_still_says_what_is_paid_for_and_the_end_what_was_saved():
    clerk = Clerk()
    clerk.swipes(M1)
    clerk.keys("4 ENTER 16 ENTER ENTER")
    quote = clerk.tells(TotalShown).quote
    assert quote is not None
    assert [line.paid_fen for line in quote.lines] == [12000, 3000]
    assert (quote.basket.member, {line.code for line in quote.lines}) == (None, {""})
    clerk.keys("ENTER")
    done = clerk.tells(Done)
    assert (done.saved_fen, done.kind) == (1500, "sale")


RULES = st.builds(
    GiftRule,
    id=st.sampled_from(("a", "b", "c")),
    points=st.integers(1, 30),
    min_balance=st.none() | st.integers(1, 40),
    levels=st.sampled_from(((), ("gold",))),
)


@settings(deadline=None, max_examples=100)
@given(st.lists(RULES, max_size=3, unique_by=lambda rule: rule.id), st.integers(0, 50))
def test_what_the_table_says_is_what_redeeming_takes(rules, points):
    offers = compile_gift_table(rules)("", AT)
    redeem = compile_gifts(rules)
    bought = {
        rule.id
        for rule in rules
        if isinstance(redeem(GiftAsk(rule.id, points, points, "", AT, lambda _, __: 0)), Redemption)
    }
    assert {offer.rule for offer in offers if offer.points <= points} == bought
    assert [offer.points for offer in offers] == sorted(offer.points for offer in offers)
