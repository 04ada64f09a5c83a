"""Blocked cards head what is sent, and count before their turn; in their turn the log alone."""

from pathlib import Path

from daemon.ledger.machine import down_draft
from daemon.ledger.messages import CardBlocked
from daemon.ledger.store import Store
from daemon.ledger.views import Durable
from daemon.sync.blocked import BlockedCards
from daemon.sync.wire import Read, down, parse_post, read_message
from hq.headquarters import Headquarters
from hq.imports import import_products
from hq.members import set_status
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import products_csv
from tests.ledger.shop import at, open_store
from tests.sync.test_inbox import HQ_KEY, Hq

CARD = "8800000000018"


def commit(store: Store, read: Read) -> None:
    message, signature = read.text.encode(), read.signature
    draft = down_draft(at(), message=message, signature=signature, chain=store.chain)
    assert isinstance(store.commit(draft), Durable)


def test_a_card_is_refused_from_the_moment_that_its_message_arrives(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    log = Hq(box=store.chain.box)
    before = read_message(log.staff("01"), HQ_KEY)
    blocked = read_message(log.message("card.blocked", CardBlocked(CARD, "lost")), HQ_KEY)
    lifted = read_message(log.message("card.blocked", CardBlocked(CARD, "")), HQ_KEY)
    cards = BlockedCards(store.local, store.books, store.chain.epoch)
    cards.put_early([lifted])
    assert cards.status(CARD) == "", "nothing is lifted before its turn"
    cards.put_early([blocked])
    assert cards.status(CARD) == "lost", "also a card that nobody here has"
    assert BlockedCards(store.local, store.books, store.chain.epoch).status(CARD) == "lost"
    for read in (before, blocked):
        commit(store, read)
        cards.put_early([blocked])
    assert (cards.status(CARD), store.books.card_status(CARD)) == ("", "lost"), "the log says it"
    commit(store, lifted)
    cards.put_early([blocked])
    assert (cards.status(CARD), store.books.card_status(CARD)) == ("", "active")
    store.close()


def test_a_message_of_another_chain_blocks_nobody(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    cards = BlockedCards(store.local, store.books, store.chain.epoch)
    other = Hq(box=store.chain.box, epoch=2)
    other.staff("01")
    signed = other.message("card.blocked", CardBlocked(CARD, "lost"))
    cards.put_early([read_message(signed, HQ_KEY)])
    assert cards.status(CARD) == ""
    store.close()


def test_blocked_cards_head_what_is_sent(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    hq, box = Headquarters(office), Sender(office)
    take(hq, box.hello(), box.batch())
    import_products(office, products_csv(tmp_path / "p.csv"))
    work_all(hq)
    set_status(office, CARD, "lost")
    office.touch_directory()
    work_all(hq)
    first, *rest = [one for one in hq.posts(1) if one.topic == down("0001", "log")]
    kinds = [read_message(one, office.public) for one in parse_post(first.payload).messages]
    assert [one.message.kind for one in kinds] == ["card.blocked"]
    assert kinds[0].message.n > 1, "it stands further back in the log"
    sent = [one for post in rest for one in parse_post(post.payload).messages]
    numbers = [read_message(one, office.public).message.n for one in sent]
    assert numbers == list(range(1, kinds[0].message.n + 1)), "and comes in its turn as well"
    assert hq.posts(2) == [], "once"
