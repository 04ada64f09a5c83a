-- See hq/schema/0014.sql.
CREATE TABLE shop_owner (
    box TEXT COLLATE "C" NOT NULL,
    since TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (box, since)
);
CREATE TABLE month (
    month TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    closed TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    second TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    reopened TEXT COLLATE "C",
    reopened_by TEXT COLLATE "C",
    reopened_second TEXT COLLATE "C",
    reopened_why TEXT COLLATE "C",
    PRIMARY KEY (month, n)
);
CREATE TABLE month_shop (
    month TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    box TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    last_day TEXT COLLATE "C" NOT NULL,
    z_days BIGINT NOT NULL,
    z_wrong TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (month, n, box)
);
CREATE TABLE month_chain (
    month TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    box TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    before TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (month, n, box, epoch)
);
CREATE TABLE month_figure (
    month TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    box TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    part TEXT COLLATE "C" NOT NULL,
    late TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (month, n, box, what, part, late)
);
CREATE TABLE late_entry (
    box TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    work BIGINT NOT NULL,
    PRIMARY KEY (box, epoch, seq)
);
CREATE INDEX late_entry_work ON late_entry (work);
CREATE TABLE late_watch (
    box TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    past TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (box, epoch)
);
