"""The derivation of an entry in sentences with its numbers, Chinese or English.

Works from the entry's own trace and the pack it names: nothing is evaluated again. Why a rule that
could have applied did not, is replay's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from daemon.ledger.bodies import Advance, Applied, MemberEnrolled, Sale, Welcome
from daemon.ledger.records import Entry
from daemon.rules.engine import ROUNDING_RULE
from daemon.rules.explain_account import account_said, commissions_said, funding_said
from daemon.rules.explain_offers import offer_said
from daemon.rules.rounding import yuan

if TYPE_CHECKING:
    from daemon.rules.models import Pack
    from daemon.rules.models_account import Channel
    from daemon.rules.models_sale import EarnRule, PriceRule

Language = Literal["zh_CN", "en"]

_CLASSES = MappingProxyType(
    {
        "regular": ("正价", "regular-price"),
        "special": ("特价", "special-price"),
        "swap": ("换购", "swap"),
        "gift": ("赠品", "gift"),
    }
)


def explain(entry: Entry, pack: Pack, language: Language = "zh_CN") -> list[str]:
    """Return how the entry's figures came about, one sentence each."""
    return [_spoken(pair, language) for pair in _sentences(entry, pack)]


_Pair = tuple[str, str]  # Chinese, English


def _spoken(pair: _Pair, language: Language) -> str:
    return pair[0] if language == "zh_CN" else pair[1]


def _sentences(entry: Entry, pack: Pack) -> Iterator[_Pair]:
    named = entry.pack
    if named is None:
        yield "没有规则包:按原价收款", "No rule pack was active: list prices, money only"
        return
    if (named.id, named.version) != (pack.id, pack.version):
        yield (
            f"此记录按规则 {named.id} v{named.version} 计算,不能用 {pack.id} v{pack.version} 说明",
            f"This entry was made under {named.id} v{named.version}; {pack.id} v{pack.version}"
            " cannot explain it",
        )
        return
    if isinstance(entry.body, Sale):
        yield from _sale(entry.body, pack)
    elif isinstance(entry.body, MemberEnrolled):
        yield from _enrolment(entry.body, pack)
    elif said := account_said(entry.body, pack):
        yield from said
    else:
        yield "此类记录不经规则计算", "No rule decides an entry of this kind"
    yield from funding_said(entry.body)
    yield f"规则 {pack.id} v{pack.version}", f"Rules {pack.id} v{pack.version}"


def _sale(sale: Sale, pack: Pack) -> Iterator[_Pair]:
    prices = {rule.id: rule for rule in pack.prices}
    earn = {rule.id: rule for rule in pack.earn}
    saved = sale.list_fen - sale.bill_fen
    yield (
        f"原价合计 {yuan(sale.list_fen)} 元,优惠 {yuan(saved)} 元,合计 {yuan(sale.bill_fen)} 元",
        f"List prices {yuan(sale.list_fen)}, saved {yuan(saved)}, total {yuan(sale.bill_fen)}",
    )
    for applied in sale.applied:
        if applied.what == "price" and applied.rule in prices:
            yield _price(applied, prices[applied.rule])
        elif applied.what == "points" and applied.rule in earn:
            yield _points(applied, earn[applied.rule], pack.rounding.basis)
            yield from _silent_money(sale, earn[applied.rule])
        elif applied.rule == ROUNDING_RULE:
            yield _rounding(applied, pack)
        elif (said := offer_said(applied, pack)) is not None:
            yield said
    if not sale.points:
        yield _no_points(sale, pack)
    if sale.advance is not None:
        yield _advanced(sale.advance, pack)
    for waiting in sale.later:
        yield (
            f"第 {waiting.n} 行 {waiting.code} 未建档,建档后补积分",
            f"Line {waiting.n}, {waiting.code}, is not listed: it earns when it is",
        )
    yield from commissions_said(sale.commission)


def _advanced(advance: Advance, pack: Pack) -> _Pair:
    floor = 0 if pack.roaming is None else pack.roaming.floor_points
    return (
        f"总部无应答,预支 {advance.amount} 分(最多 {floor} 分),记为待扣积分",
        f"Headquarters did not answer: {advance.amount} points lent (at most {floor}), owed back",
    )


def _price(applied: Applied, rule: PriceRule) -> _Pair:
    name, name_en = _named(rule)
    numbers = (yuan(applied.base), yuan(applied.result), yuan(applied.base - applied.result))
    if rule.needs is not None:
        classes, classes_en = _goods(rule.needs.classes)
        name += f":{classes}满 {yuan(rule.needs.min_fen)} 元,每单限 {rule.max_per_receipt} 件"
        name_en += (
            f": with {yuan(rule.needs.min_fen)} of {classes_en},"
            f" at most {rule.max_per_receipt} a receipt"
        )
    return (
        "{}:原价 {} 元,实付 {} 元,省 {} 元".format(name, *numbers),
        "{}: list {}, paid {}, saved {}".format(name_en, *numbers),
    )


def _named(rule: PriceRule) -> _Pair:
    if rule.take == "member_price":
        return f"会员价({rule.id})", f"Member price ({rule.id})"
    if rule.take == "swap_price":
        return f"换购({rule.id})", f"Swap offer ({rule.id})"
    if rule.fixed_fen is not None:
        price = yuan(rule.fixed_fen)
        return f"一口价 {price} 元({rule.id})", f"Fixed price {price} ({rule.id})"
    if rule.cost_plus is not None:
        return (
            f"成本加 {rule.cost_plus / 100:g}%({rule.id})",
            f"Cost plus {rule.cost_plus / 100:g}% ({rule.id})",
        )
    share = rule.basis_points or 0
    tenths = f"{share / 1000:g}"
    return f"{tenths} 折({rule.id})", f"{share / 100:g}% of list price ({rule.id})"


