//! `quarantine`: frames that could not be believed or read, under the device that brought them.

use rusqlite::{Connection, OptionalExtension, Transaction};
use xeploai_core::ids::{FrameHash, StreamId};
use xeploai_core::sync::frame::{Frame, read_all, write_all};
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::sync::wire::{Reader, Writer};

use crate::error::ServerError;

/// Most frames that one device may leave in quarantine.
pub const FRAMES_MAX: i64 = 256;
/// Most bytes that one device may leave in quarantine.
pub const BYTES_MAX: i64 = 4 * 1024 * 1024;

/// Whether a device has room left for a frame.
///
/// # Errors
/// When the database fails.
pub fn has_room(connection: &Connection, carrier: StreamId, frame: &Frame) -> Result<bool, ServerError> {
    let (frames, bytes) = used(connection, carrier)?;
    Ok(frames < FRAMES_MAX && bytes + frame.body.len() as i64 <= BYTES_MAX)
}

/// Keeps a frame under its carrier, with the batch that says so.
///
/// # Errors
/// When the database fails.
pub fn insert(
    write: &Transaction<'_>,
    carrier: StreamId,
    frame: &Frame,
    why: Reason,
    batch: i64,
    now: i64,
) -> Result<(), ServerError> {
    let mut writer = Writer::new();
    write_all(&mut writer, std::slice::from_ref(frame), None, &Nothing);
    write
        .prepare_cached(
            "INSERT OR IGNORE INTO quarantine (hash, carrier, stream, reason, received_at, batch, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((frame.hash().0, carrier.0, frame.lane.stream.0, why as u16, now, batch, writer.finish()))?;
    Ok(())
}

/// Frames and bytes that a device has in quarantine.
///
/// # Errors
/// When the database fails.
pub fn used(connection: &Connection, carrier: StreamId) -> Result<(i64, i64), ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM quarantine WHERE carrier = ?1",
    )?;
    Ok(query.query_row([carrier.0], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Why a frame is in quarantine and the batch that says so, if it is.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, frame: FrameHash) -> Result<Option<(Reason, i64)>, ServerError> {
    let mut query = connection.prepare_cached("SELECT reason, batch FROM quarantine WHERE hash = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok((Reason::from_number(row.get::<_, i64>(0)?.unsigned_abs()), row.get(1)?))
    };
    Ok(query.query_row([frame.0], read).optional()?)
}

/// Frames of a stream that were put there because its certificate was missing.
///
/// # Errors
/// When the database fails or holds what can't be decoded.
pub fn of_stream(connection: &Connection, stream: StreamId) -> Result<Vec<Frame>, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT bytes FROM quarantine WHERE stream = ?1 AND reason = ?2")?;
    let rows = query.query_map((stream.0, Reason::UnknownStream as u16), |row| row.get::<_, Vec<u8>>(0))?;
    let mut frames = Vec::new();
    for bytes in rows {
        frames.extend(read_all(&mut Reader::new(&bytes?), 1, None, &Nothing)?);
    }
    Ok(frames)
}

/// Takes a frame out of quarantine: it came again and could be believed this time.
///
/// # Errors
/// When the database fails.
pub fn remove(write: &Transaction<'_>, frame: FrameHash) -> Result<(), ServerError> {
    write.prepare_cached("DELETE FROM quarantine WHERE hash = ?1")?.execute([frame.0])?;
    Ok(())
}
