"""Rounding: down for what is granted and what is charged, and splits whose parts add up."""

from collections.abc import Sequence
from fractions import Fraction


def cut(amount: int, unit: int) -> int:
    """Return amount cut to whole units; never more than amount (which is not negative)."""
    assert amount >= 0, f"a charge of {amount} is none"
    return amount - amount % unit


def part(amount: int, *, of: int, whole: int) -> int:
    """Return amount * of / whole, floored; nothing of nothing is nothing."""
    return amount * of // whole if whole else 0


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Return total in parts by weight that add up to total (largest remainder).

    Equal remainders go to the earlier part. Without any weight all of it goes to the first part.
    """
    whole = sum(weights)
    if whole == 0:
        return [total if index == 0 else 0 for index in range(len(weights))]
    parts = [total * weight // whole for weight in weights]
    rest = total - sum(parts)
    if rest:
        remainders = [(-(total * weight % whole), index) for index, weight in enumerate(weights)]
        for _, index in sorted(remainders)[:rest]:
            parts[index] += 1
    return parts


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Return total in parts by weight that never shrink when total grows (Webster's method).

    At total = sum(weights) the parts are the weights. Among equals the earlier part comes first.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    places = range(len(weights))

    def turn(place: int, count: int) -> tuple[Fraction, int]:
        """Return how early the part gets its unit number count; later is smaller."""
        return Fraction(weights[place], 2 * count - 1), -place

    for _ in range(total - sum(parts)):
        parts[max(places, key=lambda place: turn(place, parts[place] + 1))] += 1
    while True:
        gains = max(places, key=lambda place: turn(place, parts[place] + 1))
        held = [place for place in places if parts[place]]
        loses = min(held, key=lambda place: turn(place, parts[place]), default=gains)
        if loses == gains or turn(loses, parts[loses]) > turn(gains, parts[gains] + 1):
            return parts
        parts[gains] += 1
        parts[loses] -= 1


def yuan(fen: int) -> str:
    """Return fen as people read it: 22790 is `227.90`."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
