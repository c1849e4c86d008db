-- The first store. Not reversible. Locks out no older binary: there is none.
-- Frames and verdicts are kept as signed; everything that screens show is computed from them and the outbox.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

-- own: a stream that this device writes or has written, for one of its people. known: the server has its certificate.
CREATE TABLE streams (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  author BLOB NOT NULL CHECK (length(author) = 16),
  certificate BLOB NOT NULL,
  own INTEGER NOT NULL CHECK (own IN (0, 1)),
  known INTEGER NOT NULL CHECK (known IN (0, 1))
) STRICT;

-- The people of this device: where each is enrolled, which stream he writes now, where his reading left off.
-- restored: this store was put back or copied, so that the stream must not go on.
CREATE TABLE accounts (
  person BLOB PRIMARY KEY CHECK (length(person) = 16),
  department BLOB NOT NULL CHECK (length(department) = 16),
  department_key BLOB NOT NULL CHECK (length(department_key) = 32),
  server TEXT NOT NULL,
  fingerprint BLOB CHECK (length(fingerprint) = 16),
  stream BLOB NOT NULL REFERENCES streams (id),
  key BLOB NOT NULL CHECK (length(key) = 32),
  device TEXT NOT NULL,
  cursor BLOB NOT NULL,
  history BLOB NOT NULL,
  restored INTEGER NOT NULL CHECK (restored IN (0, 1)),
  active INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_active ON accounts (active) WHERE active = 1;

-- The server's epochs, as it signed them last.
CREATE TABLE epochs (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  bytes BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;

-- stands: whether the server's present state descends from it, so that it is a receipt.
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  epoch BLOB NOT NULL CHECK (length(epoch) = 16),
  epoch_order INTEGER NOT NULL,
  stands INTEGER NOT NULL CHECK (stands IN (0, 1)),
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  UNIQUE (epoch, number, bytes)
) STRICT;
-- A verdict may come before the frame that it judges.
CREATE TABLE frame_verdicts (
  frame BLOB NOT NULL CHECK (length(frame) = 32),
  verdict INTEGER NOT NULL REFERENCES verdicts (id),
  -- Whether the server says with it that it has the frame among the others.
  kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
  PRIMARY KEY (frame, verdict)
) STRICT, WITHOUT ROWID;

-- receipt: the verdict that counts, of the highest rank, when it stands. waits: to be offered to the server. counted: part of its
-- scope's root; what the server could not believe is not. Row numbers are the order of arrival.
CREATE TABLE frames (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  receipt INTEGER REFERENCES verdicts (id),
  waits INTEGER NOT NULL CHECK (waits IN (0, 1)),
  counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
  documents INTEGER NOT NULL CHECK (documents IN (0, 1)),
  counter INTEGER NOT NULL,
  stream BLOB NOT NULL REFERENCES streams (id),
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
  number INTEGER NOT NULL CHECK (number > 0),
  previous BLOB NOT NULL CHECK (length(previous) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  body BLOB NOT NULL
) STRICT;
CREATE INDEX frames_lane ON frames (stream, scope_kind, scope_id, number);
CREATE INDEX frames_counter ON frames (counter);
CREATE INDEX frames_documents ON frames (documents) WHERE documents = 1;
CREATE INDEX frames_scope ON frames (scope_kind, scope_id);
CREATE INDEX frames_waiting ON frames (waits) WHERE waits = 1;

-- The set of frames of each scope, as one sum.
CREATE TABLE scopes (
  kind INTEGER NOT NULL,
  id BLOB NOT NULL CHECK (length(id) = 16),
  root BLOB NOT NULL CHECK (length(root) = 16),
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Closed periods as the server has signed their state, and the frames that stand in them.
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY,
  unit BLOB NOT NULL CHECK (length(unit) = 16),
  period INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  UNIQUE (unit, period, bytes)
) STRICT;
CREATE TABLE snapshot_frames (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  snapshot INTEGER NOT NULL REFERENCES snapshots (id),
  stream BLOB NOT NULL CHECK (length(stream) = 32),
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
  number INTEGER NOT NULL CHECK (number > 0),
  previous BLOB CHECK (length(previous) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_frames_lane ON snapshot_frames (stream, scope_kind, scope_id, number);
CREATE TABLE snapshot_sheets (
  sheet BLOB NOT NULL REFERENCES sheets (id),
  snapshot INTEGER NOT NULL REFERENCES snapshots (id),
  PRIMARY KEY (sheet, snapshot)
) STRICT, WITHOUT ROWID;

-- Frames that a witness has stated to have been handed, by whom and when, and the frame that says so.
CREATE TABLE witnessed (
  frame BLOB NOT NULL CHECK (length(frame) = 32),
  witness BLOB NOT NULL CHECK (length(witness) = 16),
  at INTEGER,
  statement BLOB NOT NULL CHECK (length(statement) = 32),
  PRIMARY KEY (frame, witness)
) STRICT, WITHOUT ROWID;

-- Which frames touch a sheet; the key in JSON, so that a draft keeps its version whatever the configuration says.
CREATE TABLE sheets (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  key TEXT NOT NULL
) STRICT;
CREATE TABLE frame_sheets (
  sheet BLOB NOT NULL REFERENCES sheets (id),
  frame BLOB NOT NULL REFERENCES frames (hash),
  PRIMARY KEY (sheet, frame)
) STRICT, WITHOUT ROWID;

-- Written on this device and not sealed yet. A field has one row an author: later writes collapse into it and keep
-- what the first one replaced. An act has an empty field and its turn. One tree and no index beside it: a write
-- touches one page. No foreign keys: SQLite empties a table that has one row by row, and each sync empties this one.
CREATE TABLE outbox (
  sheet BLOB NOT NULL CHECK (length(sheet) = 16),
  author BLOB NOT NULL CHECK (length(author) = 16),
  field BLOB NOT NULL,
  turn INTEGER NOT NULL,
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
  written_at INTEGER NOT NULL,
  change BLOB NOT NULL,
  PRIMARY KEY (sheet, author, field, turn)
) STRICT, WITHOUT ROWID;
