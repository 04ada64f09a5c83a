"""Edges of rules that no case file stands on: the last day, one point, a list that is just full."""

from datetime import date, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from daemon.clock import ClockState
from daemon.ledger.bodies import (
    CardChanged,
    CardReplaced,
    Consent,
    MemberEnrolled,
    Profile,
    Sale,
    Welcome,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.records import ZERO_HASH, At, By, Entry
from daemon.rules.desk_rules import compile_manual
from daemon.rules.earning import Earned
from daemon.rules.history import Past, differences
from daemon.rules.models_desk import ManualPrice
from daemon.rules.models_time import Gate
from daemon.rules.models_when import When
from daemon.rules.occasions import Asking, compile_when
from daemon.rules.timed import Known, passes
from daemon.rules.types import (
    BasketLine,
    EnrolmentOffer,
    KeyedTender,
    Manual,
    MemberFacts,
    QuotedLine,
    Refusal,
)
from daemon.rules.words import SHOWN_MAX, value_words
from tests.rules.shop import (
    CREAM,
    NOON,
    TRAVEL,
    at,
    engine,
    engine_of,
    line,
    m1,
    products,
    quote,
    settle,
    zhenzi,
)
from tests.rules.test_enrolment import lot
from tests.rules.test_history import entry_of, past

# -- days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        ("2026-02-28", True),
        ("2026-02-27", False),
        ("2026-03-30", False),
        ("2026-03-31", True),
        ("2026-04-30", True),
    ],
)
def test_the_31st_is_the_last_day_of_a_shorter_month(day: str, holds: bool) -> None:
    when = compile_when(When.model_validate({"month_days": [31]}, strict=False))
    assert when(Asking(at(f"{day}T12:00:00"))) is holds


@pytest.mark.parametrize(
    ("bought", "within", "without"),
    [
        (None, False, True),
        (date(2026, 2, 5), False, True),
        (date(2026, 2, 6), True, False),
        (date(2026, 3, 5), True, False),
    ],
)
def test_a_purchase_on_the_first_day_of_a_span_is_within_it(
    bought: date | None, within: bool, without: bool
) -> None:
    known, today = Known("M1", last_purchase=bought), date(2026, 3, 6)
    assert passes(_gate(purchase_within="P1M"), known, today) is within
    assert passes(_gate(no_purchase_within="P1M"), known, today) is without
    assert passes(None, known, today)


def test_every_part_of_a_gate_must_hold() -> None:
    known = Known("M1", level="gold", purchases=3, points=100, profile_complete=True)
    today = date(2026, 3, 6)
    for good, bad in (
        ({"purchases_min": 3}, {"purchases_min": 4}),
        ({"points_min": 100}, {"points_min": 101}),
        ({"levels": ["gold"]}, {"levels": ["silver"]}),
    ):
        assert passes(_gate(**good), known, today)
        assert not passes(_gate(**bad), known, today)
    assert not passes(_gate(profile_complete=True), Known("M1"), today)


def _gate(**said: object) -> Gate:
    return Gate.model_validate(said, strict=False)


# -- words -----------------------------------------------------------------------------------------


def test_a_list_that_is_just_full_has_no_dots() -> None:
    full = tuple(range(SHOWN_MAX))
    assert "…" not in value_words(full)[0]
    assert value_words((*full, 99))[0].endswith(f" … ({SHOWN_MAX + 1})")


@pytest.mark.parametrize("field", ["x_fen", "from", "amount", "bonus", "worth", "for_each_full"])
def test_money_is_said_in_yuan(field: str) -> None:
    assert value_words(1234, field) == ("12.34 元", "12.34")
    assert value_words(1234, "points") == ("1234", "1234")
    assert value_words(9505, "basis_points") == ("95.05%", "95.05%")


def test_a_price_by_hand_is_refused_with_the_reasons_that_there_are() -> None:
    rules = [
        ManualPrice(id="a", role="manager", max_off=3000, reasons=("flaw", "age")),
        ManualPrice(id="b", role="manager", max_off=5000, reasons=("flaw",)),
    ]
    by_hand = compile_manual(rules)
    product = products()[CREAM]

    def asked(fen: int, reason: str, role: str = "manager") -> Refusal | None:
        keyed = BasketLine(1, product, 1, fen, manual=Manual(role, reason))
        lines = (QuotedLine(1, product, 1, fen, fen, "regular"),)
        return by_hand((keyed,), lines)[2]

    assert asked(6000, "flaw") is None
    assert asked(8400, "age") is None
    for fen, reason, role, said in (
        (8399, "age", "manager", "manager may set 84.00 to 120.00, not 83.99."),
        (5999, "flaw", "manager", "manager may set 60.00 to 120.00, not 59.99."),
        (12001, "flaw", "manager", "manager may set 60.00 to 120.00, not 120.01."),
        (9000, "mood", "manager", "mood is no reason here. Use one of age, flaw."),
        (9000, "", "manager", "no reason is no reason here. Use one of age, flaw."),
        (9000, "flaw", "clerk", "clerk may set no price by hand here."),
    ):
        refused = asked(fen, reason, role)
        assert refused is not None
        assert (refused.code, refused.why) == ("not_allowed", said)


# -- points ----------------------------------------------------------------------------------------


