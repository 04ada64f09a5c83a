"""`memberbox-hq risks`: what was given without the right to it, and what can be done about it."""

import argparse

import msgspec

from hq import risks
from hq.answers import NO, YES, Said, age, table_unless
from hq.commands.adding import Add
from hq.store import Office
from hq.unitwords import amount_of, name_of


def register(add: Add) -> None:
    add("risks", "what shops gave without the right to it: whom, since when, what to do", _risks)


def _risks(office: Office, arguments: argparse.Namespace) -> Said:
    found = risks.risks(office)
    rows = [
        (
            one.card or one.member,
            one.box,
            name_of(one.unit),
            amount_of(one.unit, one.amount),
            f"{amount_of(one.unit, one.issued)} of {_limit(one)}",
            (one.since or "-")[: len("2026-03-06T10:00")].replace("T", " "),
            ", ".join(f"{by.kind} {by.entry}" for by in one.stands_on) or "-",
            risks.to_do(one),
            age(one.data_age_s),
        )
        for one in found
    ]
    said = [
        {**msgspec.to_builtins(one), "said": name_of(one.unit), "to_do": risks.to_do(one)}
        for one in found
    ]
    names = ("card", "box", "of", "at risk", "in all", "since", "stands on", "to do", "data")
    lines = table_unless(arguments.json, names, rows) if found else ("nothing is at risk",)
    return Said(NO if found else YES, {"ok": not found, "risks": said}, lines)


def _limit(one: risks.Risk) -> str:
    return "?" if one.limit is None else amount_of(one.unit, one.limit)
