-- What a folder or link looks like in the store where a restore could not give it all that is on
-- record: mode, user and group. While it looks like that, the record stays; NULL where it had all.
ALTER TABLE node ADD COLUMN instead TEXT;
