-- Evidence: what frames name, the bytes in blocks, the receipts for them. Reversible: drop the tables; evidence is then lost here
-- and comes again from the devices that hold it. Older binaries refuse the database.

-- Contents that frames name, by the scope whose readers may have them. author: whose frame names it there.
CREATE TABLE contents (
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    size INTEGER NOT NULL CHECK (size > 0),
    scope_kind INTEGER NOT NULL,
    scope_id BLOB NOT NULL CHECK (length(scope_id) = 16),
    author BLOB NOT NULL CHECK (length(author) = 16),
    PRIMARY KEY (hash, size, scope_kind, scope_id, author)
) STRICT, WITHOUT ROWID;
CREATE INDEX contents_author ON contents (author);

-- Blocks, each with the hashes that prove it. A table with row numbers: the key is searched without reading the bytes.
CREATE TABLE blocks (
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    size INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    path BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (hash, size, number)
) STRICT;

-- Batches that say of a content that it is durable here.
CREATE TABLE content_receipts (
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    size INTEGER NOT NULL,
    batch INTEGER NOT NULL REFERENCES verdicts (batch),
    PRIMARY KEY (hash, size, batch)
) STRICT, WITHOUT ROWID;
