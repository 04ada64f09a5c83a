-- See hq/schema/0012.sql.
CREATE TABLE used (
    member TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (member, day, what)
);
ALTER TABLE chain ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN level_until TEXT COLLATE "C";
