"""Commands about operators; and the proof, before any command, that who is named says so."""

import argparse
import sys
from collections.abc import Callable
from getpass import getpass

from hq import operators
from hq.answers import NO, WRONG_USE, YES, Said, failed, table_unless
from hq.commands.adding import Add, told_as_json
from hq.operators import CLERK, MANAGER, ROLES, OperatorRefused
from hq.persons import person
from hq.store import Office

SIGNS = ("by", "second")  # options that name a person, in the order in which PINs are asked


def register(add: Add) -> None:
    parser = add("operator", "who may sign, with a PIN each; with none, names are words", _operator)
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    shared = told_as_json()

    def what(name: str, text: str) -> argparse.ArgumentParser:
        return whats.add_parser(name, help=text, description=text, parents=[shared])

    what("list", "who may sign, and as what")
    put = what("put", "enter somebody, or give another role or PIN; the PIN is asked for twice")
    put.add_argument("name", type=person)
    put.add_argument("--role", choices=ROLES, default=CLERK, help="the second person is a manager")
    put.add_argument("--by", default="", metavar="MANAGER", help="needed but for the first one")
    gone = what("remove", "somebody signs no more; after the last one names are words again")
    gone.add_argument("name", type=person)
    gone.add_argument("--by", required=True, type=person, metavar="MANAGER")
    own = what("pin", "another PIN for oneself")
    own.add_argument("--by", required=True, type=person, metavar="PERSON")


def proved(office: Office, arguments: argparse.Namespace) -> Said | None:
    """Let everybody whom a command names prove it; return what is wrong. Without operators, nobody.

    Names become those of the list.
    """
    asked = [one for one in SIGNS if (getattr(arguments, one, None) or "").strip()]
    known = operators.operators(office) if asked else []
    for option in asked if known else ():
        name = getattr(arguments, option)
        one = operators.named(known, name)
        if one is None:
            return failed(NO, f"--{option} {name}: no operator. See memberbox-hq operator list.")
        if option == "second" and one.role != MANAGER:
            return failed(NO, f"--second {one.name}: a {one.role}. The second is a manager.")
        if not operators.fits(office, one, _pin(f"PIN of {one.name}: ")):
            return failed(NO, f"{one.name}: a wrong PIN. Nothing was done.")
        setattr(arguments, option, one.name)
    return None


def _operator(office: Office, arguments: argparse.Namespace) -> Said:
    acts: dict[str, Callable[[Office, argparse.Namespace], Said]] = {
        "list": _list,
        "put": _put,
        "remove": _remove,
        "pin": _own,
    }
    try:
        return acts[arguments.what](office, arguments)
    except OperatorRefused as error:
        return failed(NO, str(error))


def _list(office: Office, arguments: argparse.Namespace) -> Said:
    rows = [(one.name, one.role, one.since[:10]) for one in operators.operators(office)]
    said = [{"name": name, "role": role, "since": since} for name, role, since in rows]
    lines = table_unless(arguments.json, ("name", "role", "since"), rows)
    if not rows:
        lines = ("none: --by and --second are words, and prove nothing",)
    return Said(YES, {"ok": True, "operators": said}, lines)


def _put(office: Office, arguments: argparse.Namespace) -> Said:
    if operators.operators(office):
        _check_manager(office, arguments.by)
    elif arguments.role != MANAGER:
        raise OperatorRefused("the first one is a manager: --role manager")
    return _with_pin(office, arguments.name, arguments.role)


def _remove(office: Office, arguments: argparse.Namespace) -> Said:
    _check_manager(office, arguments.by)
    operators.remove(office, arguments.name)
    return Said(YES, {"ok": True, "name": arguments.name}, (f"{arguments.name} signs no more",))


def _own(office: Office, arguments: argparse.Namespace) -> Said:
    one = operators.named(operators.operators(office), arguments.by)
    if one is None:
        raise OperatorRefused(f"{arguments.by}: no operator of this name")
    return _with_pin(office, one.name, one.role)


def _with_pin(office: Office, name: str, role: str) -> Said:
    pin = _pin(f"new PIN of {name}: ")
    if pin != _pin("the same again: "):
        return failed(WRONG_USE, "the two are not the same; nothing was changed")
    made = operators.put(office, name, role, pin)
    record = {"ok": True, "name": made.name, "role": made.role}
    return Said(YES, record, (f"{made.name} signs as {made.role}",))


def _check_manager(office: Office, name: str) -> None:
    """Raise OperatorRefused unless a manager does it, who was proved before."""
    one = operators.named(operators.operators(office), name)
    if one is None or one.role != MANAGER:
        raise OperatorRefused("only a manager changes the list: --by MANAGER")


def _pin(prompt: str) -> str:
    """Ask at the terminal, where nobody sees it; a script gives a line of its input."""
    if sys.stdin.isatty():
        return getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")
