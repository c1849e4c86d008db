-- The server's store. Not reversible. Locks out no older program: there is none.
-- Frames, certificates and verdicts are kept as the bytes that were signed; totals, levels and rankings are computed from
-- them. Positions and batch numbers are given in the committing transaction and only grow: a reader's cursor can't skip a
-- late commit.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    certificate BLOB NOT NULL,
    author BLOB NOT NULL CHECK (length(author) = 16),
    revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
    -- When a device of this stream synced last, by the server's clock.
    last_seen INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX streams_author ON streams (author);

CREATE TABLE frames (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    stream BLOB NOT NULL REFERENCES streams (id),
    scope_kind INTEGER NOT NULL,
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
    -- Number and counter are unsigned on the wire: the same 64 bits here.
    number INTEGER NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    counter INTEGER NOT NULL,
    -- 1: of the server's own stream, so that its documents are configuration.
    documents INTEGER NOT NULL CHECK (documents IN (0, 1)),
    received_at INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    body BLOB NOT NULL
) STRICT;
-- Not unique: clones of a device give one number two meanings, and both are kept.
CREATE INDEX frames_lane ON frames (stream, scope_kind, scope_id, number);
CREATE INDEX frames_documents ON frames (position) WHERE documents = 1;

CREATE TABLE frame_sheets (
    sheet BLOB NOT NULL CHECK (length(sheet) = 16),
    position INTEGER NOT NULL REFERENCES frames (position),
    PRIMARY KEY (sheet, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
    batch INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch_order INTEGER NOT NULL,
    number INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    bytes BLOB NOT NULL,
    UNIQUE (epoch_order, number)
) STRICT;

CREATE TABLE frame_verdicts (
    position INTEGER NOT NULL REFERENCES frames (position),
    batch INTEGER NOT NULL REFERENCES verdicts (batch),
    PRIMARY KEY (position, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX frame_verdicts_batch ON frame_verdicts (batch);

-- Frames that could not be believed or read: kept under their carrier, within a quota, and counted by nobody.
CREATE TABLE quarantine (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    carrier BLOB NOT NULL REFERENCES streams (id),
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_carrier ON quarantine (carrier);

CREATE TABLE enrolments (
    code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),
    person BLOB NOT NULL CHECK (length(person) = 16),
    expires INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    login TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
