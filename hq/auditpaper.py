"""The shops' paper beside the books: the CSV that a shop keys in, the differences, who is right.

A difference is put into a class and explained from the card's own entries as far as that goes; a
person decides. Nothing of it stands in any book.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from daemon.howmany import HowMany
from daemon.ledger.records import Chain, Entry
from hq.audit import (
    DECIDED,
    OPEN,
    PAPER,
    Audit,
    AuditRefused,
    CardRow,
    audit,
    card_row,
    event,
    put_back,
)
from hq.auditcount import CardSaid, ages_s, card, cards, marks
from hq.columns import Column, Mistake, Row, digits, read_table, text, whole
from hq.corrections import Signed, check_persons
from hq.memberlist import VISITOR
from hq.movements import What
from hq.progress import Progress, silent
from hq.statement import Line, statement
from hq.store import Office

POINTS_MAX = 10**9
BOX, PAPERS = "box", "paper"  # who is right
ENTRIES_SHOWN = 20  # of those that explain a difference
COLUMNS = (
    Column("card", "6 to 19 digits, of a card in memberbox-hq members", digits(6, 19), True),
    Column("points", f"whole points, 0 to {POINTS_MAX}", whole(0, POINTS_MAX), True),
    Column("note", "text, at most 200 characters", text(200), more=True),
)
CLASSES = (
    ("not_on_paper", "the shop's paper does not have this card"),
    ("older", "the paper stands as it did after an earlier entry"),
    ("missing", "one entry is not on the paper"),
    ("twice", "one entry is on the paper twice"),
    ("zero", "the paper has cleared the card, the books have not"),
    ("one_shop", "the paper has what one shop holds, and not what others do"),
    ("digits", "the paper has the same digits in another order"),
    ("stale", "a shop with a part of it was not heard since the day of the check"),
    ("unexplained", "no entry explains it"),
)


class Imported(msgspec.Struct, frozen=True):
    rows: int
    changed: int  # cards of which the paper says something else than before
    differ: int  # from the books
    mistakes: tuple[Mistake, ...]


class Difference(msgspec.Struct, frozen=True):
    member: str
    card: str
    home: str
    books: int
    paper: int | None
    by: int  # what the paper has more than the books
    cls: str
    why: str
    entries: tuple[Line, ...]  # that explain it, the first ones
    decision: str
    reason: str
    operator: str
    second: str
    data_age_s: dict[str, float | None]  # of the shops that hold a part


def import_paper(
    office: Office, one: Audit, path: Path, *, operator: str, progress: Progress = silent
) -> Imported:
    """Take what a shop's paper says; with one mistake in the file nothing is taken.

    A card that had another figure before has none decided any more. Raises AuditRefused and
    MemberboxError (a file that cannot be read).
    """
    rows, mistakes = read_table(path, COLUMNS)
    known = _numbers(office, one)
    mistakes += _unknown(rows, known) + _twins(rows)
    if mistakes:
        return Imported(0, 0, 0, tuple(sorted(mistakes, key=lambda one: one.line)))
    before, after = [], []
    with office.transaction():
        _check_open(office, one)
        for at, row in enumerate(rows, 1):
            was = card_row(office, one, known[row.cells["card"]])
            assert was is not None, "the card is one of the audit's"
            points = int(row.cells["points"])
            if was.paper != points:
                before.append(was)
                after.append(CardRow(was.member, points, "", "", "", ""))
            progress(at, len(rows))
        put_back(office, one, after)
        note = f"{path.name}: {HowMany(len(rows)):card}, {len(after)} new or changed"
        event(office, one, PAPER, operator=operator, note=note, before=before)
    differ = sum(1 for row in after if _differs(office, one, row))
    return Imported(len(rows), len(after), differ, ())


def differences(
    office: Office, one: Audit, *, only: str = "", progress: Progress = silent
) -> Iterator[Difference]:
    """Yield every card on which books and paper differ, with why. Call trail.catch_up() first."""
    homes = _homes_with_paper(office, one)
    known = ages_s(office, one)
    upto = marks(office, one)
    for at, said in enumerate(cards(office, one), 1):
        progress(at, 0)
        lacks = said.paper is None and said.home in homes and said.total.closing != 0
        if (said.differs or lacks) and only in ("", said.card, said.member):
            yield _explained(office, one, said, upto, known)


def decide(
    office: Office, one: Audit, number: str, right: str, signed: Signed, *, operator: str
) -> CardSaid:
    """Say who is right about a card. The paper is right only if two persons say why.

    Raises AuditRefused and NotTwoPersons.
    """
    if right == PAPERS:
        check_persons(signed)
    with office.transaction():
        _check_open(office, one)
        said = card(office, one, number)
        if said is None:
            raise AuditRefused(f"{number} is no card of this audit. See audit statements.")
        homes = _homes_with_paper(office, one)
        if not said.differs and not (said.paper is None and said.home in homes):
            raise AuditRefused(f"books and paper agree on {number}. There is nothing to decide.")
        if right == PAPERS and (said.paper is None or not said.joined):
            what = "has no figure on paper" if said.paper is None else f"is a {VISITOR}'s"
            raise AuditRefused(f"{number} {what}. Only the books can be right.")
        was = card_row(office, one, said.member)
        assert was is not None, "it was read a moment ago"
        second = signed.second if right == PAPERS else ""
        now = CardRow(said.member, said.paper, right, signed.reason, operator, second)
        put_back(office, one, [now])
        note = f"{right} is right: {signed.reason}" if signed.reason else f"{right} is right"
        event(
            *(office, one, DECIDED),
            operator=operator,
            second=second,
            card=said.card,
            note=note,
            before=[was],
        )
    found = card(office, one, said.member)
    assert found is not None, "it is still there"
    return found


def decide_class(office: Office, one: Audit, cls: str, *, operator: str, reason: str) -> int:
    """Say that the books are right about every undecided difference of a class; return how many."""
    found = [said for said in differences(office, one) if said.cls == cls and not said.decision]
    with office.transaction():
        _check_open(office, one)
        before = [row for said in found if (row := card_row(office, one, said.member)) is not None]
        rows = [CardRow(row.member, row.paper, BOX, reason, operator, "") for row in before]
        put_back(office, one, rows)
        if rows:
            note = f"box is right about {len(rows)} of class {cls}"
            event(office, one, DECIDED, operator=operator, note=note, before=before)
    return len(rows)


def _explained(
    office: Office,
    one: Audit,
    said: CardSaid,
    upto: dict[Chain, int],
    known: dict[str, float | None],
) -> Difference:
    def within(entry: Entry) -> bool:
        return entry.seq <= upto.get(Chain(entry.box, entry.epoch), 0)

    lines = statement(office, said.member, within=within).lines
    cls, why, entries = _class(said, lines, _stale(office, one, said))
    return Difference(
        member=said.member,
        card=said.card,
        home=said.home,
        books=said.total.closing,
        paper=said.paper,
        by=(said.paper or 0) - said.total.closing,
        cls=cls,
        why=why,
        entries=tuple(entries[:ENTRIES_SHOWN]),
        decision=said.decision,
        reason=said.reason,
        operator=said.operator,
        second=said.second,
        data_age_s={shop: known[shop] for shop in {*said.shops, said.home} if shop in known},
    )


def _class(said: CardSaid, lines: Sequence[Line], stale: str) -> tuple[str, str, Sequence[Line]]:
    """Return the class, the sentence, and the entries that explain it."""
    paper, books = said.paper, said.total.closing
    lines = [line for line in lines if line.what != What.MOVED]
    if paper is None:
        return "not_on_paper", f"the shop's paper has no line for it; the books say {books}", ()
    if paper == 0:
        return "zero", f"the paper has cleared the card; the books say {books}", lines[-1:]
    for at in range(len(lines) - 2, -1, -1):
        if lines[at].after == paper:
            rest, last = lines[at + 1 :], lines[at]
            when = f"{_name(last)} of {last.day}"
            return (
                "older",
                f"as the books after {when}; {len(rest)} later entries are not on it",
                rest,
            )
    for line in reversed(lines):
        if paper == books - line.amount:
            return "missing", f"{_name(line)} of {line.day} ({_what(line)}) is not on it", (line,)
    for line in reversed(lines):
        if paper == books + line.amount:
            return "twice", f"{_name(line)} of {line.day} ({_what(line)}) is on it twice", (line,)
    for shop, sums in said.shops.items():
        if sums.closing == paper:
            return "one_shop", f"what {shop} holds; {books - paper} lie elsewhere", ()
    if sorted(str(paper)) == sorted(str(books)):
        return "digits", f"{paper} for {books}: the same digits in another order", ()
    if stale:
        return "stale", stale, ()
    return "unexplained", "no entry explains it; ask the shop for its slips", ()


def _stale(office: Office, one: Audit, said: CardSaid) -> str:
    """Return which shop with a part was not heard since the day of the check; "" for none."""
    rows = office.db.execute(
        "SELECT c.box, max(a.told_ms) FROM audit_chain AS a JOIN chain AS c ON c.id = a.chain"
        " WHERE a.audit = ? GROUP BY c.box",
        (one.id,),
    ).fetchall()
    mine = {*said.shops, said.home}
    for box, told in sorted(rows):
        if box in mine and (not told or office.moment(told)[:10] < one.day):
            heard = office.moment(told)[:10] if told else "never"
            return f"{box} was last heard {heard}: what it wrote since is not in the books yet"
    return ""


def _name(line: Line) -> str:
    return f"{line.receipt} ({line.kind})"


def _what(line: Line) -> str:
    return f"{line.what} {line.amount:+d}"


def _numbers(office: Office, one: Audit) -> dict[str, str]:
    """Return the members of an audit by card; of two with one card the one who is a member."""
    rows = office.db.execute(
        "SELECT card, member FROM audit_card AS k WHERE audit = ? AND NOT EXISTS"
        " (SELECT 1 FROM alias WHERE alias = k.member) ORDER BY joined, member",
        (one.id,),
    )
    return dict(rows.fetchall())


def _unknown(rows: Sequence[Row], known: dict[str, str]) -> list[Mistake]:
    return [
        Mistake(row.line, "card", row.cells["card"], "the card of a member: memberbox-hq members")
        for row in rows
        if row.cells["card"] not in known
    ]


def _twins(rows: Sequence[Row]) -> list[Mistake]:
    first: dict[str, int] = {}
    found = []
    for row in rows:
        number = row.cells["card"]
        if number in first:
            allowed = f"each card once; it stands in line {first[number]} too"
            found.append(Mistake(row.line, "card", number, allowed))
        first.setdefault(number, row.line)
    return found


def _homes_with_paper(office: Office, one: Audit) -> set[str]:
    """Return the shops whose paper was keyed in: at home in them are all of its cards."""
    rows = office.db.execute(
        "SELECT DISTINCT home FROM audit_card WHERE audit = ? AND paper IS NOT NULL", (one.id,)
    )
    return {row[0] for row in rows} - {""}


def _differs(office: Office, one: Audit, row: CardRow) -> bool:
    said = card(office, one, row.member)
    return said is not None and said.differs


def _check_open(office: Office, one: Audit) -> None:
    now = audit(office, one.id)
    if now is None or now.state != OPEN:
        state = "not there" if now is None else now.state
        raise AuditRefused(f"the audit of {one.period} is {state}: it takes nothing more")
