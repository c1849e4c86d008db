-- The server's store. Not reversible. Locks out no older program: there is none.
-- Frames, certificates and verdicts are kept as the bytes that were signed; totals, levels and rankings are computed from
-- them. Positions and batch numbers are given in the committing transaction and only grow: a reader's cursor can't skip a
-- late commit.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
    -- The order in which devices came: a cursor runs over it.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    certificate BLOB NOT NULL,
    author BLOB NOT NULL CHECK (length(author) = 16),
    -- When a device of this stream synced last, by the server's clock.
    last_seen INTEGER
) STRICT;
CREATE INDEX streams_author ON streams (author);

-- The server's epochs, one for each start. `last`: number of the last batch of verdicts in it, once it has ended.
CREATE TABLE epochs (
    epoch_order INTEGER PRIMARY KEY,
    epoch BLOB NOT NULL UNIQUE CHECK (length(epoch) = 16),
    last INTEGER,
    -- It went on elsewhere too, in a copy of this server: what was given in it says nothing here.
    parted INTEGER NOT NULL DEFAULT 0 CHECK (parted IN (0, 1))
) STRICT;

-- The signed state of a unit's closed period, for devices that begin.
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    unit BLOB NOT NULL CHECK (length(unit) = 16),
    period INTEGER NOT NULL,
    -- The last batch of verdicts that it takes into account.
    batch INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    bytes BLOB NOT NULL
) STRICT;

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
    -- The batch whose verdict counts: the one of the highest rank.
    verdict INTEGER,
    -- The snapshot that stands in for it.
    snapshot INTEGER REFERENCES snapshots (id),
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    body BLOB NOT NULL
) STRICT;
-- Not unique: clones of a device give one number two meanings, and both are kept.
CREATE INDEX frames_lane ON frames (stream, scope_kind, scope_id, number);
CREATE INDEX frames_scope ON frames (scope_kind, scope_id);
CREATE INDEX frames_documents ON frames (position) WHERE documents = 1;
CREATE INDEX frames_snapshot ON frames (snapshot) WHERE snapshot IS NOT NULL;

CREATE TABLE frame_sheets (
    sheet BLOB NOT NULL CHECK (length(sheet) = 16),
    position INTEGER NOT NULL REFERENCES frames (position),
    PRIMARY KEY (sheet, position)
) STRICT, WITHOUT ROWID;

-- The set of frames of each scope, as one sum: see `inventory` in the core.
CREATE TABLE scopes (
    kind INTEGER NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    root BLOB NOT NULL CHECK (length(root) = 16),
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
    batch INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch BLOB NOT NULL CHECK (length(epoch) = 16),
    epoch_order INTEGER NOT NULL,
    number INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    bytes BLOB NOT NULL,
    -- A server that was put back behind its own back gives a number twice: both are kept.
    UNIQUE (epoch, number, bytes)
) STRICT;

CREATE TABLE frame_verdicts (
    batch INTEGER NOT NULL REFERENCES verdicts (batch),
    position INTEGER NOT NULL REFERENCES frames (position),
    PRIMARY KEY (batch, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX frame_verdicts_position ON frame_verdicts (position);

-- Adopted batches that judge a frame which is not here yet: when it comes it is not judged again.
CREATE TABLE awaited (
    frame BLOB NOT NULL CHECK (length(frame) = 32),
    batch INTEGER NOT NULL REFERENCES verdicts (batch),
    PRIMARY KEY (frame, batch)
) STRICT, WITHOUT ROWID;

-- Frames with a change that waits for something: a record, an upgrade, a person.
CREATE TABLE held (
    position INTEGER PRIMARY KEY REFERENCES frames (position),
    reason INTEGER NOT NULL
) STRICT;

-- Statements that a frame was handed over, whose beacon is this server's own time. The frame may come later.
CREATE TABLE witnesses (
    frame BLOB NOT NULL CHECK (length(frame) = 32),
    witness BLOB NOT NULL CHECK (length(witness) = 16),
    at INTEGER NOT NULL,
    PRIMARY KEY (frame, witness, at)
) STRICT, WITHOUT ROWID;

-- Frames that could not be believed or read: kept under their carrier, within a quota, and counted by nobody.
CREATE TABLE quarantine (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    carrier BLOB NOT NULL REFERENCES streams (id),
    stream BLOB NOT NULL CHECK (length(stream) = 32),
    reason INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    -- The batch that says so to the carrier.
    batch INTEGER NOT NULL REFERENCES verdicts (batch),
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_carrier ON quarantine (carrier);
CREATE INDEX quarantine_stream ON quarantine (stream);

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
