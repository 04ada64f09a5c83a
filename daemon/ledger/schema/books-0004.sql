-- Segments that headquarters put a member into, one space between two.
ALTER TABLE member ADD COLUMN tags TEXT NOT NULL DEFAULT '';
