//! `held`: frames that wait for something, so that they are judged again when it comes.

use rusqlite::{Connection, Transaction};
use xeploai_core::sync::Status;
use xeploai_core::sync::verdict::{FrameVerdict, Reason};

use crate::error::ServerError;

/// Notes what the frame at a position waits for, as its verdict says: the first reason of those that can pass.
///
/// # Errors
/// When the database fails.
pub fn note(write: &Transaction<'_>, position: i64, verdict: &FrameVerdict) -> Result<(), ServerError> {
    let held = |outcome: &(Status, Reason)| outcome.0 == Status::Held;
    let exceptions = verdict.exceptions.iter().map(|&(_, status, reason)| (status, reason));
    match std::iter::once(verdict.whole).chain(exceptions).find(held) {
        Some((_, reason)) => write
            .prepare_cached("INSERT OR REPLACE INTO held (position, reason) VALUES (?1, ?2)")?
            .execute((position, reason as u16))?,
        None => write.prepare_cached("DELETE FROM held WHERE position = ?1")?.execute([position])?,
    };
    Ok(())
}

/// Positions of frames that wait for any of these reasons, in order.
///
/// # Errors
/// When the database fails.
pub fn of(connection: &Connection, reasons: &[Reason]) -> Result<Vec<i64>, ServerError> {
    let mut query = connection.prepare_cached("SELECT position, reason FROM held ORDER BY position")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, u16>(1)?)))?;
    let mut positions = Vec::new();
    for row in rows {
        let (position, reason) = row?;
        if reasons.iter().any(|wanted| *wanted as u16 == reason) {
            positions.push(position);
        }
    }
    Ok(positions)
}
