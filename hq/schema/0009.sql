-- What operators tell shops as such: each row is one thing under a name of its own (kind, key).
-- box: '' = every shop. gone: it was withdrawn; shops that were told it are told that too.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    box TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    at TEXT NOT NULL,
    gone TEXT,
    UNIQUE (kind, key, box)
) STRICT;
-- What became of it in a shop: read, collected, cancelled, lapsed; or why it was refused.
CREATE TABLE notice_end (
    notice INTEGER NOT NULL,
    box TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (notice, box)
) STRICT, WITHOUT ROWID;
-- The public key of a certificate (DER, hex), so that it can be renewed without asking the box; and
-- when the certificate ends.
ALTER TABLE certificate ADD COLUMN public TEXT;
ALTER TABLE certificate ADD COLUMN ends TEXT;
-- What members earned by no purchase (a click, a handbook), to count the pack's limits; a request
-- that comes twice is one.
CREATE TABLE earned (
    request TEXT PRIMARY KEY,
    member TEXT NOT NULL,
    rule TEXT NOT NULL,
    day TEXT NOT NULL,
    points INTEGER NOT NULL,
    entry TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX earned_member ON earned (member, rule, day);
