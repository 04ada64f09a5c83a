"""Splitting amounts so that the parts add up. Pure; integers only."""

from collections.abc import Sequence


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Return `total` in parts proportional to the weights; equal remainders go to the first.

    Without any weight the first part takes it all. No part exceeds its weight when total does not
    exceed their sum.
    """
    assert total >= 0, "only what is there can be split"
    whole = sum(weights)
    if not weights:
        assert not total, "nothing to split it over"
        return []
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    parts = [total * weight // whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def part_of(total: int, *, done: int, whole: int) -> int:
    """Return what of `total` belongs to `done` of `whole`: down, and all of it at the end."""
    return total if done >= whole else total * done // whole
