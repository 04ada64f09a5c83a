-- Goods that came with a date on the carton; what is left of a batch is not known.
CREATE TABLE batch (
    no     INTEGER NOT NULL,
    sku    TEXT NOT NULL,
    batch  TEXT NOT NULL,
    use_by TEXT NOT NULL,
    qty    INTEGER NOT NULL
) STRICT;
CREATE INDEX batch_use_by ON batch (use_by);
