//! One file for each table: all SQL of the client stands here. Readers take a connection, writers a
//! [`crate::transact::Write`].

pub mod accounts;
pub mod contents;
pub mod epochs;
pub mod frames;
pub mod meta;
pub mod outbox;
pub mod scopes;
pub mod snapshots;
pub mod streams;
pub mod verdicts;
pub mod witnessed;

use rusqlite::types::FromSqlError;

/// A stored value that this program can't have written.
pub(crate) fn corrupt(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        column,
        rusqlite::types::Type::Blob,
        Box::new(FromSqlError::InvalidType),
    )
}
