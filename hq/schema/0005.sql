-- Whom an activation is for ('' = every shop, else a channel or a box), and from when.
ALTER TABLE activation ADD COLUMN target TEXT NOT NULL DEFAULT '';
ALTER TABLE activation ADD COLUMN starts TEXT;
-- Shops that get packs together: a pilot, a region.
CREATE TABLE channel (box TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
