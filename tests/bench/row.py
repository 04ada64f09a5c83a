"""One measured part of a row, and how it is printed."""

from dataclasses import dataclass
from statistics import median

ROUNDS = 5  # medians of five: these machines are shared


@dataclass(frozen=True, slots=True)
class Part:
    """`value` against `limit`; `at_least` turns the comparison round. Ratio <= 1 is good."""

    id: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        return self.limit / self.value if self.at_least else self.value / self.limit

    @property
    def good(self) -> bool:
        return self.ratio <= 1.0

    def __str__(self) -> str:
        verdict = "ok" if self.good else "short"
        return f"{self.id} {self.value:.4g} {self.limit:g} {self.ratio:.2f} {verdict}"


def middle(values: list[float]) -> float:
    assert values, "nothing was measured"
    return median(values)
