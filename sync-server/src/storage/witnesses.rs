//! `witnesses`: which frames somebody has stated to have been handed, by whom, and when by the server's own time.

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::{FrameHash, PersonId};

use crate::error::ServerError;

/// A statement on a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Who states it.
    pub witness: PersonId,
    /// When the frame was handed over, Unix seconds by the server's clock carried forward.
    pub at: i64,
}

/// Keeps a statement whose beacon is this server's.
///
/// # Errors
/// When the database fails.
pub fn insert(write: &Transaction<'_>, frame: FrameHash, statement: Statement) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO witnesses (frame, witness, at) VALUES (?1, ?2, ?3)")?
        .execute((frame.0, statement.witness.0, statement.at))?;
    Ok(())
}

/// The statements on a frame, earliest first.
///
/// # Errors
/// When the database fails.
pub fn on(connection: &Connection, frame: FrameHash) -> Result<Vec<Statement>, ServerError> {
    let mut query = connection
        .prepare_cached("SELECT witness, at FROM witnesses WHERE frame = ?1 ORDER BY at, witness")?;
    let rows = query
        .query_map([frame.0], |row| Ok(Statement { witness: PersonId(row.get(0)?), at: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
