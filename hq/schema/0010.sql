-- What the rules ask of a member beside his level: segments, who brought him, card types by value.
ALTER TABLE member ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN broker TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN benefits TEXT NOT NULL DEFAULT '';
