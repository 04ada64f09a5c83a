"""P13: a full receipt in Chinese with QR: layout and encoding, and its bytes."""

from collections.abc import Sequence

from tests.bench.p13_receipt import measure
from tests.bench.row import ROUNDS, Part, middle


def encoding() -> Sequence[Part]:
    rounds = [measure() for _ in range(ROUNDS)]
    return [
        Part("P13.encode_ms", middle([took for took, _ in rounds]), 0.3),
        Part("P13.bytes", middle([float(length) for _, length in rounds]), 2048.0),
    ]
