"""The table of faults is true: tests are there, handlings stand in the code, docs show it all."""

import pytest

from tests.contract.faults import as_text, table
from tests.tidy.tree import ROOT

# What the specification asks of the simulators: each has at least one row.
ASKED = (
    "write blocks for ever", "timeout in mid-receipt", "powered off", "resource busy",
    "status: none", "status: glued", "status: late", "near its end", "ends in the middle",
    "cutter error", "forgets modes", "GBK only", "GB2312 only", "Chinese mode off",
    "always readable", "another node", "identical devices swapped", "hub brown-out",
    "keyboard layout", "caps lock", "ALT-code", "control characters", "SYN_DROPPED",
    "two swipes glued", "slow swipe", "%E?", "blank tracks", "adapter pulled", "second opener",
    "garbage", "bank cards", "years off", "stepping",
)  # fmt: skip


@pytest.mark.parametrize("one", table(), ids=lambda one: one.fault)
def test_a_row_names_a_test_and_a_handling_that_exist(one):
    path, _, name = one.test.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not name or f"def {name.partition('[')[0]}(" in text
    source = (ROOT / one.file).read_text(encoding="utf-8")
    assert source.count(one.handling) == 1, "make faults would not know what to take out"
    assert one.handling != one.without


def test_every_fault_that_was_asked_for_has_a_row():
    faults = [one.fault for one in table()]
    assert [words for words in ASKED if not any(words in fault for fault in faults)] == []


def test_the_docs_show_the_table():
    docs = (ROOT / "docs" / "drivers.md").read_text(encoding="utf-8")
    assert as_text() in docs, "put the output of `python -m tests.contract.faults --table` there"
