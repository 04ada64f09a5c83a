-- Members who were erased, with every card that was ever theirs. Their keys are refused.
CREATE TABLE tombstone (
    member TEXT NOT NULL,
    card TEXT NOT NULL,
    PRIMARY KEY (member, card)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_card ON tombstone (card);
-- '1': something was erased since the write-ahead log was last emptied.
INSERT OR IGNORE INTO meta VALUES ('wipe', '0');
