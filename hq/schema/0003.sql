-- Cards that were ever blocked: every box hears of them, whoever it follows.
CREATE TABLE card_status (card TEXT PRIMARY KEY, status TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO card_status SELECT card, max(status) FROM member WHERE status <> 'active' GROUP BY card;

-- Boxes that are told of a member beside its home shop: they asked, or served its card.
CREATE TABLE follow (
    box TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (box, member)
) STRICT, WITHOUT ROWID;
INSERT INTO follow SELECT DISTINCT c.box, t.key FROM told AS t JOIN chain AS c ON c.id = t.chain
    WHERE t.what = 'member';

-- Accounts of cards that no shop knew (member id `card:<card>`), and where they were seen.
CREATE TABLE visitor (
    id TEXT NOT NULL,
    box TEXT NOT NULL,
    card TEXT NOT NULL,
    PRIMARY KEY (id, box)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO visitor
    SELECT substr(account, instr(account, ':') + 1), substr(holder, 1, instr(holder, '.') - 1),
        substr(account, instr(account, ':card:') + 6)
    FROM balance WHERE instr(account, ':card:') > 0 AND instr(holder, '.') > 0
        AND holder NOT LIKE 'transit:%';

-- A member id that stands for another. Nothing is posted; taking the row away undoes it.
CREATE TABLE alias (alias TEXT PRIMARY KEY, member TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX alias_member ON alias (member);

-- Questions of boxes during a sale. outcome NULL: parts of the answer are still on their way.
CREATE TABLE ask (
    chain INTEGER NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    member TEXT NOT NULL,
    unit TEXT NOT NULL,
    accounts TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    granted INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    PRIMARY KEY (chain, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ask_open ON ask (at_ms) WHERE outcome IS NULL;

-- Requests to holders (message n of their log), and which question waits for them.
CREATE TABLE please (
    chain INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT NOT NULL,
    member TEXT NOT NULL,
    unit TEXT NOT NULL,
    asked INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    ask TEXT NOT NULL,
    PRIMARY KEY (chain, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX please_ask ON please (ask) WHERE ask <> '';

-- What a claim (待扣) stands for, as JSON: [{unit, lot, amount}].
CREATE TABLE claim (
    lot TEXT PRIMARY KEY,
    member TEXT NOT NULL,
    unit TEXT NOT NULL,
    stands TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A digest of the phone number under a key of HQ's own; empty: there is none; NULL: not looked yet.
ALTER TABLE member ADD COLUMN phone BLOB;
CREATE INDEX member_phone ON member (phone) WHERE phone IS NOT NULL;
CREATE INDEX member_home ON member (home);
