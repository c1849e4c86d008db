//! `streams`: certificates of everybody who ever wrote here.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use xeploai_core::ids::{PersonId, StreamId};
use xeploai_core::sync::names::Short;
use xeploai_core::sync::stream::Certificate;

use crate::error::ServerError;

/// A stream as it is known here.
#[derive(Debug, Clone)]
pub struct StreamRecord {
    /// Its certificate, which this server has signed.
    pub certificate: Certificate,
    /// Its place in the order in which devices came.
    pub seq: i64,
    /// When it synced last, Unix seconds.
    pub last_seen: Option<i64>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Vec<u8>, i64, Option<i64>)> {
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
        connection.prepare_cached("SELECT certificate, seq, last_seen FROM streams WHERE id = ?1")?;
    let Some((bytes, seq, last_seen)) = query.query_row([stream.0], read).optional()? else {
        return Ok(None);
    };
    Ok(Some(StreamRecord { certificate: Certificate::decode(&bytes)?, seq, last_seen }))
}

/// The stream with a short name; nothing when there is none, or more than one.
///
/// # Errors
/// When the database fails.
pub fn named(connection: &Connection, name: Short) -> Result<Option<StreamId>, ServerError> {
    let mut query = connection.prepare_cached("SELECT id FROM streams WHERE id BETWEEN ?1 AND ?2 LIMIT 2")?;
    let found = query.query_map(name.range(), |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(match found.as_slice() {
        [only] => Some(StreamId(*only)),
        _ => None,
    })
}

/// Streams that came after one, in order.
///
/// # Errors
/// When the database fails or holds what can't be decoded.
pub fn after(connection: &Connection, seq: i64) -> Result<Vec<StreamRecord>, ServerError> {
    let mut query = connection
        .prepare_cached("SELECT certificate, seq, last_seen FROM streams WHERE seq > ?1 ORDER BY seq")?;
    let rows = query.query_map([seq], read)?.collect::<Result<Vec<_>, _>>()?;
    let record = |(bytes, seq, last_seen): (Vec<u8>, _, _)| {
        Ok(StreamRecord { certificate: Certificate::decode(&bytes)?, seq, last_seen })
    };
    rows.into_iter().map(record).collect()
}

/// The last place in the order of streams; zero before the first.
///
/// # Errors
/// When the database fails.
pub fn last(connection: &Connection) -> Result<i64, ServerError> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM streams")?;
    Ok(query.query_row([], |row| row.get(0))?)
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
