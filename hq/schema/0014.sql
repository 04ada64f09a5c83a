-- The month at headquarters: hq/closing.py counts it, hq/latecases.py sees what comes too late.
-- Whose a shop is, from the month `since` on.
CREATE TABLE shop_owner (
    box TEXT NOT NULL,
    since TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (box, since)
) STRICT, WITHOUT ROWID;
-- A closing of a month, the n-th. Of those that nobody has reopened a month has one at most.
CREATE TABLE month (
    month TEXT NOT NULL,
    n INTEGER NOT NULL,
    closed TEXT NOT NULL,
    who TEXT NOT NULL,
    second TEXT NOT NULL,
    reason TEXT NOT NULL,
    reopened TEXT,
    reopened_by TEXT,
    reopened_second TEXT,
    reopened_why TEXT,
    PRIMARY KEY (month, n)
) STRICT, WITHOUT ROWID;
-- state: whole, or late (closed without the rest of it; why). z_days: days whose Z is there;
-- z_wrong: where they and the entries differ, empty: nowhere.
CREATE TABLE month_shop (
    month TEXT NOT NULL,
    n INTEGER NOT NULL,
    box TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    last_day TEXT NOT NULL,
    z_days INTEGER NOT NULL,
    z_wrong TEXT NOT NULL,
    PRIMARY KEY (month, n, box)
) STRICT, WITHOUT ROWID;
-- What the figures stand on: entries first..last of a chain, the last one's hash, the one's before.
CREATE TABLE month_chain (
    month TEXT NOT NULL,
    n INTEGER NOT NULL,
    box TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    hash TEXT NOT NULL,
    before TEXT NOT NULL,
    PRIMARY KEY (month, n, box, epoch)
) STRICT, WITHOUT ROWID;
-- late: the closed month that the amount corrects; empty: the month's own.
CREATE TABLE month_figure (
    month TEXT NOT NULL,
    n INTEGER NOT NULL,
    box TEXT NOT NULL,
    what TEXT NOT NULL,
    part TEXT NOT NULL,
    late TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (month, n, box, what, part, late)
) STRICT, WITHOUT ROWID;
-- Entries with a business date in a closed month that came after it was closed.
CREATE TABLE late_entry (
    box TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    work INTEGER NOT NULL,
    PRIMARY KEY (box, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX late_entry_work ON late_entry (work);
-- Up to where a chain was looked at for them, and the closed month that it is past.
CREATE TABLE late_watch (
    box TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    past TEXT NOT NULL,
    PRIMARY KEY (box, epoch)
) STRICT, WITHOUT ROWID;
