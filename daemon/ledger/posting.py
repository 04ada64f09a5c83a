"""The rules of postings: what one entry may move. Pure.

It does not know what the postings are for; that is the rules' and the counter's.
"""

from collections.abc import Callable, Sequence

from daemon.ledger.records import Chain, Posting
from daemon.ledger.views import Problem

# Accounts whose amounts belong to somebody or may come back: they lie in lots, always.
GONE_ACCOUNTS = ("spent:", "lapsed:", "voided:", "settled:", "refunded:", "drawn:")
"""What became of lots: nothing of it is in the hand any more."""
HELD_ACCOUNTS = (
    *("points:", "principal:", "bonus:", "coupons:", "claim:", "frozen:", "waiting:", "reward:"),
    *("returnable:", "right:", "pending:"),
    *GONE_ACCOUNTS,
)
LIMIT_ACCOUNTS = "limit:"
"""The other side of a limit that was opened; a chain opens it once, whole, and never again."""
TRANSIT = "transit:"
HQ = "hq"
POSTINGS_MAX = 4096  # of one entry: a message that opens the stock of a shop with its blank cards

Balance = Callable[[str, str, str], int]
"""What this chain holds of (account, unit, lot)."""


def transit(holder: str) -> str:
    """Return the holder of what is on its way to `holder`; only that one takes from it."""
    return f"{TRANSIT}{holder}"


def check(postings: Sequence[Posting], chain: Chain, balance: Balance) -> list[Problem]:
    """Return everything wrong with an entry's postings; empty: it may be committed.

    `balance` is asked only for what the entry takes from a lot of this chain, and for a limit that
    it opens: who looks at the books before the commit may have looked too early.
    """
    own = str(chain)
    incoming = transit(own)
    residue: dict[str, int] = {}
    taken: dict[tuple[str, str, str], int] = {}
    opened: list[Posting] = []
    problems: list[Problem] = []
    if len(postings) > POSTINGS_MAX:
        problems.append(Problem(f"{len(postings)} postings; an entry holds {POSTINGS_MAX}"))
    for posting in postings:
        residue[posting.unit] = residue.get(posting.unit, 0) + posting.amount
        if posting.holder == own:
            if posting.lot:
                key = (posting.account, posting.unit, posting.lot)
                taken[key] = taken.get(key, 0) + posting.amount
            elif posting.account.startswith(HELD_ACCOUNTS):
                problems.append(Problem(f"{posting.account}: {posting.unit} without a lot"))
            elif posting.account.startswith(LIMIT_ACCOUNTS):
                opened.append(posting)
        elif (holder := _foreign(posting, incoming)) is not None:
            problems.append(Problem(holder))
    problems += [
        Problem(f"postings in {unit} must sum to 0, they sum to {amount}")
        for unit, amount in residue.items()
        if amount
    ]
    for (account, unit, lot), amount in taken.items():
        if amount < 0 and (held := balance(account, unit, lot)) + amount < 0:
            problems.append(
                Problem(f"{account}: {-amount} {unit} taken of lot {lot}, which holds {held}")
            )
    return [*problems, *_opened_again(opened, balance)] if opened else problems


def _opened_again(opened: Sequence[Posting], balance: Balance) -> list[Problem]:
    """Return the limits that an entry opens and that are open."""
    known: set[tuple[str, str]] = set()
    problems = []
    for one in opened:
        if (one.account, one.unit) in known or balance(one.account, one.unit, "") < 0:
            problems.append(Problem(f"{one.account}: {one.unit} is open already"))
        known.add((one.account, one.unit))
    return problems


def _foreign(posting: Posting, incoming: str) -> str | None:
    """Return why a posting on a holder other than this chain is wrong; None when it is right."""
    if posting.holder == incoming:
        if posting.amount > 0:
            return f"{posting.account}: this chain credits its own transit with {posting.amount}"
        return None
    if not posting.holder.startswith(TRANSIT):
        return f"{posting.account}: {posting.holder} is another holder's hand"
    if posting.amount < 0:
        return f"{posting.account}: {-posting.amount} taken from {posting.holder}, not ours to take"
    return None
