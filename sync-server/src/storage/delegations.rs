//! `delegations`: devices that were enrolled on visits, by the stream that they were enrolled with.

use rusqlite::{Connection, OptionalExtension, Transaction};
use xeploai_core::ids::{PersonId, StreamId};
use xeploai_core::sync::stream::Certificate;

use crate::error::ServerError;

/// A device that was enrolled on a visit.
#[derive(Debug, Clone)]
pub struct Delegated {
    /// Its certificate as it came.
    pub certificate: Certificate,
    /// When it came, by the server's clock, Unix seconds.
    pub received_at: i64,
    /// Whether the department vouches for it by now.
    pub confirmed: bool,
    /// Who has confirmed what waited; empty where the server did so by itself.
    pub confirmed_by: String,
    /// Why.
    pub reason: String,
}

/// Keeps a device that `issuer` has enrolled, or what was decided of it.
///
/// # Errors
/// When the database fails.
pub fn put(write: &Transaction<'_>, issuer: PersonId, it: &Delegated) -> Result<(), ServerError> {
    write
        .prepare_cached(
            "INSERT INTO delegations (stream, certificate, issuer, received_at, confirmed, confirmed_by, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (stream) DO UPDATE SET confirmed = excluded.confirmed,
                 confirmed_by = excluded.confirmed_by, reason = excluded.reason",
        )?
        .execute((
            it.certificate.enrolled().stream().0,
            it.certificate.encode(),
            issuer.0,
            it.received_at,
            it.confirmed,
            &it.confirmed_by,
            &it.reason,
        ))?;
    Ok(())
}

/// Whether the device that was enrolled with a stream is confirmed; nothing when it never came.
///
/// # Errors
/// When the database fails.
pub fn is_confirmed(connection: &Connection, stream: StreamId) -> Result<Option<bool>, ServerError> {
    let mut query = connection.prepare_cached("SELECT confirmed FROM delegations WHERE stream = ?1")?;
    Ok(query.query_row([stream.0], |row| row.get(0)).optional()?)
}

/// How many devices of an issuer came since a time and are confirmed, or wait.
///
/// # Errors
/// When the database fails.
pub fn count(
    connection: &Connection,
    issuer: PersonId,
    confirmed: bool,
    since: i64,
) -> Result<usize, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT count(*) FROM delegations WHERE issuer = ?1 AND confirmed = ?2 AND received_at >= ?3",
    )?;
    let count: i64 = query.query_row((issuer.0, confirmed, since), |row| row.get(0))?;
    Ok(count as usize)
}

/// All of them, those that wait first, latest first.
///
/// # Errors
/// When the database fails or holds what can't be decoded.
pub fn all(connection: &Connection) -> Result<Vec<Delegated>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT certificate, received_at, confirmed, confirmed_by, reason FROM delegations
         ORDER BY confirmed, received_at DESC",
    )?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Delegated {
            certificate: Certificate::decode(&row.get::<_, Vec<u8>>(0)?)?,
            received_at: row.get(1)?,
            confirmed: row.get(2)?,
            confirmed_by: row.get(3)?,
            reason: row.get(4)?,
        });
    }
    Ok(all)
}
