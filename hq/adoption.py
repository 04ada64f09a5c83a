"""Messages that headquarters wrote before a restore and forgot: boxes bring them back, HQ adopts.

A box keeps what it applied as HQ signed it. What it was granted counts as released; what HQ's hand
does not have any more goes to `loss:hq_restore`. Who and what the messages told is known again.
"""

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.accounts import LOSS_HQ_RESTORE
from daemon.ledger.bodies import DownApplied, DownRefused, HoldingReleased, MemberErased
from daemon.ledger.codec import CodecError, canonical, down_body, down_message, hash_of
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import pack_of
from daemon.ledger.messages import (
    CardBlocked,
    DownMessage,
    HoldingGranted,
    MemberSnapshot,
    Pack,
    PackActivate,
    Products,
    StaffList,
    Tombstones,
)
from daemon.ledger.posting import HQ, transit
from daemon.ledger.records import ZERO_HASH, Chain, Posting
from daemon.ledger.signed import DOMAIN_DOWN, down_statement
from daemon.sync.batch import unbase64
from hq.erasing import erase
from hq.members import ACTIVE, Member, member, set_status, write_member
from hq.ownlog import append
from hq.store import OWN_BOX, Office, ensure_chain


def adopt(office: Office, row: int, chain: Chain, answer: DownApplied | DownRefused) -> bool:
    """Take a message back that we signed and forgot; return whether it is one."""
    text = answer.message.encode()
    try:
        message = down_message(text)
        signature = unbase64(answer.signature)
        seal.verify(office.public, DOMAIN_DOWN, down_statement(message), signature)
    except (SealError, CodecError):
        return False
    if (message.box, message.epoch) != (chain.box, chain.epoch):
        return False
    _displace(office, row, message.n)
    last, last_hash = office.db.execute(
        "SELECT down_seq, down_hash FROM chain WHERE id = ?", (row,)
    ).fetchone()
    if (message.n, message.prev) != (last + 1, last_hash):
        return False
    found = hash_of(text)
    office.db.execute(
        "INSERT INTO down VALUES (?, ?, ?, ?, '', ?, ?)",
        (row, message.n, found, message.kind, answer.message, answer.signature),
    )
    office.db.execute(
        "UPDATE chain SET down_seq = ?, down_hash = ? WHERE id = ?", (message.n, found, row)
    )
    if not _was_displaced(office, row, message):
        _mean(office, row, chain, message)
    return True


def _displace(office: Office, row: int, n: int) -> None:
    """Put our messages from n on aside: the box has applied another in that place."""
    db = office.db
    db.execute(
        "INSERT INTO displaced SELECT chain, n, kind, member, text FROM down"
        " WHERE chain = ? AND n >= ? ON CONFLICT DO NOTHING",
        (row, n),
    )
    if db.execute("DELETE FROM down WHERE chain = ? AND n >= ?", (row, n)).rowcount:
        last = db.execute(
            "SELECT hash FROM down WHERE chain = ? AND n = ?", (row, n - 1)
        ).fetchone()
        db.execute(
            "UPDATE chain SET down_seq = ?, down_hash = ? WHERE id = ?",
            (n - 1, ZERO_HASH if last is None else last[0], row),
        )


def _was_displaced(office: Office, row: int, message: DownMessage) -> bool:
    """Whether what the box applied is one of ours, signed again by a later incarnation."""
    for n, text in office.db.execute(
        "SELECT n, text FROM displaced WHERE chain = ? AND kind = ? ORDER BY n",
        (row, message.kind),
    ).fetchall():
        if bytes(down_message(text.encode()).body) == bytes(message.body):
            office.db.execute("DELETE FROM displaced WHERE chain = ? AND n = ?", (row, n))
            return True
    return False


def _mean(office: Office, row: int, chain: Chain, message: DownMessage) -> None:
    try:
        body = down_body(message)
    except CodecError:
        return
    match body:
        case HoldingGranted():
            office.db.execute("INSERT INTO adopted VALUES (?, ?)", (row, message.n))
        case MemberSnapshot() if member(office, body.id) is None:
            own = ensure_chain(office.db, OWN_BOX, office.incarnation)
            known = Member(body, None)
            write_member(office, known, chain=own, home=chain.box, reference=None)
        case CardBlocked(card=card, reason=reason):
            set_status(office, card, reason or ACTIVE)
        case Products(upsert=goods):
            for one in goods:
                _put_missing(office, ("product", "sku", one.sku, ""), canonical(one))
        case StaffList(upsert=people):
            for person in people:
                _put_missing(office, ("staff", "no", person.no, chain.box), canonical(person))
        case Tombstones(erased=stones):
            for stone in stones:
                erase(office, MemberErased(stone.member, stone.cards, "before the restore"))
        case Pack(document=document):
            ref = pack_of(document)
            office.db.execute(
                "INSERT INTO pack VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (ref.id, ref.version, ref.hash, document, office.now()),
            )
        case PackActivate() as wanted:
            office.db.execute(
                "INSERT INTO activation (id, version, hash, at, target, starts)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (wanted.id, wanted.version, wanted.hash, message.at, chain.box, wanted.start),
            )
        case _:
            pass


def release_adopted(office: Office) -> int:
    """Book the grants that came back, once all that shops had released is in our hand again."""
    rows = office.db.execute(
        "SELECT a.chain, a.n, c.box, c.epoch, d.text FROM adopted AS a"
        " JOIN chain AS c ON c.id = a.chain JOIN down AS d ON (d.chain, d.n) = (a.chain, a.n)"
        " ORDER BY a.chain, a.n"
    ).fetchall()
    for row, n, box, epoch, text in rows:
        granted = down_body(down_message(text.encode()))
        assert isinstance(granted, HoldingGranted), "only grants are noted"
        _released(office, Chain(box, epoch), n, granted)
        office.db.execute("DELETE FROM adopted WHERE chain = ? AND n = ?", (row, n))
    return len(rows)


def _released(office: Office, chain: Chain, n: int, granted: HoldingGranted) -> None:
    """Book what the chain was granted; what our hand does not have is the restore's loss."""
    postings: list[Posting] = []
    for lot in granted.lots:
        row = office.db.execute(
            "SELECT amount FROM balance WHERE account = ? AND unit = ? AND lot = ? AND holder = ?",
            (lot.account, lot.unit, lot.lot, HQ),
        ).fetchone()
        own = min(lot.amount, max(0, 0 if row is None else row[0]))
        sources = ((lot.account, lot.lot, own), (LOSS_HQ_RESTORE, "", lot.amount - own))
        postings += [
            Posting(HQ, account, lot.unit, name, -amount)
            for account, name, amount in sources
            if amount
        ]
        postings.append(Posting(transit(str(chain)), lot.account, lot.unit, lot.lot, lot.amount))
        office.db.execute(
            "INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                *(lot.lot, lot.account, lot.unit, lot.granted),
                *(lot.expires, lot.source, lot.topup, lot.owner),
            ),
        )
    body = HoldingReleased(granted.member, str(chain), message=n, ask=granted.ask)
    request = f"adopted:{chain}:{n}"
    append(office, Kind.HOLDING_RELEASED, request=request, body=body, postings=postings)


def _put_missing(office: Office, row: tuple[str, str, str, str], body: bytes) -> None:
    """Enter a record of the directory that we do not have: (table, its key, the key, shop)."""
    table, name, key, shop = row
    office.db.execute(
        f"INSERT INTO {table} ({name}, shop, body, digest)"  # noqa: S608 - names of ours
        " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (key, shop, body.decode(), hash_of(body)),
    )
