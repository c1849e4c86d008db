//! `verdicts` and `frame_verdicts`: what this server, or an earlier copy of it, said of frames, as it was signed.
//!
//! Invariant: `frames.verdict` is the batch of the highest rank that judges the frame, whichever came first. Of two with
//! one rank, which only a restored server gives, it is the one whose bytes are greater, as on devices.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::Scope;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, SignedVerdicts, Verdicts};

use crate::error::ServerError;

/// The number that the next batch of an epoch gets.
///
/// # Errors
/// When the database fails.
pub fn next_number(write: &Transaction<'_>, epoch: [u8; 16]) -> Result<u64, ServerError> {
    Ok(last_number(write, epoch)? + 1)
}

/// The number of the last batch of an epoch; zero before the first.
///
/// # Errors
/// When the database fails.
pub fn last_number(connection: &Connection, epoch: [u8; 16]) -> Result<u64, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT coalesce(max(number), 0) FROM verdicts WHERE epoch = ?1")?;
    Ok(query.query_row([epoch], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Keeps a batch, with the positions of the frames that it judges and that are here. Gives its place in the order of batches.
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
            "INSERT INTO verdicts (epoch, epoch_order, number, signature, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            verdicts.epoch,
            verdicts.epoch_order,
            verdicts.number as i64,
            signed.signature,
            &signed.bytes,
        ))?;
    let batch = write.last_insert_rowid();
    positions.iter().try_for_each(|position| link(write, batch, *position))?;
    Ok(batch)
}

/// Says that a batch judges the frame at a position.
///
/// # Errors
/// When the database fails.
pub fn link(write: &Transaction<'_>, batch: i64, position: i64) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO frame_verdicts (batch, position) VALUES (?1, ?2)")?
        .execute((batch, position))?;
    write
        .prepare_cached(
            "UPDATE frames SET verdict = ?1 WHERE position = ?2 AND (verdict IS NULL OR
             (SELECT (old.epoch_order, old.epoch, old.number, old.bytes)
                   < (new.epoch_order, new.epoch, new.number, new.bytes)
              FROM verdicts AS old, verdicts AS new WHERE old.batch = frames.verdict AND new.batch = ?1))",
        )?
        .execute((batch, position))?;
    Ok(())
}

/// Notes that a batch judges a frame that is not here yet.
///
/// # Errors
/// When the database fails.
pub fn expect(write: &Transaction<'_>, batch: i64, frame: FrameHash) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO awaited (frame, batch) VALUES (?1, ?2)")?
        .execute((frame.0, batch))?;
    Ok(())
}

/// Says of the batches that were waiting for a frame that they judge it: it has come.
///
/// # Errors
/// When the database fails.
pub fn link_expected(write: &Transaction<'_>, frame: FrameHash, position: i64) -> Result<(), ServerError> {
    let mut query = write.prepare_cached("SELECT batch FROM awaited WHERE frame = ?1")?;
    let batches = query.query_map([frame.0], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    for batch in &batches {
        link(write, *batch, position)?;
    }
    if !batches.is_empty() {
        write.execute("DELETE FROM awaited WHERE frame = ?1", [frame.0])?;
    }
    Ok(())
}

/// A batch with a number of an epoch, if one is here.
///
/// # Errors
/// When the database fails.
pub fn find(connection: &Connection, epoch: [u8; 16], number: u64) -> Result<Option<i64>, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT batch FROM verdicts WHERE epoch = ?1 AND number = ?2 LIMIT 1")?;
    Ok(query.query_row((epoch, number as i64), |row| row.get(0)).optional()?)
}

