-- After a restore of headquarters: which incarnation a chain has confirmed, and the number up to
-- which its entries must be booked before that counts (NULL: it has not said so yet).
ALTER TABLE chain ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE chain ADD COLUMN confirms_at INTEGER;
-- Grants that boxes brought back: released in our own log when every shop's releases are known.
CREATE TABLE adopted (chain INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (chain, n)) STRICT,
    WITHOUT ROWID;
-- Messages of ours in the place of which a box had applied others, of a later incarnation: signed
-- again when the box has confirmed, unless they are among those that it brings.
CREATE TABLE displaced (
    chain INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT NOT NULL,
    member TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (chain, n)
) STRICT, WITHOUT ROWID;
