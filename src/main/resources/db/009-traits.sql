-- Who owns a file, by number; NULL where nobody looked yet.
ALTER TABLE file ADD COLUMN uid INTEGER;
ALTER TABLE file ADD COLUMN gid INTEGER;

-- What the store has beside files: its folders, and symbolic links that are not followed.
--   path     of a folder it ends with a slash, so that the order is that of a scan
--   target   of a link, in the text form of paths; NULL for a folder
--   here     1 lies in the store, or did at the last look; 0 known from a remote, to be restored
CREATE TABLE node (
  path          TEXT PRIMARY KEY,
  target        TEXT,
  mode          INTEGER NOT NULL,
  uid           INTEGER,
  gid           INTEGER,
  modified_ns   INTEGER NOT NULL,
  here          INTEGER NOT NULL DEFAULT 1,
  missing_looks INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX node_missing ON node (path) WHERE missing_looks > 0;
