"""P5: rule evaluation, 50 rules, 10 lines, trace included."""

from collections.abc import Sequence

from tests.bench.p5_rules import measure
from tests.bench.row import ROUNDS, Part, middle


def evaluation() -> Sequence[Part]:
    return [Part("P5.eval_us", middle([measure() for _ in range(ROUNDS)]), 80.0)]
