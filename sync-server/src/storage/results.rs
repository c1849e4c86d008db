//! `result`: published results as files, by their hash. None is ever replaced: a decision publishes another one.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::error::ServerError;

/// Keeps a published result.
///
/// # Errors
/// When the database fails.
pub fn put(write: &Transaction<'_>, hash: [u8; 32], canonical: &str) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT INTO result (hash, canonical) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((hash, canonical))?;
    Ok(())
}

/// The file of a published result; nothing when it was published before files were kept.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, hash: [u8; 32]) -> Result<Option<String>, ServerError> {
    let mut query = connection.prepare_cached("SELECT canonical FROM result WHERE hash = ?1")?;
    Ok(query.query_row([hash], |row| row.get(0)).optional()?)
}
