"""The complaint desk: one member whole, over all shops, and why a figure is what it is.

Reads only. No personal data but cards: who he is, the shop's own screen says.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.ledger.bodies import CardIssued, CardReplaced, MemberEnrolled
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.posting import HQ
from daemon.ledger.records import Entry, PackRef
from hq import corrected, memberlist, pool, trail
from hq.ages import ages
from hq.corrected import CorrectionSaid
from hq.members import status_of
from hq.report import CaseSaid
from hq.statement import Line, statement
from hq.store import Office

CASES_MAX = 200
ROOMS: Mapping[str, str] = MappingProxyType(
    {
        "points": "points",
        "frozen": "frozen points",
        "pending": "waiting for confirmation",
        "principal": "principal",
        "bonus": "bonus",
        "reward": "rewards",
        "coupons": "coupons",
        "waiting": "goods that wait",
        "growth": "growth",
        "claim": "owed back",
    }
)
_HELD = (
    "SELECT b.account, b.unit, b.lot, b.holder, b.amount, coalesce(l.granted, ''), l.expires,"
    " coalesce(l.source, '') FROM balance AS b LEFT JOIN lot AS l"
    " ON l.lot = b.lot AND l.unit = b.unit WHERE b.amount <> 0"
    " AND b.account IN (SELECT value FROM json_each(?)) ORDER BY b.account, b.unit, b.lot, b.holder"
)
_CHAINS = (
    "SELECT box, epoch, mark, booked, down_seq, applied, closed FROM chain"
    " WHERE box || '.' || epoch IN (SELECT value FROM json_each(?)) ORDER BY box, epoch"
)
_CASES = (
    "SELECT DISTINCT w.id, w.box, w.epoch, w.seq, w.kind, w.what, w.at FROM work AS w"
    " LEFT JOIN chain AS c ON c.box = w.box AND c.epoch = w.epoch"
    " LEFT JOIN trail AS t ON t.chain = c.id AND t.seq = w.seq"
    " AND t.member IN (SELECT value FROM json_each(?1))"
    " WHERE w.closed IS NULL AND (t.member IS NOT NULL"
    " OR w.hash IN (SELECT value FROM json_each(?1))"
    " OR (w.kind = 'correction' AND w.hash IN (SELECT CAST(id AS TEXT) FROM correction"
    "  WHERE member IN (SELECT value FROM json_each(?1))))) ORDER BY w.id LIMIT ?2"
)
_COMING = (
    "SELECT c.box, d.n, d.kind FROM down AS d JOIN chain AS c ON c.id = d.chain"
    " LEFT JOIN please AS p ON p.chain = d.chain AND p.n = d.n"
    " WHERE d.n > c.applied AND c.closed IS NULL"
    " AND coalesce(nullif(d.member, ''), p.member) IN (SELECT value FROM json_each(?))"
    " ORDER BY c.box, d.n"
)


class LotSaid(msgspec.Struct, frozen=True):
    room: str  # points, frozen, principal ...
    unit: str
    lot: str
    hand: str  # a chain, hq, or on the way to one
    amount: int
    granted: str
    expires: str | None
    source: str


class ClaimSaid(msgspec.Struct, frozen=True):
    claim: str  # its lot
    unit: str
    amount: int
    hand: str
    stands: tuple[dict[str, object], ...]  # the lots that it stands for


class CardSaid(msgspec.Struct, frozen=True):
    card: str
    status: str
    entry: str  # that made it his; "" when headquarters imported it


class ChainSaid(msgspec.Struct, frozen=True):
    chain: str
    mark: int
    booked: int
    down: int
    applied: int
    closed: str | None
    data_age_s: float | None


class Coming(msgspec.Struct, frozen=True):
    box: str
    message: int
    kind: str


class WholeSaid(msgspec.Struct, frozen=True):
    """One member. `holding`: by shop and account; what is on its way counts where it goes."""

    id: str
    card: str
    status: str
    kind: str
    home: str
    level: str
    joined: str
    term_ends: str | None
    ids: tuple[str, ...]  # every id that stands for him, his own first
    holding: dict[str, dict[str, int]]
    lots: tuple[LotSaid, ...]
    claims: tuple[ClaimSaid, ...]
    cards: tuple[CardSaid, ...]
    chains: tuple[ChainSaid, ...]
    cases: tuple[CaseSaid, ...]
    coming: tuple[Coming, ...]  # messages about him that shops have not applied yet
    corrections: tuple[CorrectionSaid, ...]
    data_age_s: dict[str, float | None]


class Told(msgspec.Struct, frozen=True):
    """A movement, and how its figures came about."""

    line: Line
    why: tuple[str, ...]


class ExplainedSaid(msgspec.Struct, frozen=True):
    member: str
    unit: str
    figure: int
    lots: tuple[LotSaid, ...]  # that it is made of today
    told: tuple[Told, ...]
    data_age_s: dict[str, float | None]


def whole(office: Office, member: str) -> WholeSaid:
    """Return everything of one member over all shops. Call trail.catch_up() first."""
    ids = pool.ids_of(office, member)
    named = json.dumps(ids)
    rows = _held(office, ids)
    holding: dict[str, dict[str, int]] = {}
    for one in rows:
        of = holding.setdefault(memberlist.shop_of(one.hand), {})
        of[one.room] = of.get(one.room, 0) + one.amount
    hands = {one.hand.removeprefix("transit:") for one in rows}
    home, person = _person(office, member)
    known = ages(office, (holding.keys() | {home}) - {HQ, ""})
    chains = office.db.execute(_CHAINS, (json.dumps(sorted(hands - {HQ})),)).fetchall()
    entries = trail.of(office, ids)
    return WholeSaid(
        id=member,
        card=person[0],
        status=status_of(office, person[0]) or person[1],
        kind=person[2],
        home=home,
        level=person[3],
        joined=person[4],
        term_ends=person[5],
        ids=tuple(ids),
        holding=holding,
        lots=tuple(one for one in rows if one.lot and one.room != "claim"),
        claims=tuple(_claim(office, one) for one in rows if one.room == "claim"),
        cards=_cards(office, person[0], entries),
        chains=tuple(
            ChainSaid(f"{box}.{epoch}", mark, booked, down, applied, closed, known.get(box))
            for box, epoch, mark, booked, down, applied, closed in chains
        ),
        cases=tuple(CaseSaid(*row) for row in office.db.execute(_CASES, (named, CASES_MAX))),
        coming=tuple(Coming(*row) for row in office.db.execute(_COMING, (named,)).fetchall()),
        corrections=tuple(corrected.listed(office, member=member)),
        data_age_s=dict(sorted(known.items())),
    )


def explain(office: Office, member: str, unit: str, *, entry: str = "") -> ExplainedSaid:
    """Return why a figure is what it is: every movement, and how its entry came about by the rules.

    `entry`: that one only.
    """
    ids = pool.ids_of(office, member)
    said = statement(office, member, unit=unit)
    lines = [line for line in said.lines if entry in ("", line.entry)]
    by_name = {f"{one.box}.{one.epoch}:{one.seq}": one for one in trail.of(office, ids)}
    reasons = _Reasons(office)
    told = tuple(Told(line, reasons.of(by_name[line.entry])) for line in lines)
    room = {"point": "points", "coupon": "coupons"}.get(unit, unit)
    lots = tuple(one for one in _held(office, ids) if one.room == room and one.lot)
    return ExplainedSaid(member, unit, said.now, lots, told, said.data_age_s)


class _Reasons:
    """Sentences of the rules about entries; each pack is read once."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._packs: dict[PackRef, object] = {}

    def of(self, entry: Entry) -> tuple[str, ...]:
        from daemon.rules.explain import explain as sentences  # with the models, which are heavy
        from daemon.rules.models import Pack

        if entry.pack is None:
            reason = str(getattr(entry.body, "reason", ""))
            return (f"by hand: {reason}",) if reason else ()
        if entry.pack not in self._packs:
            self._packs[entry.pack] = self._read(entry.pack)
        pack = self._packs[entry.pack]
        if not isinstance(pack, Pack):
            return (f"pack {entry.pack.id} v{entry.pack.version} is not here",)
        return tuple(sentences(entry, pack, "en"))

    def _read(self, ref: PackRef) -> object:
        from daemon.rules.document import parse

        row = self._office.db.execute(
            "SELECT document FROM pack WHERE id = ? AND version = ? AND hash = ?",
            (ref.id, ref.version, ref.hash),
        ).fetchone()
        return None if row is None else parse(json.dumps(json.loads(row[0])["pack"]))


