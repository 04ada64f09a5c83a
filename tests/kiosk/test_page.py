"""The customer's page in a real Chromium: what a person in front of the screen sees."""

import shutil
import time

import pytest

from daemon.counter.screens import BasketShown
from tests.kiosk.browser import Browser, installed
from tests.kiosk.house import ROOT, House

M1, LOST = "8800000000018", "8800000000056"
SWIPES = 1000
HEAP_GROWTH_BYTES_MAX = 300_000  # of 1,000 swipes: a leak of one element a swipe is more
BOX_GROWTH_KIB_MAX = 2048
PLAYS = "document.querySelector('.layer.seen img, .layer.seen video')"
SEES = "document.body?.dataset.view"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "config" / "demo" / "playlist", root / "playlist")
    text = (root / "playlist" / "playlist.toml").read_text(encoding="utf-8")
    (root / "playlist" / "playlist.toml").write_text(text.replace("seconds = 6", "seconds = 1"))
    with House(root) as made:
        yield made


@pytest.fixture(scope="module")
def chromium():
    if not installed():
        pytest.skip("Chromium is missing: apt-get install chromium")
    with Browser() as made:
        yield made


@pytest.fixture
def page(house, chromium):
    house.keys("CLEAR CLEAR")
    chromium.events.clear()
    chromium.open(house.url)
    chromium.until(f"{SEES} === 'ads' && {PLAYS}")
    return chromium


def test_ads_member_basket_thanks_and_ads_again(house, page):
    house.swipes(M1)
    page.until(f"{SEES} === 'member'")
    seen = page.seen()
    assert "王**" in seen and "620" in seen and "2026-12-15" in seen and "还差 180 分" in seen
    house.scans("6901234100044", "6901234100013")
    house.keys("16 ENTER")
    house.scans("6901234100150")
    page.until(f"{SEES} === 'till'")
    page.until("document.querySelectorAll('#lines li').length === 4")
    seen = page.seen()
    for text in ("未结账", "保湿面霜", "120.00", "会员价", "原价 45.00", "34.10", "+188", "227.90"):
        assert text in seen, text
    house.keys("ENTER")
    page.until("document.querySelector('#till .mark').textContent === '待付款'")
    house.keys("230 ENTER")
    page.until(f"{SEES} === 'thanks'")
    seen = page.seen()
    for text in ("谢谢惠顾", "已付款", "2.10", "+188", "808", "王**"):
        assert text in seen, text
    house.waits(31_000)
    page.until(f"{SEES} === 'ads' && {PLAYS}")
    assert "王" not in page.seen() and "808" not in page.seen()


def test_the_next_item_after_a_sale_clears_the_member_from_the_glass(house, page):
    house.swipes(M1)
    house.keys("18 ENTER ENTER ENTER")
    page.until(f"{SEES} === 'thanks'")
    assert "王**" in page.seen()
    house.scans("6901234100044")
    page.until(f"{SEES} === 'till'")
    assert "王" not in page.seen() and "会员请出示会员卡" in page.seen()


def test_a_refusal_says_nothing_of_its_reason(house, page):
    house.swipes(LOST)
    page.until(f"{SEES} === 'words'")
    assert page.seen().strip() == "请稍候"


def test_a_reload_in_the_middle_shows_the_same(house, page):
    house.swipes(M1)
    house.scans("6901234100044")
    page.until("document.querySelectorAll('#lines li').length === 1")
    before = page.seen()
    page.call("Page.reload")
    page.until(f"{SEES} === 'till' && document.querySelectorAll('#lines li').length === 1")
    assert page.seen() == before


def test_the_box_restarts_and_the_page_finds_it_again(house, page):
    house.swipes(M1)
    page.until(f"{SEES} === 'member'")
    before = page.seen()
    page.ask("window.same = true")
    house.end()
    page.until(f"{SEES} === 'ads' && {PLAYS}")  # a member's data do not stay on the glass
    assert "王" not in page.seen()
    house.start()
    page.until(f"{SEES} === 'member'")
    assert page.seen() == before and "王**" in before
    assert page.ask("window.same") is True  # the same page, not another


CUT = """[...document.querySelectorAll('%s, %s *')].filter(one => {
    const box = one.getBoundingClientRect(), whole = one.closest('section').getBoundingClientRect();
    return one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible'
        || box.right > whole.right + 1 || box.bottom > whole.bottom + 1;
}).length"""


