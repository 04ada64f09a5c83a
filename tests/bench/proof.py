"""P11: how many entries a second are booked anew, and how many are proved."""

import time
from collections.abc import Sequence

from daemon.ledger.rebuild import rebuild
from daemon.ledger.verify import verify
from tests.bench.million import million, warmed
from tests.bench.row import Part, middle

ROUNDS = 3  # of ten seconds each


def rebuild_and_verify() -> Sequence[Part]:
    folder = million()
    rebuilt, verified = [], []
    for _ in range(ROUNDS):
        warmed(folder)
        began = time.perf_counter()
        entries = rebuild(folder)
        rebuilt.append(entries / (time.perf_counter() - began))
        began = time.perf_counter()
        proof = verify(folder)
        verified.append(proof.entries / (time.perf_counter() - began))
        assert proof.ok, proof.bad[:3]
    return [
        Part("P11.rebuild", middle(rebuilt), 80_000, at_least=True),
        Part("P11.verify", middle(verified), 100_000, at_least=True),
    ]