/// This very batch, if it is here.
///
/// # Errors
/// When the database fails.
pub fn same(
    connection: &Connection,
    opened: &Verdicts,
    signed: &SignedVerdicts,
) -> Result<Option<i64>, ServerError> {
    let mut query = connection
        .prepare_cached("SELECT batch FROM verdicts WHERE epoch = ?1 AND number = ?2 AND bytes = ?3")?;
    let named = (opened.epoch, opened.number as i64, &signed.bytes);
    Ok(query.query_row(named, |row| row.get(0)).optional()?)
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

/// The batch whose verdict on a frame counts: the one with the highest rank; at a cut, the highest that is not above it.
///
/// # Errors
/// When the database fails.
pub fn batch_of(
    connection: &Connection,
    position: i64,
    cut: Option<Rank>,
) -> Result<Option<i64>, ServerError> {
    let Some(cut) = cut else {
        let mut query = connection.prepare_cached("SELECT verdict FROM frames WHERE position = ?1")?;
        return Ok(query.query_row([position], |row| row.get(0)).optional()?.flatten());
    };
    let mut query = connection.prepare_cached(
        "SELECT batch FROM frame_verdicts JOIN verdicts USING (batch)
         WHERE position = ?1 AND (epoch_order, epoch, number) <= (?2, ?3, ?4)
         ORDER BY epoch_order DESC, epoch DESC, number DESC, bytes DESC LIMIT 1",
    )?;
    let at = (position, cut.epoch_order, cut.epoch, cut.number as i64);
    Ok(query.query_row(at, |row| row.get(0)).optional()?)
}

/// The last batch; zero before the first.
///
/// # Errors
/// When the database fails.
pub fn last(connection: &Connection) -> Result<i64, ServerError> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(batch), 0) FROM verdicts")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// A frame that a batch judges: its scope, and the snapshot that stands in for it.
pub type Judged = (Scope, Option<i64>);

/// Batches after one, in order, each with its length and what it judges.
///
/// # Errors
/// When the database fails.
pub fn after(
    connection: &Connection,
    batch: i64,
    mut each: impl FnMut(i64, usize, &[Judged]) -> bool,
) -> Result<(), ServerError> {
    let mut frames = connection.prepare_cached(
        "SELECT DISTINCT scope_kind, scope_id, snapshot FROM frame_verdicts JOIN frames USING (position)
         WHERE batch = ?1",
    )?;
    let mut query = connection
        .prepare_cached("SELECT batch, length(bytes) FROM verdicts WHERE batch > ?1 ORDER BY batch")?;
    let mut rows = query.query([batch])?;
    while let Some(row) = rows.next()? {
        let batch: i64 = row.get(0)?;
        let judged = frames
            .query_map([batch], |row| Ok((Scope::from_parts(row.get(0)?, row.get(1)?), row.get(2)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        if !each(batch, row.get::<_, i64>(1)?.unsigned_abs() as usize, &judged) {
            return Ok(());
        }
    }
    Ok(())
}

/// Batches that were decoded while one question is answered: a batch judges many frames.
#[derive(Debug, Default)]
pub struct Decoded {
    batches: HashMap<i64, (Rank, HashMap<FrameHash, FrameVerdict>)>,
    cut: Option<Rank>,
}

impl Decoded {
    /// As of a cut: what was said later does not count.
    pub fn at(cut: Option<Rank>) -> Self {
        Self { batches: HashMap::new(), cut }
    }

    /// The verdict on a frame that counts, with its rank.
    ///
    /// # Errors
    /// When the database fails or holds what can't be decoded.
    pub fn of(
        &mut self,
        connection: &Connection,
        position: i64,
        frame: FrameHash,
    ) -> Result<Option<(FrameVerdict, Rank)>, ServerError> {
        let Some(batch) = batch_of(connection, position, self.cut)? else { return Ok(None) };
        let found = |(rank, frames): &(Rank, HashMap<FrameHash, FrameVerdict>)| {
            frames.get(&frame).map(|verdict| (verdict.clone(), *rank))
        };
        if let Some(known) = self.batches.get(&batch) {
            return Ok(found(known));
        }
        let Some(signed) = get(connection, batch)? else { return Ok(None) };
        let verdicts = Verdicts::decode(&signed.bytes)?;
        let rank = verdicts.rank();
        let frames = verdicts.frames.into_iter().map(|verdict| (verdict.frame, verdict)).collect();
        let entry = self.batches.entry(batch).or_insert((rank, frames));
        Ok(found(entry))
    }
}
