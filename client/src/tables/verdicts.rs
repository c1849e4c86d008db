//! `verdicts` and `frame_verdicts`: what the server said, as it signed it.
//!
//! Invariant: `frames.receipt` is the verdict that counts, the one of the highest rank, when it stands; else the frame waits
//! again. What a verdict says counts even when it no longer stands as a receipt.

use rusqlite::{Connection, OptionalExtension, Row};
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::epoch::Epochs;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Reason, SignedVerdicts, Verdicts};

use super::{contents, epochs, frames, streams};
use crate::error::ClientError;
use crate::transact::Write;

/// Most epochs whose last batch is shown to the server.
const TIPS_MAX: u32 = 16;

/// Keeps a batch whose signature was checked. False when it is here already.
///
/// # Errors
/// When the store fails.
pub fn insert(write: &Write<'_>, signed: &SignedVerdicts, opened: &Verdicts) -> Result<bool, ClientError> {
    // Said again it means the same again: the certificate has to go along.
    for verdict in opened.frames.iter().filter(|verdict| lacks_stream(verdict)) {
        streams::lack(write, verdict.frame)?;
    }
    let stands = epochs::get(write)?.is_none_or(|epochs| epochs.covers(opened.epoch, opened.number));
    let inserted = write
        .prepare_cached(
            "INSERT OR IGNORE INTO verdicts (epoch, epoch_order, stands, number, bytes, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            opened.epoch,
            opened.epoch_order,
            stands,
            opened.number as i64,
            &signed.bytes,
            signed.signature,
        ))?;
    if inserted == 0 {
        return Ok(false);
    }
    let id = write.last_insert_rowid();
    let mut link = write
        .prepare_cached("INSERT OR IGNORE INTO frame_verdicts (frame, verdict, kept) VALUES (?1, ?2, ?3)")?;
    for verdict in opened.frames.iter().filter(|verdict| !lacks_stream(verdict)) {
        link.execute((verdict.frame.0, id, verdict.whole.0.is_kept()))?;
        settle(write, verdict.frame)?;
    }
    for content in &opened.contents {
        contents::note_receipt(write, *content, id)?;
    }
    Ok(true)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SignedVerdicts> {
    Ok(SignedVerdicts { bytes: row.get(0)?, signature: row.get(1)? })
}

/// Whether the server lacks the certificate of a frame's stream: that says nothing of the frame, which goes on waiting.
fn lacks_stream(verdict: &FrameVerdict) -> bool {
    verdict.whole.1 == Reason::UnknownStream
}

/// Which of the verdicts on a frame counts: the one of the highest rank. That a server could not believe a frame says
/// nothing where a server has believed it.
const COUNTS: &str = "ORDER BY kept DESC, epoch_order DESC, epoch DESC, number DESC, bytes DESC LIMIT 1";

/// Sets a frame's receipt: the verdict that counts, when it stands. Without one the frame waits, to be offered with the
/// verdicts that were given on it. One that no server has kept is no part of its scope's root.
///
/// # Errors
/// When the store fails.
pub fn settle(write: &Write<'_>, frame: FrameHash) -> Result<(), ClientError> {
    let mut query = write.prepare_cached(&format!(
        "SELECT verdicts.id, stands, kept FROM frame_verdicts JOIN verdicts ON verdicts.id = verdict
         WHERE frame = ?1 {COUNTS}"
    ))?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let counts: Option<(i64, bool, bool)> = query.query_row([frame.0], read).optional()?;
    let Some((id, stands, kept)) = counts else { return Ok(()) };
    let mut update = write
        .prepare_cached("UPDATE frames SET receipt = ?2, waits = ?3 WHERE hash = ?1 RETURNING counted")?;
    let counted = update.query_row((frame.0, stands.then_some(id), !stands), |row| row.get(0)).optional()?;
    if counted == Some(!kept) { frames::count(write, frame, kept) } else { Ok(()) }
}

