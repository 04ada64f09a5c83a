"""What an audit counts: each card's points by hand and word, from the books and their entries.

The closing is the books' at the marks; what moved in the audit's time is a fold over the entries up
to them, with a mark of its own, so that counting goes on where a process died; the opening is what
is left.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from daemon.ledger.bodies import Sale
from daemon.ledger.codec import CodecError, envelope
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Chain
from hq import trail
from hq.audit import CLOSING, COUNTING, OPEN, Audit, set_state
from hq.auditrule import Person, clears, gifts_for, looks_from
from hq.movements import What, movements
from hq.progress import Progress, silent
from hq.store import Office

ENTRIES_PER_TURN = 2000  # of one transaction: intake waits for at most 0.1 s
CARDS_PER_PAGE = 500
_WORDS = tuple(what.value for what in What)

_CHAINS = (
    "SELECT a.chain, c.box, c.epoch, a.first, a.counted, a.mark FROM audit_chain AS a"
    " JOIN chain AS c ON c.id = a.chain WHERE a.audit = ? AND a.counted < a.mark ORDER BY a.chain"
)
_CARDS = (
    "SELECT member, card, home, joined, level, paper, decision, reason, operator, second, bought,"
    " sent FROM audit_card AS k WHERE audit = ? AND (card, member) > (?, ?)"
    " AND NOT EXISTS (SELECT 1 FROM alias WHERE alias = k.member) ORDER BY card, member LIMIT ?"
)
_SUMS = (
    "SELECT coalesce(a.member, s.member), s.shop, s.what, sum(s.points) FROM audit_sum AS s"
    " LEFT JOIN alias AS a ON a.alias = s.member WHERE s.audit = ?1 AND (s.member IN"
    " (SELECT value FROM json_each(?2)) OR s.member IN (SELECT alias FROM alias"
    " WHERE member IN (SELECT value FROM json_each(?2)))) GROUP BY 1, 2, 3"
)


class ShopSums(msgspec.Struct, frozen=True):
    """Of one hand: opening + moved = closing."""

    opening: int
    moved: dict[str, int]  # by word: earned, spent, lapsed, adjusted ...
    closing: int


class CardSaid(msgspec.Struct, frozen=True):
    """A card's statement in an audit, and what was said of it."""

    member: str
    card: str
    home: str
    joined: str
    level: str
    shops: dict[str, ShopSums]
    total: ShopSums
    gifts: tuple[str, ...]  # that its points are enough for
    clears: bool  # the rule takes what it has
    bought: str
    paper: int | None
    decision: str  # "", box, paper
    reason: str
    operator: str
    second: str
    sent: bool

    @property
    def differs(self) -> bool:
        """Whether the paper says something else; a card without paper is judged by its shop's."""
        return self.paper is not None and self.paper != self.total.closing


def count(
    office: Office,
    one: Audit,
    progress: Progress = silent,
    *,
    per_turn: int = ENTRIES_PER_TURN,
) -> None:
    """Count what is not counted yet; then the audit is open. Call it as often as you like."""
    query = "SELECT coalesce(sum(mark), 0), coalesce(sum(counted), 0) FROM audit_chain"
    query += " WHERE audit = ?"
    while _turn(office, one, per_turn):
        done = office.db.execute(query, (one.id,)).fetchone()
        progress(int(done[1]), int(done[0]))


def cards(office: Office, one: Audit, *, after: tuple[str, str] = ("", "")) -> Iterator[CardSaid]:
    """Yield every card of an audit, in the order of cards; a page is read at a time."""
    at = after
    while rows := office.db.execute(_CARDS, (one.id, *at, CARDS_PER_PAGE)).fetchall():
        sums = _sums(office, one, [row[0] for row in rows])
        for row in rows:
            yield _said(one, row, sums.get(row[0], {}))
        at = (rows[-1][1], rows[-1][0])


def card(office: Office, one: Audit, number: str) -> CardSaid | None:
    """Return a card's statement by its number, or by its member's id."""
    row = office.db.execute(
        "SELECT member, card, home, joined, level, paper, decision, reason, operator, second,"
        " bought, sent FROM audit_card WHERE audit = ?1 AND (card = ?2 OR member = ?2) AND NOT"
        " EXISTS (SELECT 1 FROM alias WHERE alias = member) ORDER BY member LIMIT 1",
        (one.id, number),
    ).fetchone()
    return None if row is None else _said(one, row, _sums(office, one, [row[0]]).get(row[0], {}))


def marks(office: Office, one: Audit) -> dict[Chain, int]:
    """Return up to which entry of each chain an audit looks."""
    rows = office.db.execute(
        "SELECT c.box, c.epoch, a.mark FROM audit_chain AS a JOIN chain AS c ON c.id = a.chain"
        " WHERE a.audit = ?",
        (one.id,),
    )
    return {Chain(box, epoch): mark for box, epoch, mark in rows.fetchall()}


def ages_s(office: Office, one: Audit) -> dict[str, float | None]:
    """Return how old what an audit knows of each shop is; None: nothing was ever heard of it."""
    rows = office.db.execute(
        "SELECT c.box, max(a.told_ms) FROM audit_chain AS a JOIN chain AS c ON c.id = a.chain"
        " WHERE a.audit = ? AND c.box <> 'hq' GROUP BY c.box ORDER BY c.box",
        (one.id,),
    )
    now = office.now_ms()
    return {box: max(0, now - told) / 1000 if told else None for box, told in rows.fetchall()}


