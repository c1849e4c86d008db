//! `witnessed`: who has stated to have been handed a frame, and when.

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::{FrameHash, PersonId, StreamId};
use xeploai_core::sync::body::WitnessChange;

use crate::error::ClientError;
use crate::transact::Write;

/// Keeps a statement that stands in a frame whose signature was checked. The first one of each witness stays.
///
/// # Errors
/// When the store fails.
pub fn insert(
    write: &Write<'_>,
    witness: PersonId,
    statement: &WitnessChange,
    stated_in: FrameHash,
) -> Result<(), ClientError> {
    let mut insert = write.prepare_cached(
        "INSERT OR IGNORE INTO witnessed (frame, witness, at, statement) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for frame in &statement.frames {
        insert.execute((frame.0, witness.0, statement.at(), stated_in.0))?;
    }
    Ok(())
}

/// Who states to have been handed a frame, with the stream that he states it in, and when by the server's time, if he can
/// tell.
///
/// # Errors
/// When the store fails.
pub fn of(connection: &Connection, frame: FrameHash) -> Result<Vec<Statement>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT witness, at, frames.stream FROM witnessed JOIN frames ON frames.hash = statement
         WHERE frame = ?1 ORDER BY witness",
    )?;
    let statements = query.query_map([frame.0], |row| {
        Ok(Statement { witness: PersonId(row.get(0)?), at: row.get(1)?, stream: StreamId(row.get(2)?) })
    })?;
    Ok(statements.collect::<Result<_, _>>()?)
}

/// That a frame was handed over.
pub struct Statement {
    /// Who states it.
    pub witness: PersonId,
    /// When, Unix seconds of the server's time; nothing when he can't tell.
    pub at: Option<i64>,
    /// His device's stream.
    pub stream: StreamId,
}

/// The frame in which a witness states to have been handed another one.
///
/// # Errors
/// When the store fails.
pub fn by(
    connection: &Connection,
    frame: FrameHash,
    witness: PersonId,
) -> Result<Option<FrameHash>, ClientError> {
    let mut query =
        connection.prepare_cached("SELECT statement FROM witnessed WHERE frame = ?1 AND witness = ?2")?;
    Ok(query.query_row((frame.0, witness.0), |row| row.get(0)).optional()?.map(FrameHash))
}
