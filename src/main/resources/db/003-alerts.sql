-- What runs came to and nobody was told of yet: written with the run's state, in one transaction.
CREATE TABLE run_news (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL,
  state  TEXT NOT NULL
);

-- How each kind of run has fared since it last succeeded.
--   alerted      an alert about failures was raised since then
--   alerted_halt the kind of the halt about which one was raised since then
CREATE TABLE streak (
  operation    TEXT PRIMARY KEY,
  failures     INTEGER NOT NULL,
  alerted      INTEGER NOT NULL,
  alerted_halt TEXT
) WITHOUT ROWID;

-- Messages on their way out; a row goes when its message has arrived, or is given up.
CREATE TABLE outbox (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT    NOT NULL UNIQUE,
  channel   TEXT    NOT NULL CHECK (channel IN ('notify', 'ping')),
  kind      TEXT    NOT NULL,
  operation TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  retry_at  INTEGER NOT NULL DEFAULT 0
);
