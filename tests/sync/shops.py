"""Two shops of one chain and headquarters in step, over a carrier in memory."""

import json
from pathlib import Path

from daemon.ledger import accounts
from daemon.ledger.bodies import Consent, DownApplied, HoldingReleased, MemberEnrolled, NewLot
from daemon.ledger.codec import decode, down_message
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.records import Draft, Posting
from daemon.ledger.views import Durable, PackRow
from daemon.sync.asking import TellAsker
from daemon.wanted import Wanted
from hq.cards import import_cards
from hq.memberlist import members
from tests.hq.tables import cards_csv
from tests.sync.world import Box, Faults, World

CARD, OTHER = "8800000000018", "8800000000049"


class Shops:
    """Two shops and headquarters in step; the members are at home in the first."""

    def __init__(self, folder: Path, faults: Faults | None = None) -> None:
        self.world = world = World(3, folder / "hq", boxes=2)
        import_cards(world.office, cards_csv(folder / "c.csv", shop="0001"))
        self.home, self.other = world.boxes["0001"], world.boxes["0002"]
        for box in world.boxes.values():
            box.connect()
        self.run(60)
        world.faults = faults or Faults()
        self.told: list[TellAsker] = []

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.world.pass_time(40)
            self.world.step(work=20)

    def ask(self, box: Box, question: Wanted) -> str:
        name = box.courier.questions.ask(question, self.told.append)
        self.run(40)
        return name

    def points(self, box: Box, member: str) -> int:
        lots = box.ledger.books.lots(accounts.points(member), "point")
        return sum(lot.amount for lot in lots)

    def member(self, card: str) -> str:
        return next(one.id for one in members(self.world.office) if one.card == card)

    def in_all(self, card: str) -> int:
        """Return the points that all holders together have, as HQ says."""
        return next(one.points for one in members(self.world.office) if one.card == card)

    def pool(self) -> int:
        """Return the points in HQ's hand."""
        query = (
            "SELECT coalesce(sum(amount), 0) FROM balance"
            " WHERE holder = 'hq' AND account LIKE 'points:%'"
        )
        return int(self.world.office.db.execute(query).fetchone()[0])

    def enrol(self, box: Box, card: str, points: int) -> str:
        """Enrol a member in a shop; return the id."""
        ledger, key = box.ledger, bytes(32)
        profile = lock_profile(Person(name="李晓"), card=card, key=key, nonce=bytes(24))
        body = MemberEnrolled(
            card,
            "fee",
            "2026-03-06",
            None,
            Consent("1", False),
            profile,
            points=points,
            lots=(NewLot(1, "point", "join"),),
        )
        postings = (
            Posting("@", accounts.points("#"), "point", "#1", points),
            Posting("@", accounts.ISSUED_POINTS, "point", "", -points),
        )
        ledger.local.put_member_key(card, key=key, phone_digest=None)
        kind = Kind.MEMBER_ENROLLED
        draft = Draft("till", card, kind, ledger.at(), BY_BOX, None, None, body, postings)
        outcome = ledger.commit(draft)
        assert isinstance(outcome, Durable)
        box.courier.wake()
        return f"{ledger.chain}:{outcome.entry.seq}"

    def roam(self, *, share: int, keeps: int) -> None:
        """Let every box have a pack that says what goes to the pool."""
        roaming = {"release_basis_points": share, "home_keeps_points": keeps}
        document = json.dumps({"pack": {"roaming": roaming}})
        for box in self.world.boxes.values():
            books = box.ledger.books
            books.packs["test", 1] = PackRow("test", 1, "00", document)
            books.in_force = ("test", 1)

    def sync(self, box: Box) -> None:
        """Let a box connect anew, as it does each time that the line comes back."""
        box.disconnect()
        box.connect()
        self.run(60)


def kinds(box: Box) -> list[str]:
    found = []
    for stored in box.ledger.entries:
        body = decode(stored.data).body
        if isinstance(body, DownApplied):
            found.append(down_message(body.message.encode()).kind)
    return found


def released(box: Box) -> list[HoldingReleased]:
    bodies = [decode(stored.data).body for stored in box.ledger.entries]
    return [body for body in bodies if isinstance(body, HoldingReleased) and body.asked]
