"""Giving up a lost chain: what it held is granted anew from HQ's hand, at the cost of loss:chain.

Nothing is taken from the lost holder. Whatever of its spending comes to light later was spent twice
at most once: the exposure, which a person sees before saying yes, is the bound of the loss.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from daemon.errors import NotThereError
from daemon.ledger import accounts
from daemon.ledger.bodies import ChainClosed, LostLot
from daemon.ledger.ids import lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import GONE_ACCOUNTS, HQ, transit
from daemon.ledger.records import Chain, Posting
from hq.booking import Booking
from hq.ownlog import append
from hq.store import Office, ensure_chain

LOTS_PER_ENTRY = 1000  # two postings each; an entry stays below 500 KB

_HELD = (
    "SELECT b.account, b.unit, b.lot, sum(b.amount), coalesce(l.source, ''), l.expires,"
    " coalesce(l.topup, ''), coalesce(l.owner, '') FROM balance AS b"
    " LEFT JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit"
    " WHERE b.holder IN (?, ?, ?) AND b.lot <> '' AND b.unit <> ? AND b.amount > 0"
    " GROUP BY b.account, b.unit, b.lot, l.source, l.expires, l.topup, l.owner"
    " ORDER BY b.account, b.unit, b.lot"
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What giving a chain up may cost at most, by unit."""

    chain: str
    mark: int
    hash: str
    holding: dict[str, int]
    undelivered: dict[str, int]  # grants on their way that were never confirmed


def exposure(office: Office, chain: Chain) -> Exposure:
    """Return what the chain holds at HQ's mark. Raises NotThereError: no such open chain."""
    booking = Booking(office)
    while booking.turn():
        pass
    _, mark, found = _open_chain(office, chain)
    own = str(chain)
    undelivered = Counter(_sums(office, transit(own)))
    if heir := _unheard_heir(office, chain):
        undelivered.update(_sums(office, transit(str(heir))))
    return Exposure(own, mark, found, _sums(office, own), dict(undelivered))


def write_off(office: Office, chain: Chain) -> Exposure:
    """Close the chain and grant anew what it held; return what that was. Raises NotThereError."""
    shown = exposure(office, chain)
    with office.transaction():
        row, mark, found = _open_chain(office, chain)
        own = str(chain)
        heir = _unheard_heir(office, chain)
        to_heir = transit(str(heir)) if heir else ""
        found_rows = office.db.execute(_HELD, (own, transit(own), to_heir, Unit.PIECE.value))
        rows = [one for one in found_rows if not one[0].startswith(GONE_ACCOUNTS)]
        open_messages = office.db.execute(
            "SELECT n FROM down JOIN chain ON chain.id = down.chain"
            " WHERE chain = ? AND n > applied AND kind = 'holding.granted' ORDER BY n",
            (row,),
        )
        undelivered = tuple(int(one[0]) for one in open_messages)
        chunks = list(_chunks(rows)) or [[]]
        for part, chunk in enumerate(chunks, 1):
            lots = tuple(
                LostLot(n, lot, account, unit, amount, source, expires, topup, owner)
                for n, (account, unit, lot, amount, source, expires, topup, owner) in enumerate(
                    chunk, 1
                )
            )
            body = ChainClosed(own, mark, found, lots, part, len(chunks), undelivered)
            _grant(office, body)
        gone = [row] if heir is None else [row, ensure_chain(office.db, heir.box, heir.epoch)]
        office.db.executemany(
            "UPDATE chain SET closed = ? WHERE id = ?", [(office.now(), one) for one in gone]
        )
        office.db.execute(
            "UPDATE work SET closed = ? WHERE kind = 'ended' AND box = ? AND epoch = ?",
            (office.now(), chain.box, chain.epoch),
        )
        office.touch_directory()
    return shown


def _unheard_heir(office: Office, chain: Chain) -> Chain | None:
    """Return the heir to which the chain has handed over, and of which nothing was ever heard.

    It is given up with the chain: what is on its way to it would lie there for ever.
    """
    heir = Chain(chain.box, chain.epoch + 1)
    known = office.db.execute(
        "SELECT 1 FROM chain WHERE box = ? AND epoch = ?", (heir.box, heir.epoch)
    ).fetchone()
    return heir if known is None and _sums(office, transit(str(heir))) else None


def _grant(office: Office, body: ChainClosed) -> None:
    postings: list[Posting] = []
    for lot in body.lots:
        mark = f"#{lot.n}"
        account = accounts.returnable(mark) if lot.unit == Unit.RETURNABLE else lot.account
        postings.append(Posting(HQ, account, lot.unit, mark, lot.amount))
        postings.append(Posting(HQ, accounts.LOSS_CHAIN, lot.unit, "", -lot.amount))
    request = f"closed:{body.chain}:{body.part}"
    entry = append(office, Kind.CHAIN_CLOSED, request=request, body=body, postings=postings)
    now = office.now()
    office.db.executemany(
        "INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (new, _account(lot, new), lot.unit, now, lot.expires, lot.source, lot.topup, lot.owner)
            for lot in body.lots
            for new in (lot_id(entry, lot.n),)
        ],
    )


def _account(lot: LostLot, new: str) -> str:
    return accounts.returnable(new) if lot.unit == Unit.RETURNABLE else lot.account


def _open_chain(office: Office, chain: Chain) -> tuple[int, int, str]:
    row = office.db.execute(
        "SELECT id, mark, mark_hash, closed FROM chain WHERE box = ? AND epoch = ?",
        (chain.box, chain.epoch),
    ).fetchone()
    known = row is not None and chain.box != HQ
    if not known or row[3] is not None:
        found = f"it was given up at {row[3]}" if known else "there is no such chain of a box"
        raise NotThereError(
            str(chain),
            doing="giving up a chain",
            found=found,
            fix="See memberbox-hq boxes for the chains; write one as BOX.EPOCH.",
            retry=False,
        )
    return int(row[0]), int(row[1]), str(row[2])


def _sums(office: Office, holder: str) -> dict[str, int]:
    """Return what lies in a hand, by unit; what became of lots does not lie there any more."""
    rows = office.db.execute(
        "SELECT account, unit, amount FROM balance WHERE holder = ? AND lot <> '' AND unit <> ?"
        " AND amount > 0 ORDER BY unit",
        (holder, Unit.PIECE.value),
    )
    sums: Counter[str] = Counter()
    for account, unit, amount in rows:
        if not account.startswith(GONE_ACCOUNTS):
            sums[unit] += amount
    return dict(sums)


_LotRow = tuple[str, str, str, int, str, str | None, str, str]


def _chunks(rows: Sequence[_LotRow]) -> Iterator[Sequence[_LotRow]]:
    for start in range(0, len(rows), LOTS_PER_ENTRY):
        yield rows[start : start + LOTS_PER_ENTRY]
