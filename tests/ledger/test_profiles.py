"""Personal data: locked, masked, looked up. And the stamp of an entry."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.errors import SealError
from daemon.ledger.profiles import Person, lock_profile, masked, open_profile, phone_digest
from daemon.ledger.stamp import stamp
from tests.ledger import shop

KEY, NONCE = b"k" * 32, b"n" * 24
PERSON = Person(phone="13800000001", name="王晓芸", birthday="1990-03-01")


def test_a_profile_opens_with_its_key_for_its_card_only() -> None:
    profile = lock_profile(PERSON, card=shop.CARD, key=KEY, nonce=NONCE)
    assert open_profile(profile, card=shop.CARD, key=KEY) == PERSON
    assert "138" not in profile.cipher
    for card, key in ((shop.CARD, b"x" * 32), ("8800000000025", KEY)):
        with pytest.raises(SealError):
            open_profile(profile, card=card, key=key)
    with pytest.raises(SealError):
        open_profile(type(profile)(cipher="%%", nonce=profile.nonce), card=shop.CARD, key=KEY)


def test_a_phone_is_looked_up_by_a_digest_that_needs_the_key() -> None:
    assert phone_digest(KEY, "13800000001") == phone_digest(KEY, "13800000001")
    assert phone_digest(KEY, "13800000001") != phone_digest(b"x" * 32, "13800000001")
    assert len(phone_digest(KEY, "13800000001")) == 16


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王晓芸", "王**"),
        ("林佳", "林*"),
        ("欧阳雪", "欧**"),
        ("", "会员 尾号 0018"),
        (None, "会员 尾号 0018"),
        ("李", "李"),
    ],
)
def test_names_are_masked(name: str | None, shown: str) -> None:
    assert masked(name, shop.CARD) == shown


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=2, max_size=8))
def test_a_mask_shows_one_character_and_the_length(name: str) -> None:
    assert masked(name, shop.CARD) == name[0] + "*" * (len(name) - 1)


def test_a_stamp_has_the_shops_offset_milliseconds_and_a_business_date_that_never_goes_back() -> (
    None
):
    night = shop.MORNING.replace(day=7, hour=3, minute=59)
    made = stamp(shop.Watch(night).read(), closing_hour=4, not_before=None)
    assert made.wall == "2026-03-07T03:59:00.000+08:00"
    assert made.business_date == "2026-03-06"
    later = shop.Watch(night + timedelta(minutes=1)).read()
    assert stamp(later, closing_hour=4, not_before=None).business_date == "2026-03-07"
    back = shop.Watch(night - timedelta(days=3)).read()
    assert stamp(back, closing_hour=4, not_before="2026-03-06").business_date == "2026-03-06"
