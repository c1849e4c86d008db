//! `witnessed`: who has stated to have been handed a frame, and when.

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::sync::body::WitnessChange;

use crate::error::ClientError;
use crate::transact::Write;

/// Keeps a statement of a frame whose signature was checked.
///
/// # Errors
/// When the store fails.
pub fn insert(write: &Write<'_>, witness: PersonId, statement: &WitnessChange) -> Result<(), ClientError> {
    let mut insert =
        write.prepare_cached("INSERT OR IGNORE INTO witnessed (frame, witness, at) VALUES (?1, ?2, ?3)")?;
    for frame in &statement.frames {
        insert.execute((frame.0, witness.0, statement.at()))?;
    }
    Ok(())
}

/// Who states to have a frame, and when, if the statement can say.
///
/// # Errors
/// When the store fails.
pub fn of(connection: &Connection, frame: FrameHash) -> Result<Option<(PersonId, Option<i64>)>, ClientError> {
    let mut query = connection
        .prepare_cached("SELECT witness, at FROM witnessed WHERE frame = ?1 ORDER BY at, witness LIMIT 1")?;
    Ok(query.query_row([frame.0], |row| Ok((PersonId(row.get(0)?), row.get(1)?))).optional()?)
}
