"""The key grammar: what has been typed and one key more make a command, or are still typing.

State decides which grammar, shape decides the command; CLEAR is not grammar (machine.py). A key
that fits nothing makes Wrong, and what was typed is dropped: going on would sell another number.
"""

import re

import msgspec

ENTER = "ENTER"
CLEAR = "CLEAR"

AMOUNT_FEN_MAX = 99_999_999  # 999,999.99 yuan: no counter sells for more, a barcode as amount does
QTY_MAX = 9_999  # pieces or grams; more is a product number typed for a quantity
GUIDES_MAX = 4  # of one sale: more names do not fit the receipt's line
CARD_DIGITS = range(4, 20)  # track 2 holds 19 digits at most
PLU_DIGITS_MAX = 5
GTIN_DIGITS = (8, 12, 13)


class Typing(msgspec.Struct, frozen=True):
    typed: str


class Wrong(msgspec.Struct, frozen=True):
    pass


class Enter(msgspec.Struct, frozen=True):
    """ENTER with nothing typed."""


class Find(msgspec.Struct, frozen=True):
    """A product number or barcode to sell."""

    number: str
    qty: int


class LookUp(msgspec.Struct, frozen=True):
    number: str


class Phone(msgspec.Struct, frozen=True):
    number: str


class CardNumber(msgspec.Struct, frozen=True):
    number: str


class Amount(msgspec.Struct, frozen=True):
    """Goods without a code: what one of them costs."""

    fen: int
    qty: int


class Reprice(msgspec.Struct, frozen=True):
    """Another price for a line, set by hand."""


class Void(msgspec.Struct, frozen=True):
    n: int | None  # None: the last line


class GuideNumbers(msgspec.Struct, frozen=True):
    numbers: tuple[str, ...]


class Function(msgspec.Struct, frozen=True):
    digit: str


class Pay(msgspec.Struct, frozen=True):
    """A tender by its key; fen None: the rest."""

    key: str
    fen: int | None


class TakeBack(msgspec.Struct, frozen=True):
    pass


class Choose(msgspec.Struct, frozen=True):
    """The member's coupons, and what he may choose among."""


class Number(msgspec.Struct, frozen=True):
    digits: str


BasketCommand = (
    Typing
    | Wrong
    | Enter
    | Find
    | LookUp
    | Phone
    | CardNumber
    | Amount
    | Reprice
    | Void
    | GuideNumbers
    | Function
)
TenderCommand = Typing | Wrong | Enter | Pay | TakeBack | Choose
NumberCommand = Typing | Wrong | Number

_BASKET = re.compile(
    r"(\d{1,4}\*)?(\d{0,19}|\d{1,9}\.\d{0,9})"  # number, amount, either with a quantity
    r"|\.\d{0,13}|\.\.\d{0,19}"  # price look-up, card number
    r"|\*(\d{1,4}(\*\d{1,4}){0,8}\*?)?"  # guides
    r"|/"
)
_FIND = re.compile(r"(?:(\d{1,4})\*)?(\d{1,19})")
_PRICE = re.compile(r"(?:(\d{1,4})\*)?([\d.]+)")
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
_PHONE = re.compile(r"1[3-9]\d{9}")
_GUIDES = re.compile(r"(\*\d{1,4})+")
_QUANTITY = re.compile(r"(\d{1,4})\*\d*")
_TENDER = re.compile(r"(\d{1,9}(\.\d{0,9})?)?\*?")


def basket_key(typed: str, key: str) -> BasketCommand:
    """Return what `key` makes of `typed` where goods are keyed."""
    if key == ENTER:
        return _entered(typed)
    if key == "+":
        return _priced(typed) if typed else Reprice()
    if key == "-":
        if not typed:
            return Void(None)
        return Void(int(typed)) if re.fullmatch(r"\d{1,3}", typed) else Wrong()
    if typed == "/":
        return Function(key) if key.isdigit() else Wrong()
    longer = typed + key
    return Typing(longer) if _BASKET.fullmatch(longer) else Wrong()


