"""Screens to what the customer's page shows: text in its language, no layout. Pure.

A figure is that of a committed entry, or stands in a view whose `mark` says that nothing is paid
yet. What a customer must not see is not in the screens that come here (counter/faces.py).
"""

from collections.abc import Sequence
from typing import Literal, assert_never

import msgspec

from daemon.counter.codes import Ask
from daemon.counter.effects import Audience
from daemon.counter.screens import (
    AskingHq,
    BasketShown,
    Checking,
    Done,
    GiftShown,
    Idle,
    MemberPage,
    MemberShown,
    PriceShown,
    RefusalShown,
    Screen,
    Step,
    TotalShown,
)
from daemon.display.kiosk.words import Words, typeset, words_of
from daemon.display.refusals import refusal_text
from daemon.display.sheet import yuan
from daemon.rules.types import Notice, QuotedLine

LINES_MAX = 8  # more cannot be read at three metres; a full basket stays a small message
MALL_BILLED = "mall.billed"
PIN_CODE = "E20"  # in wording: the customer is to key his PIN
GIFTS_MAX = 3  # beside the points there is room for so many


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a basket. `fresh`: it has just changed."""

    n: int
    name: str
    amount: str
    paid: str
    was: str = ""
    mark: str = ""
    fresh: bool = False


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A label and its figure; `money` has the currency's sign in front."""

    label: str
    value: str
    money: bool = False


class Gift(msgspec.Struct, frozen=True, omit_defaults=True):
    """`lacks`: how many points are missing, in words; empty: he could have it now."""

    name: str
    points: str
    lacks: str = ""


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    card: str = ""
    level: str = ""
    points: Figure | None = None
    gifts: tuple[Gift, ...] = ()
    buys: str = ""  # stands above the gifts
    lapse: Figure | None = None
    lapse_on: str = ""


