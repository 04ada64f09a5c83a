"""The one error of the bench: a sentence for the person at the fault console."""


class RefusedError(Exception):
    """A request cannot be done; the message says why and what exists or helps."""


def refuse_unless(fact: bool, why: str) -> None:
    """Raise RefusedError(why) unless fact holds."""
    if not fact:
        raise RefusedError(why)
