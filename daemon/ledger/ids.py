"""Ids of entries and lots, made and taken apart here only: `0018.1:412`, `0018.1:412:2`."""

import re

from daemon.ledger.records import Chain, Entry

_ENTRY = re.compile(r"(.+)\.([1-9]\d{0,8}):([1-9]\d{0,9})")


def entry_id(chain: Chain, seq: int) -> str:
    return f"{chain}:{seq}"


def id_of(entry: Entry) -> str:
    return entry_id(Chain(entry.box, entry.epoch), entry.seq)


def lot_id(entry: str, n: int) -> str:
    """Return the id of the n-th lot that an entry grants."""
    return f"{entry}:{n}"


def parse_entry_id(text: str) -> tuple[Chain, int] | None:
    """Return chain and number; None when the text is no entry's id."""
    match = _ENTRY.fullmatch(text)
    if match is None:
        return None
    return Chain(match[1], int(match[2])), int(match[3])
