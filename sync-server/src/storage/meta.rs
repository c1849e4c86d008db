//! `meta`: what there is one of.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::error::ServerError;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The department's id, 16 bytes.
    Department,
    /// The server's own stream in the present epoch, 32 bytes.
    ServerStream,
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::ServerStream => "server_stream",
        }
    }
}

/// A value of known length; nothing when it was never written.
///
/// # Errors
/// When the database fails or the value has another length.
pub fn get<const N: usize>(connection: &Connection, key: Key) -> Result<Option<[u8; N]>, ServerError> {
    let mut query = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(query.query_row([key.name()], |row| row.get(0)).optional()?)
}

/// Writes a value.
///
/// # Errors
/// When the database fails.
pub fn set(write: &Transaction<'_>, key: Key, value: &[u8]) -> Result<(), ServerError> {
    write
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute((key.name(), value))?;
    Ok(())
}
