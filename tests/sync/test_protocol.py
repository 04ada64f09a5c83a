"""The way up as a state machine: window, going back, marks, forks. Tables of events and effects."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.sync.protocol import (
    ACK_TIMEOUT_MS,
    HELLO_AGAIN_MS,
    HELLO_EVERY_MS,
    LINK_DEAD_MS,
    STATE_EVERY_MS,
    TURN_GOOD_MS,
    WINDOW_BATCHES,
    AckSeen,
    Appended,
    BoxSession,
    Changed,
    Connected,
    Disconnected,
    Effect,
    Fork,
    NackSeen,
    Packed,
    Reconnect,
    ReportFork,
    SendHello,
    SendState,
    Ship,
    Tick,
    TurnSeen,
    UpState,
)

BATCH = 10


def ack(
    mark: int,
    *,
    now: int,
    incarnation: int = 1,
    same: bool = True,
    fresh: bool = True,
    behind: bool = False,
    epoch: int = 1,
) -> AckSeen:
    return AckSeen(epoch, incarnation, mark, same, fresh, behind, now)


def session(head: int = 0, *, mark: int = 0) -> BoxSession:
    return BoxSession(incarnation=1, chains=(UpState(1, head, mark=mark, sent=mark),))


def pump(box: BoxSession, effects: list[Effect], now: int) -> list[Ship]:
    """Pack what the session asks for, BATCH entries at a time; return what was asked for."""
    shipped = []
    todo = list(effects)
    while todo:
        effect = todo.pop(0)
        if isinstance(effect, Ship):
            shipped.append(effect)
            last = min(effect.last, effect.first + BATCH - 1)
            todo += box.handle(Packed(effect.epoch, effect.first, last, now))
    return shipped


def linked(head: int, *, mark: int = 0) -> BoxSession:
    """A session that has been answered, with everything up to `mark` acknowledged."""
    box = session(head, mark=mark)
    box.handle(Connected(0))
    return box


def test_hello_comes_first_and_batches_wait_for_the_answer() -> None:
    box = session(100)
    assert box.handle(Connected(0)) == [SendHello()]
    assert box.handle(Appended(1, 120)) == []
    shipped = pump(box, box.handle(ack(0, now=5)), 5)
    assert [ship.first for ship in shipped] == [1, 11, 21, 31, 41, 51, 61, 71]
    assert len(shipped) == WINDOW_BATCHES


def test_an_acknowledgement_opens_the_window() -> None:
    box = linked(200)
    pump(box, box.handle(ack(0, now=1)), 1)
    shipped = pump(box, box.handle(ack(25, now=2)), 2)
    assert [ship.first for ship in shipped] == [81, 91]
    assert box.chains[1].mark == 25


def test_without_an_answer_it_goes_back_to_the_mark_and_greets_again() -> None:
    box = linked(200)
    pump(box, box.handle(ack(0, now=1)), 1)
    pump(box, box.handle(ack(15, now=2)), 2)
    assert box.handle(Tick(ACK_TIMEOUT_MS)) == []
    effects = box.handle(Tick(ACK_TIMEOUT_MS + 1))
    assert effects == [SendHello()]
    assert (box.chains[1].sent, box.chains[1].flights) == (15, ())
    assert pump(box, box.handle(ack(15, now=9_000)), 9_000)[0].first == 16


def test_a_new_connection_starts_after_the_mark() -> None:
    box = linked(50)
    pump(box, box.handle(ack(20, now=1)), 1)
    box.handle(Disconnected(2))
    assert box.handle(Appended(1, 60)) == []
    assert box.handle(Connected(3)) == [SendHello()]
    assert pump(box, box.handle(ack(20, now=4)), 4)[0].first == 21


def test_an_unanswered_hello_comes_again_ever_more_slowly() -> None:
    box = session(5)
    box.handle(Connected(0))
    said = [now for now in range(0, 90_000, 1000) if SendHello() in box.handle(Tick(now))]
    assert said[0] == HELLO_AGAIN_MS
    waits = [later - earlier for earlier, later in pairwise(said)]
    assert waits == sorted(waits)
    assert len(said) <= 6


def test_an_idle_link_says_so_and_a_dead_one_is_given_up() -> None:
    box = linked(5)
    pump(box, box.handle(ack(5, now=10)), 10)
    assert box.handle(Tick(STATE_EVERY_MS - 1)) == []
    assert box.handle(Tick(STATE_EVERY_MS + 11)) == [SendState()]
    effects = box.handle(Tick(10 + LINK_DEAD_MS))
    assert [type(effect) for effect in effects] == [Reconnect]
    assert not box.connected


def test_a_repeated_acknowledgement_does_not_keep_the_link_alive() -> None:
    box = linked(5)
    pump(box, box.handle(ack(5, now=10)), 10)
    box.handle(ack(5, now=90_000, fresh=False))
    assert box.last_ack_ms == 10
    assert isinstance(box.handle(Tick(10 + LINK_DEAD_MS))[0], Reconnect)


def test_another_hash_at_the_mark_means_forked_and_nothing_is_shipped() -> None:
    box = linked(50)
    assert box.handle(ack(10, now=1, same=False)) == [ReportFork(1, Fork.HASH)]
    assert box.chains[1].mark == 0
    assert box.handle(Appended(1, 60)) == []
    assert box.handle(ack(10, now=2, same=False)) == []


def test_a_mark_beyond_the_head_means_the_journal_was_rolled_back() -> None:
    box = linked(5)
    assert box.handle(ack(6, now=1, same=False)) == [ReportFork(1, Fork.ROLLED_BACK)]


def test_a_nack_of_our_own_entry_is_a_fork_and_of_damage_a_resend() -> None:
    box = linked(50)
    pump(box, box.handle(ack(0, now=1)), 1)
    assert pump(box, box.handle(NackSeen(1, False, 2)), 2) == []
    assert box.chains[1].sent == 0
    assert box.handle(NackSeen(1, True, 3)) == [ReportFork(1, Fork.NACK)]


def test_a_lower_mark_counts_only_with_a_higher_incarnation() -> None:
    box = linked(50)
    pump(box, box.handle(ack(40, now=1)), 1)
    box.handle(ack(10, now=2))
    assert box.chains[1].mark == 40
    box.handle(ack(10, now=3, incarnation=0))
    assert box.chains[1].mark == 40
    shipped = pump(box, box.handle(ack(10, now=4, incarnation=2)), 4)
    assert (box.incarnation, box.chains[1].mark) == (2, 10)
    assert shipped[0].first == 11


def test_the_oldest_chain_goes_first() -> None:
    box = BoxSession(incarnation=1, chains=(UpState(2, 5), UpState(1, 12)))
    box.handle(Connected(0))
    shipped = pump(box, box.handle(ack(0, now=1)), 1)
    assert [(ship.epoch, ship.first) for ship in shipped] == [(1, 1), (1, 11), (2, 1)]


def test_messages_that_we_lack_are_asked_for_with_patience() -> None:
    box = linked(5)
    assert SendHello() not in box.handle(ack(5, now=10, behind=True))
    assert SendHello() in box.handle(ack(5, now=10_000, behind=True))
    assert box.handle(Changed(10_001)) == [SendHello()]


@given(
    st.lists(
        st.one_of(
            st.builds(Connected, st.just(0)),
            st.builds(Disconnected, st.just(0)),
            st.builds(Appended, st.just(1), st.integers(0, 60)),
            st.builds(NackSeen, st.just(1), st.just(False), st.just(0)),
            st.builds(TurnSeen, st.integers(0, 2 * WINDOW_BATCHES), st.just(0)),
            st.builds(Tick, st.integers(0, 200_000)),
            st.integers(0, 60),
        ),
        max_size=40,
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_happens_marks_only_grow_and_ranges_fit(events: list[object]) -> None:
    """HQ (an integer: it acknowledges that many of what it was sent) never lies here."""
    box = session(0)
    now = stored = 0
    for event in events:
        now += 100
        if isinstance(event, int):
            effects = box.handle(ack(min(event, stored), now=now))
        else:
            effects = box.handle(event)  # type: ignore[arg-type]
        before = box.chains[1].mark
        for ship in pump(box, effects, now):
            assert ship.first <= ship.last <= box.chains[1].head
            stored = max(stored, min(ship.last, ship.first + BATCH - 1))
        chain = box.chains[1]
        assert before <= chain.mark <= chain.sent <= chain.head
        assert len(chain.flights) <= WINDOW_BATCHES
        assert chain.mark <= stored


def ended(head: int = 25) -> BoxSession:
    """A session whose first chain has ended, greeted; the second chain has nothing to say yet."""
    box = BoxSession(incarnation=1, chains=(UpState(2, 0), UpState(1, head)))
    box.handle(Connected(0))
    return box


def test_a_chain_that_begins_while_the_link_is_up_is_shipped() -> None:
    box = linked(0)
    pump(box, box.handle(ack(0, now=1)), 1)
    assert box.handle(Appended(2, 3)) == [Ship(2, 1, 3)]
    assert box.chains[2] == UpState(2, 3)
    assert box.handle(Appended(2, 2)) == [Ship(2, 1, 3)], "a head never goes back"


def test_an_ended_chain_that_headquarters_has_otherwise_is_shipped_once_from_the_start() -> None:
    """It is stored beside the other branch; every answer says that the oldest batch has landed."""
    box = ended()
    shipped = pump(box, box.handle(ack(9, now=1, same=False)), 1)
    assert [(one.epoch, one.first) for one in shipped] == [(1, 1), (1, 11), (1, 21)]
    assert box.chains[1] == UpState(
        1, 25, sent=25, flights=((10, 1), (20, 1), (25, 1)), branch=True
    )
    for mark in (10, 20, 25, 25):
        assert pump(box, box.handle(ack(9, now=2, same=False)), 2) == []
        assert box.chains[1].mark == mark
    assert box.chains[1].flights == () and box.chains[1].fork is None


def test_an_ended_chain_that_headquarters_has_more_of_is_no_fork_either() -> None:
    box = ended()
    assert [one for one in box.handle(ack(99, now=1)) if isinstance(one, ReportFork)] == []
    assert box.chains[1].branch


def test_a_nack_of_an_ended_chain_is_its_branch_and_of_damage_a_resend() -> None:
    box = ended()
    pump(box, box.handle(ack(0, now=1)), 1)
    before = box.chains[1]
    box.handle(NackSeen(1, True, 2))
    assert box.chains[1] == UpState(1, 25, sent=25, flights=before.flights, branch=True)
    pump(box, box.handle(ack(9, now=3, same=False)), 3)
    assert box.chains[1].mark == 10, "it goes on, and does not begin again"
    again = ended()
    pump(again, again.handle(ack(0, now=1)), 1)
    assert again.handle(NackSeen(1, False, 2)) == []
    assert [one.first for one in pump(again, again.handle(Tick(3)), 3)] == [1, 11, 21]
    assert box.handle(NackSeen(7, True, 2)) == box.handle(NackSeen(7, False, 2)) == []


def test_a_chain_that_was_given_up_is_forked_once_and_ships_no_more() -> None:
    box = linked(40)
    pump(box, box.handle(ack(0, now=1)), 1)
    assert box.handle(NackSeen(1, True, 2, closed=True)) == [ReportFork(1, Fork.CLOSED)]
    assert box.handle(NackSeen(1, True, 3)) == []
    assert box.chains[1] == UpState(1, 40, fork=Fork.CLOSED)
    assert box.handle(Appended(1, 60)) == []


def test_after_a_restore_of_headquarters_nothing_is_in_flight_any_more() -> None:
    box = linked(30, mark=20)
    pump(box, box.handle(ack(20, now=1)), 1)
    assert box.chains[1].flights == ((30, 1),)
    effects = box.handle(ack(5, now=2, incarnation=2))
    assert effects[0] == SendHello() and effects[1] == Ship(1, 6, 30)
    assert box.chains[1] == UpState(1, 30, mark=5, sent=5)


def test_a_link_is_dead_to_the_millisecond_and_says_why() -> None:
    box = linked(0)
    box.handle(ack(0, now=500))
    assert Reconnect not in map(type, box.handle(Tick(500 + LINK_DEAD_MS - 1)))
    assert box.handle(Tick(500 + LINK_DEAD_MS)) == [
        Reconnect("no acknowledgement from headquarters")
    ]
    assert not box.connected and not box.greeted
    assert box.handle(Tick(10**9)) == [], "whoever is not connected says nothing"


def test_waits_double_exactly_up_to_their_longest() -> None:
    box = session(0)
    box.handle(Connected(0))
    box.handle(ack(0, now=0))
    box.handle(Disconnected(0))
    box.handle(Connected(0))
    greeted = [now for now in range(0, 90_000, 500) if box.handle(Tick(now)) == [SendHello()]]
    assert greeted == [4_000, 12_000, 28_000, 60_000]
    waits, now = [], 0
    box = linked(10)
    for _ in range(6):
        pump(box, box.handle(ack(0, now=now)), now)
        sent = now
        while SendHello() not in box.handle(Tick(now)):
            now += 500
        waits.append(now - sent)
    assert waits == [4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    assert box.greeted is False


def test_a_box_that_is_answered_greets_again_now_and_then() -> None:
    box = linked(0)
    greeted = []
    for now in range(0, 2 * HELLO_EVERY_MS + 10_000, 10_000):
        box.handle(ack(0, now=now))
        greeted += [now] * (box.handle(Tick(now)) == [SendHello()])
    assert greeted == [HELLO_EVERY_MS, 2 * HELLO_EVERY_MS]


def test_a_branch_begins_anew_whatever_was_known_of_it() -> None:
    known = UpState(1, 25, mark=5, sent=25, flights=((25, 0),))
    box = BoxSession(incarnation=1, chains=(known, UpState(2, 0)))
    box.handle(Connected(0))
    assert box.chains[1] == UpState(1, 25, mark=5, sent=5), "a new connection starts at the mark"
    box.handle(ack(5, now=1))
    box.handle(Packed(1, 6, 25, 1))
    box.handle(ack(9, now=2, same=False))
    assert box.chains[1] == UpState(1, 25, branch=True)


def test_a_batch_has_landed_when_the_mark_is_its_last_entry() -> None:
    box = linked(30)
    pump(box, box.handle(ack(0, now=1)), 1)
    box.handle(ack(20, now=2))
    assert box.chains[1].flights == ((30, 1),)


def test_a_box_that_is_told_to_wait_ships_nothing_until_its_turn_comes() -> None:
    box = linked(200)
    box.handle(TurnSeen(0, 1))
    assert pump(box, box.handle(ack(0, now=2)), 2) == []
    assert box.greeted, "it waits for others, not for headquarters"
    assert pump(box, box.handle(Appended(1, 210)), 3) == []
    shipped = pump(box, box.handle(TurnSeen(3, 4)), 4)
    assert [ship.first for ship in shipped] == [1, 11, 21]
    assert [ship.first for ship in pump(box, box.handle(ack(10, now=5)), 5)] == [31]


def test_a_turn_that_ends_leaves_what_is_in_flight_to_land() -> None:
    box = linked(200)
    pump(box, box.handle(ack(0, now=1)), 1)
    assert pump(box, box.handle(TurnSeen(0, 2)), 2) == []
    assert pump(box, box.handle(ack(80, now=3)), 3) == []
    assert (box.chains[1].mark, box.chains[1].flights) == (80, ())


def test_no_turn_is_wider_than_the_window() -> None:
    box = linked(500)
    box.handle(TurnSeen(1000, 1))
    assert len(pump(box, box.handle(ack(0, now=2)), 2)) == WINDOW_BATCHES


def test_a_turn_is_for_its_connection_and_ages() -> None:
    box = linked(200)
    box.handle(TurnSeen(0, 1))
    box.handle(Connected(2))
    assert len(pump(box, box.handle(ack(0, now=3)), 3)) == WINDOW_BATCHES
    box = linked(5)
    pump(box, box.handle(ack(5, now=1)), 1)
    box.handle(TurnSeen(0, 2))
    box.handle(Appended(1, 9))
    for now in range(20_000, TURN_GOOD_MS, 20_000):  # headquarters answers, and says no more of it
        box.handle(ack(5, now=now))
        assert pump(box, box.handle(Tick(now)), now) == []
    assert pump(box, box.handle(Tick(TURN_GOOD_MS + 1)), TURN_GOOD_MS + 1) == []
    assert pump(box, box.handle(Tick(TURN_GOOD_MS + 2)), TURN_GOOD_MS + 2) == [Ship(1, 6, 9)]