@pytest.mark.parametrize("size", [(1920, 1080), (800, 480)])
def test_what_the_points_buy_and_what_lapses_fit_beside_the_basket(house, page, size):
    page.size(*size)
    house.swipes(M1)
    page.until(f"{SEES} === 'member'")
    assert "丝巾礼盒" in page.seen() and page.ask(CUT % ("#member", "#member")) == 0
    house.scans("6901234100044", "6901234100013")
    house.keys("16 ENTER ENTER")
    page.until(f"{SEES} === 'till'")
    seen = page.seen()
    for text in ("积分可兑换", "丝巾礼盒", "即将到期", "2026-12-15", "已优惠"):
        assert text in seen, text
    assert page.ask(CUT % ("#till aside", "#till aside")) == 0
    page.size(1920, 1080)


def test_a_lesson_is_marked_over_every_view(house, page):
    house.practises(True)
    marked = "document.getElementById('practice')?.checkVisibility() === true"
    try:
        page.until(f"{SEES} === 'ads' && {marked}")
        for keys, view in (("4 ENTER", "till"), ("ENTER", "till"), ("ENTER", "thanks")):
            house.keys(keys)
            page.until(f"{SEES} === '{view}' && {marked}")
        assert page.ask("document.getElementById('practice').textContent") == "练习·无效"
        with Browser(width=800, height=480) as second:
            second.open(house.url)
            second.until(marked)  # whoever opens the page later, too
    finally:
        house.practises(False)
    page.until(f"!({marked})")


def test_a_browser_that_comes_anew_shows_what_is(house, page):
    house.swipes(M1)
    house.keys("4 ENTER")
    with Browser(width=800, height=480) as second:
        second.open(house.url)
        second.until(f"{SEES} === 'till' && document.querySelectorAll('#lines li').length === 1")
        assert "120.00" in second.seen()


def test_nothing_is_asked_of_anybody_else(house, page):
    house.swipes(M1)
    house.keys("4 ENTER ENTER ENTER")
    page.until(f"{SEES} === 'thanks'")
    asked = page.requests()
    assert any("/content/" in url for url in asked) and any("/font" in url for url in asked)
    assert [url for url in asked if not url.startswith(house.url)] == []
    assert page.ask("fetch('http://192.0.2.1/').then(() => 'sent', () => 'refused')") == "refused"


def test_pictures_follow_each_other_and_a_video_is_played_by_ranges(house, page):
    page.until("document.querySelector('.layer.seen video')")
    page.until("document.querySelector('.layer.seen video').currentTime > 0.2")
    ranged = [
        event["params"]
        for event in page.events
        if event.get("method") == "Network.responseReceived"
        and event["params"]["response"]["mimeType"] == "video/webm"
    ]
    assert ranged and ranged[0]["response"]["status"] == 206
    page.until("document.querySelector('.layer.seen img')")  # it has ended


def test_the_pictures_wait_behind_a_customer_and_go_on(house, page):
    page.until("document.querySelector('.layer.seen video')")
    house.swipes(M1)
    page.until(f"{SEES} === 'member'")
    still = "(v => v.paused && !v.ended)(document.querySelector('.layer.seen video'))"
    page.until(still)
    house.keys("CLEAR CLEAR")
    page.until(f"{SEES} === 'ads' && !(document.querySelector('.layer.seen video') || {{}}).paused")


