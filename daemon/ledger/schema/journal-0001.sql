-- The only truth: entries' bytes and hashes, nothing else. id = epoch << 32 | seq, so that a new
-- entry always goes to the end of the tree.
CREATE TABLE entry (
    id   INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    data BLOB NOT NULL
) STRICT;

-- For people who look with the sqlite3 shell.
CREATE VIEW readable AS
SELECT id >> 32 AS epoch, id & 0xffffffff AS seq, lower(hex(hash)) AS hash,
    CAST(data AS TEXT) AS data
FROM entry;
