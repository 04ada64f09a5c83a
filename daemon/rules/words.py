"""Names of a pack's sections and fields, and its values, as an operator reads them."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.rules.fieldwords import CHINESE
from daemon.rules.rounding import yuan
from daemon.rules.vocabulary import Section

Words = tuple[str, str]  # Chinese, English

SHOWN_MAX = 12  # values of one list that a sentence names

NAMES: Mapping[str, Words] = MappingProxyType(
    {
        "rounding": ("舍入", "rounding"),
        "groups": ("叠加组", "stack group"),
        "prices": ("价格规则", "price"),
        "earn": ("积分规则", "earning"),
        "factors": ("积分倍率", "factor"),
        "manual": ("手工改价", "price by hand"),
        "promos": ("促销", "promotion"),
        "coupons": ("优惠券", "coupon"),
        "offsets": ("积分抵现", "points as money"),
        "spend_rewards": ("满返", "reward for spending"),
        "commissions": ("提成", "commission"),
        "expiry": ("积分有效期", "expiry"),
        "lapsed": ("会籍到期后", "after the term"),
        "unlisted": ("未列商品", "unlisted goods"),
        "enrol": ("入会", "joining"),
        "shown": ("小票与顾显", "receipt and display"),
        "stored_value": ("储值", "stored value"),
        "grants": ("活动积分", "points for no purchase"),
        "gifts": ("兑换", "gift for points"),
        "levels": ("会员等级", "levels"),
        "entitlements": ("权益", "entitlement"),
        "transfer": ("积分转赠", "transfer of points"),
        "holds": ("冻结", "holds"),
        "calendar": ("节日", "calendar"),
        "reminders": ("提醒", "reminder"),
        "display": ("顾显", "customer display"),
        "privacy": ("隐私", "privacy"),
        "roaming": ("异店使用", "roaming"),
        "guard": ("防刷", "guard"),
        "reversal": ("退货", "returns"),
        "late_swipe": ("补登", "late swipe"),
        "staff_purchase": ("员工购", "staff purchase"),
        "limits": ("检查标准", "limits of the check"),
    }
)
FIELDS: Mapping[str, Words] = MappingProxyType(
    {
        "points": ("积分", "points"),
        "step_fen": ("每满", "for each full"),
        "min_fen": ("满", "from"),
        "min_single_fen": ("单笔满", "one purchase of"),
        "amount_fen": ("金额", "amount"),
        "value_fen": ("面额", "worth"),
        "bonus_fen": ("赠送", "bonus"),
        "fee_fen": ("费用", "fee"),
        "basis_points": ("比例", "share"),
        "max_points": ("上限积分", "most points"),
        "max_times": ("上限次数", "most times"),
        "per": ("周期", "per"),
        "term": ("会籍期限", "term"),
        "life": ("有效期", "life"),
        "kind": ("方式", "kind"),
        "month": ("月", "month"),
        "day": ("日", "day"),
        "min_age": ("最低年限", "least age"),
        "channels": ("途径", "way in"),
        "rewards": ("奖励", "reward"),
        "renew": ("续会", "renewing"),
        "ladder": ("充值档", "top-up step"),
        "list": ("级别", "level"),
        "needs": ("条件", "needs"),
        "window": ("期间", "window"),
        "days_before": ("提前天数", "days before"),
        "qty": ("数量", "quantity"),
        "classes": ("价类", "price classes"),
        "when": ("时间与对象", "when"),
        "basis": ("积分取整", "points are floored by"),
        "min_total_fen": ("累计满", "purchases together of"),
        "min_qty": ("购买件数满", "pieces bought"),
        "within": ("期间内", "within"),
        "goods": ("限商品", "of the goods"),
        "fee_waived_for": ("免会费", "fee waived for"),
        "joining_purchase_earns": ("入会单积分", "the joining purchase earns"),
        "joining_purchase_saves": ("入会单补会员价", "coupon for member prices on joining"),
        "on_joining_return": ("入会单退货", "when the joining purchase comes back"),
        "family_cards": ("家庭副卡", "family cards"),
        "optional": ("选填资料", "may be told"),
        "activation": ("开通方式", "activation"),
        "fund": ("费用承担", "paid for by"),
        "hq_share": ("总部比例", "share of headquarters"),
        "life_events": ("人生大事", "life events"),
        "events": ("事由", "events"),
        "grades": ("按消费分档", "by what was bought"),
        "graded_within": ("消费期间", "bought within"),
        "either": ("二选一", "one of"),
        "review_on": ("评级日", "reviewed on"),
        "card_design": ("卡面", "card design"),
        "reachable": ("电话可用", "phone in service"),
        "consent": ("同意接收", "agreed to be told"),
        "task": ("店员任务", "a task of the shop"),
        "joined_for": ("入会已满", "member for"),
    }
)
_VALUES: Mapping[str, Words] = MappingProxyType(
    {
        "True": ("是", "yes"),
        "False": ("否", "no"),
        "never": ("永不过期", "never"),
        "card_age_check": ("按卡龄年检清零", "yearly check by the card's age"),
        "year_roll": ("跨年滚动", "year roll"),
        "sweep": ("统一清零", "sweep for all"),
        "ttl": ("每笔到期", "each lot after its life"),
        "payout": ("定期返还", "pay-out"),
        "fee": ("缴费", "a fee"),
        "purchase": ("单笔消费", "one purchase"),
        "grant": ("免费", "free"),
        "topup": ("单笔充值", "one top-up"),
        "receipt": ("整单", "receipt"),
        "line": ("逐行", "line"),
        "shop": ("门店", "the shop"),
        "hq": ("总部", "headquarters"),
        "shared": ("总部与门店分担", "both"),
        "keep": ("保留", "kept"),
        "take_back": ("收回奖励", "rewards taken back"),
        "close": ("收回奖励并注销", "rewards taken back, card closed"),
        "life_event": ("人生大事", "life event"),
        "manual": ("人工", "manual"),
        "auto": ("自动", "auto"),
        "message": ("短信激活", "message"),
        "approval": ("总部审批", "approval"),
        "in_store": ("到店登记", "in_store"),
        "regular": ("正价", "regular"),
        "special": ("特价", "special"),
        "swap": ("换购", "swap"),
        "best": ("取最优", "best"),
        "first": ("取首个", "first"),
        "add": ("叠加", "add"),
        "choice": ("会员选择", "choice"),
        "phone": ("电话", "phone"),
        "name": ("姓名", "name"),
        "birthday": ("生日", "birthday"),
        "earn": ("积分", "earn"),
        "later": ("建档后补", "later"),
        "no": ("不积分", "no"),
        "percent": ("折扣", "percent"),
        "amount": ("金额", "amount"),
        "service": ("服务", "service"),
        "item": ("物品", "item"),
        "store": ("门店", "store"),
        "post": ("邮寄", "post"),
        "sms": ("短信", "sms"),
        "member": ("会员", "member"),
        "anyone": ("任何人", "anyone"),
        "points": ("积分", "points"),
        "bonus": ("赠送金", "bonus"),
        "coupon": ("券", "coupon"),
        "reward": ("返利", "reward"),
        "gift": ("赠品", "gift"),
        "person": ("人", "person"),
        "card": ("卡", "card"),
        "times": ("次数", "times"),
        "day": ("日", "day"),
        "week": ("周", "week"),
        "month": ("月", "month"),
        "quarter": ("季", "quarter"),
        "half_year": ("半年", "half year"),
        "year": ("年", "year"),
    }
)


def field_words(name: str) -> Words:
    """Return the name of a field."""
    english = name.replace("_", " ")
    return FIELDS.get(name) or NAMES.get(name) or (CHINESE.get(name, name), english)


def value_words(value: object, field: str = "") -> Words:
    """Return a value of a pack in words; `field` says what a number counts."""
    if value is None or value in ((), {}):
        return "无", "none"
    if isinstance(value, Section):
        return _table(value)
    if isinstance(value, Mapping):
        parts = [(f"{key} {value[key]}", f"{key} {value[key]}") for key in sorted(value, key=str)]
        return "、".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)
    if isinstance(value, tuple):
        parts = [value_words(one, field) for one in value[:SHOWN_MAX]]
        more = f" … ({len(value)})" if len(value) > SHOWN_MAX else ""
        return "、".join(zh for zh, _ in parts) + more, ", ".join(en for _, en in parts) + more
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value, field)
    return _VALUES.get(str(value), (str(value), str(value)))


def _table(section: Section) -> Words:
    parts: list[Words] = []
    for name, default in type(section).model_fields.items():
        value = getattr(section, name)
        if name != "id" and (default.is_required() or value != default.default):
            zh, en = field_words(name)
            said = value_words(value, name)
            parts.append((f"{zh} {said[0]}", f"{en} {said[1]}"))
    return ",".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)


def _number(value: int, field: str) -> Words:
    if field.endswith("_fen") or field in ("from", "amount", "bonus", "worth", "for_each_full"):
        return f"{yuan(value)} 元", yuan(value)
    if field in ("basis_points", "share", "hq_share", "share_of_headquarters"):
        percent = f"{value // 100}.{value % 100:02d}%"
        return percent, percent
    return str(value), str(value)
