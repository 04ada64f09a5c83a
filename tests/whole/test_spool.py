"""A technician and the spool: stop, look, go on, print once more, on this printer or another."""

import os

from tests.stage import Stage, tool
from tests.whole.test_faults import receipt_of, sell

REPRINTED = "补打"


def test_a_person_stops_looks_goes_on_and_prints_again(stage: Stage):
    assert stage.box("spool", "pause")["printers"]["printer"]["paused"]
    seq = sell(stage)
    stage.until(lambda: stage.box("status")["spool"] == 1, "the slip to wait")
    told = stage.box("spool", "list")
    assert told["printers"]["printer"] == {"waiting": 1, "paused": True}
    assert told["jobs"][-1]["state"] == "queued"
    assert any("spool resume" in note for note in stage.box("status")["notes"])
    assert receipt_of(stage, seq) is None
    assert not stage.box("spool", "resume")["printers"]["printer"]["paused"]
    stage.until(lambda: receipt_of(stage, seq) is not None, "the receipt")
    stage.until(
        lambda: stage.box("spool", "list")["jobs"][-1]["state"] == "confirmed", "it to be confirmed"
    )
    assert not any("spool" in note for note in stage.box("status")["notes"])

    count = len(stage.bench.receipts())
    assert stage.box("spool", "reprint", str(seq))["jobs"][-1]["again"]
    stage.until(lambda: len(stage.bench.receipts()) > count, "the reprint")
    again = stage.bench.receipts()[-1]["text"]
    assert REPRINTED in again
    assert f"-{seq:06}" in again

    stage.box("spool", "reprint", str(seq), "printer_serial")  # a spare prints when it is named
    stage.until(lambda: bool(stage.bench.receipts("printer_serial")), "the spare's reprint")
    (other,) = stage.bench.receipts("printer_serial")
    assert REPRINTED in other["text"]


def test_what_cannot_be_done_is_said(stage: Stage):
    for words, said in (
        (("reprint", "999999"), "no entry '999999'"),
        (("reprint", "1"), "of which no slip is printed"),
        (("pause", "pinter"), "no printer 'pinter'; there is: printer, printer_serial"),
    ):
        answer = stage.box("spool", *words)
        assert answer["exit_code"] == 1
        assert said in answer["error"]


def test_people_read_it(stage: Stage):
    with os.popen(f"{tool('memberbox')} --config {stage.config} spool list") as out:
        lines = out.read().splitlines()
    assert lines[0].split() == ["printer", "printing", "0", "waiting"]
    assert "confirmed" in lines[-1]