class View(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands on the page. `till` and `thanks` share their frame, so that nothing jumps."""

    kind: Literal["ads", "till", "thanks", "member", "price", "words"]
    title: str = ""
    mark: str = ""
    lines: tuple[Line, ...] = ()
    above: int = 0  # lines above those that are sent
    earlier: str = ""  # how the page says so; {n}
    member: Member | None = None
    sums: tuple[Figure, ...] = ()
    main: Figure | None = None
    notice: str = ""
    invite: str = ""


ADS = View("ads")


def view(screen: Screen, language: str) -> View:
    """Return what the customer's page shows of a screen that was made for the customer."""
    words = words_of(language)
    match screen:
        case Idle():
            return ADS
        case BasketShown():
            return _basket(screen, words, language)
        case TotalShown():
            return _total(screen, words, language)
        case Done():
            return _done(screen, words)
        case MemberPage():
            return _member_page(screen, words)
        case PriceShown():
            return _price(screen, words)
        case Step(asks=asks):
            pin = RefusalShown(PIN_CODE, {}) if asks == Ask.PIN else None
            said = "" if pin is None else refusal_text(pin, Audience.CUSTOMER, language)
            return View("words", said or words.wait)
        case RefusalShown():
            said = typeset(refusal_text(screen, Audience.CUSTOMER, language))
            return View("words", said or words.wait)
        case Checking():
            return View("words", words.checking)
        case AskingHq():
            return View("words", words.asking)
        case _:
            assert_never(screen)


def _basket(screen: BasketShown, words: Words, language: str) -> View:
    quote = screen.quote
    fresh = 0 if screen.line is None else screen.line.n
    sums = []
    if quote.saved_fen > 0:
        sums.append(_money(words.saved, quote.saved_fen))
    if quote.points > 0 and screen.member is not None:
        sums.append(Figure(words.will_earn, f"+{quote.points}"))
    lines, above = _lines(quote.lines, words, fresh)
    return View(
        "till",
        title=words.basket,
        mark=words.running,
        lines=lines,
        above=above,
        earlier=words.earlier,
        member=_member(screen.member, words),
        sums=tuple(sums),
        main=_money(words.total, quote.bill_fen),
        notice=_notice(screen.notices, language),
        invite="" if screen.member else words.invite,
    )


def _total(screen: TotalShown, words: Words, language: str) -> View:
    quote, sums = screen.quote, []
    if quote is not None and quote.saved_fen > 0:
        sums.append(_money(words.saved, quote.saved_fen))
    if quote is not None and quote.points > 0 and screen.member is not None:
        sums.append(Figure(words.will_earn, f"+{quote.points}"))
    if screen.paid_fen:
        sums = [_money(words.due, screen.bill_fen), _money(words.paid, screen.paid_fen)]
    lines, above = _lines(() if quote is None else quote.lines, words, 0)
    return View(
        "till",
        title=words.basket if lines else words.payment,
        mark=words.unpaid,
        lines=lines,
        above=above,
        earlier=words.earlier,
        member=_member(screen.member, words),
        sums=tuple(sums),
        main=_money(words.rest if screen.paid_fen else words.due, screen.due_fen),
        notice=_notice(screen.notices, language),
        invite="" if screen.member or not lines else words.invite,
    )


def _done(screen: Done, words: Words) -> View:
    title = words.done.get(screen.kind)
    if title is None:
        return ADS  # a shift, a count: no customer's business
    sums = []
    if screen.saved_fen:
        sums.append(_money(words.saved, screen.saved_fen))
    if screen.points and screen.member is not None:
        sums.append(Figure(words.earned, f"{screen.points:+d}"))
    if screen.given_fen:
        sums.append(_money(words.given, screen.given_fen))
        sums.append(_money(words.change, screen.change_fen))
    mark, label = words.paid_mark, words.paid
    if screen.pay_fen < 0:
        mark, label = "", words.paid_back
    elif screen.kind == MALL_BILLED:  # committed, and paid at the mall's own till
        mark, label = words.unpaid, words.due
    return View(
        "thanks",
        title=title,
        mark=mark if screen.pay_fen else "",
        member=_member(screen.member, words),
        sums=tuple(sums),
        main=_money(label, abs(screen.pay_fen)) if screen.pay_fen else None,
    )


def _member_page(screen: MemberPage, words: Words) -> View:
    member, sums = screen.member, []
    if screen.balance_fen is not None:
        sums.append(_money(words.balance, screen.balance_fen))
    if member.worth_fen is not None:
        sums.append(_money(words.worth, member.worth_fen))
    if screen.term_ends:
        sums.append(Figure(words.until, screen.term_ends[:10]))
    if member.waiting:  # it takes a row of the others': a small screen has no more
        sums = [*sums[:1], Figure(words.waiting, _waiting(member.waiting, words))]
    return View(
        "member",
        title=words.welcome if member.visitor else words.hello,
        member=_member(member, words),
        sums=tuple(sums),
    )


def _waiting(waiting: Sequence[tuple[str, int]], words: Words) -> str:
    """Return the first of what waits; a page has room for one name, the paper lists all."""
    (name, pieces), *more = waiting
    counted = f"{name} ×{pieces}" if pieces > 1 else name
    return typeset(counted) + (words.and_more.format(all=len(waiting)) if more else "")


def _price(screen: PriceShown, words: Words) -> View:
    member_price = screen.member_price_fen
    return View(
        "price",
        title=screen.name,
        main=_money(words.price, screen.price_fen),
        sums=() if member_price is None else (_money(words.member_price, member_price),),
    )


def _lines(lines: Sequence[QuotedLine], words: Words, fresh: int) -> tuple[tuple[Line, ...], int]:
    """Return the last lines, and how many are not among them; the fresh one always is."""
    end = len(lines)
    if fresh and fresh <= end - LINES_MAX:
        end = fresh
    shown = lines[max(0, end - LINES_MAX) : end]
    return tuple(_line(line, words, fresh=line.n == fresh) for line in shown), len(lines) - len(
        shown
    )


def _line(line: QuotedLine, words: Words, *, fresh: bool) -> Line:
    product, qty = line.product, line.qty
    one_price = product.unit != "g" and qty > 0 and line.paid_fen % qty == 0
    counted = words.grams if product.unit == "g" else words.pieces
    cls = "member_price" if line.cls == "special" and line.rule else line.cls
    return Line(
        n=line.n,
        name=typeset(product.short or product.name),
        amount=f"{qty} × {yuan(line.paid_fen // qty)}" if one_price else counted.format(n=qty),
        paid=yuan(line.paid_fen),
        was=words.was.format(price=yuan(line.list_fen)) if line.list_fen > line.paid_fen else "",
        mark=words.marks.get(cls, ""),
        fresh=fresh,
    )


def _member(member: MemberShown | None, words: Words) -> Member | None:
    if member is None:
        return None
    unnamed = member.tail in member.shown
    soonest = member.expiring[0] if member.expiring else None
    lapse = None
    if soonest is not None and soonest[1]:
        lapse = Figure(words.lapsing, words.lapse.format(points=soonest[1]))
    gifts = _gifts(member.gifts, member.points, words)
    return Member(
        name=words.unnamed.format(tail=member.tail) if unnamed else member.shown,
        card="" if unnamed else words.tail.format(tail=member.tail),
        level=member.level,
        points=None if member.points is None else Figure(words.points, str(member.points)),
        gifts=gifts,
        buys=words.buys if gifts else "",
        lapse=lapse,
        lapse_on="" if soonest is None or lapse is None else soonest[0][:10],
    )


def _gifts(gifts: Sequence[GiftShown], points: int | None, words: Words) -> tuple[Gift, ...]:
    """Return the dearest that he can have, the dearest first, and the next that he can reach."""
    if points is None:
        return ()
    ready = [gift for gift in gifts if gift.points <= points][::-1]
    next_up = [gift for gift in gifts if gift.points > points][:1]
    chosen = ready[: GIFTS_MAX - len(next_up)] + next_up
    return tuple(
        Gift(
            typeset(gift.name) or words.coupon.format(yuan=yuan(gift.coupon_fen)),
            str(gift.points),
            words.lacking.format(n=gift.points - points) if gift.points > points else "",
        )
        for gift in chosen
    )


def _notice(notices: Sequence[Notice], language: str) -> str:
    """Return the first of what a customer is told beside his basket; most tell him nothing."""
    for notice in notices:
        said = refusal_text(RefusalShown(notice.code, notice.values), Audience.CUSTOMER, language)
        if said and said != words_of(language).wait:
            return typeset(said)
    return ""


def _money(label: str, fen: int) -> Figure:
    return Figure(label, yuan(fen), money=True)
