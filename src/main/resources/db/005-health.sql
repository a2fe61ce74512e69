-- Since when a remote fails without a success in between, and when a cycle last succeeded there.
ALTER TABLE remote ADD COLUMN failing_since INTEGER;
ALTER TABLE remote ADD COLUMN succeeded_at INTEGER;
UPDATE remote SET succeeded_at = last_end_at WHERE last_state IN ('succeeded', 'partial');
UPDATE remote SET failing_since = last_end_at WHERE failures > 0;

-- On how many days after its own a day of the trash was looked at, and the last of them.
ALTER TABLE trash ADD COLUMN seen_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trash ADD COLUMN seen_day TEXT;

-- Names that were given in a remote's trash on one day, so that none is given twice.
CREATE TABLE trashed (
  remote INTEGER NOT NULL,
  day    TEXT    NOT NULL,
  name   TEXT    NOT NULL,
  PRIMARY KEY (remote, day, name)
) WITHOUT ROWID;
