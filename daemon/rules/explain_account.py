"""Sentences about entries that sell no goods: value, points, levels, what comes back or lapses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from daemon.ledger.bodies import (
    Applied,
    Body,
    Commission,
    CouponIssued,
    LevelChanged,
    MemberRenewed,
    Moved,
    NewLot,
    PointsGranted,
    PointsRedeemed,
    Returned,
    SaleClaimed,
    TopUp,
    TopUpVoided,
)
from daemon.ledger.kinds import Unit
from daemon.rules.rounding import yuan

if TYPE_CHECKING:
    from daemon.rules.models import Pack

Pair = tuple[str, str]  # Chinese, English

_REASONS = ("growth", "review")
_UNITS: Mapping[str, Pair] = MappingProxyType(
    {
        Unit.POINT: ("积分", "points"),
        Unit.BONUS: ("赠送金", "bonus"),
        Unit.REWARD: ("返利", "reward"),
    }
)


def account_said(body: Body, pack: Pack) -> list[Pair]:
    """Return how such an entry's figures came about; empty: no rule decides it."""
    match body:
        case TopUp():
            return [*_topup(body), *commissions_said(body.commission)]
        case MemberRenewed():
            return [*_renewed(body), *commissions_said(body.commission)]
        case PointsRedeemed():
            return list(_redeemed(body, pack))
        case PointsGranted():
            return list(_granted(body, pack))
        case SaleClaimed():
            return list(_claimed(body))
        case LevelChanged():
            return list(_leveled(body, pack))
        case CouponIssued():
            return list(_issued(body))
        case Returned() | TopUpVoided():
            return list(_back(body))
        case Moved() if body.due:
            day = body.due[:10]
            return [
                (
                    f"{day} 到期:{body.unit} {body.amount} 失效",
                    f"Due on {day}: {body.amount} {body.unit} lapsed",
                )
            ]
        case _:
            return []


def commissions_said(commission: tuple[Commission, ...]) -> Iterator[Pair]:
    """Yield whose commission an entry brings."""
    for one in commission:
        amount = yuan(one.amount_fen)
        yield f"提成 {one.staff}:{amount} 元", f"Commission of {one.staff}: {amount}"


def funding_said(body: Body) -> Iterator[Pair]:
    """Yield what of an entry's grants headquarters pays for."""
    lots: tuple[NewLot, ...] = getattr(body, "lots", ())
    for lot in lots:
        if lot.hq_part:
            part = f"{lot.hq_part}" if lot.unit == Unit.POINT else yuan(lot.hq_part)
            what, what_en = _UNITS.get(lot.unit, ("券", "coupons"))
            yield f"{what}中总部承担 {part}", f"Headquarters pays for {part} of the {what_en}"


def _topup(body: TopUp) -> Iterator[Pair]:
    amount = yuan(body.amount_fen)
    yield f"充值 {amount} 元为本金", f"Topped up {amount}: principal"
    for one in body.applied:
        yield _of_topup(one, amount)
    if body.benefits:
        held = "、".join(body.benefits)
        yield f"持有卡种:{held}", f"Card types held: {', '.join(body.benefits)}"


def _of_topup(one: Applied, amount: str) -> Pair:
    if one.what == "bonus":
        given = yuan(one.result)
        return f"充值档 {one.rule}:赠送 {given} 元", f"Step {one.rule}: bonus {given}"
    if one.what == "points":
        return f"充值档 {one.rule}:+{one.result} 分", f"Step {one.rule}: +{one.result} points"
    if one.what == "growth":
        return _growth(one)
    if one.what == "card":
        return f"满额成为卡种 {one.rule}", f"{amount} makes card type {one.rule}"
    given = yuan(one.result)
    return f"充值档 {one.rule}:赠券 {given} 元", f"Step {one.rule}: coupons of {given}"


def _growth(one: Applied) -> Pair:
    return f"成长值({one.rule}):+{one.result}", f"Growth ({one.rule}): +{one.result}"


def _renewed(body: MemberRenewed) -> Iterator[Pair]:
    fee = yuan(body.fee_fen)
    paid = {
        "fee": (f"缴费 {fee} 元续会", f"Renewed by a fee of {fee}"),
        "purchase": ("凭消费续会", "Renewed by a purchase"),
    }
    yield paid.get(body.channel, ("免费续会", "Renewed for free"))
    for one in body.applied:
        if one.what == "points":
            yield f"续会奖励({one.rule}):+{one.result}", f"Reward ({one.rule}): +{one.result}"
        elif one.what == "growth":
            yield _growth(one)
    if body.term_ends is not None:
        old, new = (body.term_from or "")[:10] or "-", body.term_ends[:10]
        yield f"会籍由 {old} 延至 {new}", f"Membership until {new} (was {old})"


