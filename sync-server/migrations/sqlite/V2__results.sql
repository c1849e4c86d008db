-- What a published result was computed from, and what came out: the file whose hash stands on documents.
-- Reversible: drop the table; results published since can then no longer be exported. Older binaries refuse the database.
CREATE TABLE result (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    canonical TEXT NOT NULL
) STRICT, WITHOUT ROWID;
