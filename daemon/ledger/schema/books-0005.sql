-- Bills that wait for the mall's till, and what became of them.
CREATE TABLE mall_bill (
    no            INTEGER PRIMARY KEY,
    business_date TEXT NOT NULL,
    pay_fen       INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'paid', 'lapsed')),
    slip          TEXT NOT NULL,
    ended         INTEGER NOT NULL
) STRICT;
CREATE INDEX mall_bill_open ON mall_bill (no) WHERE state = 'open';
CREATE INDEX mall_bill_day ON mall_bill (business_date);
