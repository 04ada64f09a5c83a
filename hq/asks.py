"""Questions of boxes during a sale: who a card is, what a sale lacks, a sale of another shop.

The answer is messages of the box's log that name the question. What the pool lacks is asked of the
shops that hold it and are online; what they release goes on to the box that asked while its sale
may still wait, and stays in the pool after that. The same question twice is one question.
"""

import json
from dataclasses import dataclass

from daemon import seal
from daemon.errors import SealError
from daemon.ledger import accounts
from daemon.ledger.bodies import Sale
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import ROOM, Unit
from daemon.ledger.limits import VALUE
from daemon.ledger.messages import AskAnswered, Please, PleasePart, SaleTold, Total
from daemon.ledger.requests import RELEASE
from daemon.sync.batch import unbase64
from daemon.sync.wire import MESSAGE_BYTES_MAX, Ask, WireError
from daemon.wanted import What
from hq import limits, pool
from hq.aliases import own_name
from hq.chainlog import ChainLog, newest_log
from hq.phones import member_by_phone
from hq.presence import QUIET_MS
from hq.store import Office

FRESH_MS = 20_000  # a sale that waited longer has ended: what comes now stays in the pool
KEPT_MS = 86_400_000  # a question is known again for a day; a repeated one changes nothing
OPEN_MAX = 64  # questions of one box that may wait for other shops at once


@dataclass(frozen=True, slots=True)
class _Need:
    """What a question wants of the pool: so much of a unit out of these accounts."""

    ask: str
    member: str
    unit: str = ""
    accounts: tuple[str, ...] = ()
    amount: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """A question whose answer is not complete."""

    box: str
    chain: int
    at_ms: int
    need: _Need  # what is still missing


