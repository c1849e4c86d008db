-- The first store. Not reversible. Locks out no older binary: there is none.
-- Frames and verdicts are kept as signed; everything that screens show is computed from them and the outbox.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

CREATE TABLE streams (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  author BLOB NOT NULL CHECK (length(author) = 16),
  certificate BLOB NOT NULL
) STRICT;

CREATE TABLE frames (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  stream BLOB NOT NULL REFERENCES streams (id),
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
  number INTEGER NOT NULL CHECK (number > 0),
  previous BLOB NOT NULL CHECK (length(previous) = 32),
  counter INTEGER NOT NULL,
  documents INTEGER NOT NULL CHECK (documents IN (0, 1)),
  body BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;
CREATE INDEX frames_lane ON frames (stream, scope_kind, scope_id, number);
CREATE INDEX frames_documents ON frames (counter, number) WHERE documents = 1;

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

CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  epoch_order INTEGER NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  UNIQUE (epoch_order, number, bytes)
) STRICT;
-- A verdict may come before the frame that it judges.
CREATE TABLE frame_verdicts (
  frame BLOB NOT NULL CHECK (length(frame) = 32),
  verdict INTEGER NOT NULL REFERENCES verdicts (id),
  PRIMARY KEY (frame, verdict)
) STRICT, WITHOUT ROWID;

-- Written on this device and not sealed yet. A field has one row: later writes collapse into it and keep what the
-- first one replaced.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  sheet BLOB NOT NULL REFERENCES sheets (id),
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL,
  field TEXT NOT NULL,
  change TEXT NOT NULL,
  written_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_field ON outbox (sheet, field) WHERE field <> '';
