"""The key card: everything that a clerk may meet stands on it, in both languages."""

import pytest

from daemon.counter.codes import STEPS, Code
from daemon.counter.effects import Audience
from daemon.counter.screens import AskingHq, Checking, Idle
from daemon.counter.scripts import DIGITS, scripts
from daemon.display.asks import ASKED
from daemon.display.keycard import card, lines
from daemon.display.poles import OFFERS, pole
from daemon.display.refusals import REFUSALS


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_code_stands_on_the_card(language: str) -> None:
    text = "\n".join(lines(card(language)))
    for code in STEPS.values():
        assert f"  {code}-" in text
    for refusal in Code:
        assert f"  {refusal.value} " in text


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_what_else_an_led_shows_stands_on_the_card(language: str) -> None:
    made = card(language)
    signs = {sign for sign, _ in made.signs}
    at_rest = {pole(Idle(offer), Audience.CLERK).code for offer in ("", *OFFERS)}
    assert at_rest <= signs
    assert {pole(one, Audience.CLERK).code for one in (Checking(), AskingHq())} <= signs
    assert all(words in "\n".join(lines(made)) for _, words in made.signs)


def test_every_function_key_has_its_flow() -> None:
    assert {script.digit for script in scripts()} == set(DIGITS)


def test_every_choice_has_words_and_every_refusal_is_worded() -> None:
    for script in scripts():
        for step in script.steps:
            assert {row.key for row in step.choices if not row.text} <= set(ASKED[step.ask].choices)
    assert {code.value for code in Code} <= set(REFUSALS)
