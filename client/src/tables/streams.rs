//! `streams`: certificates of everybody whose frames are here. They were verified before they came in.

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::StreamId;
use xeploai_core::sync::stream::Certificate;

use crate::error::ClientError;
use crate::transact::Write;

/// Keeps a verified certificate.
///
/// # Errors
/// When the store fails.
pub fn insert(write: &Write<'_>, certificate: &Certificate) -> Result<(), ClientError> {
    put(write, certificate, false)
}

/// Keeps the certificate of a stream that this device writes.
///
/// # Errors
/// When the store fails.
pub fn insert_own(write: &Write<'_>, certificate: &Certificate) -> Result<(), ClientError> {
    put(write, certificate, true)
}

fn put(write: &Write<'_>, certificate: &Certificate, own: bool) -> Result<(), ClientError> {
    let header = &certificate.header;
    write
        .prepare_cached(
            "INSERT INTO streams (id, author, certificate, own) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET own = max(own, excluded.own)",
        )?
        .execute((header.stream().0, header.author.0, certificate.encode(), own))?;
    Ok(())
}

/// The certificate of a stream, if it is here.
///
/// # Errors
/// When the store fails.
pub fn get(connection: &Connection, stream: StreamId) -> Result<Option<Certificate>, ClientError> {
    let mut query = connection.prepare_cached("SELECT certificate FROM streams WHERE id = ?1")?;
    let bytes: Option<Vec<u8>> = query.query_row([stream.0], |row| row.get(0)).optional()?;
    Ok(bytes.map(|bytes| Certificate::decode(&bytes)).transpose()?)
}

/// Whether this device writes a stream, or has written it.
///
/// # Errors
/// When the store fails.
pub fn is_own(connection: &Connection, stream: StreamId) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT own FROM streams WHERE id = ?1")?;
    Ok(query.query_row([stream.0], |row| row.get(0)).optional()?.unwrap_or(false))
}