def tender_key(typed: str, key: str) -> TenderCommand:
    """Return what `key` makes of `typed` at the total."""
    if key == "-":
        return TakeBack() if not typed else Wrong()
    if key == "+" and not typed:
        return Choose()
    if key == ENTER:
        if not typed:
            return Enter()
        fen = amount_fen(typed)
        return Wrong() if fen is None else Pay(ENTER, fen)
    if typed.endswith("*"):
        amount = typed[:-1]
        fen = amount_fen(amount)
        if not key.isdigit() or (amount and fen is None):
            return Wrong()
        return Pay(f"*{key}", fen)
    longer = typed + key
    return Typing(longer) if _TENDER.fullmatch(longer) else Wrong()


def number_key(typed: str, key: str, shape: re.Pattern[str]) -> NumberCommand:
    """Return what `key` makes of `typed` where one number is asked; `shape`: what may be typed."""
    if key == ENTER:
        return Number(typed.lstrip("."))
    longer = typed + key
    return Typing(longer) if shape.fullmatch(longer) else Wrong()


def amount_fen(typed: str) -> int | None:
    """Return yuan as typed (`120`, `9.9`) in fen; None: no amount, 0, or more than there can be."""
    match = _AMOUNT.fullmatch(typed)
    if match is None:
        return None
    yuan, fraction = match.groups()
    fen = int(yuan) * 100 + int((fraction or "").ljust(2, "0"))
    return fen if 0 < fen <= AMOUNT_FEN_MAX else None


def typed_quantity(typed: str) -> int | None:
    """Return n of `n *` at the front of what is typed; 1 when there is none, None when it is 0."""
    match = _QUANTITY.fullmatch(typed)
    return 1 if match is None else int(match[1]) or None


def is_phone(digits: str) -> bool:
    return _PHONE.fullmatch(digits) is not None


def is_gtin(digits: str) -> bool:
    """Return whether digits are a barcode of 8, 12 or 13 digits with the right check digit."""
    if len(digits) not in GTIN_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    weighted = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits[:-1])))
    return (weighted + int(digits[-1])) % 10 == 0


def may_be_bank_card(digits: str) -> bool:
    """Return whether digits have the length and the check digit (Luhn) of a bank card's number."""
    if not 16 <= len(digits) <= 19 or not (digits.isascii() and digits.isdigit()):
        return False
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _entered(typed: str) -> BasketCommand:
    if not typed:
        return Enter()
    if typed.startswith(".."):
        number = typed[2:]
        return CardNumber(number) if len(number) in CARD_DIGITS else Wrong()
    if typed.startswith("."):
        number = typed[1:]
        return LookUp(number) if _is_product(number) else Wrong()
    if typed.startswith("*"):
        return _guided(typed)
    match = _FIND.fullmatch(typed)
    if match is None:
        return Wrong()
    quantity, number = match.groups()
    if quantity is None and is_phone(number):
        return Phone(number)
    qty = int(quantity or 1)
    return Find(number, qty) if qty and _is_product(number) else Wrong()


def _is_product(number: str) -> bool:
    return 0 < len(number) <= PLU_DIGITS_MAX or is_gtin(number)


def _guided(typed: str) -> BasketCommand:
    if _GUIDES.fullmatch(typed) is None:
        return Wrong()
    numbers = tuple(typed[1:].split("*"))
    return GuideNumbers(numbers) if len(numbers) <= GUIDES_MAX else Wrong()


def _priced(typed: str) -> BasketCommand:
    match = _PRICE.fullmatch(typed)
    if match is None:
        return Wrong()
    quantity, amount = match.groups()
    fen, qty = amount_fen(amount), int(quantity or 1)
    if fen is None or not qty:
        return Wrong()
    return Amount(fen, qty)
