"""What a pack says and the running shop does not obey, or by itself only: said plainly."""

from collections.abc import Iterator

from daemon.rules.lint_account import Finding
from daemon.rules.models import Pack


def desk_findings(pack: Pack) -> Iterator[Finding]:
    """Return a note on each setting that neither the counter nor headquarters carries out, or that
    no two shops carry out together."""
    yield from _holdings(pack)
    yield from _kept(pack)
    yield from _by_shop(pack)


def _found(path: str, reason: str, fix: str) -> Finding:
    return Finding("note", path, reason, fix)


def _holdings(pack: Pack) -> Iterator[Finding]:
    """What would move points or coupons."""
    if pack.holds is not None and pack.holds.void_after is not None:
        reason = "nothing voids by itself what is held"
        yield _found("holds.void_after", reason, "Use memberbox-hq hold void.")
    for place, coupon in enumerate(pack.coupons):
        if coupon.transferable:
            reason = f"no key of the counter passes {coupon.id} on"
            yield _found(f"coupons[{place}].transferable", reason, "Leave it out.")
    if pack.transfer is not None and not pack.transfer.keep_lot_date:
        reason = "points are not passed on with new dates: the counter refuses"
        yield _found(
            "transfer.keep_lot_date", reason, "Use true, and the counter passes points on."
        )
    elif pack.transfer is not None and pack.transfer.by == "hq":
        reason = "the counter passes no points on, and headquarters has no command for it"
        yield _found("transfer.by", reason, "Use clerk or manager.")


def _kept(pack: Pack) -> Iterator[Finding]:
    """What is kept for the shop's own use, and decides nothing."""
    if pack.stored_value is not None and pack.stored_value.accept == "chain":
        reason = "which shops take value hangs on their books, not on this"
        yield _found("stored_value.accept", reason, "Leave it out.")
    told = any(one.on == "lapse" for one in pack.reminders)
    if pack.expiry.notice_days and not told:
        reason = "nobody is told by this number of days"
        yield _found("expiry.notice_days", reason, "Add a reminder on lapse with days_before.")
    by_chain = pack.levels is not None and pack.levels.decided_by == "chain"
    for place, level in enumerate(() if pack.levels is None else pack.levels.list):
        if level.coupon is not None and by_chain:
            reason = "a rise that headquarters decides brings no coupon"
            yield _found(f"levels.list[{place}].coupon", reason, "Count on rises at a shop only.")
        if level.card_design is not None:
            reason = "no card is printed here: it is kept for who orders cards"
            yield _found(
                f"levels.list[{place}].card_design", reason, "Tell the maker of the cards."
            )


def _by_shop(pack: Pack) -> Iterator[Finding]:
    """What is no holding: two shops that cannot reach each other both count from nothing."""
    late = pack.late_swipe
    counted = {
        "guard.earning_sales_per_day": pack.guard is not None
        and pack.guard.earning_sales_per_day is not None,
        "staff_purchase.quota_fen": pack.staff_purchase is not None,
        "late_swipe.per_month": late is not None and late.beyond == "freeze",
    }
    for path in [path for path, said in counted.items() if said]:
        reason = "each shop counts what the card did there, and not in the others"
        yield _found(path, reason, "Choose it as what one shop may do.")
