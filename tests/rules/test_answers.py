"""The whole answer to every case file, and every sentence, is as it was signed off."""

from tests.rules.answers import GOLDEN, answers
from tests.rules.sentences import sentences


def test_every_answer_is_as_signed_off() -> None:
    found = dict(answers())
    signed = {path.stem: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.json")}
    assert found.keys() == signed.keys()
    for name, said in found.items():
        assert said == signed[name], f"{name}: python -m tests.rules.answers, then read the change"


def test_every_sentence_is_as_signed_off() -> None:
    signed = (GOLDEN / "sentences.txt").read_text(encoding="utf-8").splitlines()
    assert list(sentences()) == signed, "python -m tests.rules.answers, then read the change"