def _points(applied: Applied, rule: EarnRule, basis: str) -> _Pair:
    goods, goods_en = _goods(rule.classes)
    base, step = yuan(applied.base), _plain(rule.step_fen)
    capped = rule.max_per_receipt == applied.result
    top, top_en = (",已到每单上限", ", the receipt's limit") if capped else ("", "")
    if basis == "line":
        top, top_en = f",逐行取整{top}", f", line by line{top_en}"
    return (
        f"{goods} {base} 元,每满 {step} 元积 {rule.points} 分:+{applied.result}{top}",
        f"{goods_en} {base}, {rule.points} for each full {step}: +{applied.result}{top_en}",
    )


def _silent_money(sale: Sale, rule: EarnRule) -> Iterator[_Pair]:
    for tender in sale.tenders:
        if tender.code in rule.excluded_tenders:
            amount = yuan(tender.amount_fen)
            yield (
                f"其中 {tender.code} 支付 {amount} 元不积分",
                f"Of the bill {amount} was paid by {tender.code}, which earns nothing",
            )


def _rounding(applied: Applied, pack: Pack) -> _Pair:
    cash = pack.rounding.cash
    unit = yuan(cash.unit_fen) if cash is not None else "?"
    base, result = yuan(applied.base), yuan(applied.result)
    return (
        f"抹零到 {unit} 元,只舍不入:{base} 元收 {result} 元",
        f"Rounded down to {unit}: {base} becomes {result}",
    )


def _no_points(sale: Sale, pack: Pack) -> _Pair:
    if not sale.member:
        return "没有会员:不积分", "No member: no points"
    earning = {cls for rule in pack.earn for cls in (rule.classes or _CLASSES)}
    if not any(line.cls in earning and line.paid_fen for line in sale.lines):
        goods, goods_en = _goods(tuple(sorted(earning)))
        return f"本单没有{goods},不积分", f"No {goods_en} on this receipt: no points"
    return (
        "本单不积分:当时会籍或卡不在有效状态,或金额不满一档,或付款方式不积分",
        "No points: membership or card was not in force, or less than one full step,"
        " or the tender earns nothing",
    )


def _goods(classes: tuple[str, ...]) -> _Pair:
    if not classes or len(classes) == len(_CLASSES):
        return "商品", "Goods"
    zh = "、".join(_CLASSES[cls][0] for cls in classes) + "商品"
    return zh, f"{' and '.join(_CLASSES[cls][1] for cls in classes).capitalize()} goods"


def _enrolment(enrolled: MemberEnrolled, pack: Pack) -> Iterator[_Pair]:
    channels = () if pack.enrol is None else pack.enrol.channels
    channel = next((one for one in channels if one.kind == enrolled.channel), None)
    for applied in enrolled.applied:
        if applied.what == "fee" and channel is not None:
            yield _fee(applied, channel)
        elif applied.what == "coupon":
            worth = yuan(applied.result)
            yield (
                f"入会奖励({applied.rule}):券 {worth} 元",
                f"Reward for joining ({applied.rule}): a coupon of {worth}",
            )
        elif applied.what == "points":
            yield (
                f"入会奖励({applied.rule}),每人一次:+{applied.result}",
                f"Reward for joining ({applied.rule}), once per person: +{applied.result}",
            )
    if enrolled.level:
        names = {} if pack.levels is None else {one.id: one.name for one in pack.levels.list}
        name = names.get(enrolled.level, enrolled.level)
        yield f"按会费成为 {name}", f"The fee makes {name}"
    if enrolled.waits:
        yield "会员权益待总部开通", "No rights before headquarters has released the card"
    given = [item for item in enrolled.welcome if not item.owed]
    owed = [item for item in enrolled.welcome if item.owed]
    if given:
        yield f"入会领取:{_items(given)}", f"Handed over: {_items(given)}"
    if owed:
        yield f"欠赠:{_items(owed)}", f"Owed: {_items(owed)}"
    yield from commissions_said(enrolled.commission)
    if enrolled.term_ends is not None:
        day = enrolled.term_ends[:10]
        yield f"会籍有效期至 {day}", f"Membership until {day}"


def _fee(applied: Applied, channel: Channel) -> _Pair:
    if channel.kind == "purchase" and channel.min_qty is not None:
        return (
            f"购买 {applied.base} 件,满 {channel.min_qty} 件,免会费入会",
            f"{applied.base} pieces bought, at least {channel.min_qty}: no fee",
        )
    if channel.kind == "purchase" and channel.min_total_fen is not None:
        paid, needed = yuan(applied.base), yuan(channel.min_total_fen)
        return (
            f"累计实付 {paid} 元,满 {needed} 元,免会费入会",
            f"Purchases of {paid} together, at least {needed}: no fee",
        )
    if channel.kind == "topup":
        paid, needed = yuan(applied.base), yuan(channel.min_single_fen or 0)
        return (
            f"单笔充值 {paid} 元,满 {needed} 元,免会费入会",
            f"One top-up of {paid}, at least {needed}: no fee",
        )
    if channel.kind == "purchase":
        paid, needed = yuan(applied.base), yuan(channel.min_single_fen or 0)
        return (
            f"单笔实付 {paid} 元,满 {needed} 元,免会费入会",
            f"One purchase of {paid}, at least {needed}: no fee",
        )
    if channel.kind == "fee":
        fee = yuan(applied.result)
        return f"缴会费 {fee} 元入会", f"Joined by a fee of {fee}"
    return "免费入会", "Joined for free"


def _items(items: list[Welcome]) -> str:
    return ", ".join(f"{item.sku}×{item.qty}" for item in items)


def _plain(fen: int) -> str:
    return yuan(fen).removesuffix(".00")
