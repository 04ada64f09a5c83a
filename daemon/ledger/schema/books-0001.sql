-- A projection of the journal: thrown away and made again at any time.
-- Entries have a dense number `no` over all chains of this box (chain.first_no + seq - 1).
-- A lot of this box is no << 12 | n; any other is negative and has its name in lot_name; 0: none.
CREATE TABLE watermark (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    hash  TEXT NOT NULL,
    no    INTEGER NOT NULL,
    -- the last time that a trusted clock wrote
    boot    TEXT,
    mono_ms INTEGER,
    wall    TEXT
) STRICT;

CREATE TABLE chain (epoch INTEGER PRIMARY KEY, first_no INTEGER NOT NULL) STRICT;

-- (source, id) of every entry, as 63 bits of its digest; a hit is compared with the entry itself.
CREATE TABLE asked (key INTEGER PRIMARY KEY, no INTEGER NOT NULL) STRICT;

-- `returnable:<lot>` is stored once as `returnable:`; its lot says which.
CREATE TABLE account (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    unit   TEXT NOT NULL,
    holder TEXT NOT NULL,
    UNIQUE (name, unit, holder)
) STRICT;

-- id = no << 12 | place in the entry
CREATE TABLE posting (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    lot     INTEGER NOT NULL,
    amount  INTEGER NOT NULL
) STRICT;

CREATE TABLE balance (
    account INTEGER NOT NULL,
    lot     INTEGER NOT NULL,
    amount  INTEGER NOT NULL,
    PRIMARY KEY (account, lot)
) STRICT, WITHOUT ROWID;

CREATE TABLE lot (
    id      INTEGER PRIMARY KEY,
    granted TEXT NOT NULL,
    expires TEXT,
    source  TEXT NOT NULL,
    topup   TEXT NOT NULL,
    owner   TEXT NOT NULL
) STRICT;

CREATE TABLE lot_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE member (
    id        TEXT PRIMARY KEY,
    card      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    joined    TEXT NOT NULL,
    term_ends TEXT,
    level     TEXT NOT NULL,
    staff     TEXT NOT NULL,
    cipher    TEXT,
    nonce     TEXT
) STRICT;

-- Cards of members, and blocked cards of anybody (member '').
CREATE TABLE card (
    number TEXT PRIMARY KEY,
    member TEXT NOT NULL,
    status TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE card_range (first TEXT NOT NULL, last TEXT NOT NULL, kind TEXT NOT NULL) STRICT;

CREATE TABLE product (
    sku      TEXT PRIMARY KEY,
    plu      INTEGER,
    barcode  TEXT,
    scale    TEXT,
    document BLOB NOT NULL
) STRICT;
CREATE INDEX product_plu ON product (plu) WHERE plu IS NOT NULL;
CREATE INDEX product_barcode ON product (barcode) WHERE barcode IS NOT NULL;
CREATE INDEX product_scale ON product (scale) WHERE scale IS NOT NULL;

CREATE TABLE staff (no TEXT PRIMARY KEY, badge TEXT NOT NULL, document BLOB NOT NULL) STRICT;

CREATE TABLE sale (
    no       INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    operator TEXT NOT NULL,
    member   TEXT NOT NULL,
    pay_fen  INTEGER NOT NULL,
    enrolled TEXT NOT NULL
) STRICT;

-- Which entries answer which: returns their sale.
CREATE TABLE answer (re INTEGER NOT NULL, no INTEGER NOT NULL, PRIMARY KEY (re, no)) STRICT,
    WITHOUT ROWID;

-- The first entry of a business date, so that "today" is a range of numbers.
CREATE TABLE day (business_date TEXT PRIMARY KEY, first_no INTEGER NOT NULL) STRICT;

-- Per business date, kind of entry and tender code ('' = the whole entry): how many, how much.
CREATE TABLE day_total (
    business_date TEXT NOT NULL,
    kind          TEXT NOT NULL,
    tender        TEXT NOT NULL,
    count         INTEGER NOT NULL,
    amount_fen    INTEGER NOT NULL,
    PRIMARY KEY (business_date, kind, tender)
) STRICT, WITHOUT ROWID;

CREATE TABLE shift (
    opened        TEXT PRIMARY KEY,
    operator      TEXT NOT NULL,
    business_date TEXT NOT NULL
) STRICT;

CREATE TABLE pack (
    id       TEXT NOT NULL,
    version  INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (id, version, hash)
) STRICT;

CREATE TABLE active_pack (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash    TEXT NOT NULL
) STRICT;

-- The newest pack that HQ asked for; in force once its time has come.
CREATE TABLE wanted_pack (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    epoch   INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash    TEXT NOT NULL,
    start   TEXT
) STRICT;

-- The last message of each chain's down log that was applied or refused.
CREATE TABLE down_mark (epoch INTEGER PRIMARY KEY, n INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
