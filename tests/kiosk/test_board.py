"""What a page is told: the latest of what it has not seen, each once, and nothing twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.display.kiosk.board import PAGES_MAX, Board

SAYINGS = st.lists(
    st.tuples(st.sampled_from(("view", "show")), st.integers(0, 3))
    | st.sampled_from(("look", "open")),
    max_size=30,
)


@settings(deadline=None, max_examples=100)
@given(SAYINGS)
def test_a_page_is_told_the_newest_of_what_is_new(steps):
    board = Board()
    page = board.open()
    now: dict[str, bytes] = {}
    known: dict[str, bytes] = {}
    for step in steps:
        if step == "open":
            late = board.open()
            assert set(board.news(late).split(b"\n\n")) - {b""} == set(now.values())
            board.leave(late)
        elif step == "look":
            fresh = {topic: said for topic, said in now.items() if known.get(topic) != said}
            told = board.news(page)
            assert set(told.split(b"\n\n")) - {b""} >= set(fresh.values())
            assert len(told.split(b"\n\n")) <= len(now) + 1  # of each topic one, never a queue
            known = dict(now)
            assert board.news(page) == b""
        else:
            topic, number = step
            before = now.get(topic)
            now[topic] = b"event: %s\ndata: %d" % (topic.encode(), number)
            board.put(topic, b"%d" % number)
            assert page.wake.is_set() or before == now[topic] or known == now


def test_saying_the_same_again_wakes_nobody():
    board = Board()
    page = board.open()
    board.put("view", b"1")
    board.news(page)
    board.put("view", b"1")
    assert not page.wake.is_set()
    board.put("view", b"2")
    assert page.wake.is_set()


def test_no_more_pages_than_there_can_be():
    board = Board()
    pages = [board.open() for _ in range(PAGES_MAX + 2)]
    assert len(board) == PAGES_MAX
    assert [page.closed for page in pages[:3]] == [True, True, False]
