"""Late points for a card that is blocked here, which the shop could not know: a case for a person.

Nothing is rewritten: what the shop granted stands until somebody takes it back by an entry.
"""

from daemon.howmany import HowMany
from daemon.ledger.bodies import SaleClaimed
from hq import packs
from hq.erasing import is_erased
from hq.members import ACTIVE, status_of
from hq.store import Office

KIND = "late"


def found(office: Office, sale: str | None, late: SaleClaimed) -> str:
    """Return what is wrong with late points and what can be done; "" for nothing."""
    erased = is_erased(office.db, late.member, late.card)
    status = "erased" if erased else status_of(office, late.card)
    if status in ("", ACTIVE) or late.sku:  # goods that were listed late need no card
        return ""
    reason = next(iter(packs.hold_reasons(office)), KIND)
    return (
        f"late: {HowMany(late.points):point} of {sale} on card {late.card}, which is {status};"
        f" the shop did not know. To take them: memberbox-hq hold void {late.member}"
        f" --points {late.points} --reason {reason}; or close this case"
    )
