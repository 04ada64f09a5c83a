-- When a level is looked at again; who brought the member; card types by face value that he holds,
-- one space between two; goods that nobody had listed when they were sold, by the code on them.
ALTER TABLE member ADD COLUMN level_until TEXT;
ALTER TABLE member ADD COLUMN broker TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN benefits TEXT NOT NULL DEFAULT '';
CREATE TABLE unlisted (
    code TEXT    NOT NULL,
    no   INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (code, no, n)
) STRICT, WITHOUT ROWID;
