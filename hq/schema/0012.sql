-- What members did in all shops, by day, as levels measure it (daemon/rules/measuring.py).
-- counted: up to here a chain's entries are in it. level_until: when the level is looked at again.
CREATE TABLE used (
    member TEXT NOT NULL,
    day TEXT NOT NULL,
    what TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (member, day, what)
) STRICT, WITHOUT ROWID;
ALTER TABLE chain ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN level_until TEXT;
