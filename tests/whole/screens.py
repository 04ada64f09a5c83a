"""What stood on pole, LED, clerk's display and page, against the journal.

After each act all displays are looked at; besides, every view that the page was ever told is held
against the books as they stood then.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from daemon.display.kiosk.words import words_of
from daemon.display.pole_words import DONE_WORDS, OTHERWISE
from daemon.ledger.kinds import Kind
from tests.whole import slips
from tests.whole.audit import VALUE, Audit, Seen
from tests.whole.demo_day import GOODS
from tests.whole.hands import Hands

ENDS = ("thanks", "ads", "member", "price")  # pages on which an act may end; others go on
TITLES = words_of("zh_CN").done
POLE_COLUMNS = 20
View = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Look:
    """`papers`, `views`: how many there were when it was looked at."""

    act: str
    view: View
    pole: tuple[str, ...]
    clerk: tuple[str, ...]
    led: tuple[str, str]  # digits, lamp
    papers: int
    views: int


def look(act: str, hands: Hands) -> Look:
    """Wait until all displays say the same as the page, whose word may come last; return what they
    show."""
    hands.until(partial(_agree, hands), f"{act} to end, and every display to say so")
    view, bench = hands.page.views[-1], hands.bench
    led = bench.ask("led")
    return Look(
        act,
        view,
        tuple(line.rstrip() for line in bench.lines("pole")),
        tuple(line.rstrip() for line in bench.lines("clerk")),
        (led["digits"], led["lamp"]),
        len(hands.papers),
        len(hands.page.views),
    )


def _agree(hands: Hands) -> bool:
    view, bench = hands.page.views[-1], hands.bench
    if view["kind"] not in ENDS:
        return False
    if not all(_told(view, bench.lines(glass), glass) for glass in ("pole", "clerk")):
        return False
    return "main" not in view or bench.ask("led")["digits"] == _digits(view)


def _told(view: View, lines: Sequence[str], glass: str) -> bool:
    """Whether a display is as far as the page."""
    upper, lower = (line.rstrip() for line in lines)
    inner = {pole_of(kind, 0, 0, 0)[0] for kind in Kind if kind not in TITLES}
    match view["kind"]:
        case "ads":  # the clerk still reads what was done
            resting = ("WELCOME",) if glass == "pole" else ("READY", *inner)
            return upper in ("TRAINING", *resting)
        case "member":
            member = view["member"]
            assert isinstance(member, dict)
            tail, points = _tail(member), member.get("points", {}).get("value")
            if "储值余额" in str(view):
                return upper == f"POINTS {points}" and lower.startswith("BALANCE")
            return tail in upper and lower == ("WELCOME" if points is None else f"POINTS {points}")
        case "thanks":
            kinds = [kind for kind, title in TITLES.items() if title == view["title"]]
            expected = {pole_of(kind, *_money_of(view)) for kind in kinds}
            later = upper.startswith("POINTS") and lower in ("THANK YOU", "", "/2 TO ENROL")
            return (upper, lower) in expected or later
        case _:
            return view["kind"] == "price"


def _tail(member: Mapping[str, str]) -> str:
    found = re.search(r"\d{4}", member.get("card", member["name"]))
    assert found is not None, member
    return found[0]


def _money_of(view: View) -> tuple[int, int, int]:
    """Return what a page of thanks says was paid (below zero: back), given, and was the change."""
    sums = {str(one["label"]): money(one) for one in _list(view, "sums")}
    main = view.get("main")
    if not isinstance(main, dict):
        return 0, 0, 0
    sign = -1 if main["label"] == "已退" else 1
    return sign * money(main), sums.get("实收", 0), sums.get("找零", 0)


def _digits(view: View) -> str:
    """Return what a LED shows of it: what the customer is to get or has paid."""
    pay, given, change = _money_of(view)
    sold = view["title"] in (TITLES["sale"], TITLES["member.enrolled"])
    return _yuan(change if (given if sold else change) else abs(pay))


# -- after each act --------------------------------------------------------------------------------


def wrong(
    audit: Audit, looks: Sequence[Look], printed: Sequence[Mapping[str, object]]
) -> list[str]:
    """Return what the displays said otherwise than the journal when the acts had ended."""
    found, before = [], 0
    for one in looks:
        texts = [str(paper["text"]) for paper in printed[before : one.papers]]
        before = one.papers
        if any(slips.PRACTICE in text for text in texts):
            continue
        numbers = [slips.new(text) for text in texts if slips.new(text)]
        entry = audit.entries[max(numbers)] if numbers else None
        found += [f"{one.act}: {why}, {one}" for why in _wrong(audit, one, entry)]
    return found


def thanked(
    audit: Audit, looks: Sequence[Look], printed: Sequence[Mapping[str, object]]
) -> set[str]:
    """Return the kinds of entries whose end a customer was seen to be told."""
    kinds = set()
    for one in looks:
        numbers = [slips.new(str(paper["text"])) for paper in printed[: one.papers]]
        if one.view["kind"] == "thanks" and any(numbers):
            kinds.add(str(audit.entries[max(numbers)]["kind"]))
    return kinds


def _wrong(audit: Audit, one: Look, entry) -> Seen:
    if one.view["kind"] == "ads":
        if one.pole not in (("WELCOME", ""), ("TRAINING", "NOTHING IS VALID")):
            yield "the pole tells a customer more than the page"
        return
    if one.view["kind"] != "thanks":
        return
    if entry is None:
        yield "thanks for nothing"
        return
    pay, points = paid(entry), gained(entry)
    if one.view.get("title") != TITLES[entry["kind"]]:
        yield f"another title than {entry['kind']}"
    if _money_of(one.view)[0] != pay:
        yield f"not {pay}"
    told = {str(sum_["label"]): str(sum_["value"]) for sum_ in _list(one.view, "sums")}
    member = one.view.get("member")
    if member is not None and points and told.get("本次积分") != f"{points:+d}":
        yield f"not {points:+d} points"
    change = sum(tender.get("change_fen", 0) for tender in entry["body"].get("tenders", []))
    if "找零" in told and slips.fen_of(told["找零"]) != change:
        yield f"not {change} of change"
    tenders = entry["body"].get("tenders", [])
    given = sum(tender.get("given_fen", 0) for tender in tenders)
    lines = pole_of(entry["kind"], pay, given, change)
    after = (
        "" if not isinstance(member, dict) or "points" not in member else member["points"]["value"]
    )
    if one.pole != lines and not (after and one.pole[0].startswith(f"POINTS {after}")):
        yield f"not {lines} on the pole"
    if one.clerk[0] not in (one.pole[0], lines[0]) and not one.clerk[0].startswith("POINTS"):
        yield "the clerk reads something else"


def paid(entry) -> int:
    """Return the money that an entry brought (below zero: took) at this counter."""
    sale = entry["body"].get("sale", entry["body"])
    if "pay_fen" in sale and entry["kind"] in ("sale", "mall.billed"):
        return int(sale["pay_fen"])
    return sum(
        one["amount"]
        for one in entry["postings"]
        if one["unit"] == "fen"
        and one["account"].startswith(("cash:drawer", "due:mall", "tender:"))
    )


def gained(entry) -> int:
    """Return what a member's points gained by an entry, as a customer is told."""
    if entry["kind"] in ("sale", "member.enrolled"):
        return int(entry["body"].get("points", 0))
    return sum(
        one["amount"]
        for one in entry["postings"]
        if one["unit"] == "point" and one["account"].startswith("points:")
    )


