"""Acts of the shop itself: goods, drawer, shift, day, and members as persons. Read by acts.py."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from daemon.actfacts import Facts, read
from daemon.ledger import daybook
from daemon.ledger.acts import deposit, notice, person, shift, stock
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.kinds import Kind
from daemon.ledger.messages_shop import GoodsSent
from daemon.ledger.notices import Notice
from daemon.ledger.records import Draft, Entry
from daemon.ledger.views import NoticeRow

Act = Callable[[Facts, bytes], Draft | Refusal]


def _received(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, stock.ReceiveRequest)
    row = _told(facts, Notice.GOODS, asked.sent) if asked.sent else None
    sent = None if row is None else msgspec.json.decode(row.body, type=GoodsSent)
    if sent is not None and sent.to != str(facts.chain()):
        why = f"{sent.sent} went to {sent.to}, an older chain of this box: ask headquarters"
        return Refusal("not_allowed", why)
    return stock.receive(asked, facts.stamp(asked), sent)


def _adjusted(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, stock.AdjustStockRequest)
    return stock.adjust_stock(asked, facts.stamp(asked))


def _counted(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, stock.CountRequest)
    if asked.position and facts.entry(asked.position) is None:
        return Refusal("not_allowed", f"{asked.position} is no entry of this box")
    shelf = facts.shelf([line.sku for line in asked.lines], asked.position)
    return stock.count(asked, shelf, facts.stamp(asked))


def _moved(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, stock.MoveRequest)
    return stock.send(asked, facts.stamp(asked))


def _shift_opened(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, shift.SignOnRequest)
    staff = facts.store.books.staff(asked.operator)
    if staff is None:
        return Refusal("not_allowed", f"{asked.operator} is none of the staff")
    return shift.open_shift(asked, daybook.till(facts.store), facts.stamp(asked), staff.role)


def _shift_closed(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, shift.CloseShiftRequest)
    return shift.close_shift(asked, daybook.till(facts.store), facts.stamp(asked))


def _cash_moved(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, shift.MoveCashRequest)
    return shift.move_cash(asked, facts.stamp(asked))


def _drawer_opened(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, shift.OpenDrawerRequest)
    return shift.open_drawer(asked, facts.stamp(asked))


def _deposit_taken(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, deposit.TakeDepositRequest)
    member = facts.member(asked.member, asked.card)
    return deposit.take(asked, member, facts.balance, facts.stamp(asked))


def _deposit_applied(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, deposit.ApplyDepositRequest)
    taken = _open_deposit(facts, asked.deposit)
    if isinstance(taken, Refusal):
        return taken
    return deposit.apply(taken, facts.entry(asked.sale), facts.balance, facts.stamp(asked))


def _deposit_refunded(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, deposit.RefundDepositRequest)
    taken = _open_deposit(facts, asked.deposit)
    if isinstance(taken, Refusal):
        return taken
    return deposit.refund(asked, taken, facts.balance, facts.stamp(asked))


def _open_deposit(facts: Facts, name: str) -> Entry | Refusal:
    """Return the entry of a deposit of this chain that nobody has used yet."""
    taken = facts.entry(name)
    if taken is None or taken.epoch != facts.store.chain.epoch:
        return Refusal("not_allowed", f"{name} is no deposit of these books: ask headquarters")
    if any(facts.answer(name, kind) for kind in (Kind.DEPOSIT_APPLIED, Kind.DEPOSIT_REFUNDED)):
        return Refusal("already_returned", f"deposit {name} was applied or paid back already")
    return taken


def _day_closed(facts: Facts, data: bytes) -> Draft | Refusal:
    return facts.close_day(read(data, shift.CloseDayRequest))


def _commission_paid(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, shift.PayCommissionRequest)
    owed = {one.staff: daybook.commission_owed(facts.store, one.staff) for one in asked.paid}
    return shift.pay_commission(asked, owed, facts.stamp(asked))


def _member_updated(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, person.UpdateRequest)
    member = facts.member(asked.member, asked.card)
    row = facts.row(member.id)
    known = None if row is None else facts.person(row)
    if row is None or known is None:
        return Refusal("not_allowed", "this member's data cannot be read here: ask headquarters")
    wanted, fields = person.changed(asked, known)
    if not fields:
        return Refusal("not_allowed", "nothing would change")
    return person.update(member, facts.locked_again(row, wanted), fields, facts.stamp(asked))


def _consent_changed(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, person.ConsentRequest)
    member = facts.member(asked.member, asked.card)
    return person.consent(asked, member, facts.stamp(asked))


def _member_erased(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, person.EraseRequest)
    member = facts.member(asked.member, asked.card)
    cards = tuple(facts.store.books.cards_of(member.id))
    if cards and set(cards) <= set(facts.store.books.erased_cards()):
        return Refusal("not_allowed", f"member {member.id} is erased already")
    return person.erase(asked, member, cards, facts.stamp(asked))


def _message_read(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, notice.ReadRequest)
    if _told(facts, Notice.MESSAGE, asked.message) is None:
        return Refusal("not_allowed", f"no message {asked.message} waits to be read")
    return notice.read_message(asked.message, facts.at(), facts.by())


def _reservation_ended(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, notice.EndReservationRequest)
    row = _told(facts, Notice.RESERVATION, asked.reservation)
    if row is None:
        return Refusal("not_allowed", f"nothing is kept under {asked.reservation}")
    return notice.end_reservation(asked, row, facts.stamp(asked))


def _told(facts: Facts, kind: Notice, key: str) -> NoticeRow | None:
    rows = facts.store.books.notices(kind)
    return next((row for row in rows if row.key == key), None)


SHOP_ACTS: Mapping[str, Act] = MappingProxyType(
    {
        Kind.STOCK_RECEIVED.value: _received,
        Kind.STOCK_ADJUSTED.value: _adjusted,
        Kind.STOCK_COUNTED.value: _counted,
        Kind.STOCK_MOVED.value: _moved,
        Kind.SHIFT_OPENED.value: _shift_opened,
        Kind.SHIFT_CLOSED.value: _shift_closed,
        Kind.CASH_MOVED.value: _cash_moved,
        Kind.DRAWER_OPENED.value: _drawer_opened,
        Kind.DAY_CLOSED.value: _day_closed,
        Kind.DEPOSIT_TAKEN.value: _deposit_taken,
        Kind.DEPOSIT_APPLIED.value: _deposit_applied,
        Kind.DEPOSIT_REFUNDED.value: _deposit_refunded,
        Kind.COMMISSION_PAID.value: _commission_paid,
        Kind.MEMBER_UPDATED.value: _member_updated,
        Kind.CONSENT_CHANGED.value: _consent_changed,
        Kind.MEMBER_ERASED.value: _member_erased,
        Kind.MESSAGE_READ.value: _message_read,
        Kind.RESERVATION_ENDED.value: _reservation_ended,
    }
)
