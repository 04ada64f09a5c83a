-- The last business date on which a member did something in a shop.
CREATE TABLE seen (member TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT, WITHOUT ROWID;
