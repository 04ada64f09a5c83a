-- Keys out of a backup: nobody reads a profile with them before headquarters has said who was
-- erased since the backup was made.
CREATE TABLE held_key (
    card  TEXT PRIMARY KEY,
    key   BLOB NOT NULL CHECK (length(key) = 32),
    phone BLOB
) STRICT;
