-- Requests that may be sent again: what they asked for, and which run answered them.
CREATE TABLE run_key (
  key         TEXT PRIMARY KEY,
  fingerprint TEXT    NOT NULL,
  run_id      TEXT    NOT NULL,
  status      TEXT    NOT NULL,
  asked_at    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX run_key_age ON run_key (asked_at);
