"""积分计算说明: how an entry's figures came about, in the sentences of the rules."""

import re

import msgspec

from daemon.display.blocks import heading, member_name, number_of
from daemon.display.facts import Copy, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet
from daemon.ledger.ids import id_of
from daemon.ledger.records import Entry
from daemon.paper import Paper

_UNIT = re.compile(r"(?<=\d) (?=[元分件])")  # a figure and its unit stay on one line


class ExplainedFacts(msgspec.Struct, frozen=True):
    """`said`: the sentences; none while the rules of then are not at hand."""

    hash: str
    member: MemberOnPaper | None
    said: tuple[str, ...]
    points: int | None = None  # that the entry brought; None: it is about no points


class ExplainedWords(msgspec.Struct, frozen=True):
    title: str
    not_at_hand: str


ZH = ExplainedWords("积分计算说明", "当时的规则正在核对,请稍后再打")
EN = ExplainedWords("How it was calculated", "The rules of then are being checked: try again soon")


def explained_slip(entry: Entry, facts: ExplainedFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the slip that answers a member's question."""
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=Copy.FIRST)
    wall = entry.at.wall
    sheet.row(f"{texts.number} {number_of(id_of(entry))}", wall[:10])
    sheet.row(f"{texts.time} {wall[11:16]}")
    if facts.member is not None:
        sheet.row(member_name(texts, facts.member))
    sheet.rule()
    if facts.points is not None:
        sheet.row(texts.earned, f"{facts.points:+d}", bold=True, height=2)
        sheet.rule()
    for number, sentence in enumerate(facts.said, 1):
        sheet.note(f"{number}. {_UNIT.sub('', sentence)}")
    if not facts.said:
        sheet.note(words.not_at_hand)
    sheet.rule()
    sheet.row("", f"#{entry.seq} {facts.hash[:6]}")
    return sheet.paper()
