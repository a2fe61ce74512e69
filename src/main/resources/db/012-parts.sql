-- Uploads in parts that can be gone on with after they were cut off.
--   place      of the remote, without a secret
--   sha256     of the whole content
--   form       how the server was asked to check the parts
CREATE TABLE upload_cut (
  place      TEXT    NOT NULL,
  object_key TEXT    NOT NULL,
  upload_id  TEXT    NOT NULL,
  sha256     TEXT    NOT NULL,
  part_size  INTEGER NOT NULL,
  form       TEXT    NOT NULL,
  PRIMARY KEY (place, object_key)
) WITHOUT ROWID;

-- The parts of such an upload that the server took.
CREATE TABLE upload_part (
  place      TEXT    NOT NULL,
  object_key TEXT    NOT NULL,
  number     INTEGER NOT NULL,
  etag       TEXT    NOT NULL,
  crc32c     TEXT    NOT NULL,
  PRIMARY KEY (place, object_key, number)
) WITHOUT ROWID;

-- When a person last asked for another try of an export, and whether the folder of its objects is
-- known to be nobody else's. Exports of before were sent without asking.
ALTER TABLE export ADD COLUMN retried_at INTEGER;
ALTER TABLE export ADD COLUMN reserved INTEGER NOT NULL DEFAULT 1;
