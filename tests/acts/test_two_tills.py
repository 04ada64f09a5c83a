"""The counter and the local API sell to one member at the same moment: neither loses its sale."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from daemon.counter.effects import Commit, CommitRefused, Committed
from daemon.desk import Desk
from daemon.hands import Hands
from daemon.hands import Till as Counter
from daemon.intake import Event, Intake
from daemon.ledger.records import Draft
from daemon.limiting import Limiting
from daemon.spools import Spools
from daemon.surfaces import Surfaces
from tests.acts.test_limits import CAP, at_home, hand, made_till, sale_draft
from tests.acts.till import Till


@dataclass(frozen=True)
class Limited:
    """What of the desk the hands ask when they commit."""

    limiting: Limiting


def commit_at_once(till: Till, drafts: list[Draft]) -> list[Event]:
    """Let the counter's hands commit these while the writer is busy; return what comes of it."""

    async def run() -> list[Event]:
        intake = Intake()
        nowhere = cast(Surfaces, None), cast(Spools, None)
        hands = Hands(*nowhere, intake, lambda errand: None)
        counter = Counter(till.store, cast(Desk, Limited(till.facts.limiting)))
        with till.store._writer._turn:  # all of them look at the books before the first is written
            hands.do([Commit(draft) for draft in drafts], counter)
        return [await intake.get(outcomes_only=True) for _ in drafts]

    return asyncio.run(run())


def test_who_looked_too_early_looks_again_and_is_sold_to(tmp_path: Path) -> None:
    till = made_till(tmp_path)
    at_home(till)
    drafts = [sale_draft(till, f"s{n}", 12) for n in range(2)]
    assert [type(one) for one in commit_at_once(till, drafts)] == [Committed, Committed]
    assert hand(till) == (CAP - 24, 24, -CAP)
    till.close()


def test_who_finds_nothing_left_at_the_second_look_is_refused(tmp_path: Path) -> None:
    till = made_till(tmp_path)
    at_home(till)
    drafts = [sale_draft(till, f"s{n}", CAP) for n in range(2)]
    first, second = commit_at_once(till, drafts)
    assert isinstance(first, Committed)
    assert isinstance(second, CommitRefused)
    assert "ask headquarters" in second.problems[0].what
    assert hand(till) == (0, CAP, -CAP)
    till.close()
