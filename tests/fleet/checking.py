"""Whether headquarters has every entry of every box exactly once, and what they add up to."""

from collections.abc import Mapping

from daemon.ledger.codec import envelope
from hq.store import Office
from tests.fleet.worker import Held

CASH = "cash:drawer"


def differences(office: Office, held: Mapping[str, Held]) -> list[str]:
    """Return what is not as it should be, by chain; none: every entry is there, each once.

    `held`: what the boxes have, by box.
    """
    rows = office.db.execute(
        "SELECT c.box, c.epoch, c.id, c.mark, c.mark_hash, c.booked, count(e.seq),"
        " count(DISTINCT e.seq), coalesce(max(e.seq), 0)"
        " FROM chain AS c LEFT JOIN entry AS e ON e.chain = c.id"
        " WHERE c.box <> 'hq' GROUP BY c.box, c.epoch, c.id, c.mark, c.mark_hash, c.booked"
    ).fetchall()
    boxes = {f"{box}.1": one for box, one in held.items()}
    stored = {f"{row[0]}.{row[1]}": row[2:] for row in rows}
    found = [f"{chain}: nobody has sent it" for chain in stored.keys() - boxes.keys()]
    for chain, box in boxes.items():
        if chain not in stored:
            found.append(f"{chain}: headquarters does not know it")
            continue
        _, mark, mark_hash, booked, count, numbers, last = stored[chain]
        if (count, numbers, last) != (box.seq, box.seq, box.seq):
            found.append(
                f"{chain}: {count} entries of {numbers} numbers up to {last}, the box has {box.seq}"
            )
        if (mark, mark_hash) != (box.seq, box.hash):
            found.append(f"{chain}: mark {mark} {mark_hash[:8]}, head {box.seq} {box.hash[:8]}")
        if booked != mark:
            found.append(f"{chain}: booked up to {booked} of {mark}")
        found += _sums(office, chain, box)
    return sorted(found)


def doubled_sales(office: Office) -> list[str]:
    """Return every (box, source, id) that stands in two entries: a sale that counts twice."""
    twice = []
    query = "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain WHERE c.box = ?"
    for (box,) in office.db.execute("SELECT DISTINCT box FROM chain ORDER BY box").fetchall():
        seen: set[tuple[str, str]] = set()
        for (data,) in office.db.execute(query, (box,)):  # all at once would be a gigabyte
            one = envelope(bytes(data))
            if (one.source, one.id) in seen:
                twice.append(f"{box} {one.source} {one.id}")
            seen.add((one.source, one.id))
    return twice


def _sums(office: Office, chain: str, box: Held) -> list[str]:
    row = office.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM balance WHERE holder = ? AND account = ?",
        (chain, CASH),
    ).fetchone()
    fen = int(row[0])
    return [] if fen == box.fen else [f"{chain}: {fen} fen booked, the box took {box.fen}"]
