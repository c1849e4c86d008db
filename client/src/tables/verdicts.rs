//! `verdicts` and `frame_verdicts`: what the server said, as it signed it.

use rusqlite::Connection;
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::verdict::{FrameVerdict, SignedVerdicts, Verdicts};

use crate::error::ClientError;
use crate::transact::Write;

/// Keeps a batch whose signature was checked.
///
/// # Errors
/// When the store fails.
pub fn insert(write: &Write<'_>, signed: &SignedVerdicts, opened: &Verdicts) -> Result<(), ClientError> {
    let inserted = write.execute(
        "INSERT OR IGNORE INTO verdicts (epoch_order, number, bytes, signature) VALUES (?1, ?2, ?3, ?4)",
        (opened.epoch_order, opened.number as i64, &signed.bytes, signed.signature),
    )?;
    if inserted == 0 {
        return Ok(());
    }
    let id = write.last_insert_rowid();
    let mut link =
        write.prepare_cached("INSERT OR IGNORE INTO frame_verdicts (frame, verdict) VALUES (?1, ?2)")?;
    let mut receipt = write.prepare_cached(
        "UPDATE frames SET receipt = ?2 WHERE hash = ?1 AND (receipt IS NULL OR
         (SELECT (epoch_order, number, bytes) < (?3, ?4, ?5) FROM verdicts WHERE id = receipt))",
    )?;
    for verdict in &opened.frames {
        link.execute((verdict.frame.0, id))?;
        receipt.execute((verdict.frame.0, id, opened.epoch_order, opened.number as i64, &signed.bytes))?;
    }
    Ok(())
}

/// The verdict on a frame that counts, with the time when the server received the frame: the one of the highest
/// (epoch order, number), whichever came first.
///
/// # Errors
/// When the store fails.
pub fn of_frame(
    connection: &Connection,
    frame: FrameHash,
) -> Result<Option<(FrameVerdict, i64)>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT bytes FROM frame_verdicts JOIN verdicts ON verdicts.id = frame_verdicts.verdict
         WHERE frame = ?1 ORDER BY epoch_order DESC, number DESC, bytes DESC LIMIT 1",
    )?;
    let mut rows = query.query([frame.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let verdicts = Verdicts::decode(&row.get::<_, Vec<u8>>(0)?)?;
    let received_at = verdicts.received_at;
    Ok(verdicts
        .frames
        .into_iter()
        .find(|verdict| verdict.frame == frame)
        .map(|verdict| (verdict, received_at)))
}
