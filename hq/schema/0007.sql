-- Certificates that HQ made, by serial number (hex). name: a box, a broker, or hq.
CREATE TABLE certificate (
    serial TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    issued TEXT NOT NULL,
    revoked TEXT
) STRICT, WITHOUT ROWID;
