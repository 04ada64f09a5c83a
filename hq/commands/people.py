"""Commands about members and cards: merges, gifts and corrections by hand, blocked cards."""

import argparse
from collections.abc import Mapping
from types import MappingProxyType

from daemon.howmany import HowMany
from daemon.ledger.requests import FREEZE, RELEASE, UNFREEZE, VOID
from hq import adjusting, aliases, downlog, packs
from hq.ages import ages
from hq.answers import NO, WRONG_USE, YES, Said, age, failed, table
from hq.columns import is_moment
from hq.commands.adding import Add
from hq.erasing import erase_member
from hq.members import ACTIVE
from hq.persons import person
from hq.store import Office

POINTS_MAX = 10**9
_HOLDS: Mapping[str, str] = MappingProxyType(
    {"freeze": FREEZE, "unfreeze": UNFREEZE, "void": VOID, "recall": RELEASE}
)


def register(add: Add) -> None:
    alias = add("alias", "one member id stands for another from now on", _alias)
    alias.add_argument("alias", metavar="ALIAS-ID")
    alias.add_argument("member", metavar="MEMBER", help="id, card or your own number")
    alias.add_argument("--by", type=person, default="hq", help="who says so")
    lift = add("unalias", "undo a merge: the two are two again", _unalias)
    lift.add_argument("alias", metavar="ALIAS-ID")
    lift.add_argument("--by", type=person, default="hq", help="who says so")
    give = add("give", "grant points: a prize, a gift; to put points right: member adjust", _give)
    give.add_argument("member", metavar="MEMBER", help="id, card or your own number")
    give.add_argument("points", type=int)
    give.add_argument("--source", default="hq", help="where they come from: click, handbook ...")
    give.add_argument("--expires", metavar="TIME", help="RFC 3339; never when left out")
    hold = add("hold", "freeze, let go, void or recall points, wherever they are held", _hold)
    hold.add_argument("way", choices=sorted(_HOLDS))
    hold.add_argument("member", metavar="MEMBER", help="id, card or your own number")
    hold.add_argument("--points", type=int, help="all there are when left out")
    hold.add_argument("--reason", required=True, help="stands in the books")
    card = add("card", "a card is lost, frozen, closed or good again, in every shop", _card)
    card.add_argument("card")
    card.add_argument("status", choices=("lost", "frozen", "closed", ACTIVE))
    erased = add("erase", "make a member nobody, here and in every shop, for ever", _erase)
    erased.add_argument("member", metavar="MEMBER", help="id, card or your own number")
    erased.add_argument("--reason", required=True, help="asked by the member, ended by law ...")


def _erase(office: Office, arguments: argparse.Namespace) -> Said:
    member = erase_member(office, adjusting.member_of(office, arguments.member), arguments.reason)
    downlog.write(office)
    return Said(YES, {"ok": True, "member": member}, (f"{member} is nobody from now on",))


def _alias(office: Office, arguments: argparse.Namespace) -> Said:
    member = adjusting.member_of(office, arguments.member)
    aliases.put_alias(office, arguments.alias, member, by=arguments.by)
    downlog.write(office)
    record = {"ok": True, "alias": arguments.alias, "member": member}
    return Said(YES, record, (f"{arguments.alias} stands for {member}",))


def _unalias(office: Office, arguments: argparse.Namespace) -> Said:
    aliases.lift_alias(office, arguments.alias, by=arguments.by)
    downlog.write(office)
    record = {"ok": True, "alias": arguments.alias}
    return Said(YES, record, (f"{arguments.alias} is itself again",))


def _give(office: Office, arguments: argparse.Namespace) -> Said:
    points, expires = arguments.points, arguments.expires
    if not 0 < points <= POINTS_MAX:
        why = f"{points} points: give 1 to {POINTS_MAX}; to take, say hold void"
        return failed(WRONG_USE, why)
    if expires is not None and not is_moment(expires):
        return failed(WRONG_USE, f"--expires {expires}: YYYY-MM-DD, or with time and offset")
    member = adjusting.member_of(office, arguments.member)
    entry = adjusting.give(office, member, points, source=arguments.source, expires=expires)
    downlog.write(office)
    record = {"ok": True, "member": member, "points": points, "entry": entry}
    return Said(YES, record, (f"{HowMany(points):point} for {member}: {entry}",))


def _hold(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.points is not None and not 0 < arguments.points <= POINTS_MAX:
        return failed(WRONG_USE, f"--points {arguments.points}: 1 to {POINTS_MAX}")
    kind, reason = _HOLDS[arguments.way], arguments.reason
    allowed = packs.hold_reasons(office) if kind in (FREEZE, VOID) else ()
    if allowed and reason not in allowed:
        why = f"the pack in force holds points for {', '.join(allowed)}; {reason} is none of them"
        return failed(NO, why)
    member = adjusting.member_of(office, arguments.member)
    done = adjusting.take(office, member, kind, arguments.points, reason=reason)
    known = ages(office)
    rows = [("headquarters", str(done.here), "done", "-")]
    rows += [(box, str(n), "asked", age(known.get(box))) for box, n in done.asked.items()]
    if done.nowhere:
        rows.append(("nowhere", str(done.nowhere), "held by nobody who can be asked", "-"))
    lines = table(("where", "points", "state", "data"), rows)
    asked_s = {box: known.get(box) for box in done.asked}
    record = {"ok": True, "done": done, "data_age_s": asked_s}
    return Said(YES, record, (*lines, "See memberbox-hq requests."))


def _card(office: Office, arguments: argparse.Namespace) -> Said:
    adjusting.block(office, arguments.card, arguments.status)
    downlog.write(office)
    record = {"ok": True, "card": arguments.card, "status": arguments.status}
    return Said(YES, record, (f"{arguments.card}: {arguments.status}, told to every shop first",))
