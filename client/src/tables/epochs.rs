//! `epochs`: which of the server's receipts stand, as it signed it last.

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::sync::epoch::{Epochs, SignedEpochs};

use crate::error::ClientError;
use crate::transact::Write;

/// What the server has said last; nothing before the first sync.
///
/// # Errors
/// When the store fails or holds what can't be decoded.
pub fn get(connection: &Connection) -> Result<Option<Epochs>, ClientError> {
    let mut query = connection.prepare_cached("SELECT bytes FROM epochs")?;
    let bytes: Option<Vec<u8>> = query.query_row([], |row| row.get(0)).optional()?;
    Ok(bytes.map(|bytes| Epochs::decode(&bytes)).transpose()?)
}

/// The same as it was signed, for others.
///
/// # Errors
/// When the store fails.
pub fn signed(connection: &Connection) -> Result<Option<SignedEpochs>, ClientError> {
    let mut query = connection.prepare_cached("SELECT bytes, signature FROM epochs")?;
    let read = |row: &rusqlite::Row<'_>| Ok(SignedEpochs { bytes: row.get(0)?, signature: row.get(1)? });
    Ok(query.query_row([], read).optional()?)
}

/// Keeps what the server says now.
///
/// # Errors
/// When the store fails.
pub fn put(write: &Write<'_>, signed: &SignedEpochs) -> Result<(), ClientError> {
    write.execute(
        "INSERT INTO epochs (one, bytes, signature) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET bytes = excluded.bytes, signature = excluded.signature",
        (&signed.bytes, signed.signature),
    )?;
    Ok(())
}
