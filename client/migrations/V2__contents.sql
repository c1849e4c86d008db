-- Evidence: what frames and the outbox name, the bytes in blocks, the receipts for them. Reversible: drop the tables; what the
-- server has not received is then lost. Older programs refuse the store.

-- Contents by the scope whose readers may have them. original: not a thumbnail. named: by a frame; one that only the outbox names
-- is not offered yet. handed: another device has taken it whole. released: let go of for room, and not asked for again.
CREATE TABLE contents (
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  size INTEGER NOT NULL CHECK (size > 0),
  scope_kind INTEGER NOT NULL,
  scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
  original INTEGER NOT NULL CHECK (original IN (0, 1)),
  named INTEGER NOT NULL CHECK (named IN (0, 1)),
  handed INTEGER NOT NULL DEFAULT 0 CHECK (handed IN (0, 1)),
  released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
  PRIMARY KEY (hash, size, scope_kind, scope_id)
) STRICT, WITHOUT ROWID;

-- Blocks, each with the hashes that prove it. Row numbers are the order of arrival.
CREATE TABLE blocks (
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  size INTEGER NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 0),
  path BLOB NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (hash, size, number)
) STRICT;

-- Verdicts that say of a content that it is durable at the server: a receipt while the verdict stands.
CREATE TABLE content_receipts (
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  size INTEGER NOT NULL,
  verdict INTEGER NOT NULL REFERENCES verdicts (id),
  PRIMARY KEY (hash, size, verdict)
) STRICT, WITHOUT ROWID;
