-- What is neither an entry nor made from entries.
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The key of a profile, by the card that the profile is bound to. Losing it erases the person.
CREATE TABLE member_key (
    card  TEXT PRIMARY KEY,
    key   BLOB NOT NULL CHECK (length(key) = 32),
    phone BLOB
) STRICT;
CREATE INDEX member_key_phone ON member_key (phone) WHERE phone IS NOT NULL;

-- Messages of HQ's log that wait for an earlier one. Losing them is harmless.
CREATE TABLE inbox (
    epoch     INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    message   BLOB NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (epoch, n)
) STRICT;

-- HQ's last signed acknowledgement of each chain.
CREATE TABLE acknowledged (
    epoch       INTEGER PRIMARY KEY,
    incarnation INTEGER NOT NULL,
    mark        INTEGER NOT NULL,
    hash        TEXT NOT NULL,
    statement   BLOB NOT NULL,
    signature   TEXT NOT NULL
) STRICT;

CREATE TABLE spool (
    job    INTEGER PRIMARY KEY AUTOINCREMENT,
    entry  TEXT NOT NULL,
    kind   TEXT NOT NULL,
    device TEXT NOT NULL,
    n      INTEGER NOT NULL,
    state  TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'confirmed', 'unsure'))
) STRICT;
CREATE INDEX spool_open ON spool (job) WHERE state IN ('queued', 'unsure');

CREATE TABLE parked (
    slot   INTEGER PRIMARY KEY CHECK (slot BETWEEN 1 AND 9),
    basket TEXT NOT NULL
) STRICT;
