-- When a remote was first known to hold what it is known to hold now; later checks renew the proof,
-- not this. NULL where nobody knows. It says nothing while sha256 is NULL.
ALTER TABLE copy ADD COLUMN stored_at INTEGER;
UPDATE copy SET stored_at = verified_at WHERE sha256 IS NOT NULL;

-- When a file of this name was first seen; NULL where the catalog was rebuilt, or is older than this.
ALTER TABLE file ADD COLUMN known_at INTEGER;

-- What each thing in a remote's trash was. path is NULL where only the name is known, which may
-- have got a number behind it.
ALTER TABLE trashed ADD COLUMN path TEXT;
ALTER TABLE trashed ADD COLUMN sha256 TEXT;
ALTER TABLE trashed ADD COLUMN size INTEGER;
ALTER TABLE trashed ADD COLUMN modified_ns INTEGER;
ALTER TABLE trashed ADD COLUMN mode INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trashed ADD COLUMN known_at INTEGER;
ALTER TABLE trashed ADD COLUMN stored_at INTEGER;
ALTER TABLE trashed ADD COLUMN trashed_at INTEGER;
CREATE INDEX trashed_path ON trashed (path) WHERE path IS NOT NULL;

-- Copies that are snapshots of a database in use: each cycle looks at them again.
CREATE INDEX copy_snapshot ON copy (remote, path) WHERE proof = 'snapshot';
