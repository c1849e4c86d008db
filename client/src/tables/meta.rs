//! `meta`: single values of this store.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ClientError;
use crate::transact::Write;

/// A name in `meta`.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// [`crate::ops::enrol::Asked`]: an enrolment that was asked for and not answered yet.
    Asked,
    /// When the last successful sync ended, Unix seconds.
    LastSuccess,
    /// Why the last sync failed: an error view, or null.
    LastFailure,
    /// [`crate::ops::witness::Beacon`]: the server's time that statements of this device count from.
    Beacon,
    /// [`crate::ops::clock::Compared`]: this device's clock against the server's.
    Clock,
    /// Rows of verdicts that the server is to be shown, see [`crate::ops::doubt`]: other devices brought some, or it told epochs
    /// that do not go on from those it told before.
    Doubts,
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::LastSuccess => "last_success",
            Self::LastFailure => "last_failure",
            Self::Beacon => "beacon",
            Self::Clock => "clock",
            Self::Doubts => "doubts",
        }
    }
}

/// The value of a key, if it has one.
///
/// # Errors
/// When the store fails or the value is of another form.
pub fn get<T: DeserializeOwned>(connection: &Connection, key: Key) -> Result<Option<T>, ClientError> {
    let mut query = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let bytes: Option<Vec<u8>> = query.query_row([key.name()], |row| row.get(0)).optional()?;
    Ok(bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Sets a key.
///
/// # Errors
/// When the store fails.
pub fn set<T: Serialize>(write: &Write<'_>, key: Key, value: &T) -> Result<(), ClientError> {
    let bytes = serde_json::to_vec(value)?;
    write.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key.name(), bytes),
    )?;
    Ok(())
}

/// Takes a key's value away.
///
/// # Errors
/// When the store fails.
pub fn remove(write: &Write<'_>, key: Key) -> Result<(), ClientError> {
    write.execute("DELETE FROM meta WHERE key = ?1", [key.name()])?;
    Ok(())
}
