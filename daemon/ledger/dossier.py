"""All that the books hold of one member, for the member to take away. A pure fold over entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from daemon.ledger.bodies import (
    CardIssued,
    CardReplaced,
    ConsentChanged,
    DownApplied,
    MemberEnrolled,
    MemberErased,
    MemberRenewed,
    MemberUpdated,
    Profile,
)
from daemon.ledger.codec import CodecError, down_body, down_message
from daemon.ledger.ids import id_of
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.records import Entry


@dataclass(slots=True)
class Dossier:
    member: str
    cards: list[str] = field(default_factory=list)
    profile: Profile | None = None
    profile_card: str = ""
    joined: str = ""
    term_ends: str | None = None
    terms: str = ""
    marketing: bool | None = None
    erased: bool = False
    balances: dict[str, int] = field(default_factory=dict)  # by account and unit
    entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Take one more entry; one that is not about this member changes nothing."""
        ours = self._about(entry)
        for posting in entry.postings:
            account, _, member = posting.account.partition(":")
            if member == self.member and posting.holder == f"{entry.box}.{entry.epoch}":
                name = f"{account} ({posting.unit})"
                self.balances[name] = self.balances.get(name, 0) + posting.amount
                ours = True
        if ours:
            self.entries.append(entry)

    def _about(self, entry: Entry) -> bool:
        body = entry.body
        match body:
            case MemberEnrolled() if id_of(entry) == self.member:
                self._known(body.card, body.profile, body.joined, body.term_ends)
                self.terms, self.marketing = body.consent.terms, body.consent.marketing
                return True
            case DownApplied(message=message):
                return self._told(message)
            case MemberUpdated(member=self.member):
                self.profile, self.profile_card = body.profile, body.card
                return True
            case ConsentChanged(member=self.member):
                self.terms, self.marketing = body.consent.terms, body.consent.marketing
                return True
            case CardReplaced(member=self.member):
                locked = Profile(body.cipher, body.nonce) if body.cipher else None
                self._known(body.card, locked, self.joined, self.term_ends)
                return True
            case CardIssued(member=self.member):
                self._known(body.card, None, self.joined, self.term_ends)
                return True
            case MemberRenewed(member=self.member):
                self.term_ends = body.term_ends
                return True
            case MemberErased(member=self.member):
                self.erased, self.profile = True, None
                return True
            case _:
                return bool(getattr(body, "member", "") == self.member)

    def _told(self, message: str) -> bool:
        try:
            body = down_body(down_message(message.encode()))
        except CodecError:
            return False
        if isinstance(body, MemberSnapshot) and body.id == self.member:
            self._known(body.card, body.profile, body.joined, body.term_ends)
            return True
        return bool(getattr(body, "member", "") == self.member)

    def _known(
        self, card: str, profile: Profile | None, joined: str, term_ends: str | None
    ) -> None:
        if card not in self.cards:
            self.cards.append(card)
        if profile is not None:
            self.profile, self.profile_card = profile, card
        self.joined, self.term_ends = joined, term_ends


def member_of(entries: Iterable[Entry], card: str) -> str | None:
    """Return the member who has or had a card; None: nobody."""
    found = None
    for entry in entries:
        match entry.body:
            case MemberEnrolled() as joined if joined.card == card:
                found = id_of(entry)
            case CardReplaced() | CardIssued() as new if new.card == card:
                found = new.member
            case DownApplied(message=message) if card in message:
                try:
                    told = down_body(down_message(message.encode()))
                except CodecError:
                    continue
                if isinstance(told, MemberSnapshot) and told.card == card:
                    found = told.id
            case _:
                continue
    return found


def left(balances: Mapping[str, int]) -> dict[str, int]:
    """Return the balances that are not zero."""
    return {name: amount for name, amount in sorted(balances.items()) if amount}
