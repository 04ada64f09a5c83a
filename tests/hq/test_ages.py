"""No figure of several shops is without the age of what headquarters knows of each."""

from pathlib import Path

from hq import adjusting, gifts, packs, report
from hq.ages import ages
from hq.memberlist import members
from tests.sync.shops import CARD, OTHER, Shops

HOUR_S = 3600


def test_every_figure_says_how_old_the_shops_data_is(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office = shops.world.office
    adjusting.take(office, shops.member(CARD), "please.freeze", 20, reason="a question")
    shops.run(40)
    shops.home.disconnect()
    for _ in range(HOUR_S // 10):
        shops.world.pass_time(10_000)
    shops.other.disconnect()
    shops.sync(shops.other)
    known = ages(office)
    old, fresh = known["0001"], known["0002"]
    assert old is not None and HOUR_S <= old < HOUR_S + 120
    assert fresh is not None and fresh < 120
    said = report.boxes(office)
    assert (said["0001"].data_age_s or 0) >= HOUR_S > (said["0002"].data_age_s or 0)
    mine = {one.card: one for one in members(office)}
    for card in (CARD, OTHER):  # both lie with the shop that is away
        age = mine[card].data_age_s
        assert age is not None and age >= HOUR_S
    (request,) = report.requests(office)
    assert request.done == 20 and (request.data_age_s or 0) >= HOUR_S
    rolled = {one.box: one.data_age_s for one in packs.rolled_out(office)}
    assert (rolled["0001"] or 0) >= HOUR_S > (rolled["0002"] or 0)
    assert gifts.owed(office) == []