def _turn(office: Office, one: Audit, most: int) -> int:
    with office.transaction():
        row = office.db.execute("SELECT state FROM audit WHERE id = ?", (one.id,)).fetchone()
        if row is None or row[0] != COUNTING:
            return 0
        done = 0
        for chain, box, epoch, first, counted, mark in office.db.execute(
            _CHAINS, (one.id,)
        ).fetchall():
            begin = counted
            if not first:
                begin = _before(office, chain, mark, looks_from(one.rule, _day(one), _since(one)))
            last = min(mark, begin + most - done)
            _fold(office, one, (chain, Chain(box, epoch)), begin, last)
            office.db.execute(
                "UPDATE audit_chain SET first = ?, counted = ? WHERE audit = ? AND chain = ?",
                (first or begin + 1, last, one.id, chain),
            )
            done += last - begin
            if done >= most:
                return int(done)
        set_state(office, one, OPEN)
        return 0


def _fold(office: Office, one: Audit, row: tuple[int, Chain], after: int, last: int) -> None:
    chain, name = row
    out = trail.unbooked(office, name)
    sums: dict[tuple[str, str, str], int] = {}
    bought: dict[str, str] = {}
    for seq, entry in trail.entries(office, chain, after, last):
        if seq in out:
            continue
        day = entry.at.business_date
        if isinstance(entry.body, Sale) and entry.body.member:
            bought[entry.body.member] = max(bought.get(entry.body.member, ""), day)
        if day < one.since:
            continue
        for moved in movements(entry, Unit.POINT):
            key = (moved.member, moved.shop, moved.what.value)
            sums[key] = sums.get(key, 0) + moved.amount
    office.db.executemany(
        "INSERT INTO audit_sum VALUES (?, ?, ?, ?, ?) ON CONFLICT (audit, member, shop, what)"
        " DO UPDATE SET points = audit_sum.points + excluded.points",
        [(one.id, *key, points) for key, points in sums.items()],
    )
    office.db.executemany(
        "UPDATE audit_card SET bought = greatest(bought, ?1) WHERE audit = ?2"
        " AND member = coalesce((SELECT member FROM alias WHERE alias = ?3), ?3)",
        [(day, one.id, member) for member, day in bought.items()],
    )


def _before(office: Office, chain: int, mark: int, since: date) -> int:
    """Return the last entry before a business date: in a chain the dates never go back."""
    low, high = 0, mark
    while low < high:
        middle = (low + high + 1) // 2
        if _business_date(office, chain, middle) < since.isoformat():
            low = middle
        else:
            high = middle - 1
    return low


def _business_date(office: Office, chain: int, seq: int) -> str:
    query = "SELECT data FROM entry WHERE chain = ? AND seq = ? ORDER BY rowid LIMIT 1"
    row = office.db.execute(query, (chain, seq)).fetchone()
    try:
        return "" if row is None else envelope(bytes(row[0])).at.business_date
    except CodecError:
        return ""  # one that nobody can read: it is looked at again, and skipped


def _sums(
    office: Office, one: Audit, members: Sequence[str]
) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for member, shop, what, points in office.db.execute(
        _SUMS, (one.id, json.dumps(list(members)))
    ).fetchall():
        found.setdefault(member, {}).setdefault(shop, {})[what] = points
    return found


_Row = tuple[str, str, str, str, str, int | None, str, str, str, str, str, int]


def _said(one: Audit, row: _Row, sums: dict[str, dict[str, int]]) -> CardSaid:
    member, number, home, joined, level, paper, *rest, bought, sent = row
    decision, reason, operator, second = (str(part) for part in rest)
    shops = {shop: _shop(words) for shop, words in sorted(sums.items())}
    moved: dict[str, int] = {}
    for shop in shops.values():
        for what, points in shop.moved.items():
            moved[what] = moved.get(what, 0) + points
    total = ShopSums(
        sum(shop.opening for shop in shops.values()),
        {what: points for what, points in moved.items() if points},
        sum(shop.closing for shop in shops.values()),
    )
    return CardSaid(
        member=member,
        card=number,
        home=home,
        joined=joined,
        level=level,
        shops={name: shop for name, shop in shops.items() if _says(shop)},
        total=total,
        gifts=tuple(gifts_for(one.rule, total.closing)),
        clears=clears(one.rule, _day(one), Person(joined, level, str(bought))),
        bought=str(bought),
        paper=paper,
        decision=decision,
        reason=reason,
        operator=operator,
        second=second,
        sent=bool(sent),
    )


def _shop(words: dict[str, int]) -> ShopSums:
    moved = {what: words[what] for what in _WORDS if words.get(what)}
    closing = words.get(CLOSING, 0)
    return ShopSums(closing - sum(moved.values()), moved, closing)


def _says(shop: ShopSums) -> bool:
    return bool(shop.opening or shop.moved or shop.closing)


def _day(one: Audit) -> date:
    return date.fromisoformat(one.day)


def _since(one: Audit) -> date:
    return date.fromisoformat(one.since)
