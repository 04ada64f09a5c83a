-- How far an account went in a block of 2048 entries (posting.id >> 23), all lots together: what
-- a balance as of an entry subtracts from the balance of now.
CREATE TABLE block_sum (
    block   INTEGER NOT NULL,
    account INTEGER NOT NULL,
    amount  INTEGER NOT NULL,
    PRIMARY KEY (block, account)
) STRICT, WITHOUT ROWID;
INSERT INTO block_sum SELECT id >> 23, account, sum(amount) FROM posting GROUP BY 1, 2;
