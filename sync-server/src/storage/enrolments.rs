//! `enrolments`: one-time codes, by hash.

use rusqlite::{Connection, OptionalExtension, Transaction};
use xeploai_core::ids::PersonId;

use crate::error::ServerError;

/// A code that was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolment {
    /// For whom.
    pub person: PersonId,
    /// Until when, Unix seconds.
    pub expires: i64,
    /// When it was used.
    pub used_at: Option<i64>,
}

/// Keeps a code's hash.
///
/// # Errors
/// When the database fails.
pub fn insert(
    write: &Transaction<'_>,
    code: [u8; 32],
    person: PersonId,
    expires: i64,
) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT INTO enrolments (code_hash, person, expires) VALUES (?1, ?2, ?3)")?
        .execute((code, person.0, expires))?;
    Ok(())
}

/// A code by its hash.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, code: [u8; 32]) -> Result<Option<Enrolment>, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT person, expires, used_at FROM enrolments WHERE code_hash = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Enrolment { person: PersonId(row.get(0)?), expires: row.get(1)?, used_at: row.get(2)? })
    };
    Ok(query.query_row([code], read).optional()?)
}

/// Marks a code as used.
///
/// # Errors
/// When the database fails.
pub fn mark_used(write: &Transaction<'_>, code: [u8; 32], now: i64) -> Result<(), ServerError> {
    write.prepare_cached("UPDATE enrolments SET used_at = ?2 WHERE code_hash = ?1")?.execute((code, now))?;
    Ok(())
}
