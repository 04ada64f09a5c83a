"""What the desk shows to a person: screens of text."""

from collections.abc import Sequence

import msgspec

from daemon.ledger.kinds import Unit
from hq.answers import age, table, yuan
from hq.corrected import WAITING, CorrectionSaid
from hq.desk import ROOMS, ExplainedSaid, LotSaid, WholeSaid, receipt
from hq.statement import FIRST_DAY, LAST_DAY, StatementSaid

_MONEY = frozenset(("principal", "bonus", "reward"))


class Block(msgspec.Struct, frozen=True):
    """A table with its title; the screen and the page show the same ones."""

    title: str
    names: Sequence[str]
    rows: Sequence[Sequence[str]]


def whole_screen(said: WholeSaid) -> tuple[str, ...]:
    """Return one member as a screen."""
    return (*head_lines(said), *_text(whole_blocks(said)))


def head_lines(said: WholeSaid) -> list[str]:
    """Return who it is: card, status, level, id, home, term, other ids."""
    level = f", level {said.level}" if said.level else ""
    term = f", term until {said.term_ends[:10]}" if said.term_ends else ""
    return [
        f"{said.card}  {said.status}{level}   {said.id}, at home in {said.home or 'no shop'}",
        f"joined {said.joined[:10] or '-'}{term}",
        *(f"also {name}" for name in said.ids[1:]),
    ]


def whole_blocks(said: WholeSaid) -> list[Block]:
    """Return everything of one member as tables, those that have rows."""
    owed = [(one.claim, _amount(one.unit, one.amount), one.hand) for one in said.claims]
    cards = [(one.card, one.status, one.entry or "import") for one in said.cards]
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
    coming = [(one.box, str(one.message), one.kind) for one in said.coming]
    cases = [(str(one.id), f"{one.box}.{one.epoch}:{one.seq}", one.what) for one in said.cases]
    blocks = (
        Block("HOLDS 持有", ("what", "in all", *said.holding, "unit"), _holding(said)),
        _lot_block("LOTS 批次", said.lots),
        Block("OWED BACK 待扣", ("claim", "amount", "hand"), owed),
        Block("CARDS 卡", ("card", "status", "since"), cards),
        Block("SHOPS 门店", ("chain", "booked", "applied", "state", "data"), chains),
        Block("ON THE WAY 在途", ("shop", "message", "kind"), coming),
        corrections_block(said.corrections),
        Block("CASES 待办", ("case", "entry", "what"), cases),
    )
    return [block for block in blocks if block.rows]


def statement_screen(said: StatementSaid) -> tuple[str, ...]:
    """Return a statement as a screen: opening, movements, closing."""
    block = statement_block(said)
    lines = [block.title, *table(block.names, block.rows)]
    if said.now != said.closing:
        lines.append(f"today it is {_figure(_is_money(said.unit), said.now)}")
    return (*lines, _ages(said.data_age_s))


def statement_block(said: StatementSaid) -> Block:
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
    title = f"{said.member}: {said.unit} from {since} to {until}{whose}"
    return Block(title, ("day", "shop", "receipt", "what", "amount", "balance"), rows)


def explain_screen(said: ExplainedSaid) -> tuple[str, ...]:
    """Return why a figure is what it is."""
    money = _is_money(said.unit)
    lines = [f"{said.member}: {said.unit} {_figure(money, said.figure)}"]
    lines += _text([_lot_block("MADE OF", said.lots)])
    for told in said.told:
        line = told.line
        amount = _figure(money, line.amount)
        lines += ["", f"{line.day} {line.receipt} {line.what} {amount} ({line.kind}, {line.entry})"]
        lines += [f"    {sentence}" for sentence in told.why]
    return (*lines, "", _ages(said.data_age_s))


def corrections_screen(found: Sequence[CorrectionSaid]) -> list[str]:
    """Return corrections with what is pending of them."""
    return _text([corrections_block(found)])


def corrections_block(found: Sequence[CorrectionSaid]) -> Block:
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
    return Block("CORRECTIONS 更正", names, rows)


def _text(blocks: Sequence[Block]) -> list[str]:
    return [
        line
        for block in blocks
        if block.rows
        for line in ("", block.title, *table(block.names, block.rows))
    ]


def _lot_block(title: str, lots: Sequence[LotSaid]) -> Block:
    names = ("what", "lot", "hand", "amount", "granted", "ends", "source")
    return Block(title, names, _lots(lots))


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
