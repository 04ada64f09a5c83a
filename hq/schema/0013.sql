-- Which entries concern a member, under the id that the entry names (hq/trail.py).
-- trailed: up to here a chain's entries are in it.
CREATE TABLE trail (
    member TEXT NOT NULL,
    chain INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (member, chain, seq)
) STRICT, WITHOUT ROWID;
ALTER TABLE chain ADD COLUMN trailed INTEGER NOT NULL DEFAULT 0;
-- What two persons at headquarters changed of a member's points: `adjusted` by a complaint or an
-- audit, `cleared` by an audit. audit: 0 for none. points: below 0 to be taken; of `cleared`, what
-- there was. lot: what was given, "" for none. state: open, done, short (not all of it could be).
CREATE TABLE correction (
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL,
    member TEXT NOT NULL,
    points INTEGER NOT NULL,
    reason TEXT NOT NULL,
    operator TEXT NOT NULL,
    second TEXT NOT NULL,
    at TEXT NOT NULL,
    audit INTEGER NOT NULL DEFAULT 0,
    lot TEXT NOT NULL DEFAULT '',
    due TEXT NOT NULL DEFAULT '',
    day TEXT NOT NULL DEFAULT '',
    here INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'open'
) STRICT;
CREATE INDEX correction_member ON correction (member);
CREATE INDEX correction_open ON correction (id) WHERE state = 'open';
-- The requests to shops that a correction is made of: message n of a chain's log.
CREATE TABLE correction_part (
    correction INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (correction, chain, n)
) STRICT, WITHOUT ROWID;
-- The yearly check of points (积分核对). day: whose cards are old enough then lose what was granted
-- up to it. since: the first business date of the statements. rule: what clears, as JSON. state:
-- counting, open, confirming, confirmed, undone.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    period TEXT NOT NULL,
    day TEXT NOT NULL,
    since TEXT NOT NULL,
    rule TEXT NOT NULL,
    state TEXT NOT NULL
) STRICT;
-- Up to which entry of a chain it looks (mark), from which (first), and how far it has counted;
-- told_ms: when what headquarters knew then of the shop was said.
CREATE TABLE audit_chain (
    audit INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    first INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    told_ms INTEGER NOT NULL,
    PRIMARY KEY (audit, chain)
) STRICT, WITHOUT ROWID;
-- paper: what the shop's register says; NULL: nothing. decision: '', box, paper. bought: the last
-- business date of a purchase in the time that was counted. sent: 1 when confirmed and asked for.
CREATE TABLE audit_card (
    audit INTEGER NOT NULL,
    member TEXT NOT NULL,
    card TEXT NOT NULL,
    home TEXT NOT NULL,
    joined TEXT NOT NULL,
    level TEXT NOT NULL,
    paper INTEGER,
    decision TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    operator TEXT NOT NULL DEFAULT '',
    second TEXT NOT NULL DEFAULT '',
    bought TEXT NOT NULL DEFAULT '',
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (audit, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_card_card ON audit_card (audit, card);
-- Points by whose hand and by what became of them; `closing`: what the books said at the marks.
CREATE TABLE audit_sum (
    audit INTEGER NOT NULL,
    member TEXT NOT NULL,
    shop TEXT NOT NULL,
    what TEXT NOT NULL,
    points INTEGER NOT NULL,
    PRIMARY KEY (audit, member, shop, what)
) STRICT, WITHOUT ROWID;
-- Who did what with it, and when: the record that stays, also of what was undone. before: the cards
-- as they stood, as JSON. undone: the event that took it back, 0 for none.
CREATE TABLE audit_event (
    id INTEGER PRIMARY KEY,
    audit INTEGER NOT NULL,
    at TEXT NOT NULL,
    operator TEXT NOT NULL,
    second TEXT NOT NULL,
    what TEXT NOT NULL,
    card TEXT NOT NULL,
    note TEXT NOT NULL,
    before TEXT NOT NULL DEFAULT '',
    undone INTEGER NOT NULL DEFAULT 0
) STRICT;
