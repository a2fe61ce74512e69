-- Files that the last look at the store did not find, by inode; emptied when the next look begins.
CREATE TABLE gone (
  inode INTEGER NOT NULL,
  path  TEXT    NOT NULL,
  PRIMARY KEY (inode, path)
) WITHOUT ROWID;

-- A file that was gone when another path had its inode, size and modification time. Two may have
-- gone to one: a file that is renamed again before the remotes were told of its first path.
CREATE TABLE file_rename (
  from_path TEXT PRIMARY KEY,
  to_path   TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX file_rename_to ON file_rename (to_path);

-- Remotes that carried a rename by a copy of their own; it was counted then.
CREATE TABLE rename_copy (
  from_path TEXT    NOT NULL,
  remote    INTEGER NOT NULL,
  PRIMARY KEY (from_path, remote)
) WITHOUT ROWID;

-- What still looks like a rename. proven = 1 once the new path was read and held the same bytes.
CREATE VIEW renamed AS
SELECT r.from_path, r.to_path, CASE b.stale WHEN 0 THEN 1 ELSE 0 END AS proven
  FROM file_rename r
  JOIN file a ON a.path = r.from_path
  JOIN file b ON b.path = r.to_path
 WHERE a.stale = 0 AND a.sha256 IS NOT NULL
   AND b.state = 'present' AND b.missing_looks = 0 AND b.size = a.size
   AND (b.stale = 1 OR b.sha256 = a.sha256);

-- Renames that a remote does not hold under the new path: it keeps what lies under the old one.
CREATE VIEW rename_awaited AS
SELECT r.from_path AS path, m.id AS remote
  FROM renamed r CROSS JOIN remote m
 WHERE NOT EXISTS (SELECT 1 FROM copy c
                    WHERE c.path = r.to_path AND c.remote = m.id AND c.state = 'verified');
