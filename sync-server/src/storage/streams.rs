//! `streams`: certificates of everybody who ever wrote here.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use xeploai_core::ids::{PersonId, StreamId};
use xeploai_core::sync::stream::Certificate;

use crate::error::ServerError;

/// A stream as it is known here.
#[derive(Debug, Clone)]
pub struct StreamRecord {
    /// Its certificate, which this server has signed.
    pub certificate: Certificate,
    /// Whether its device was revoked.
    pub revoked: bool,
    /// When it synced last, Unix seconds.
    pub last_seen: Option<i64>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Vec<u8>, bool, Option<i64>)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// Keeps a certificate.
///
/// # Errors
/// When the database fails.
pub fn insert(write: &Transaction<'_>, certificate: &Certificate) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO streams (id, certificate, author) VALUES (?1, ?2, ?3)")?
        .execute((certificate.header.stream().0, certificate.encode(), certificate.header.author.0))?;
    Ok(())
}

/// A stream by id.
///
/// # Errors
/// When the database fails or holds what can't be decoded.
pub fn get(connection: &Connection, stream: StreamId) -> Result<Option<StreamRecord>, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT certificate, revoked, last_seen FROM streams WHERE id = ?1")?;
    let Some((bytes, revoked, last_seen)) = query.query_row([stream.0], read).optional()? else {
        return Ok(None);
    };
    Ok(Some(StreamRecord { certificate: Certificate::decode(&bytes)?, revoked, last_seen }))
}

/// The certificate that an author's device key has got, if it has.
///
/// # Errors
/// When the database fails or holds what can't be decoded.
pub fn of_key(
    connection: &Connection,
    author: PersonId,
    key: [u8; 32],
) -> Result<Option<Certificate>, ServerError> {
    let mut query = connection.prepare_cached("SELECT certificate FROM streams WHERE author = ?1")?;
    let mut rows = query.query([author.0])?;
    while let Some(row) = rows.next()? {
        let certificate = Certificate::decode(&row.get::<_, Vec<u8>>(0)?)?;
        if certificate.header.key == key {
            return Ok(Some(certificate));
        }
    }
    Ok(None)
}

/// Notes that a stream's device was here.
///
/// # Errors
/// When the database fails.
pub fn seen(write: &Transaction<'_>, stream: StreamId, now: i64) -> Result<(), ServerError> {
    write.prepare_cached("UPDATE streams SET last_seen = ?2 WHERE id = ?1")?.execute((stream.0, now))?;
    Ok(())
}

/// When a device of each author was here last.
///
/// # Errors
/// When the database fails.
pub fn last_seen(connection: &Connection) -> Result<Vec<(PersonId, i64)>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT author, max(last_seen) FROM streams WHERE last_seen IS NOT NULL GROUP BY author",
    )?;
    let rows = query.query_map([], |row| Ok((PersonId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
