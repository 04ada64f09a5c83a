"""What the desk shows to a person: screens of text."""

from collections.abc import Iterable, Sequence

from daemon.ledger.kinds import Unit
from hq.answers import age, table, yuan
from hq.corrected import WAITING, CorrectionSaid
from hq.desk import ROOMS, ExplainedSaid, LotSaid, WholeSaid, receipt
from hq.statement import FIRST_DAY, LAST_DAY, StatementSaid

_MONEY = frozenset(("principal", "bonus", "reward"))


def whole_screen(said: WholeSaid) -> tuple[str, ...]:
    """Return one member as a screen."""
    level = f", level {said.level}" if said.level else ""
    term = f", term until {said.term_ends[:10]}" if said.term_ends else ""
    lines = [
        f"{said.card}  {said.status}{level}   {said.id}, at home in {said.home or 'no shop'}",
        f"joined {said.joined[:10] or '-'}{term}",
        *(f"also {name}" for name in said.ids[1:]),
    ]
    lines += _block("HOLDS", ("what", "in all", *said.holding, "unit"), _holding(said))
    lines += _block(
        "LOTS", ("what", "lot", "hand", "amount", "granted", "ends", "source"), _lots(said.lots)
    )
    owed = [(one.claim, _amount(one.unit, one.amount), one.hand) for one in said.claims]
    lines += _block("OWED BACK 待扣", ("claim", "amount", "hand"), owed)
    cards = [(one.card, one.status, one.entry or "import") for one in said.cards]
    lines += _block("CARDS", ("card", "status", "since"), cards)
    chains = [
        (
            one.chain,
            f"{one.booked}/{one.mark}",
            f"{one.applied}/{one.down}",
            "given up" if one.closed else "open",
            age(one.data_age_s),
        )
        for one in said.chains
    ]
    lines += _block("SHOPS", ("chain", "booked", "applied", "state", "data"), chains)
    coming = [(one.box, str(one.message), one.kind) for one in said.coming]
    lines += _block("ON THE WAY", ("shop", "message", "kind"), coming)
    lines += corrections_screen(said.corrections)
    cases = [(str(one.id), f"{one.box}.{one.epoch}:{one.seq}", one.what) for one in said.cases]
    return (*lines, *_block("CASES", ("case", "entry", "what"), cases))


def statement_screen(said: StatementSaid) -> tuple[str, ...]:
    """Return a statement as a screen: opening, movements, closing."""
    money = _is_money(said.unit)
    since = "the beginning" if said.since == FIRST_DAY else said.since
    until = "today" if said.until == LAST_DAY else said.until
    rows = [("", "", "", "opening", "", _figure(money, said.opening))]
    rows += [
        (
            line.day,
            line.shop,
            line.receipt,
            f"{line.what} ({line.kind})",
            _figure(money, line.amount),
            _figure(money, line.after),
        )
        for line in said.lines
    ]
    rows.append(("", "", "", "closing", "", _figure(money, said.closing)))
    whose = f", in the hand of {said.shop}" if said.shop else ""
    lines = [f"{said.member}: {said.unit} from {since} to {until}{whose}"]
    lines += table(("day", "shop", "receipt", "what", "amount", "balance"), rows)
    if said.now != said.closing:
        lines.append(f"today it is {_figure(money, said.now)}")
    return (*lines, _ages(said.data_age_s))


def explain_screen(said: ExplainedSaid) -> tuple[str, ...]:
    """Return why a figure is what it is."""
    money = _is_money(said.unit)
    lines = [f"{said.member}: {said.unit} {_figure(money, said.figure)}"]
    lines += _block(
        "MADE OF", ("what", "lot", "hand", "amount", "granted", "ends", "source"), _lots(said.lots)
    )
    for told in said.told:
        line = told.line
        amount = _figure(money, line.amount)
        lines += ["", f"{line.day} {line.receipt} {line.what} {amount} ({line.kind}, {line.entry})"]
        lines += [f"    {sentence}" for sentence in told.why]
    return (*lines, "", _ages(said.data_age_s))


def corrections_screen(found: Sequence[CorrectionSaid]) -> list[str]:
    """Return corrections with what is pending of them."""
    rows = []
    for one in found:
        waits = [f"{part.box} {part.state}" for part in one.parts if part.state == WAITING]
        waits += [f"{part.box}: {part.why}" for part in one.parts if part.why]
        waits += [f"{amount} {hand}" for hand, amount in one.where.items()]
        state = {"open": "pending", "short": "incomplete"}.get(one.state, one.state)
        rows.append(
            (
                str(one.id),
                one.at[:10],
                one.what,
                f"{one.points:+d}",
                str(one.done),
                state,
                ", ".join(waits) or "-",
                f"{one.reason} ({one.operator}, {one.second})",
            )
        )
    names = ("no", "day", "what", "points", "done", "state", "where", "reason")
    return _block("CORRECTIONS", names, rows)


def _block(title: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rows = list(rows)
    return ["", title, *table(names, rows)] if rows else []


def _holding(said: WholeSaid) -> list[tuple[str, ...]]:
    rows = []
    for room, name in ROOMS.items():
        parts = [of.get(room, 0) for of in said.holding.values()]
        if any(parts):
            figures = [_figure(room in _MONEY, part) for part in (sum(parts), *parts)]
            rows.append((name, *figures, "yuan" if room in _MONEY else ""))
    return rows


def _lots(lots: Sequence[LotSaid]) -> list[tuple[str, ...]]:
    return [
        (
            ROOMS[one.room],
            receipt(one.lot.rpartition(":")[0]) if one.lot.count(":") > 1 else one.lot,
            one.hand.replace("transit:", "on the way to "),
            _amount(one.unit, one.amount),
            one.granted[:10] or "-",
            (one.expires or "-")[:10],
            one.source or "-",
        )
        for one in lots
    ]


def _amount(unit: str, amount: int) -> str:
    return _figure(_is_money(unit.removeprefix("claim:")), amount)


def _is_money(unit: str) -> bool:
    return unit in (Unit.PRINCIPAL, Unit.BONUS, Unit.REWARD)


def _figure(money: bool, amount: int) -> str:
    return yuan(amount) if money else str(amount)


def _ages(known: dict[str, float | None]) -> str:
    said = ", ".join(f"{shop} {age(seconds)}" for shop, seconds in known.items())
    return f"age of the data: {said or '-'}"
