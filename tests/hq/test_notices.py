"""What headquarters tells shops as such: once, to whom it is for, and what they did with it."""

from pathlib import Path

import pytest

from daemon.ledger.bodies import DownApplied
from daemon.ledger.codec import decode, down_body, down_message
from daemon.ledger.messages import Products
from daemon.ledger.messages_shop import ClerkMessage, ConfigChange, Playlist, Setting
from daemon.rules.types import Refusal
from hq import certificates, notices, packs
from hq.earning import Earned, earn
from hq.imports import import_products
from hq.renewing import Renewing
from tests.hq.tables import products_csv
from tests.sync.shops import CARD, Shops
from tests.sync.world import Box

PACK = Path(__file__).parents[2] / "config" / "packs" / "zhenzi.json"


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return Shops(tmp_path)


def told(box: Box) -> list[object]:
    """Return the bodies of everything that was applied, in its order."""
    bodies = [decode(stored.data).body for stored in box.ledger.entries]
    messages = [one.message.encode() for one in bodies if isinstance(one, DownApplied)]
    return [down_body(down_message(one)) for one in messages]


def test_a_notice_reaches_whom_it_is_for_once(shops: Shops) -> None:
    office = shops.world.office
    notices.put(office, notices.MESSAGE, "m1", ClerkMessage("m1", "all"))
    notices.put(office, notices.MESSAGE, "m2", ClerkMessage("m2", "one"), box="0002")
    shops.run(40)
    shops.run(40)
    words = {
        name: [one for one in told(box) if isinstance(one, ClerkMessage)]
        for name, box in shops.world.boxes.items()
    }
    assert words == {
        "0001": [ClerkMessage("m1", "all")],
        "0002": [ClerkMessage("m1", "all"), ClerkMessage("m2", "one")],
    }
    shops.world.check_end()


def test_what_is_withdrawn_is_told_only_where_it_was_told(shops: Shops) -> None:
    office = shops.world.office
    notices.put(office, notices.MESSAGE, "m1", ClerkMessage("m1", "all"))
    shops.other.disconnect()
    shops.run(20)
    assert notices.withdraw(office, notices.MESSAGE, "m1")
    assert not notices.withdraw(office, notices.MESSAGE, "m1")
    shops.other.connect()
    shops.run(60)
    assert ClerkMessage("m1") in told(shops.home)
    (row,) = notices.listed(office, notices.MESSAGE)
    assert row.gone


def test_a_setting_of_one_shop_goes_before_that_of_all_and_falls_back(shops: Shops) -> None:
    office, key = shops.world.office, "shop.service_phone"
    notices.put(office, notices.SETTING, key, Setting(key, "400-all"))
    notices.put(office, notices.SETTING, key, Setting(key, "400-one"), box="0002")
    shops.run(40)

    def set_in(box: Box) -> object:
        changes = [one for one in told(box) if isinstance(one, ConfigChange)]
        return changes[-1].settings[0].value

    assert (set_in(shops.home), set_in(shops.other)) == ("400-all", "400-one")
    notices.withdraw(office, notices.SETTING, key, box="0002")
    shops.run(40)
    assert set_in(shops.other) == "400-all"
    notices.withdraw(office, notices.SETTING, key)
    shops.run(40)
    assert (set_in(shops.home), set_in(shops.other)) == (None, None)


def test_a_playlist_that_is_taken_back_leaves_an_empty_one(shops: Shops) -> None:
    office = shops.world.office
    notices.put(office, notices.PLAYLIST, "", Playlist((), "seconds = 8\n"))
    shops.run(40)
    notices.withdraw(office, notices.PLAYLIST, "")
    shops.run(40)
    lists = [one for one in told(shops.home) if isinstance(one, Playlist)]
    assert lists == [Playlist((), "seconds = 8\n"), Playlist(())]


def test_an_article_that_is_retired_leaves_every_shop(shops: Shops, tmp_path: Path) -> None:
    office = shops.world.office
    import_products(office, products_csv(tmp_path / "p.csv"))
    shops.run(40)
    with office.transaction():
        office.db.execute("DELETE FROM product WHERE sku = 'SOAP'")
        office.touch_directory()
    shops.run(60)
    for box in shops.world.boxes.values():
        retired = [one.retire for one in told(box) if isinstance(one, Products) and one.retire]
        assert retired == [("SOAP",)]


def test_clicks_earn_what_the_pack_says_up_to_the_months_limit_each_once(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    assert isinstance(earn(office, member, "click", request="c1"), Refusal), "no pack yet"
    packs.publish(office, PACK.read_text(encoding="utf-8"))
    before = shops.in_all(CARD)
    points = []
    for n in (1, 1, 2, 3, 4, 5):
        done = earn(office, member, "click", request=f"c{n}")
        assert isinstance(done, Earned)
        points.append(done.points)
    assert points == [5, 5, 5, 5, 0, 0], "five points a click, fifteen a month; c1 came twice"
    assert shops.in_all(CARD) == before + 15
    shops.run(40)
    assert shops.points(shops.home, member) == before + 15
    assert isinstance(earn(office, member, "dance", request="d1"), Refusal)


def test_a_handbook_earns_only_where_no_box_books_purchases(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    packs.publish(office, PACK.read_text(encoding="utf-8"))
    refused = earn(office, member, "barcode", request="b1")
    assert isinstance(refused, Refusal) and "counters" in refused.why
    office.db.execute("UPDATE member SET home = '0099' WHERE id = ?", (member,))
    done = earn(office, member, "barcode", request="b2")
    assert isinstance(done, Earned) and done.points == 5


def test_a_certificate_that_ends_soon_is_renewed_by_itself_for_the_same_key(
    shops: Shops, tmp_path: Path
) -> None:
    office = shops.world.office
    certificates.issue(office, "0001", tmp_path / "tls")
    assert Renewing(office).work() == 0
    office.db.execute("UPDATE certificate SET ends = '2026-09-01'")
    assert Renewing(office).work() == 1
    later = certificates.renew(office, "0001")
    assert later is not None and certificates.renew(office, "0009") is None
    assert "BEGIN CERTIFICATE" in later.certificate
    assert certificates.revoke(office, "0001") == 3
    assert certificates.renew(office, "0001") is None


def test_a_long_pack_goes_by_hash_and_a_short_one_as_a_whole(shops: Shops) -> None:
    ref = packs.publish(shops.world.office, PACK.read_text(encoding="utf-8"))
    short = packs.message(ref, "x" * packs.INLINE_BYTES_MAX)
    long = packs.message(ref, "x" * (packs.INLINE_BYTES_MAX + 1))
    assert short.document and short.content is None
    assert long.document == "" and long.content is not None
    assert (long.id, long.version, long.hash) == (ref.id, ref.version, ref.hash)