def test_a_single_point_lapses_too() -> None:
    assert engine_of(expiry={"kind": "ttl", "life": "P1Y"}).expiring([lot(1)], NOON, NOON) == (
        ("2027-01-01", 1),
    )


def test_a_late_swipe_earns_what_the_member_would_have_earned_then() -> None:
    rules = engine_of(
        factors={
            "combine": "max",
            "rules": [{"id": "new", "percent": 200, "when": {"joined_within": "P30D"}}],
        }
    )
    sold = settle(
        quote([line(1, CREAM)], None, NOON, rules), KeyedTender("cash", None), rules=rules
    )
    old = m1()
    fresh = _since(old, 10)
    assert rules.sale.claim(sold, old, NOON).points == 120
    assert rules.sale.claim(sold, fresh, NOON).points == 240
    gone = _ended(old)
    assert rules.sale.claim(sold, gone, NOON) == Earned(0, 0, 0, (), ())


def _since(member: MemberFacts, days: int) -> MemberFacts:
    return replace(member, joined=NOON - timedelta(days=days))


def _ended(member: MemberFacts) -> MemberFacts:
    return replace(member, term_ends=NOON)


# -- the past told again ---------------------------------------------------------------------------


def _entry(body: MemberEnrolled | CardChanged | CardReplaced, kind: Kind, seq: int) -> Entry:
    stamp = At("boot", seq, NOON.isoformat(), ClockState.SYNCED, "2026-03-06")
    by, ref = By("02", "clerk"), zhenzi().ref
    return Entry(1, "0018", 1, seq, ZERO_HASH, "k", str(seq), kind, stamp, by, ref, None, body, ())


def _joined(channel: str, paid_fen: int | None) -> MemberEnrolled:
    offer = engine().offer(channel, counted=paid_fen, at=NOON)
    assert isinstance(offer, EnrolmentOffer)
    ends = None if offer.term_ends is None else offer.term_ends.isoformat()
    return MemberEnrolled(
        card="8800000001015",
        channel=channel,
        joined=offer.joined.isoformat(),
        term_ends=ends,
        consent=Consent("ZZ-HY-2026-01", marketing=False),
        profile=Profile("", ""),
        fee_fen=offer.fee_fen,
        points=offer.points,
        growth=offer.growth,
        welcome=offer.welcome,
        applied=offer.applied,
    )


@pytest.mark.parametrize(("channel", "paid_fen"), [("fee", None), ("purchase", 15000)])
def test_an_enrolment_is_told_again(channel: str, paid_fen: int | None) -> None:
    body = _joined(channel, paid_fen)
    assert differences(past(), _entry(body, Kind.MEMBER_ENROLLED, 1)) == []
    for name, wrong in (
        ("fee", {"fee_fen": 1}),
        ("points", {"points": 7}),
        ("growth", {"growth": 7}),
        ("term", {"term_ends": "2030-01-01T00:00:00+08:00"}),
        ("welcome", {"welcome": (Welcome("TOY", 1),)}),
    ):
        changed = msgspec.structs.replace(body, **wrong)
        (said,) = differences(past(), _entry(changed, Kind.MEMBER_ENROLLED, 1)) or [""]
        assert said.startswith(f"{name}: ")
    nowhere = msgspec.structs.replace(body, channel="gift")
    (said,) = differences(past(), _entry(nowhere, Kind.MEMBER_ENROLLED, 1)) or [""]
    assert said.startswith("refused now: not_allowed")


def test_a_lost_card_has_no_member_price_and_its_heir_has() -> None:
    known = past()
    known.cards = {m1().card: "M1"}
    before = entry_of(1, [(TRAVEL, 1)], member=True, money="cash")
    assert differences(known, before) == []
    known.apply(_entry(CardChanged(m1().card, "M1"), Kind.CARD_LOST, 2))
    assert known.members["M1"].status == "lost"
    assert any(
        one.startswith("bill: 3000 then, 4500 now") for one in differences(known, before) or ()
    )
    known.apply(
        _entry(
            CardReplaced(member="M1", old=m1().card, card="8800000001022", sku="CARD"),
            Kind.CARD_REPLACED,
            3,
        )
    )
    facts = known.members["M1"]
    assert (facts.card, facts.status, facts.joined) == ("8800000001022", "active", m1().joined)
    assert differences(known, before) == []


def test_what_is_sold_otherwise_is_named_by_its_figure() -> None:
    entry = entry_of(1, [(CREAM, 1)], member=True, money="cash")
    sale = entry.body
    assert isinstance(sale, Sale)
    for name, wrong in (
        ("list", {"list_fen": 1}),
        ("bill", {"bill_fen": 1}),
        ("pay", {"pay_fen": 1}),
        ("growth", {"growth": 1}),
        ("frozen", {"frozen": "own_sale"}),
        ("birthday", {"near": ("7-7",)}),
    ):
        changed = msgspec.structs.replace(entry, body=msgspec.structs.replace(sale, **wrong))
        found = differences(past(), changed) or []
        assert any(one.startswith(f"{name}: ") for one in found), (name, found)


def test_goods_that_are_listed_no_more_are_told_by_their_line() -> None:
    known = Past(past().compiling, members={"M1": m1()}, packs=past().packs)
    entry = entry_of(1, [(CREAM, 2)], member=True, money="cash")
    assert differences(known, entry) == []  # zhenzi: what is not listed earns as well
