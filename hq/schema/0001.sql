-- Headquarters on one disk. What came from boxes (entry) is the truth; the rest of the books is a
-- fold over it, and the directory (products, staff, cards, packs) is what operators wrote.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- A chain is (box, epoch); HQ's own log is the chain ('hq', incarnation).
-- mark: longest linked prefix stored. booked: up to here the books have it. top: highest stored.
-- down_*: the log of messages for this chain; applied: up to here the chain has booked them.
CREATE TABLE chain (
    id INTEGER PRIMARY KEY,
    box TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    device_key BLOB,
    mark INTEGER NOT NULL DEFAULT 0,
    mark_hash TEXT NOT NULL,
    top INTEGER NOT NULL DEFAULT 0,
    booked INTEGER NOT NULL DEFAULT 0,
    booked_hash TEXT NOT NULL,
    down_seq INTEGER NOT NULL DEFAULT 0,
    down_hash TEXT NOT NULL,
    applied INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT -1,
    UNIQUE (box, epoch)
) STRICT;

CREATE TABLE entry (
    chain INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    prev BLOB NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_key ON entry (chain, seq, hash);

CREATE TABLE box (
    name TEXT PRIMARY KEY,
    session TEXT NOT NULL DEFAULT '',
    online INTEGER NOT NULL DEFAULT 0,
    seen_ms INTEGER NOT NULL DEFAULT 0,
    software TEXT NOT NULL DEFAULT '',
    pack TEXT NOT NULL DEFAULT '',
    devices TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;

CREATE TABLE device_key (
    box TEXT NOT NULL,
    key BLOB NOT NULL,
    bound TEXT NOT NULL,
    PRIMARY KEY (box, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    digest BLOB PRIMARY KEY,
    box TEXT NOT NULL,
    issued TEXT NOT NULL,
    device_key BLOB
) STRICT, WITHOUT ROWID;

-- What a person has to look at. seq 0: not about one entry.
CREATE TABLE work (
    id INTEGER PRIMARY KEY,
    box TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    at TEXT NOT NULL,
    closed TEXT,
    UNIQUE (box, epoch, seq, hash, kind)
) STRICT;

CREATE TABLE balance (
    account TEXT NOT NULL,
    unit TEXT NOT NULL,
    lot TEXT NOT NULL,
    holder TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, unit, lot, holder)
) STRICT, WITHOUT ROWID;

-- What HQ holds in its own hand and may release.
CREATE INDEX balance_hq ON balance (account, unit, lot) WHERE holder = 'hq' AND amount > 0;

CREATE TABLE lot (
    lot TEXT NOT NULL,
    account TEXT NOT NULL,
    unit TEXT NOT NULL,
    granted TEXT NOT NULL,
    expires TEXT,
    source TEXT NOT NULL,
    topup TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (lot, unit)
) STRICT, WITHOUT ROWID;

-- chain: the one that enrolled the member (it needs no telling). digest: of what boxes are told.
CREATE TABLE member (
    id TEXT PRIMARY KEY,
    card TEXT NOT NULL,
    reference TEXT,
    home TEXT NOT NULL,
    chain INTEGER NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    joined TEXT NOT NULL,
    term_ends TEXT,
    level TEXT NOT NULL DEFAULT '',
    staff TEXT NOT NULL DEFAULT '',
    cipher TEXT,
    nonce TEXT,
    key BLOB,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX member_card ON member (card);
CREATE UNIQUE INDEX member_reference ON member (reference);

-- Keys that came beside entries; the one that opens the profile is the member's.
CREATE TABLE carried_key (
    member TEXT NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (member, key)
) STRICT, WITHOUT ROWID;

-- The directory: what boxes shall know.
-- shop: the box that is told; '' = every box.
CREATE TABLE product (
    sku TEXT PRIMARY KEY,
    shop TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE TABLE staff (
    no TEXT PRIMARY KEY,
    shop TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE TABLE card_range (
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (first, last)
) STRICT, WITHOUT ROWID;
CREATE TABLE pack (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    document TEXT NOT NULL,
    stored TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE TABLE activation (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE opening_stock (
    box TEXT NOT NULL,
    sku TEXT NOT NULL,
    qty INTEGER NOT NULL,
    serial_first TEXT NOT NULL,
    serial_last TEXT NOT NULL,
    told INTEGER,
    PRIMARY KEY (box, sku)
) STRICT, WITHOUT ROWID;

-- The down log of each chain, and what each chain has been told (digest of the last telling).
CREATE TABLE down (
    chain INTEGER NOT NULL,
    n INTEGER NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    member TEXT NOT NULL,
    text TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (chain, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE told (
    chain INTEGER NOT NULL,
    what TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (chain, what, key)
) STRICT, WITHOUT ROWID;