def test_a_new_picture_comes_without_a_restart_and_a_bad_one_is_named(house, page):
    folder = house.playlist
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    shutil.copy(folder / "points.jpg", folder / "second.jpg")
    text = (folder / "playlist.toml").read_text(encoding="utf-8")
    items = "".join(f'[[items]]\nfile = "{name}.jpg"\n' for name in ("broken", "second"))
    (folder / "playlist.toml").write_text('seconds = 1\n[[items]]\nfile = "none.jpg"\n' + items)
    page.until("player.items.length === 2")
    page.until("player.failed.size === 1")
    assert page.ask(f"Boolean({PLAYS})")  # never an empty screen meanwhile
    page.ask("alive()")
    deadline = time.monotonic() + 5
    while len(house.kiosk.notes()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "none.jpg" in house.kiosk.notes()[0] and "broken.jpg" in house.kiosk.notes()[1]
    (folder / "playlist.toml").write_text(text)
    page.until("player.items.length === 3")


def test_closed_hours_are_dark(house, page):
    file = house.playlist / "playlist.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text('hours = "20:00-21:00"\n' + text)
    page.until("document.body.dataset.open === 'no'")
    assert page.seen().strip() == ""
    house.swipes(M1)  # who is served then sees it all the same
    page.until(f"{SEES} === 'member'")
    file.write_text(text)
    page.until("document.body.dataset.open === 'yes'")


def test_nothing_jumps_between_basket_total_and_thanks(house, page):
    def places():
        return page.ask(
            "['.member .name', '.main .value'].map(s => { const r = document.querySelector("
            "`#${document.body.dataset.view} aside ${s}`).getBoundingClientRect();"
            "return [r.right, r.top, r.bottom] })"
        )

    house.swipes(M1)
    house.keys("4 ENTER")
    page.until(f"{SEES} === 'till'")
    basket = places()
    house.keys("ENTER")
    page.until("document.querySelector('#till .mark').textContent === '待付款'")
    assert places() == basket
    house.keys("ENTER")
    page.until(f"{SEES} === 'thanks'")
    assert places() == basket


@pytest.mark.parametrize("strip", ["no", "yes"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (800, 480), (1280, 1024)])
def test_nothing_is_cut_off_however_long(house, page, width, height, strip):
    page.ask(f"document.body.dataset.strip = '{strip}'")
    page.size(width, height)
    house.swipes(M1)
    for number in range(1, 17):
        house.keys(f"99* {number} ENTER")
    quote = house.clerk.tells(BasketShown).quote
    bill = f"{quote.bill_fen // 100}.{quote.bill_fen % 100:02}"
    page.until(f"document.querySelector('#till .main').textContent.endsWith('{bill}')")
    page.until("document.fonts.status === 'loaded'")
    cut = page.ask(
        "[...document.querySelectorAll('#till *')].filter(e => e.children.length === 0"
        " && e.textContent && getComputedStyle(e).textOverflow !== 'ellipsis'"
        " && getComputedStyle(e).display !== 'none' && e.getClientRects().length)"
        ".filter(e => { const r = e.getBoundingClientRect();"
        " return r.left < 0 || r.top < 0 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1"
        " || [...document.querySelectorAll('#lines, #till .member')].some(block =>"
        " block.contains(e) && (r.bottom > block.getBoundingClientRect().bottom + 1 ||"
        " r.right > block.getBoundingClientRect().right + 1)) })"
        ".map(e => e.className + ': ' + e.textContent)"
    )
    shown = page.ask("document.querySelectorAll('#lines li').length")
    fresh = page.ask("document.querySelectorAll('#lines .fresh').length")
    rest = page.ask("document.getElementById('earlier').textContent")
    page.size(1920, 1080)
    assert (cut, fresh) == ([], 1)
    assert rest == f"另有 {len(quote.lines) - shown} 行"


def test_a_thousand_swipes_leave_nothing_behind(house, page):
    house.swipes(M1)
    page.until(f"{SEES} === 'member'")
    for _ in range(100):  # what is made once is made
        house.keys("CLEAR CLEAR")
        house.swipes(M1)
    heap, box, pages = page.heap_bytes(), resident_kib(), house.kiosk.said().pages
    for _ in range(SWIPES):
        house.keys("CLEAR CLEAR")
        house.swipes(M1)
    house.keys("4 ENTER")
    page.until(f"{SEES} === 'till'")  # the last is seen at once: nothing stood in a queue
    assert page.heap_bytes() - heap < HEAP_GROWTH_BYTES_MAX
    assert resident_kib() - box < BOX_GROWTH_KIB_MAX
    assert house.kiosk.said().pages == pages
    assert page.ask("document.querySelectorAll('*').length") < 200


def resident_kib() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_the_clerk_settles_from_the_customers_view_with_a_strip_of_his_own(chromium, tmp_path):
    strip = "document.getElementById('strip').innerText"
    with House(tmp_path, kiosk='faces = "both"\n') as both:
        chromium.open(both.url)
        chromium.until(f"{SEES} === 'ads' && {strip}.includes('待机')")
        both.swipes(M1)
        both.scans("6901234100044")
        chromium.until(f"{SEES} === 'till' && {strip}.includes('ENTER')")
        assert "120.00" in chromium.seen() and "王**" in chromium.seen()
        both.keys("ENTER")
        chromium.until(f"{strip}.includes('应收 120.00')")
        both.keys("150")
        chromium.until("document.querySelector('#strip .typed').textContent === '150'")
        assert "150" not in chromium.ask("document.querySelector('main').innerText")
        both.keys("ENTER")
        chromium.until(f"{SEES} === 'thanks' && {strip}.includes('找零 30.00')")
        both.swipes(LOST)
        chromium.until(f"{strip}.includes('E03') && {strip}.includes('此卡已挂失')")
        assert chromium.ask("document.querySelector('#words').innerText").strip() == "请稍候"
