"""The clerk's strip at the foot of the page (`faces = "both"`): one line, read at arm's length.

It says what a clerk's pole says: the step and what is typed, or the refusal with its code. Pure.
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from daemon.counter.codes import Ask
from daemon.counter.effects import Audience
from daemon.counter.screens import (
    AskingHq,
    BasketShown,
    Checking,
    Done,
    Idle,
    MemberPage,
    PriceShown,
    RefusalShown,
    Row,
    Screen,
    Step,
    TotalShown,
)
from daemon.display.asks import ASKED, Asked
from daemon.display.kiosk.words import strip_words_of, typeset
from daemon.display.refusals import refusal_text
from daemon.display.sheet import yuan
from daemon.howmany import HowMany
from daemon.rules.types import Notice

ROWS_MAX = 4  # of a list, beside each other; the keys scroll it


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    key: str
    words: str
    here: bool = False


class Strip(msgspec.Struct, frozen=True, omit_defaults=True):
    """`code`: of the step or refusal, as on the key card; `tone`: ask, refuse or nothing."""

    words: str = ""
    code: str = ""
    typed: str = ""
    tone: str = ""
    choices: tuple[Choice, ...] = ()


def strip(screen: Screen, language: str) -> Strip:
    """Return what the clerk's strip shows of a screen that was made for the clerk."""
    words = strip_words_of(language)
    match screen:
        case Idle(offer):
            return Strip(words.offers.get(offer, words.ready))
        case BasketShown():
            told = _notice(screen.notices, language)
            return told or Strip(
                words.basket.format(
                    n=HowMany(len(screen.quote.lines)), yuan=yuan(screen.quote.bill_fen)
                ),
                typed=screen.typed,
            )
        case TotalShown():
            told = None if screen.typed else _notice(screen.notices, language)
            due = words.due.format(yuan=yuan(screen.due_fen))
            return told or Strip(due, typed=screen.typed, tone="ask")
        case Done():
            change = words.change.format(yuan=yuan(screen.change_fen)) if screen.change_fen else ""
            return Strip(change or words.done, code=words.offers.get(screen.offer, ""))
        case MemberPage():
            return Strip(words.member.format(tail=screen.member.tail))
        case PriceShown():
            return Strip(f"{screen.name} {yuan(screen.price_fen)}")
        case Step():
            return _step(screen, language)
        case RefusalShown(code):
            said = typeset(refusal_text(screen, Audience.CLERK, language))
            return Strip(said, code, tone="refuse")
        case Checking():
            return Strip(words.checking, tone="refuse")
        case AskingHq(ahead):
            waiting = words.waiting.format(n=HowMany(ahead)) if ahead else ""
            return Strip(words.asking, typed=waiting, tone="ask")
        case _:
            assert_never(screen)


def _step(screen: Step, language: str) -> Strip:
    asked = ASKED.get(Ask(screen.asks)) or Asked(screen.asks, screen.asks, screen.asks)
    words = asked.en if language == "en" else typeset(asked.zh)
    values = screen.values or {}
    said = next(
        (
            values[name]
            for name in ("guides", "given", "amount", "stock", "gives", "pieces", "until", "n")
            if name in values
        ),
        "",
    )
    start = max(0, min(screen.at - 1, len(screen.rows) - ROWS_MAX))
    return Strip(
        f"{words} {said}".strip(),
        f"{screen.code.rstrip('-')}-",
        screen.typed,
        "ask",
        tuple(
            _choice(row, asked, language, here=at == screen.at)
            for at, row in enumerate(screen.rows[start : start + ROWS_MAX], start)
        ),
    )


def _choice(row: Row, asked: Asked, language: str, *, here: bool) -> Choice:
    fixed = asked.choices.get(row.key)
    words = row.text if fixed is None else fixed[1 if language == "en" else 0]
    amount = "" if row.fen is None else f" {yuan(row.fen)}"
    return Choice(row.key, f"{words}{amount}", here)


def _notice(notices: Sequence[Notice], language: str) -> Strip | None:
    if not notices:
        return None
    shown = RefusalShown(notices[0].code, notices[0].values)
    said = typeset(refusal_text(shown, Audience.CLERK, language))
    return Strip(said, shown.code, tone="refuse")
