//! `streams`: certificates of everybody whose frames are here. They were verified before they came in.

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::{FrameHash, PersonId, StreamId};
use xeploai_core::sync::names::Short;
use xeploai_core::sync::stream::{Certificate, Header};

use crate::error::ClientError;
use crate::transact::Write;

/// Keeps a verified certificate; `known` says that the server has it.
///
/// # Errors
/// When the store fails.
pub fn insert(write: &Write<'_>, certificate: &Certificate, known: bool) -> Result<(), ClientError> {
    put(write, certificate, false, known)
}

/// Keeps the certificate of a stream that this device writes; `known` says that the server has it.
///
/// # Errors
/// When the store fails.
pub fn insert_own(write: &Write<'_>, certificate: &Certificate, known: bool) -> Result<(), ClientError> {
    put(write, certificate, true, known)
}

fn put(write: &Write<'_>, certificate: &Certificate, own: bool, known: bool) -> Result<(), ClientError> {
    let header = &certificate.header;
    write
        .prepare_cached(
            "INSERT INTO streams (id, author, certificate, own, known) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET own = max(own, excluded.own), known = max(known, excluded.known),
                 certificate = iif(?6, excluded.certificate, certificate)",
        )?
        // The department's own signature takes the place of a supervisor's, never the other way round.
        .execute((
            header.stream().0,
            header.author.0,
            certificate.encode(),
            own,
            known,
            certificate.delegation.is_none(),
        ))?;
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

/// The server does not have the certificate of this frame's stream after all: it was restored. It goes along the next time.
///
/// # Errors
/// When the store fails.
pub fn lack(write: &Write<'_>, frame: FrameHash) -> Result<(), ClientError> {
    write
        .prepare_cached(
            "UPDATE streams SET known = 0 WHERE id = (SELECT stream FROM frames WHERE hash = ?1)",
        )?
        .execute([frame.0])?;
    Ok(())
}

/// Whether this device writes a stream, or has written it.
///
/// # Errors
/// When the store fails.
pub fn is_own(connection: &Connection, stream: StreamId) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT own FROM streams WHERE id = ?1")?;
    Ok(query.query_row([stream.0], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Whether a stream is an author's.
///
/// # Errors
/// When the store fails.
pub fn is_by(connection: &Connection, stream: StreamId, author: PersonId) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT author = ?2 FROM streams WHERE id = ?1")?;
    Ok(query.query_row((stream.0, author.0), |row| row.get(0)).optional()?.unwrap_or(false))
}

/// The certificates of an author's streams, oldest here first.
///
/// # Errors
/// When the store fails.
pub fn of(connection: &Connection, author: PersonId) -> Result<Vec<Certificate>, ClientError> {
    let mut query =
        connection.prepare_cached("SELECT certificate FROM streams WHERE author = ?1 ORDER BY rowid")?;
    let bytes = query.query_map([author.0], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
    Ok(bytes.iter().map(|bytes| Certificate::decode(bytes)).collect::<Result<_, _>>()?)
}

/// The certificates of devices that were enrolled on visits and that the department has not confirmed here.
///
/// # Errors
/// When the store fails.
pub fn delegated(connection: &Connection) -> Result<Vec<Certificate>, ClientError> {
    let mut query = connection.prepare_cached("SELECT certificate FROM streams")?;
    let bytes = query.query_map([], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
    let mut certificates =
        bytes.iter().map(|bytes| Certificate::decode(bytes)).collect::<Result<Vec<_>, _>>()?;
    certificates.retain(|it| it.delegation.is_some());
    Ok(certificates)
}

/// Whether the server has a stream's certificate, as far as this device knows.
///
/// # Errors
/// When the store fails.
pub fn is_known(connection: &Connection, stream: StreamId) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT known FROM streams WHERE id = ?1")?;
    Ok(query.query_row([stream.0], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Notes that the server has a stream's certificate.
///
/// # Errors
/// When the store fails.
pub fn set_known(write: &Write<'_>, stream: StreamId) -> Result<(), ClientError> {
    write.prepare_cached("UPDATE streams SET known = 1 WHERE id = ?1 AND known = 0")?.execute([stream.0])?;
    Ok(())
}

/// Takes back what is known of the server: it was restored.
///
/// # Errors
/// When the store fails.
pub fn forget_known(write: &Write<'_>) -> Result<(), ClientError> {
    write.execute("UPDATE streams SET known = 0", [])?;
    Ok(())
}

/// The stream with a short name; nothing when there is none, or more than one.
///
/// # Errors
/// When the store fails.
pub fn named(connection: &Connection, name: Short) -> Result<Option<StreamId>, ClientError> {
    let mut query = connection.prepare_cached("SELECT id FROM streams WHERE id BETWEEN ?1 AND ?2 LIMIT 2")?;
    let found = query.query_map(name.range(), |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(match found.as_slice() {
        [only] => Some(StreamId(*only)),
        _ => None,
    })
}

/// The certificate of one of the server's own streams: they all have its key.
///
/// # Errors
/// When the store fails.
pub fn server(connection: &Connection) -> Result<Option<Certificate>, ClientError> {
    let mut query = connection.prepare_cached("SELECT certificate FROM streams WHERE author = ?1 LIMIT 1")?;
    let bytes: Option<Vec<u8>> = query.query_row([Header::SERVER.0], |row| row.get(0)).optional()?;
    Ok(bytes.map(|bytes| Certificate::decode(&bytes)).transpose()?)
}
