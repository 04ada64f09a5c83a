"""Returns in another shop: what had paid there from a member's lots goes back by our word.

The shop that took the goods back has the sale's `returnable` lots, so that it happens once. The
spent parts lie with the chain that spent them, or with its heir: only they can restore them.
"""

from daemon.ledger import accounts
from daemon.ledger.bodies import Returned, Taken
from daemon.ledger.messages import Restore
from hq.chainlog import newest_log
from hq.store import Office

RESTORE = "please.restore"


def ask(office: Office, back: Returned, *, name: str, sale: str) -> str:
    """Tell the chain that spent it what a return gives back; return why nobody can, "" when told.

    In the transaction in which the return is booked: once.
    """
    box = back.by.rpartition(".")[0]
    log = newest_log(office, box)
    parts = tuple(one for one in back.restored if one.amount)
    if not parts:
        return ""
    if log is None or not all(_spent(office, log.holder, one) for one in parts):
        return f"what {sale} was paid with is not in the hands of {box}: give it back by hand"
    log.add(RESTORE, Restore(back.member, sale, name, parts))
    return ""


def _spent(office: Office, holder: str, part: Taken) -> bool:
    row = office.db.execute(
        "SELECT amount FROM balance WHERE account = ? AND unit = ? AND lot = ? AND holder = ?",
        (accounts.spent(part.unit), part.unit, part.lot, holder),
    ).fetchone()
    return row is not None and int(row[0]) >= part.amount
