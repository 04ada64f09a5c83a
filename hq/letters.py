"""What headquarters says of a box's chains: signed acknowledgements and refusals."""

from daemon.ledger.records import ZERO_HASH
from daemon.ledger.signed import Ack, Disks
from daemon.sync.wire import CLOSED, VERSION, LetterKind, Nack, seal_letter
from hq.acktime import AckTime
from hq.store import Office


class Letters:
    """Writes them for one office; what they say is what is stored at that moment."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._time = AckTime(office)
        self._durability: Disks = "one"  # until something was stored that waited for a second disk

    def keep_time(self) -> None:
        """Write down how far the time of acknowledgements is; call it inside a transaction."""
        self._time.keep()

    def stored_on(self, disks: Disks) -> None:
        """Say from now on how durable what is stored is: on `one` disk, or on `two`."""
        self._durability = disks

    def standing(self, box: str) -> list[bytes]:
        """Return what a box is to hear of all its chains, for a carrier that goes away with it."""
        query = "SELECT epoch FROM chain WHERE box = ? ORDER BY epoch"
        epochs = [row[0] for row in self._office.db.execute(query, (box,)).fetchall()]
        with self._office.transaction():
            told = [self.ack(box, epoch) for epoch in epochs]
            self.keep_time()
        return told + [self.sealed(nack) for epoch in epochs for nack in self.given_up(box, epoch)]

    def ack(self, box: str, epoch: int) -> bytes:
        office = self._office
        # In one question: this is what every message of every box is answered by.
        row = office.db.execute(
            "SELECT mark, mark_hash, down_seq, down_hash,"
            " (SELECT value FROM meta WHERE name = 'incarnation')"
            " FROM chain WHERE box = ? AND epoch = ?",
            (box, epoch),
        ).fetchone()
        mark, mark_hash, down_seq, down_hash, incarnation = row or (
            0,
            ZERO_HASH,
            0,
            ZERO_HASH,
            office.incarnation,
        )
        ack = Ack(
            incarnation=int(incarnation),
            box=box,
            epoch=epoch,
            mark=mark,
            hash=mark_hash,
            durability=self._durability,
            at=self._time.next(),
            down_seq=down_seq,
            down_hash=down_hash,
        )
        return seal_letter(LetterKind.ACK, ack, office.sign)

    def given_up(self, box: str, epoch: int) -> list[Nack]:
        """Return what tells a box that its chain was closed; its next one is not concerned."""
        row = self._office.db.execute(
            "SELECT mark, mark_hash FROM chain WHERE box = ?1 AND epoch = ?2 AND mark > 0"
            " AND closed IS NOT NULL AND epoch = (SELECT max(epoch) FROM chain WHERE box = ?1)",
            (box, epoch),
        ).fetchone()
        return [] if row is None else [self.nack(box, epoch, row[0], row[1], CLOSED)]

    def followed(self, box: str, epoch: int) -> list[Nack]:
        """Return what ends the present chain of a box that has a later one here: its medium is a
        copy, or an old one, and its chain is told nothing any more."""
        row = self._office.db.execute(
            "SELECT mark, mark_hash FROM chain WHERE box = ?1 AND epoch = ?2 AND mark > 0"
            " AND EXISTS (SELECT 1 FROM chain WHERE box = ?1 AND epoch > ?2 AND mark > 0)",
            (box, epoch),
        ).fetchone()
        return [] if row is None else [self.nack(box, epoch, row[0], row[1], CLOSED)]

    def nack(self, box: str, epoch: int, seq: int, found: str, reason: str) -> Nack:
        office = self._office
        return Nack(VERSION, office.incarnation, box, epoch, seq, found, reason, office.now())

    def sealed(self, nack: Nack) -> bytes:
        return seal_letter(LetterKind.NACK, nack, self._office.sign)
