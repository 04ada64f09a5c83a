-- When headquarters gave a chain up (RFC 3339); NULL: it is open, or went on in the next epoch.
ALTER TABLE chain ADD COLUMN closed TEXT;
