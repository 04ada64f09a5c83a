-- Goods that one shop sent to another (stock.moved): the chain they go to is told of them, once it
-- has begun. body: the message.
CREATE TABLE goods_way (
    sent  TEXT PRIMARY KEY,
    box   TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    body  TEXT NOT NULL,
    told  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_way_untold ON goods_way (box, epoch) WHERE told = 0;
