"""Parts that bodies of several kinds are made of. No behaviour. Amounts are int fen or points."""

import msgspec


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a body."""


class NewLot(Part, frozen=True):
    """A lot that this entry grants; its id is `<entry>:<n>`, granted at the entry's time.

    Returnable lots (one per sold line, n = the line's number) never lapse and are not listed.
    """

    n: int
    unit: str
    source: str  # join, sale, topup, ... (where it was earned)
    expires: str | None = None  # RFC 3339; None: never, or decided by the pack's yearly check
    topup: str = ""
    owner: str = ""
    amount: int = 0  # 0: all that the entry grants in this unit
    value_fen: int = 0  # of a coupon, what it pays; 0: the pack's rule says
    hq_part: int = 0  # of it (of a coupon's worth), what headquarters pays for; else the shop
    pending: bool = False  # not to be spent before headquarters has confirmed it


class Guide(Part, frozen=True):
    staff: str
    share: int  # of 10000; the shares of a sale add up to 10000


class ByHand(Part, frozen=True):
    """A price set by hand: what the whole line was to cost, and who allowed it, why."""

    fen: int
    role: str
    reason: str
    staff: str  # the second person


class SaleLine(Part, frozen=True):
    n: int  # 1, 2, 3 ... within the sale
    sku: str
    name: str  # as on the receipt
    qty: int  # pieces, or grams for goods sold by weight
    list_fen: int  # the whole line at list price
    paid_fen: int  # the whole line as sold
    cls: str  # price class of the price it got: regular, special, swap, gift
    points: int = 0  # the line's part of the points
    rule: str = ""  # the price rule that set the price
    code: str = ""  # the barcode as scanned
    by_hand: ByHand | None = None


class Tender(Part, frozen=True):
    code: str
    amount_fen: int  # what it pays of the sale
    given_fen: int = 0  # what was handed over, cash only
    change_fen: int = 0
    reference: str = ""


class Applied(Part, frozen=True):
    """A rule that applied: the number that went in and the number that came out."""

    rule: str
    what: str  # price, rounding, points, growth, ...
    base: int
    result: int


class Profile(Part, frozen=True):
    """A member's personal data, encrypted (XChaCha20-Poly1305, associated data: the card)."""

    cipher: str  # base64; the key lives in local.db and never in an entry
    nonce: str  # base64


class Welcome(Part, frozen=True):
    sku: str
    qty: int
    owed: bool = False  # out of stock: opened as 欠赠, not taken from stock


class Consent(Part, frozen=True):
    terms: str  # version of the terms agreed to
    marketing: bool


class Taken(Part, frozen=True):
    """A part of a lot that paid for something, or came back from having paid."""

    code: str  # the tender: stored_value, points, coupon
    unit: str
    lot: str
    amount: int
    worth_fen: int = 0  # what it paid of the bill
    list_fen: int = 0  # list price of what it paid for
    n: int = 0  # with no `lot`: the n-th of this entry, spent as it is earned


class Commission(Part, frozen=True):
    staff: str
    amount_fen: int


class Use(Part, frozen=True):
    """What a limit of the pack counts (限购, 限次, caps), of a member on a day.

    `line`: of that line alone, and comes back with its pieces; 0: of the whole receipt.
    """

    what: str  # a rule's id, `sku:<sku>`, `@sales`, `spend:<rule>`
    amount: int  # below 0: given back
    line: int = 0
    day: str = ""  # of the sale that it gives back; "" is the entry's own day


class Unlisted(Part, frozen=True):
    """A line of goods that nobody had listed; what they earn is decided when somebody has."""

    n: int
    code: str  # as it was scanned


class LotPart(Part, frozen=True):
    """An amount of one lot."""

    unit: str
    lot: str
    amount: int


class Earned(Part, frozen=True):
    """What lines earned and a return takes back: of lot `lot`, or of the n-th of this entry."""

    unit: str
    amount: int
    lot: str = ""
    n: int = 0


class Claim(Part, frozen=True):
    """What could not be taken back because it is spent: the n-th lot of this entry."""

    n: int
    unit: str  # of what is owed
    amount: int
    lots: tuple[LotPart, ...]  # that it stands for


class Advance(Part, frozen=True):
    """Points above the holding, lent while headquarters did not answer, and spent here at once."""

    n: int  # the lot of this entry that they are
    claim: int  # the lot of this entry that is owed for them (待扣)
    amount: int


class Settled(Part, frozen=True):
    claim: str  # its lot
    unit: str
    amount: int
    lot: str  # that gave it, "" for the n-th of this entry
    n: int = 0
