-- What limits of a pack count (限购, 限次), by the day of the sale. Read from the year's first day on.
CREATE TABLE used (
    member TEXT NOT NULL,
    day    TEXT NOT NULL,
    what   TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (member, day, what)
) STRICT, WITHOUT ROWID;

-- What a coupon pays; 0: the pack's rule of its kind says.
ALTER TABLE lot ADD COLUMN value_fen INTEGER NOT NULL DEFAULT 0;
