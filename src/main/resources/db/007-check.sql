-- What a listing of a remote showed while a check compares it; emptied afterwards.
CREATE TABLE check_listing (
  remote INTEGER NOT NULL,
  path   TEXT    NOT NULL,
  size   INTEGER NOT NULL,
  PRIMARY KEY (remote, path)
) WITHOUT ROWID;