def _redeemed(body: PointsRedeemed, pack: Pack) -> Iterator[Pair]:
    what = f"{body.sku} ×{body.qty}" if body.sku else body.coupon
    rule = next((one for one in pack.gifts if one.id == body.rule), None)
    needed = body.points if rule is None else rule.points
    yield (
        f"兑换 {body.rule}:{needed} 分换 {what},扣 {body.points} 分",
        f"Redeemed {body.rule}: {needed} points for {what}, {body.points} taken",
    )
    if body.promised:
        yield "无库存或由总部寄出,待领取", "Not in stock here, or sent by headquarters: it waits"


def _granted(body: PointsGranted, pack: Pack) -> Iterator[Pair]:
    rule = next((one for one in pack.grants if one.id == body.rule), None)
    name = body.rule or body.source
    yield f"活动积分({name}):+{body.points}", f"Points for {name}: +{body.points}"
    if rule is not None and rule.points > body.points:
        missing = rule.points - body.points
        yield (
            f"按 {rule.points} 分计,已到上限,少 {missing} 分",
            f"The rule gives {rule.points}; its cap leaves out {missing}",
        )


def _claimed(body: SaleClaimed) -> Iterator[Pair]:
    if body.sku:
        yield (
            f"售时未建档,现已建档为 {body.sku}:+{body.points}",
            f"Not listed when sold, now {body.sku}: +{body.points}",
        )
    else:
        yield (
            f"补积分,按原销售时的规则与等级:+{body.points}",
            f"Claimed later, by the rules and level of the sale: +{body.points}",
        )
    if body.taken_back:
        back = sum(part.amount for part in body.taken_back)
        yield f"已退部分扣回 {back}", f"Of what was returned before: -{back}"
    if body.frozen:
        yield f"超出限制({body.frozen}),积分冻结", f"Beyond a limit ({body.frozen}): frozen"


def _leveled(body: LevelChanged, pack: Pack) -> Iterator[Pair]:
    named = {} if pack.levels is None else {one.id: one for one in pack.levels.list}
    before, after = (
        named[name].name if name in named else name or "-" for name in (body.before, body.level)
    )
    why, why_en = {
        "growth": ("达到条件", "its needs were reached"),
        "review": ("到期复核", "reviewed when its time was over"),
    }.get(body.reason, (body.reason, body.reason))
    yield f"等级由 {before} 变为 {after}:{why}", f"Level {before} becomes {after}: {why_en}"
    rule = named.get(body.level)
    if rule is not None and rule.needs and body.reason in _REASONS:
        shown = ", ".join(f"{key} {least}" for key, least in sorted(rule.needs.items()))
        joined = "全部满足" if rule.match == "all" else "满足其一"
        needs_en = "all of" if rule.match == "all" else "one of"
        yield f"条件({joined}):{shown}", f"Needs ({needs_en}): {shown}"
    if body.until is not None:
        day = body.until[:10]
        yield f"有效至 {day},届时复核", f"Looked at again on {day}"


def _issued(body: CouponIssued) -> Iterator[Pair]:
    value = yuan(body.value_fen)
    if body.paid:
        parts = len(body.paid)
        yield (
            f"到期返还:{parts} 笔奖励共 {value} 元,转为 {body.coupon}",
            f"Paid out: {parts} rewards, {value} in all, as {body.coupon}",
        )
    else:
        yield (
            f"发券 {body.coupon} {value} 元 ×{body.count}({body.source})",
            f"Coupon {body.coupon} of {value} ×{body.count} ({body.source})",
        )


def _back(body: Returned | TopUpVoided) -> Iterator[Pair]:
    if isinstance(body, Returned):
        goods, paid = yuan(body.goods_fen), yuan(body.pay_fen)
        yield (
            f"按原销售价退货 {goods} 元,退款 {paid} 元,扣回 {body.points} 分",
            f"Goods of {goods} at the sale's own prices: {paid} paid back,"
            f" {body.points} points taken back",
        )
    else:
        amount = yuan(body.amount_fen)
        yield f"充值 {amount} 元全部撤销", f"The top-up of {amount} was taken back"
    for claim in body.claims:
        yield (
            f"已用去而扣不回:待扣 {claim.amount} {claim.unit}",
            f"Spent already: {claim.amount} {claim.unit} are owed back",
        )
    for one in body.commission:
        amount = yuan(one.amount_fen)
        yield f"提成收回 {one.staff}:{amount} 元", f"Commission taken back of {one.staff}: {amount}"
