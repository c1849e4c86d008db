-- The first store. Not reversible. Locks out no older binary: there is none.
-- Frames and verdicts are kept as signed; totals, levels and rankings are computed from them.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE streams (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  author BLOB NOT NULL CHECK (length(author) = 16),
  certificate BLOB NOT NULL,
  -- Last exchange, Unix seconds of this server.
  last_seen INTEGER
) STRICT;

CREATE TABLE frames (
  -- Given in the committing transaction: a reader's cursor can't skip a late commit.
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  stream BLOB NOT NULL REFERENCES streams (id),
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
  number INTEGER NOT NULL CHECK (number > 0),
  previous BLOB NOT NULL CHECK (length(previous) = 32),
  counter INTEGER NOT NULL,
  documents INTEGER NOT NULL CHECK (documents IN (0, 1)),
  body BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX frames_lane ON frames (stream, scope_kind, scope_id, number);
CREATE INDEX frames_documents ON frames (counter, number) WHERE documents = 1;

CREATE TABLE frame_sheets (
  sheet BLOB NOT NULL CHECK (length(sheet) = 16),
  position INTEGER NOT NULL REFERENCES frames (position),
  PRIMARY KEY (sheet, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
  batch INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch_order INTEGER NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  UNIQUE (epoch_order, number)
) STRICT;
CREATE TABLE frame_verdicts (
  position INTEGER NOT NULL REFERENCES frames (position),
  batch INTEGER NOT NULL REFERENCES verdicts (batch),
  PRIMARY KEY (position, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX frame_verdicts_batch ON frame_verdicts (batch);

-- What could not be read or was wrongly signed: kept under its carrier, within a quota, and shown to nobody else.
CREATE TABLE quarantine (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  carrier BLOB NOT NULL REFERENCES streams (id),
  bytes BLOB NOT NULL,
  reason TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolments (
  code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),
  person BLOB NOT NULL CHECK (length(person) = 16),
  expires INTEGER NOT NULL,
  used_at INTEGER
) STRICT;

CREATE TABLE accounts (
  login TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL
) STRICT;
