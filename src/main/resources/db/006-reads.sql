-- When a file was last read through Caravan, or brought back for a reader: such a file is kept.
ALTER TABLE file ADD COLUMN read_at INTEGER;
