"""储值充值凭证 in two copies, and the slip of one that was taken back. No sale: 不征税."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import msgspec

from daemon.display.blocks import (
    footing,
    heading,
    holdings,
    member_name,
    numbered,
    tendered,
    to_sign,
)
from daemon.display.facts import NO_NAMES, Copy, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import TopUp, TopUpVoided
from daemon.ledger.records import Entry
from daemon.paper import Paper


class TopUpFacts(msgspec.Struct, frozen=True):
    hash: str
    qr: str
    member: MemberOnPaper
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)


class TopUpWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    title: str
    subtitle: str
    voided: str
    principal: str
    bonus: str
    points: str
    coupon: str  # {kind} {n}
    registered: str
    bearer: str
    law: tuple[str, ...]
    identity: Mapping[str, str]
    terms: str  # {terms}
    paid_back: str
    copies: tuple[str, str]  # the shop's, the customer's


ZH = TopUpWords(
    title="储值充值凭证",
    subtitle="(不征税·非销售小票)",
    voided="储值充值冲正",
    principal="充值本金",
    bonus="赠送金",
    points="赠送积分",
    coupon="赠券 {kind}",
    registered="记名卡",
    bearer="不记名卡",
    law=(
        "记名卡本金不设有效期,可挂失、可转让、可退。付款之日起7日内未消费的,可要求退还本金。",
        "储值消费时不再开具发票",
    ),
    identity=MappingProxyType({"recorded": "身份信息已登记", "missing": "身份信息未登记"}),
    terms="章程编号 {terms},已告知",
    paid_back="退还本金",
    copies=("商户联", "顾客联"),
)

EN = TopUpWords(
    title="Stored value bought",
    subtitle="(no sale, not taxed)",
    voided="Top-up taken back",
    principal="Principal",
    bonus="Bonus",
    points="Points given",
    coupon="Coupon {kind}",
    registered="registered",
    bearer="bearer",
    law=(
        "Principal on a registered card never lapses; the card can be blocked, transferred and"
        " refunded. Within 7 days, unused, the principal is paid back on demand.",
        "What is paid with it is not invoiced again.",
    ),
    identity=MappingProxyType(
        {"recorded": "Identity recorded", "missing": "Identity not recorded"}
    ),
    terms="Terms {terms}, told",
    paid_back="Principal paid back",
    copies=("Shop's copy", "Customer's copy"),
)


class Whose(Enum):
    """The two copies of a slip that both sides sign."""

    SHOP = 0
    CUSTOMER = 1


def topup_slips(
    entry: Entry, facts: TopUpFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the shop's copy and the customer's, one below the other, each cut off."""
    return tuple(
        block
        for whose in Whose
        for block in topup_slip(entry, facts, shop, columns, copy, whose=whose)
    )


def topup_slip(
    entry: Entry,
    facts: TopUpFacts,
    shop: ShopFacts,
    columns: int,
    copy: Copy = Copy.FIRST,
    *,
    whose: Whose = Whose.CUSTOMER,
) -> Paper:
    """Return one copy."""
    words = EN if shop.language == "en" else ZH
    texts, body = texts_of(shop.language), entry.body
    sheet = Sheet(columns)
    voided = isinstance(body, TopUpVoided)
    title = words.voided if voided else words.title
    heading(sheet, texts, shop, title=title, copy=copy, subtitle=words.subtitle)
    guides = body.guides if isinstance(body, TopUp) else ()
    numbered(sheet, texts, entry, guides=guides, operator=texts.handled)
    sheet.row(member_name(texts, facts.member))
    sheet.rule()
    if isinstance(body, TopUp):
        _bought(sheet, texts, words, body, facts)
    else:
        assert isinstance(body, TopUpVoided), f"{entry.kind} is no top-up"
        sheet.row(words.paid_back, yuan(body.amount_fen), bold=True, height=2)
        if body.bonus_fen:
            sheet.row(words.bonus, yuan(-body.bonus_fen))
        if body.points:
            sheet.row(words.points, f"{-body.points:+d}")
        tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    sheet.rule()
    holdings(sheet, texts, facts.member)
    sheet.rule()
    if isinstance(body, TopUp):
        for sentence in words.law:
            sheet.note(sentence)
        sheet.note(words.terms.format(terms=body.terms))
    to_sign(sheet, texts.customer_signs)
    sheet.centre(words.copies[whose.value])
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def _bought(sheet: Sheet, texts: Texts, words: TopUpWords, body: TopUp, facts: TopUpFacts) -> None:
    sheet.row(words.registered if body.registered else words.bearer)
    if body.identity in words.identity:
        sheet.row(words.identity[body.identity])
    sheet.row(words.principal, yuan(body.amount_fen), bold=True, height=2)
    sheet.row(words.bonus, yuan(body.bonus_fen))
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    if body.points:
        sheet.row(words.points, f"{body.points:+d}")
    for lot in body.lots:
        _, _, kind = lot.unit.partition("coupon:")
        if kind:
            sheet.row(words.coupon.format(kind=kind), yuan(lot.value_fen))
