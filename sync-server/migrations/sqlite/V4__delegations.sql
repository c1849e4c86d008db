-- Devices that were enrolled on visits, by somebody whom the department trusts with it. Not reversible. Older programs
-- don't know such certificates.
CREATE TABLE delegations (
    -- The stream as it was enrolled: its renewals are the same device.
    stream BLOB PRIMARY KEY CHECK (length(stream) = 32),
    -- The certificate as it came, with the issuer's own in it.
    certificate BLOB NOT NULL,
    issuer BLOB NOT NULL CHECK (length(issuer) = 16),
    received_at INTEGER NOT NULL,
    -- Whether the department vouches for it by now; else it waits for a person.
    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    -- Who has confirmed what waited, and why; empty where the server did so by itself.
    confirmed_by TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delegations_issuer ON delegations (issuer, received_at);
