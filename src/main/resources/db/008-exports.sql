-- Exports of Dgraph that were seen, each until its files are proven to be at the remote.
--   task_id        as the Alpha wrote it; NULL where it answered when the export was over
--   files_named    the files that the Alpha named, one a line; NULL where it named none
--   destination    where the Alpha itself was told to bring the files; NULL for its own folder
--   task_ended_at  when the Alpha said the task had ended
--   task_good      1 when it ended well, 0 when not, NULL before
--   folder         of the objects at the remote, or what their names begin with
--   next_at        when something is to be done; NULL when nothing is
CREATE TABLE export (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id       TEXT,
  state         TEXT    NOT NULL,
  format        TEXT    NOT NULL,
  destination   TEXT,
  files_named   TEXT,
  requested_at  INTEGER NOT NULL,
  changed_at    INTEGER NOT NULL,
  task_ended_at INTEGER,
  task_good     INTEGER,
  read_ts       TEXT,
  folder        TEXT UNIQUE,
  attempts      INTEGER NOT NULL DEFAULT 0,
  unknowns      INTEGER NOT NULL DEFAULT 0,
  next_at       INTEGER,
  run_id        TEXT,
  error         TEXT
);
CREATE UNIQUE INDEX export_task ON export (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX export_next ON export (next_at) WHERE next_at IS NOT NULL;

-- Folders of the Alpha, each the output of one export.
CREATE TABLE export_folder (
  name   TEXT    PRIMARY KEY,
  export INTEGER NOT NULL REFERENCES export (id)
) WITHOUT ROWID;

-- Files of an export as they were when they were last looked at.
--   sha256  empty before the file was sent
--   state   expected, sent, proven, removed
CREATE TABLE export_file (
  export      INTEGER NOT NULL REFERENCES export (id),
  path        TEXT    NOT NULL,
  object_key  TEXT    NOT NULL,
  size        INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  changed_ns  INTEGER NOT NULL,
  inode       INTEGER NOT NULL,
  device      INTEGER NOT NULL,
  mode        INTEGER NOT NULL,
  sha256      TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  PRIMARY KEY (export, path)
) WITHOUT ROWID;

-- Uploads that would leave parts behind if they were cut off.
CREATE TABLE export_upload (
  object_key TEXT    PRIMARY KEY,
  begun_at   INTEGER NOT NULL
) WITHOUT ROWID;
