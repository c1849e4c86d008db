//! `snapshots`: the signed state of closed periods.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use xeploai_core::ids::UnitId;
use xeploai_core::period::Period;
use xeploai_core::sync::snapshot::SignedSnapshot;

use super::corrupt;
use crate::error::ServerError;

/// A snapshot without its content.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Its place in the order of making.
    pub id: i64,
    /// Whose state.
    pub unit: UnitId,
    /// Of which period.
    pub period: Period,
    /// The last batch of verdicts that it takes into account.
    pub batch: i64,
    /// Length.
    pub bytes: usize,
}

/// Keeps a snapshot.
///
/// # Errors
/// When the database fails.
pub fn insert(
    write: &Transaction<'_>,
    unit: UnitId,
    period: Period,
    batch: i64,
    signed: &SignedSnapshot,
) -> Result<i64, ServerError> {
    write
        .prepare_cached(
            "INSERT INTO snapshots (unit, period, batch, signature, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((unit.0, period.to_number() as i64, batch, signed.signature, &signed.bytes))?;
    Ok(write.last_insert_rowid())
}

/// Says that the snapshot which stands in for the frame at a position no longer tells what counts, if there is one.
///
/// # Errors
/// When the database fails.
pub fn supersede(write: &Transaction<'_>, position: i64) -> Result<(), ServerError> {
    write
        .prepare_cached(
            "UPDATE snapshots SET superseded = 1 WHERE id = (SELECT snapshot FROM frames WHERE position = ?1)",
        )?
        .execute([position])?;
    Ok(())
}

/// Says the same of every snapshot that speaks of the lane of the frame at a position, when another frame has its number:
/// what is left out of a snapshot follows from the numbers of a lane that has one branch.
///
/// # Errors
/// When the database fails.
pub fn supersede_forked(write: &Transaction<'_>, position: i64) -> Result<(), ServerError> {
    let mut forked = write.prepare_cached(
        "SELECT 1 FROM frames AS new JOIN frames AS other USING (stream, scope_kind, scope_id, number)
         WHERE new.position = ?1 AND other.position <> ?1",
    )?;
    if forked.exists([position])? {
        write.execute(
            "UPDATE snapshots SET superseded = 1 WHERE id IN (
               SELECT other.snapshot FROM frames AS new JOIN frames AS other USING (stream, scope_kind, scope_id)
               WHERE new.position = ?1 AND other.snapshot IS NOT NULL)",
            [position],
        )?;
    }
    Ok(())
}

/// Snapshots up to one, in order; with those that are superseded, or without.
///
/// # Errors
/// When the database fails.
pub fn up_to(connection: &Connection, through: i64, superseded: bool) -> Result<Vec<Line>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT id, unit, period, batch, length(bytes) FROM snapshots
         WHERE id <= ?1 AND superseded <= ?2 ORDER BY id",
    )?;
    let read = |row: &Row<'_>| {
        let period = Period::from_number(row.get::<_, i64>(2)?.unsigned_abs()).map_err(|_| corrupt(2))?;
        Ok(Line {
            id: row.get(0)?,
            unit: UnitId(row.get(1)?),
            period,
            batch: row.get(3)?,
            bytes: row.get::<_, i64>(4)?.unsigned_abs() as usize,
        })
    };
    let lines = query.query_map((through, superseded), read)?;
    Ok(lines.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SignedSnapshot> {
    Ok(SignedSnapshot { bytes: row.get(0)?, signature: row.get(1)? })
}

/// A snapshot.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, id: i64) -> Result<Option<SignedSnapshot>, ServerError> {
    let mut query = connection.prepare_cached("SELECT bytes, signature FROM snapshots WHERE id = ?1")?;
    Ok(query.query_row([id], read).optional()?)
}

/// The last one; zero before the first.
///
/// # Errors
/// When the database fails.
pub fn last(connection: &Connection) -> Result<i64, ServerError> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(id), 0) FROM snapshots")?;
    Ok(query.query_row([], |row| row.get(0))?)
}
