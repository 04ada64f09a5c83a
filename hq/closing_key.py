"""The name of a figure of a month."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Whose figure, which, and of what: a tender, an article, the shop that has to pay."""

    shop: str
    what: str
    part: str = ""

    @property
    def group(self) -> str:
        """Return what of its name stands before the dot: principal, stock, goods ..."""
        return self.what.partition(".")[0]

    @property
    def how(self) -> str:
        """Return what stands behind it: granted, opening, net ..."""
        return self.what.partition(".")[2]

    def called(self, what: str) -> "Key":
        """Return another figure of the same shop and part."""
        return Key(self.shop, what, self.part)
