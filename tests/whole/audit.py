"""The journal of a day, and what it makes of every account after each of its entries.

Added up here from the postings alone, without the box's books.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.whole import papers
from tests.whole.demo_day import SHOP

Seen = Iterator[str]
NAMES = {"coupon": "优惠券"} | {one["code"]: one["name"] for one in SHOP["tenders"]}
VALUE = (("principal:", "principal"), ("bonus:", "bonus"))


class Audit:
    """The entries of a box in order, and what stood in which account after each."""

    def __init__(self, entries: Sequence, head: str) -> None:  # type: ignore[type-arg]
        """`head`: the hash of the last entry, which none follows yet."""
        self.entries = {int(one["seq"]): one for one in entries}
        self._head = head
        self._after: dict[int, dict[tuple[str, str], int]] = {}
        self._moves: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        held: Counter[tuple[str, str]] = Counter()
        for number, entry in sorted(self.entries.items()):
            own = f"{entry['box']}.{entry['epoch']}"
            moved = [one for one in entry["postings"] if one["holder"] == own]
            for one in moved:
                held[one["account"], one["unit"]] += one["amount"]
            for key in {(one["account"], one["unit"]) for one in moved}:
                self._moves[key].append((number, held[key]))
            self._after[number] = {
                key: held[key] for key in {(one["account"], one["unit"]) for one in moved}
            }
            self._after[number] |= self._of_member(entry, held)
            self._after[number]["cash:drawer", "fen"] = held["cash:drawer", "fen"]
        self.last = held
        self._cards = {
            str(one["body"]["card"]): self._who(one)
            for one in self.entries.values()
            if one["body"].get("card") and self._who(one)
        }

    def _of_member(self, entry, held) -> dict[tuple[str, str], int]:
        """A sale without points still names the balance."""
        member = self._who(entry)
        units = (("points:", "point"), *VALUE)
        return {(room + member, unit): held[room + member, unit] for room, unit in units}

    def member(self, tail: str) -> str:
        """Return whose card ends so."""
        return next(self._who(one) for one in self.entries.values() if self._has(one, tail))

    def _has(self, entry, tail: str) -> bool:
        return str(entry["body"].get("card", "")).endswith(tail) and bool(self._who(entry))

    def _who(self, entry) -> str:
        """Return the member of an entry; who joins by it is named as the entry is."""
        if entry["kind"] == "member.enrolled":
            return f"{entry['box']}.{entry['epoch']}:{entry['seq']}"
        return str(entry["body"].get("member", ""))

    def card_ending(self, tail: str) -> str:
        return next(card for card in self._cards if card.endswith(tail))

    def card_of(self, entry) -> str:
        """Return the card of an entry, or of its member; "" where it has none."""
        body = entry["body"].get("sale", entry["body"])
        card, who = str(body.get("card", "")), self._who(entry)
        return card or next((c for c, member in self._cards.items() if member == who and who), "")

    def after(self, entry, room: str, unit: str) -> int:
        """Return what the entry's member had in an account right after it."""
        return self._after[entry["seq"]][room + self._who(entry), unit]

    def drawer_after(self, entry) -> int:
        return self._after[entry["seq"]]["cash:drawer", "fen"]

    def moved(self, account: str, unit: str, numbers: range) -> int:
        """Return what some of the entries moved into an account."""
        return self.at(account, unit, numbers[-1]) - self.at(account, unit, numbers[0] - 1)

    def digest(self, entry) -> str:
        """Return an entry's hash, as its follower names it."""
        after = self.entries.get(entry["seq"] + 1)
        return self._head if after is None else str(after["prev"])

    def at(self, account: str, unit: str, number: int) -> int:
        """Return what stood in an account after an entry."""
        moves = self._moves[account, unit]
        at = bisect_right(moves, number, key=lambda one: one[0])
        return moves[at - 1][1] if at else 0

    def joined(self, room: str) -> bool:
        """Whether the member of an account joined on this day."""
        return any(
            entry["kind"] == "member.enrolled" and room == f"points:{self._who(entry)}"
            for entry in self.entries.values()
        )

    def accounts(self, room: str) -> set[str]:
        return {account for account, _ in self._moves if account.startswith(room)}

    def balances(self, entry, text: str) -> Seen:
        """可用积分 and 储值余额 where they are named."""
        points = papers.count(text, "可用积分")
        if points is not None and points != self.after(entry, "points:", "point"):
            yield f"可用积分 {points}, {self.after(entry, 'points:', 'point')} in the journal"
        value = papers.fen(text, "储值余额")
        booked = sum(self.after(entry, room, unit) for room, unit in VALUE)
        if value is not None and value != booked:
            yield f"储值余额 {value}, {booked} in the journal"


def same(what: str, said: int | None, booked: int | None) -> Seen:
    if (said or 0) != (booked or 0):
        yield f"{what}: {said} on paper, {booked} in the journal"