def _person(office: Office, member: str) -> tuple[str, tuple[str, str, str, str, str, str | None]]:
    """Return the home, and card, status, kind, level, joined, term_ends; of a visitor the card."""
    row = office.db.execute(
        "SELECT home, card, status, kind, level, joined, term_ends FROM member WHERE id = ?",
        (member,),
    ).fetchone()
    if row is None:
        card = member.rpartition(":")[2]
        return "", (card, memberlist.VISITOR, "", "", "", None)
    return row[0], (row[1], row[2], row[3], row[4], row[5], row[6])


def _held(office: Office, ids: list[str]) -> list[LotSaid]:
    purses = [f"{room}:{name}" for name in ids for room in ROOMS]
    rows = office.db.execute(_HELD, (json.dumps(purses),)).fetchall()
    return [
        LotSaid(account.partition(":")[0], unit, lot, holder, amount, granted, expires, source)
        for account, unit, lot, holder, amount, granted, expires, source in rows
    ]


def _claim(office: Office, one: LotSaid) -> ClaimSaid:
    row = office.db.execute("SELECT stands FROM claim WHERE lot = ?", (one.lot,)).fetchone()
    stands = () if row is None else tuple(json.loads(row[0]))
    return ClaimSaid(one.lot, one.unit, one.amount, one.hand, stands)


def _cards(office: Office, card: str, entries: list[Entry]) -> tuple[CardSaid, ...]:
    """Return every card that is or was his, the first one first."""
    found: dict[str, str] = {}
    for entry in entries:
        name = f"{entry.box}.{entry.epoch}:{entry.seq}"
        match entry.body:
            case MemberEnrolled(card=first):
                found.setdefault(first, name)
            case CardReplaced(card=new, old=old):
                found.setdefault(old, "")
                found.setdefault(new, name)
            case CardIssued(card=more):
                found.setdefault(more, name)
            case _:
                pass
    found.setdefault(card, "")
    return tuple(
        CardSaid(number, status_of(office, number) or "active", entry)
        for number, entry in found.items()
        if number
    )


def receipt(entry: str) -> str:
    """Return 单号 of an entry's id, as the shop's paper has it."""
    from daemon.display.blocks import number_of  # with the papers' words

    return number_of(entry) if parse_entry_id(entry) else entry
