"""The log of messages for one chain: numbered from 1, linked by hash, signed.

Everything here stands inside a transaction that its caller has opened: a grant and the entry of
HQ's own log that releases it become durable together.
"""

from collections.abc import Iterable

import msgspec

from daemon.ledger.bodies import HoldingReleased
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import DownBody, DownMessage, GrantedLot, HoldingGranted, Please
from daemon.ledger.posting import HQ, transit
from daemon.ledger.records import Posting
from daemon.sync.wire import VERSION, sign_message
from hq.members import member
from hq.ownlog import append
from hq.store import Office

LOTS_PER_MESSAGE = 200  # an entry holds two postings for each


class ChainLog:
    """The down log of one chain, inside one transaction."""

    def __init__(self, office: Office, chain: int, box: str, epoch: int) -> None:
        self.office = office
        self.db = office.db
        self.chain = chain
        self.box = box
        self.epoch = epoch
        self._n: int
        self._hash: str
        self._n, self._hash = self.db.execute(
            "SELECT down_seq, down_hash FROM chain WHERE id = ?", (chain,)
        ).fetchone()
        self.written = 0

    @property
    def holder(self) -> str:
        return f"{self.box}.{self.epoch}"

    def grant(self, member_id: str, lots: Iterable[GrantedLot], *, ask: str = "") -> int:
        """Release lots of HQ's hand to the chain; return how much, all together."""
        held, total = list(lots), 0
        for start in range(0, len(held), LOTS_PER_MESSAGE):
            chunk = tuple(held[start : start + LOTS_PER_MESSAGE])
            n = self._n + 1
            postings = [
                Posting(holder, lot.account, lot.unit, lot.lot, amount)
                for lot in chunk
                for holder, amount in ((HQ, -lot.amount), (transit(self.holder), lot.amount))
            ]
            body = HoldingReleased(member_id, self.holder, message=n, ask=ask)
            append(
                self.office,
                Kind.HOLDING_RELEASED,
                request=f"release:{self.holder}:{n}",
                body=body,
                postings=postings,
            )
            self.add("holding.granted", HoldingGranted(member_id, chunk, ask))
            total += sum(lot.amount for lot in chunk)
        return total

    def please(self, kind: str, please: Please) -> int:
        """Ask the chain for parts of its holding; what it does stands in its next entries.

        Returns the message's number.
        """
        n = self.add(kind, please)
        amount = sum(part.amount for part in please.parts)
        self.db.execute(
            "INSERT INTO please (chain, n, kind, member, unit, asked, ask)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.chain, n, kind, please.member, please.parts[0].unit, amount, please.ask),
        )
        return n

    def snapshot(self, member_id: str) -> None:
        """Tell what HQ knows of a member, and note that the chain knows it."""
        seen = member(self.office, member_id)
        assert seen is not None, "only members of the directory are told"
        query = "SELECT digest FROM member WHERE id = ?"
        digest = self.db.execute(query, (member_id,)).fetchone()[0]
        self.tell("member", member_id, digest)
        self.tell("status", seen.snapshot.card, seen.snapshot.status)
        self.add("member.snapshot", seen.snapshot, member_id)

    def tell(self, what: str, key: str, digest: str) -> bool:
        """Note that the chain knows this version; return whether it did not before."""
        row = self.db.execute(
            "SELECT digest FROM told WHERE chain = ? AND what = ? AND key = ?",
            (self.chain, what, key),
        ).fetchone()
        if row is not None and row[0] == digest:
            return False
        self.db.execute(
            "INSERT INTO told VALUES (?, ?, ?, ?) ON CONFLICT (chain, what, key)"
            " DO UPDATE SET digest = excluded.digest",
            (self.chain, what, key, digest),
        )
        return True

    def add(self, kind: str, body: DownBody | msgspec.Raw, member_id: str = "") -> int:
        """Write a message; return its number."""
        self._n += 1
        message = DownMessage(
            VERSION,
            self.office.incarnation,
            self.box,
            self.epoch,
            self._n,
            self._hash,
            self.office.now(),
            kind,
            msgspec.Raw(canonical(body)),
        )
        signed = sign_message(message, self.office.sign)
        self._hash = hash_of(signed.message.encode())
        self.db.execute(
            "INSERT INTO down VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.chain, self._n, self._hash, kind, member_id, signed.message, signed.signature),
        )
        self.db.execute(
            "UPDATE chain SET down_seq = ?, down_hash = ? WHERE id = ?",
            (self._n, self._hash, self.chain),
        )
        self.written += 1
        return self._n


def newest_log(office: Office, box: str) -> ChainLog | None:
    """Return the log of a box's newest chain; None: there is none, or none to tell."""
    row = office.db.execute(
        "SELECT id, epoch, closed IS NULL AND confirmed = ? FROM chain WHERE box = ? AND mark > 0"
        " ORDER BY epoch DESC LIMIT 1",
        (office.incarnation, box),
    ).fetchone()
    return None if row is None or not row[2] else ChainLog(office, row[0], box, row[1])
