-- What is where. Times ending in _at are milliseconds since 1970, those ending in _ns nanoseconds.
-- Paths are in the text form of StorePath; SQLite's BINARY order of them is the order of a scan.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- One row per file of the store.
--   present  lies in the store, or did at the last look
--   purged   left the disk to give space back; its copies at the remotes are the file
--   deleted  its owner deleted it; the row lives until every remote has been told
-- sha256 describes the version that the other columns describe only while stale = 0.
CREATE TABLE file (
  path         TEXT PRIMARY KEY,
  state        TEXT    NOT NULL CHECK (state IN ('present', 'purged', 'deleted')),
  size         INTEGER NOT NULL,
  modified_ns  INTEGER NOT NULL,
  changed_ns   INTEGER NOT NULL,
  inode        INTEGER NOT NULL,
  device       INTEGER NOT NULL,
  mode         INTEGER NOT NULL,
  sha256       TEXT,
  stale        INTEGER NOT NULL DEFAULT 1,
  seen_at      INTEGER NOT NULL,
  missing_looks INTEGER NOT NULL DEFAULT 0,
  missing_at   INTEGER
) WITHOUT ROWID;

CREATE INDEX file_missing ON file (path) WHERE missing_looks > 0;
CREATE INDEX file_not_present ON file (state, path) WHERE state <> 'present';

-- One row per configured remote, ever.
CREATE TABLE remote (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,
  identity      TEXT NOT NULL,
  owned         INTEGER NOT NULL DEFAULT 0,
  reconcile     INTEGER NOT NULL DEFAULT 1,
  failures      INTEGER NOT NULL DEFAULT 0,
  retry_at      INTEGER,
  error         TEXT,
  last_run_id   TEXT,
  last_state    TEXT,
  last_begin_at INTEGER,
  last_end_at   INTEGER,
  last_uploaded INTEGER,
  last_bytes    INTEGER,
  backup_at     INTEGER
);

-- One row per file and remote. sha256, size, etag and version name what the remote is known to hold;
-- they are cleared, and committed so, before another version is sent. Only state = 'verified' says
-- that this is the file's current version.
CREATE TABLE copy (
  path        TEXT    NOT NULL,
  remote      INTEGER NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('pending', 'verified', 'failed')),
  sha256      TEXT,
  size        INTEGER,
  etag        TEXT,
  version     TEXT,
  proof       TEXT,
  verified_at INTEGER,
  pending_at  INTEGER,
  attempts    INTEGER NOT NULL DEFAULT 0,
  retry_at    INTEGER,
  reason      TEXT,
  PRIMARY KEY (path, remote)
) WITHOUT ROWID;

CREATE INDEX copy_open ON copy (remote, path) WHERE state <> 'verified';

-- What a listing of a remote showed while the catalog had to be rebuilt; emptied afterwards.
CREATE TABLE listing (
  remote      INTEGER NOT NULL,
  path        TEXT    NOT NULL,
  size        INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  etag        TEXT,
  PRIMARY KEY (remote, path)
) WITHOUT ROWID;

-- Uploads that leave something behind at the remote when they are interrupted.
CREATE TABLE upload (
  remote   INTEGER NOT NULL,
  path     TEXT    NOT NULL,
  begun_at INTEGER NOT NULL,
  PRIMARY KEY (remote, path)
) WITHOUT ROWID;

-- Days on which something was moved into a remote's trash.
CREATE TABLE trash (
  remote INTEGER NOT NULL,
  day    TEXT    NOT NULL,
  PRIMARY KEY (remote, day)
) WITHOUT ROWID;

CREATE TABLE run (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id       TEXT NOT NULL UNIQUE,
  operation    TEXT NOT NULL,
  cause        TEXT NOT NULL,
  state        TEXT NOT NULL,
  dry_run      INTEGER NOT NULL DEFAULT 0,
  requested_at INTEGER NOT NULL,
  started_at   INTEGER,
  ended_at     INTEGER,
  error        TEXT,
  report       TEXT NOT NULL DEFAULT '{}'
);

CREATE INDEX run_state ON run (state);

-- What a run did to each file, and why; bounded per run.
CREATE TABLE item (
  run_id  TEXT    NOT NULL,
  seq     INTEGER NOT NULL,
  path    TEXT    NOT NULL,
  remote  TEXT,
  action  TEXT    NOT NULL,
  reason  TEXT    NOT NULL,
  state   TEXT    NOT NULL,
  size    INTEGER,
  message TEXT,
  PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

-- A refusal that waits for a person. An approval covers what was refused, not what comes later.
CREATE TABLE halt (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id      TEXT    NOT NULL,
  kind        TEXT    NOT NULL,
  message     TEXT    NOT NULL,
  begun_at    INTEGER NOT NULL,
  approved_at INTEGER,
  ended_at    INTEGER
);

-- The deletions that a halt refused.
CREATE TABLE halted_deletion (
  halt INTEGER NOT NULL,
  path TEXT    NOT NULL,
  PRIMARY KEY (halt, path)
) WITHOUT ROWID;