/// Says anew which verdicts stand. Frames that are left without a receipt wait again. True when one has fallen.
///
/// # Errors
/// When the store fails.
pub fn restand(write: &Write<'_>, epochs: &Epochs) -> Result<bool, ClientError> {
    let mut query = write.prepare_cached("SELECT id, epoch, number, stands FROM verdicts")?;
    let rows = query.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs(), row.get(3)?))
    })?;
    let mut changed = Vec::new();
    for row in rows {
        let (id, epoch, number, stood): (i64, [u8; 16], u64, bool) = row?;
        let stands = epochs.covers(epoch, number);
        if stands != stood {
            changed.push((id, stands));
        }
    }
    for (id, stands) in &changed {
        write.execute("UPDATE verdicts SET stands = ?2 WHERE id = ?1", (id, stands))?;
        write.execute("UPDATE frames SET receipt = NULL WHERE receipt = ?1", [id])?;
    }
    if changed.is_empty() {
        return Ok(false);
    }
    let mut lost = write.prepare_cached("SELECT hash FROM frames WHERE receipt IS NULL")?;
    let lost = lost.query_map([], |row| Ok(FrameHash(row.get(0)?)))?.collect::<Result<Vec<_>, _>>()?;
    for frame in lost {
        settle(write, frame)?;
    }
    write.execute("UPDATE frames SET waits = 1 WHERE receipt IS NULL AND waits = 0", [])?;
    Ok(changed.iter().any(|(_, stands)| !stands))
}

/// Every batch that judges a frame: when the server lacks the frame, or its receipt stands no longer, it may have lost them.
///
/// # Errors
/// When the store fails.
pub fn on(connection: &Connection, frame: FrameHash) -> Result<Vec<SignedVerdicts>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT bytes, signature FROM frame_verdicts JOIN verdicts ON verdicts.id = verdict
         WHERE frame = ?1",
    )?;
    Ok(query.query_map([frame.0], read)?.collect::<Result<_, _>>()?)
}

/// Rows of the last batch of all, and of the last that stands of each of the latest epochs: a server that has these has all
/// that are here.
///
/// # Errors
/// When the store fails.
pub fn tips(connection: &Connection) -> Result<Vec<i64>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT id FROM verdicts
         WHERE (epoch, number) IN (SELECT epoch, max(number) FROM verdicts WHERE stands = 1 GROUP BY epoch)
         OR id = (SELECT id FROM verdicts ORDER BY epoch_order DESC, number DESC LIMIT 1)
         ORDER BY epoch_order DESC LIMIT ?1",
    )?;
    Ok(query.query_map([TIPS_MAX], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The batches in these rows.
///
/// # Errors
/// When the store fails.
pub fn in_rows(connection: &Connection, rows: &[i64]) -> Result<Vec<SignedVerdicts>, ClientError> {
    let mut query = connection.prepare_cached("SELECT bytes, signature FROM verdicts WHERE id = ?1")?;
    let found = rows.iter().filter_map(|row| query.query_row([row], read).optional().transpose());
    Ok(found.collect::<Result<_, _>>()?)
}

/// The batch that a frame's receipt is.
///
/// # Errors
/// When the store fails.
pub fn receipt_of(connection: &Connection, frame: FrameHash) -> Result<Option<SignedVerdicts>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT verdicts.bytes, verdicts.signature FROM frames JOIN verdicts ON verdicts.id = receipt
         WHERE hash = ?1",
    )?;
    Ok(query.query_row([frame.0], read).optional()?)
}

/// What the server said of a frame.
pub struct Said {
    /// The verdict that counts.
    pub verdict: FrameVerdict,
    /// Its rank.
    pub rank: Rank,
    /// When the server received the frame; nothing when the verdict is no longer a receipt.
    pub received_at: Option<i64>,
}

/// The verdict on a frame that counts: the one of the highest rank, whichever came first.
///
/// # Errors
/// When the store fails.
pub fn of_frame(connection: &Connection, frame: FrameHash) -> Result<Option<Said>, ClientError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT bytes, stands FROM frame_verdicts JOIN verdicts ON verdicts.id = frame_verdicts.verdict
         WHERE frame = ?1 {COUNTS}"
    ))?;
    let found = query.query_row([frame.0], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?)));
    let Some((bytes, stands)) = found.optional()? else { return Ok(None) };
    let verdicts = Verdicts::decode(&bytes)?;
    let (rank, received_at) = (verdicts.rank(), stands.then_some(verdicts.received_at));
    let verdict = verdicts.frames.into_iter().find(|verdict| verdict.frame == frame);
    Ok(verdict.map(|verdict| Said { verdict, rank, received_at }))
}
