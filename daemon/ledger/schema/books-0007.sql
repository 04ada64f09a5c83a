-- What headquarters told this shop and is not done with: what the screen plays, settings, messages to
-- the clerks, goods kept for somebody, gifts on their way, packs whose bytes have not come.
CREATE TABLE notice (
    kind TEXT    NOT NULL,
    key  TEXT    NOT NULL,
    no   INTEGER NOT NULL,
    body TEXT    NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