def pole_of(kind: str, pay: int, given: int, change: int) -> tuple[str, str]:
    """Return the two lines that a pole shows of an entry."""
    if kind not in ("sale", "member.enrolled") or not pay:
        words = DONE_WORDS.get(kind, OTHERWISE)
        return words, f"CHG {_yuan(change):>16}" if change else _yuan(pay) if pay else "OK"
    if not given:
        return f"DUE {_yuan(pay)}", f"PAID {_yuan(pay)}"
    short = _yuan(given).removesuffix(".00")
    both = f"CASH {short} CHG {_yuan(change)}"
    return f"DUE {_yuan(pay)}", both if len(both) <= POLE_COLUMNS else f"CHG {_yuan(change)}"


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


# -- every view ------------------------------------------------------------------------------------


def wrong_views(audit: Audit, hands: Hands) -> list[str]:
    """Return what any view of the page ever said otherwise than the books of its moment.

    A busy machine may print a paper a moment later than it shows the view that goes with it.
    """
    found, moments = [], _moments(hands)
    ends = [end for end, _ in moments]
    for at, view in enumerate(hands.page.views):
        place = bisect_right(ends, at)
        near = moments[max(0, place - 1) : place + 2] if moments[place][1] else []
        numbers = sorted({number for _, some in near for number in some})
        for check in (_points, _price, _bill):
            trials = [list(check(audit, view, number)) for number in numbers]
            if trials and all(trials):
                found += [f"view {at}: {why}, {view}" for why in trials[0]]
    return found