class Asks:
    """Answers questions. One thread, the same as intake's."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def take(self, ask: Ask) -> None:
        """Answer a question that a box has signed, as far as it can be done at once."""
        office = self._office
        with office.transaction():
            log = newest_log(office, ask.box)
            if log is None or log.epoch != ask.epoch:
                return  # an old chain's, or one that has yet to confirm a restore: a hint is lost
            query = "SELECT 1 FROM ask WHERE chain = ? AND id = ?"
            if office.db.execute(query, (log.chain, ask.id)).fetchone() is not None:
                return
            if self._waiting(log.chain) >= OPEN_MAX:
                raise WireError(f"{OPEN_MAX} questions of {ask.box} wait already")
            match ask.what:
                case What.MEMBER:
                    self._member(log, ask)
                case What.HOLDING:
                    self._holding(log, ask)
                case What.SALE:
                    self._sale(log, ask)
        self.work()

    def work(self) -> int:
        """Go on with the questions that wait for other shops; return how many were answered."""
        office = self._office
        if office.db.execute("SELECT 1 FROM ask WHERE outcome IS NULL LIMIT 1").fetchone() is None:
            return 0
        done = 0
        with office.transaction():
            for row in self._rows():
                log = newest_log(office, row.box)
                if log is None or log.chain != row.chain:
                    self._close(row.chain, row.need.ask, "nothing")
                else:
                    done += self._go_on(log, row)
            oldest = office.now_ms() - KEPT_MS
            office.db.execute("DELETE FROM ask WHERE at_ms < ? AND outcome IS NOT NULL", (oldest,))
        return done

    # -- the three questions -----------------------------------------------------------------

    def _member(self, log: ChainLog, ask: Ask) -> None:
        member = self._found(ask)
        self._note(log, ask, _Need(ask.id, member or ""))
        if member is None:
            self._answer(log, ask.id, "unknown", "")
            return
        self._follow(log, member)
        self._answer(log, ask.id, "found", member)

    def _holding(self, log: ChainLog, ask: Ask) -> None:
        if not ask.member or not ask.unit or ask.amount <= 0:
            raise WireError("a question for a holding names member, unit and amount")
        names = pool.purses(self._office, ask.member, ask.unit)
        need = _Need(ask.id, ask.member, ask.unit, tuple(names), ask.amount)
        self._note(log, ask, need)
        self._collect(log, need)

    def _sale(self, log: ChainLog, ask: Ask) -> None:
        """Tell another shop's sale and bring what of its lines may still come back."""
        found = self._entry(ask.sale)
        if found is None:
            self._note(log, ask, _Need(ask.id, ""))
            self._answer(log, ask.id, "unknown", "")
            return
        text, sale = found
        names = [accounts.returnable(f"{ask.sale}:{line.n}") for line in sale.lines]
        log.add("sale.told", SaleTold(ask.sale, text, ask.id))
        unit = Unit.RETURNABLE
        held = pool.held_by_shops(self._office, names, unit, but=log.chain)
        free = pool.free(self._office, names, unit)
        elsewhere = sum(one.amount for one in held) + sum(lot.amount for lot in free)
        need = _Need(ask.id, sale.member, unit, tuple(names), elsewhere)
        self._note(log, ask, need)
        if elsewhere:
            self._collect(log, need)
        else:
            self._answer(log, ask.id, "nothing", sale.member)

    # -- inside ------------------------------------------------------------------------------

    def _found(self, ask: Ask) -> str | None:
        """Return the member that a question names, by card or phone."""
        office = self._office
        if ask.phone:
            try:
                phone = seal.unseal(office.seed, unbase64(ask.phone)).decode()
            except (SealError, UnicodeDecodeError) as error:
                raise WireError("a phone number that does not open") from error
            return member_by_phone(office, phone)
        row = office.db.execute(
            "SELECT id FROM member WHERE card = ?1 UNION ALL"
            " SELECT member FROM alias WHERE alias = ?2 LIMIT 1",
            (ask.card, accounts.visitor(ask.card)),
        ).fetchone()
        return None if row is None else str(row[0])

    def _follow(self, log: ChainLog, member: str) -> None:
        """Tell a member to a box, and from now on whatever changes."""
        db = self._office.db
        db.execute("INSERT INTO follow VALUES (?, ?) ON CONFLICT DO NOTHING", (log.box, member))
        known = db.execute(
            "SELECT 1 FROM member AS m LEFT JOIN told AS t ON t.chain = ?1 AND t.what = 'member'"
            " AND t.key = m.id WHERE m.id = ?2 AND (m.chain = ?1 OR t.digest = m.digest)",
            (log.chain, member),
        ).fetchone()
        if known is None:
            log.snapshot(member)
        self._office.touch_directory()  # its aliases

    def _entry(self, name: str) -> tuple[str, Sale] | None:
        place = parse_entry_id(name)
        if place is None:
            return None
        row = self._office.db.execute(
            "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
            " WHERE c.box = ? AND c.epoch = ? AND e.seq = ? AND e.seq <= c.booked"
            " ORDER BY e.rowid LIMIT 1",
            (place[0].box, place[0].epoch, place[1]),
        ).fetchone()
        if row is None or len(row[0]) > MESSAGE_BYTES_MAX // 2:
            return None
        try:
            body = decode(bytes(row[0])).body
        except CodecError:
            return None
        return (bytes(row[0]).decode(), body) if isinstance(body, Sale) else None

    def _collect(self, log: ChainLog, need: _Need) -> None:
        """Grant what the pool has, and ask the shops that are online for the rest."""
        missing = need.amount - self._grant(log, need)
        if missing <= 0:
            self._answer(log, need.ask, "granted", need.member)
            return
        parts: dict[str, list[PleasePart]] = {}
        online = self._online()
        own, others = need.accounts[:1], need.accounts[1:]
        held = pool.held_by_shops(self._office, own, need.unit, but=log.chain)
        # What lies under another id of the member's is of no use even in the shop that asks.
        but = log.chain if need.unit == Unit.RETURNABLE else 0
        held += pool.held_by_shops(self._office, others, need.unit, but=but)
        for one in sorted(held, key=lambda part: -part.amount):
            amount = min(one.amount, missing)
            if amount > 0 and one.box in online:
                missing -= amount
                part = PleasePart(one.account, need.unit, amount, (one.lot,))
                parts.setdefault(one.box, []).append(part)
        if need.unit.startswith(ROOM) and missing > 0:
            rest = _Need(need.ask, need.member, need.unit, need.accounts, missing)
            missing = self._open(log, rest, parts, online)
            if missing <= 0 and not parts:
                self._answer(log, need.ask, "granted", need.member)
                return
        for box, asked in parts.items():
            holder = newest_log(self._office, box)
            if holder is not None:
                please = Please(need.member, tuple(asked), ask=need.ask)
                holder.please(RELEASE, please)
        if not parts:
            self._answer(log, need.ask, self._outcome(log.chain, need.ask), need.member)

    def _open(
        self, log: ChainLog, need: _Need, parts: dict[str, list[PleasePart]], online: set[str]
    ) -> int:
        """Let a limit be opened by who may, so that it can be had; return what is still missing."""
        office, member = self._office, need.member
        limit = limits.to_open(office, log.box, member, need.unit)
        home = limits.home_of(office, member, need.unit)
        if limit is None or home == log.box:
            return need.amount
        if home:
            if home in online:
                amount = need.amount + sum(part.amount for part in parts.pop(home, ()))
                part = PleasePart(accounts.right(member), need.unit, amount)
                parts[home] = [limits.asked_of_home(office, home, part, limit)]
            return need.amount
        if pool.is_open(office):
            request = f"open:{member}:{need.unit}"
            most = limit.most
            if need.unit == VALUE:
                most = max(0, most - limits.used_of_cap(office, member))
            if most > 0:
                limits.open_here(office, [member], need.unit, most, request=request)
        return need.amount - self._grant(log, need)

    def _grant(self, log: ChainLog, need: _Need) -> int:
        if need.amount <= 0 or not pool.is_open(self._office):
            return 0
        lots = pool.cut(pool.free(self._office, need.accounts, need.unit), need.amount)
        if need.unit != Unit.RETURNABLE:
            lots = own_name(self._office, need.member, need.accounts[0], lots)
        granted = log.grant(need.member, lots, ask=need.ask)
        self._office.db.execute(
            "UPDATE ask SET granted = granted + ? WHERE chain = ? AND id = ?",
            (granted, log.chain, need.ask),
        )
        return granted

    def _go_on(self, log: ChainLog, row: _Row) -> int:
        need = row.need
        late = self._office.now_ms() - row.at_ms > FRESH_MS
        if not late and self._grant(log, need) < need.amount and self._waits(need.ask):
            return 0
        self._answer(log, need.ask, self._outcome(row.chain, need.ask), need.member)
        return 1

    def _waits(self, ask: str) -> bool:
        """Whether a shop that was asked has not answered yet."""
        query = (
            "SELECT 1 FROM please AS p JOIN chain AS c ON c.id = p.chain"
            " WHERE p.ask = ? AND c.applied < p.n LIMIT 1"
        )
        return self._office.db.execute(query, (ask,)).fetchone() is not None

    def _note(self, log: ChainLog, ask: Ask, need: _Need) -> None:
        self._office.db.execute(
            "INSERT INTO ask (chain, id, at_ms, what, member, unit, accounts, wanted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                log.chain,
                ask.id,
                self._office.now_ms(),
                ask.what.value,
                need.member,
                need.unit,
                json.dumps(need.accounts),
                need.amount,
            ),
        )

    def _answer(self, log: ChainLog, ask: str, outcome: str, member: str) -> None:
        totals: tuple[Total, ...] = ()
        date = ""
        if member and outcome != "unknown":
            totals, date = pool.totals(self._office, member), pool.as_of(self._office, member)
        log.add("ask.answered", AskAnswered(ask, outcome, member, totals, date))
        self._close(log.chain, ask, outcome)

    def _close(self, chain: int, ask: str, outcome: str) -> None:
        self._office.db.execute(
            "UPDATE ask SET outcome = ? WHERE chain = ? AND id = ?", (outcome, chain, ask)
        )

    def _outcome(self, chain: int, ask: str) -> str:
        query = "SELECT granted, wanted FROM ask WHERE chain = ? AND id = ?"
        granted, wanted = self._office.db.execute(query, (chain, ask)).fetchone()
        return "nothing" if granted == 0 else "granted" if granted >= wanted else "partly"

    def _waiting(self, chain: int) -> int:
        query = "SELECT count(*) FROM ask WHERE chain = ? AND outcome IS NULL"
        return int(self._office.db.execute(query, (chain,)).fetchone()[0])

    def _rows(self) -> list[_Row]:
        found = self._office.db.execute(
            "SELECT c.box, a.chain, a.at_ms, a.id, a.member, a.unit, a.accounts,"
            " a.wanted - a.granted FROM ask AS a JOIN chain AS c ON c.id = a.chain"
            " WHERE a.outcome IS NULL ORDER BY a.at_ms"
        ).fetchall()
        return [
            _Row(box, chain, at_ms, _Need(ask, member, unit, tuple(json.loads(names)), missing))
            for box, chain, at_ms, ask, member, unit, names, missing in found
        ]

    def _online(self) -> set[str]:
        since = self._office.now_ms() - QUIET_MS
        query = "SELECT name FROM box WHERE online = 1 AND seen_ms > ?"
        return {row[0] for row in self._office.db.execute(query, (since,))}
