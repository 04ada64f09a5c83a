"""What the active pack says reaches the acts: caps, identity, the order in which value is spent."""

import json
from pathlib import Path

import pytest

from daemon.counter.entries import Joining, Stamp, enrolment_draft
from daemon.ledger import accounts, machine
from daemon.ledger.acts.topup import ValueLimits, limits_of
from daemon.ledger.bodies import Profile, Welcome
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import Pack
from daemon.ledger.views import Durable
from daemon.rules.document import parse
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer
from tests.acts.till import Till, cash, line
from tests.ledger.shop import MORNING

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "config" / "packs" / "pack.schema.json"


@pytest.fixture
def till(tmp_path: Path):
    made = Till(tmp_path)
    made.admit("M1")
    yield made
    made.close()


def activate(till: Till, version: int, **stored: object) -> None:
    pack = {"id": "p", "version": version, "stored_value": stored}
    document = json.dumps({"pack": pack, "signature": "proved before it became active"})
    till.down("pack", Pack(document))
    ref = machine.pack_of(document)
    draft = machine.pack_activated(till.facts.at(), ref, request=f"v{version}")
    assert isinstance(till.store.commit(draft), Durable)


def topup(till: Till, fen: int, **more: object) -> str:
    answer = till.do("topup", member="M1", amount_fen=fen, tenders=cash(fen), **more)
    return answer.refused


def test_caps_and_identity_follow_the_pack_at_once(till: Till) -> None:
    assert topup(till, 500_001) == "over_cap"
    activate(till, 1, registered_max_fen=1000, identity="require")
    assert topup(till, 1001, identity=True) == "over_cap"
    assert topup(till, 1000) == "not_allowed"
    assert topup(till, 600, identity=True) == ""
    activate(till, 2, registered_max_fen=None, identity="off")
    assert topup(till, 600_000) == ""
    entry = till.do("topup", member="M1", amount_fen=100, tenders=cash(100)).entry
    assert till.body(entry).get("identity", "") == "", "not asked"


@pytest.mark.parametrize(
    ("order", "left"),
    [("principal_first", (180, 100)), ("bonus_first", (280, 0)), ("pro_rata", (210, 70))],
)
def test_value_is_spent_as_the_pack_says(till: Till, order: str, left: tuple[int, int]) -> None:
    activate(till, 1, spend_order=order)
    assert topup(till, 300, bonus_fen=100) == ""
    till.done("sale", member="M1", lines=[line(1, "A", 120)], value_fen=120)
    found = [
        till.has(account("M1"), unit)
        for account, unit in (
            (accounts.principal, Unit.PRINCIPAL),
            (accounts.bonus, Unit.BONUS),
        )
    ]
    assert tuple(found) == left


def test_every_pack_that_we_ship_says_what_its_rules_say() -> None:
    """The acts read the document themselves; it has to mean what the rules' own reader makes of
    it."""
    for path in sorted(set((ROOT / "config" / "packs").glob("*.json")) - {SCHEMA}):
        text = path.read_text(encoding="utf-8")
        stored = parse(text).stored_value
        said = limits_of(json.dumps({"pack": json.loads(text)}))
        if stored is None:
            assert said == ValueLimits()
            continue
        assert said.registered_max_fen == stored.registered_max_fen, path.name
        assert said.bearer_max_fen == stored.bearer_max_fen
        assert said.order == stored.spend_order
        assert said.identity.replace("none", "off") == stored.identity


def test_a_gift_that_was_owed_at_the_enrolment_is_handed_over_once(till: Till) -> None:
    """欠赠: the enrolment as the counter writes it, its gift handed over when the goods came."""
    offer = EnrolmentOffer(
        channel="grant", fee_fen=0, joined=MORNING, term_ends=None, terms="1", points=0, growth=0,
        lots=(), welcome=(Welcome("CARD", 1), Welcome("MAG", 2)), applied=(),
    )  # fmt: skip
    joining = Joining("8800000001015", offer, Profile("c", "n"), marketing=False)
    stamp = Stamp("e1", till.facts.at(), till.facts.by(), None, ())
    draft = enrolment_draft(
        joining, Paid((), 0, 0), stamp, in_stock=till.store.books.stock, serial=True
    )
    outcome = till.store.commit(draft)
    assert isinstance(outcome, Durable)
    member = id_of(outcome.entry)
    (lot,) = till.store.books.lots(accounts.waiting(member), Unit.PIECE)
    assert (lot.amount, lot.source) == (2, "owed:MAG")
    till.done("entitlement.handed_over", member=member, lot=lot.lot)
    assert till.store.books.stock("MAG") == -2, "goods in the hand are never refused"
    assert till.code("entitlement.handed_over", member=member, lot=lot.lot) == "not_allowed"
    assert till.store.books.balance(accounts.PROMISED, Unit.PIECE) == 0