def _moments(hands: Hands) -> list[tuple[int, list[int]]]:
    """Return, up to which view, which entries may have been the last; none: a lesson went on."""
    number = next(n for n in (slips.new(str(one["text"])) for one in hands.papers) if n) - 1
    found, done = list[tuple[int, list[int]]](), 0
    for views, count in hands.told:
        texts = [str(paper["text"]) for paper in hands.papers[done:count]]
        before, done = number, count
        number = max([number, *(slips.new(text) for text in texts)])
        lesson = any(slips.PRACTICE in text for text in texts)
        found.append((views, [] if lesson else [before, number]))
    return [*found, (len(hands.page.views), [number])]


def _points(audit: Audit, view: View, number: int) -> Seen:
    """A member's points, and his value where it is shown, are those of the books."""
    member = view.get("member")
    if not isinstance(member, dict) or "points" not in member:
        return
    who = audit.member(_tail(member))
    booked = audit.at(f"points:{who}", "point", number)
    if int(member["points"]["value"]) != booked:
        yield f"{booked} points in the journal"
    if re.search(r"[^*]{2}\*|\d{5}", member["name"]):
        yield "a name that is not masked"
    for one in _list(view, "sums"):
        value = sum(audit.at(room + who, unit, number) for room, unit in VALUE)
        if one["label"] == "储值余额" and money(one) != value:
            yield f"{value} of stored value in the journal"


def _price(_: Audit, view: View, __: int) -> Seen:
    if view["kind"] == "price":
        (product,) = [one for one in GOODS.values() if one["short"] == view["title"]]
        if money(view["main"]) != product["price"]:
            yield f"the price is {product['price']}"


def _bill(_: Audit, view: View, __: int) -> Seen:
    """An open bill adds up: its lines to the sum, the sum less what is paid to the rest."""
    if view["kind"] != "till" or "main" not in view:
        return
    sums = {str(one["label"]): money(one) for one in _list(view, "sums") if one.get("money")}
    main, lines = money(view["main"]), _list(view, "lines")
    if "已付" in sums:
        if not 0 <= sums["应付"] - sums["已付"] - main < 10:  # cash is rounded down to 0.10
            yield "the rest is another"
    elif lines and not view.get("above"):
        total = sum(slips.fen_of(str(line["paid"])) for line in lines)
        if not 0 <= total - main < 10 and view.get("notice", "") == "":
            yield f"the lines make {total}"


def money(figure: object) -> int:
    assert isinstance(figure, dict), figure
    return _fen(str(figure["value"]))


def _fen(text: str) -> int:
    """Return an amount; -1: it is none."""
    return slips.fen_of(text) if re.fullmatch(r"-?\d+\.\d\d", text) else -1


def _list(view: View, key: str) -> list[Mapping[str, object]]:
    found = view.get(key, [])
    assert isinstance(found, list)
    return found
