"""A count beside its noun, as English has it.

f"{HowMany(1):mistake}"   1 mistake        f"{HowMany(3):entry}"   3 entries
"{n} 笔".format(n=HowMany(1))              without a noun it is its number
"""


class HowMany(int):
    """A number that writes its noun, given as one thing, in the form that belongs to it."""

    def __format__(self, noun: str) -> str:
        if not noun.isalpha():
            return super().__format__(noun)
        return f"{int(self)} {noun if self == 1 else _many(noun)}"


def _many(noun: str) -> str:
    low = noun.lower()
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        ending, noun = "ies", noun[:-1]
    else:
        ending = "es" if low.endswith(("s", "x", "ch", "sh")) else "s"
    return noun + (ending.upper() if noun.isupper() else ending)
