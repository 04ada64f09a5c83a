"""The complaint desk: `memberbox-hq member show | statement | explain | adjust MEMBER`."""

import argparse

from daemon.ledger import accounts
from daemon.ledger.ids import parse_entry_id
from hq import adjusting, corrections, desk, downlog, trail
from hq.answers import NO, WRONG_USE, YES, Said, failed
from hq.columns import is_day, is_moment
from hq.commands.adding import Add, add_two, told_as_json
from hq.corrected import listed
from hq.corrections import Signed
from hq.deskscreen import corrections_screen, explain_screen, statement_screen, whole_screen
from hq.movements import ROOMS
from hq.progress import bar
from hq.statement import FIRST_DAY, LAST_DAY, statement
from hq.store import Office

POINTS_MAX = 10**9
_UNITS = tuple(ROOMS)


def register(add: Add) -> None:
    parser = add("member", "one member whole: what he has, why, and put it right", _member)
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    shared = told_as_json()
    shared.add_argument("member", metavar="MEMBER", help="id, card or your own number")

    def what(name: str, text: str) -> argparse.ArgumentParser:
        return whats.add_parser(name, help=text, description=text, parents=[shared])

    what("show", "holdings, lots, claims, cards, chains, cases, what is on the way")
    told = what("statement", "opening, every movement with its receipt, closing")
    told.add_argument("--unit", choices=_UNITS, default="point")
    told.add_argument("--since", default=FIRST_DAY, metavar="DAY", help="YYYY-MM-DD, with it")
    told.add_argument("--until", default=LAST_DAY, metavar="DAY", help="YYYY-MM-DD, with it")
    told.add_argument("--shop", default="", metavar="BOX", help="of this shop's hand only")
    why = what("explain", "why a figure is what it is: entries, and what the rules said")
    why.add_argument("--unit", choices=_UNITS, default="point")
    why.add_argument("--entry", default="", metavar="BOX.EPOCH:SEQ", help="this one only")
    right = what("adjust", "put points right, up or down; two persons have to say so")
    right.add_argument("points", type=int, help="to be added; below 0: to be taken")
    right.add_argument("--reason", required=True, help="stands in the books")
    add_two(right)
    right.add_argument("--expires", metavar="TIME", help="of what is added; never when left out")


def _member(office: Office, arguments: argparse.Namespace) -> Said:
    member = _who(office, arguments.member)
    if arguments.what == "adjust":
        return _adjust(office, member, arguments)
    with bar("following entries", shown=not arguments.json) as progress:
        trail.catch_up(office, progress)
    if arguments.what == "show":
        found = desk.whole(office, member)
        lines = () if arguments.json else whole_screen(found)
        return Said(YES, {"ok": True, "member": found}, lines)
    if arguments.what == "explain":
        if arguments.entry and not _known(office, arguments.entry):
            return failed(NO, f"{arguments.entry} is no entry of headquarters' books")
        said = desk.explain(office, member, arguments.unit, entry=arguments.entry)
        return Said(
            YES, {"ok": True, "explained": said}, () if arguments.json else explain_screen(said)
        )
    return _statement(office, member, arguments)


def _statement(office: Office, member: str, arguments: argparse.Namespace) -> Said:
    since, until = arguments.since, arguments.until
    for name, day in (("--since", since), ("--until", until)):
        if not is_day(day):
            return failed(WRONG_USE, f"{name} {day}: YYYY-MM-DD")
    if until < since:
        return failed(WRONG_USE, f"--until {until} is before --since {since}")
    told = statement(
        office, member, unit=arguments.unit, since=since, until=until, shop=arguments.shop
    )
    lines = () if arguments.json else statement_screen(told)
    return Said(YES, {"ok": True, "statement": told}, lines)


def _adjust(office: Office, member: str, arguments: argparse.Namespace) -> Said:
    points, expires = arguments.points, arguments.expires
    if not 0 < abs(points) <= POINTS_MAX:
        return failed(WRONG_USE, f"{points} points: 1 to {POINTS_MAX}, up or down")
    if expires is not None and not (is_moment(expires) and points > 0):
        return failed(WRONG_USE, f"--expires {expires}: a time, of points that are added")
    if member.startswith(accounts.visitor("")):
        return failed(NO, f"{member} is a card that nobody knows: enrol it, or memberbox-hq alias")
    signed = Signed(arguments.reason, arguments.by, arguments.second)
    try:
        corrections.check_persons(signed)
    except corrections.NotTwoPersons as error:
        return failed(NO, str(error))
    with office.transaction():
        number = corrections.adjust(office, member, points, signed, expires=expires)
    downlog.write(office)
    corrections.pursue(office)
    (made,) = [one for one in listed(office, member=member) if one.id == number]
    lines = () if arguments.json else tuple(corrections_screen([made]))
    return Said(YES, {"ok": True, "correction": made}, lines)


def _who(office: Office, name: str) -> str:
    """Return a member's id, or that of a card which nobody knew. Raises StoreError."""
    stranger = name if name.startswith(accounts.visitor("")) else accounts.visitor(name)
    known = office.db.execute(
        "SELECT coalesce(a.member, v.id) FROM visitor AS v LEFT JOIN alias AS a ON a.alias = v.id"
        " WHERE v.id = ? AND NOT EXISTS (SELECT 1 FROM member WHERE card = v.card)",
        (stranger,),
    ).fetchone()
    return adjusting.member_of(office, name) if known is None else str(known[0])


def _known(office: Office, entry: str) -> bool:
    place = parse_entry_id(entry)
    if place is None:
        return False
    chain, seq = place
    row = office.db.execute(
        "SELECT 1 FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box = ? AND c.epoch = ? AND e.seq = ? LIMIT 1",
        (chain.box, chain.epoch, seq),
    ).fetchone()
    return row is not None
