"""What a paper says, read as a person reads it: a label, and the figure behind it."""

import re

_NUMBER = re.compile(r"单号 (\d+)-(?:(\d+)-)?(\d+)")


def fen(text: str, label: str) -> int | None:
    """Return the amount behind a label at a line's beginning or in its middle; None: not there."""
    found = re.search(rf"(?:^|\s){re.escape(label)}\s+([+-]?)(\d+)\.(\d\d)(?!\d)", text, re.M)
    if found is None:
        return None
    amount = int(found[2]) * 100 + int(found[3])
    return -amount if found[1] == "-" else amount


def count(text: str, label: str) -> int | None:
    """Return the whole number behind a label: points, pieces. None: not there."""
    found = re.search(rf"(?:^|\s){re.escape(label)}[^\n]*?\s([+-]?\d+)\s*$", text, re.M)
    return None if found is None else int(found[1])


def seq(text: str) -> int | None:
    """Return the number of the entry that a paper is of. None: a paper of now."""
    found = _NUMBER.search(text)
    return None if found is None else int(found[3])


def code(text: str) -> str:
    """Return what the paper's QR code says."""
    found = re.search(r"\[QR (\S+)\]", text)
    assert found is not None, text
    return found[1]


def last_fen(row: str) -> int | None:
    """Return the amount at the end of a row."""
    found = re.search(r"(-?)(\d+)\.(\d\d)$", row)
    if found is None:
        return None
    amount = int(found[2]) * 100 + int(found[3])
    return -amount if found[1] else amount


def quantities(text: str) -> list[int]:
    """Return what the lines of a sale say of how many, in order."""
    return [int(one) for one in re.findall(r"^ {2}(\d+)(?:×|件|克)", text, re.M)]


def day(text: str, label: str) -> str:
    """Return the date behind a label."""
    found = re.search(rf"^{re.escape(label)}\s+(\d{{4}}-\d\d-\d\d)", text, re.M)
    return "" if found is None else found[1]


def sentence(text: str, pattern: str) -> tuple[int, ...]:
    """Return the amounts in a sentence, which may run over several rows."""
    found = re.search(pattern, re.sub(r"\s", "", text))
    groups = () if found is None else found.groups("0.00")
    return tuple(int(one.replace(".", "")) for one in groups)
