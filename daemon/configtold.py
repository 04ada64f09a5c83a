"""What is wrong with a memberbox.toml that was not taken: told at the counter that goes on without.

On paper once for each set of mistakes, on the clerk's display and by the beeper at every start.
"""

import hashlib
from collections.abc import Sequence

from daemon.counter.codes import Ask
from daemon.counter.effects import Beep, DocumentKind, Listing
from daemon.counter.screens import Row
from daemon.ledger.local import Local
from daemon.spools import Spools
from daemon.surfaces import Surfaces

LAST_GOOD = "running on the last good config: run memberbox check on the new one"
FACT = "config_told"  # the digest of what was printed last
TOPIC = "config"
OFFER = "config_look"  # on the clerk's display whenever nobody is served


def tell(mistakes: Sequence[str], surfaces: Surfaces, spools: Spools, local: Local) -> None:
    """Print what is wrong, and beep; nothing where nothing is."""
    if not mistakes:
        return
    digest = hashlib.sha256("\n".join(mistakes).encode()).hexdigest()
    if local.fact(FACT) != digest:
        rows = tuple(Row(f"{n}.", text) for n, text in enumerate(mistakes, 1))
        spools.add(DocumentKind.SERVICE, TOPIC, listing=Listing(Ask.TOLD, rows))
        local.put_fact(FACT, digest)
    surfaces.sound(Beep.ATTENTION)
