//! `verdicts` and `frame_verdicts`: what this server said of frames, as it was signed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::Scope;
use xeploai_core::sync::verdict::{FrameVerdict, SignedVerdicts, Verdicts};

use crate::error::ServerError;

/// The number that the next batch of an epoch gets.
///
/// # Errors
/// When the database fails.
pub fn next_number(write: &Transaction<'_>, epoch_order: u32) -> Result<u64, ServerError> {
    let mut query =
        write.prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM verdicts WHERE epoch_order = ?1")?;
    Ok(query.query_row([epoch_order], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Keeps a batch and which frames, by position, it judges. Gives its place in the order of batches.
///
/// # Errors
/// When the database fails.
pub fn insert(
    write: &Transaction<'_>,
    verdicts: &Verdicts,
    signed: &SignedVerdicts,
    positions: &[i64],
) -> Result<i64, ServerError> {
    write
        .prepare_cached(
            "INSERT INTO verdicts (epoch_order, number, signature, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((verdicts.epoch_order, verdicts.number as i64, signed.signature, &signed.bytes))?;
    let batch = write.last_insert_rowid();
    let mut insert =
        write.prepare_cached("INSERT OR IGNORE INTO frame_verdicts (position, batch) VALUES (?1, ?2)")?;
    for position in positions {
        insert.execute((position, batch))?;
    }
    Ok(batch)
}

/// A batch as it was signed.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, batch: i64) -> Result<Option<SignedVerdicts>, ServerError> {
    let mut query = connection.prepare_cached("SELECT bytes, signature FROM verdicts WHERE batch = ?1")?;
    let read = |row: &rusqlite::Row<'_>| Ok(SignedVerdicts { bytes: row.get(0)?, signature: row.get(1)? });
    Ok(query.query_row([batch], read).optional()?)
}

/// The batch whose verdict on a frame counts: the one with the highest (epoch order, number).
///
/// # Errors
/// When the database fails.
pub fn batch_of(connection: &Connection, position: i64) -> Result<Option<i64>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT batch FROM frame_verdicts JOIN verdicts USING (batch) WHERE position = ?1
         ORDER BY epoch_order DESC, number DESC LIMIT 1",
    )?;
    Ok(query.query_row([position], |row| row.get(0)).optional()?)
}

/// The last batch; zero before the first.
///
/// # Errors
/// When the database fails.
pub fn last(connection: &Connection) -> Result<i64, ServerError> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(batch), 0) FROM verdicts")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Batches after one, in order, each with its length and the scopes that it judges frames of.
///
/// # Errors
/// When the database fails.
pub fn after(
    connection: &Connection,
    batch: i64,
    mut each: impl FnMut(i64, usize, &[Scope]) -> bool,
) -> Result<(), ServerError> {
    let mut scopes = connection.prepare_cached(
        "SELECT DISTINCT scope_kind, scope_id FROM frame_verdicts JOIN frames USING (position) WHERE batch = ?1",
    )?;
    let mut query = connection
        .prepare_cached("SELECT batch, length(bytes) FROM verdicts WHERE batch > ?1 ORDER BY batch")?;
    let mut rows = query.query([batch])?;
    while let Some(row) = rows.next()? {
        let batch: i64 = row.get(0)?;
        let judged = scopes
            .query_map([batch], |row| Ok(Scope::from_parts(row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        if !each(batch, row.get::<_, i64>(1)?.unsigned_abs() as usize, &judged) {
            return Ok(());
        }
    }
    Ok(())
}

/// Batches that were decoded while one question is answered: a batch judges many frames.
#[derive(Debug, Default)]
pub struct Decoded(HashMap<i64, HashMap<FrameHash, FrameVerdict>>);

impl Decoded {
    /// The verdict on a frame that counts.
    ///
    /// # Errors
    /// When the database fails or holds what can't be decoded.
    pub fn of(
        &mut self,
        connection: &Connection,
        position: i64,
        frame: FrameHash,
    ) -> Result<Option<FrameVerdict>, ServerError> {
        let Some(batch) = batch_of(connection, position)? else { return Ok(None) };
        if let Some(known) = self.0.get(&batch) {
            return Ok(known.get(&frame).cloned());
        }
        let Some(signed) = get(connection, batch)? else { return Ok(None) };
        let frames = Verdicts::decode(&signed.bytes)?.frames;
        let verdicts = self.0.entry(batch).or_default();
        verdicts.extend(frames.into_iter().map(|verdict| (verdict.frame, verdict)));
        Ok(verdicts.get(&frame).cloned())
    }
}
