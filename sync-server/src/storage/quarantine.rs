//! `quarantine`: frames that could not be believed or read, under the device that brought them.

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::{FrameHash, StreamId};
use xeploai_core::sync::frame::{Frame, write_all};
use xeploai_core::sync::wire::Writer;

use crate::error::ServerError;

/// Most frames that one device may leave in quarantine.
pub const FRAMES_MAX: i64 = 256;
/// Most bytes that one device may leave in quarantine.
pub const BYTES_MAX: i64 = 4 * 1024 * 1024;

/// Why a frame is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its stream's certificate is not known here.
    UnknownStream,
    /// Its stream's device was revoked.
    Revoked,
    /// Its signature does not fit.
    Signature,
    /// Its body can't be read.
    Body,
}

impl Why {
    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownStream => "unknown_stream",
            Self::Revoked => "revoked",
            Self::Signature => "signature",
            Self::Body => "body",
        }
    }
}

/// Keeps a frame, unless its carrier's quota is used up. Says whether it is kept.
///
/// # Errors
/// When the database fails.
pub fn insert(
    write: &Transaction<'_>,
    carrier: StreamId,
    frame: &Frame,
    why: Why,
    now: i64,
) -> Result<bool, ServerError> {
    let (frames, bytes) = used(write, carrier)?;
    if frames >= FRAMES_MAX || bytes >= BYTES_MAX {
        return Ok(false);
    }
    let mut writer = Writer::new();
    write_all(&mut writer, std::slice::from_ref(frame));
    write
        .prepare_cached(
            "INSERT OR IGNORE INTO quarantine (hash, carrier, reason, received_at, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((frame.hash().0, carrier.0, why.word(), now, writer.finish()))?;
    Ok(true)
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

/// The reason why a frame is in quarantine, if it is.
///
/// # Errors
/// When the database fails.
pub fn reason(connection: &Connection, frame: FrameHash) -> Result<Option<String>, ServerError> {
    use rusqlite::OptionalExtension;
    let mut query = connection.prepare_cached("SELECT reason FROM quarantine WHERE hash = ?1")?;
    Ok(query.query_row([frame.0], |row| row.get(0)).optional()?)
}

/// Takes a frame out of quarantine: it came again and could be believed this time.
///
/// # Errors
/// When the database fails.
pub fn remove(write: &Transaction<'_>, frame: FrameHash) -> Result<(), ServerError> {
    write.prepare_cached("DELETE FROM quarantine WHERE hash = ?1")?.execute([frame.0])?;
    Ok(())
}
