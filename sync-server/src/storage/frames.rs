//! `frames` and `frame_sheets`: what was signed, in the order in which it became durable here.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use xeploai_core::ids::{DepartmentId, FrameHash, SheetId, StreamId};
use xeploai_core::org::Tip;
use xeploai_core::sheet::SheetKey;
use xeploai_core::sheet::heads::Chain;
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::names::Short;
use xeploai_core::sync::{Lane, Scope};

use super::corrupt;
use crate::error::ServerError;

const COLUMNS: &str =
    "position, received_at, stream, scope_kind, scope_id, number, previous, body, signature";

/// A frame as it stands here.
#[derive(Debug, Clone)]
pub struct StoredFrame {
    /// Its place in the order of commits.
    pub position: i64,
    /// When it was received, Unix seconds.
    pub received_at: i64,
    /// The frame.
    pub frame: Frame,
}

/// What there is to know of a frame before its bytes are read.
#[derive(Debug, Clone, Copy)]
pub struct FrameLine {
    /// Its place in the order of commits.
    pub position: i64,
    /// Its hash.
    pub hash: FrameHash,
    /// Its scope.
    pub scope: Scope,
    /// The snapshot that stands in for it.
    pub snapshot: Option<i64>,
    /// Length of its body.
    pub bytes: usize,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredFrame> {
    let lane = Lane { stream: StreamId(row.get(2)?), scope: Scope::from_parts(row.get(3)?, row.get(4)?) };
    let frame = Frame {
        lane,
        number: row.get::<_, i64>(5)? as u64,
        previous: FrameHash(row.get(6)?),
        body: row.get(7)?,
        signature: row.get(8)?,
    };
    Ok(StoredFrame { position: row.get(0)?, received_at: row.get(1)?, frame })
}

/// Keeps a frame whose signature was checked; its body is unknown when it is of a later version. `by_server` says that
/// its documents are configuration. The caller counts it into its scope's root, see [`super::scopes`].
///
/// # Errors
/// When the database fails, or the frame is there already.
pub fn insert(
    write: &Transaction<'_>,
    department: DepartmentId,
    (hash, frame): (FrameHash, &Frame),
    body: Option<&Body>,
    by_server: bool,
    now: i64,
) -> Result<i64, ServerError> {
    write
        .prepare_cached(
            "INSERT INTO frames (hash, stream, scope_kind, scope_id, number, previous, counter, documents,
             received_at, signature, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute((
            hash.0,
            frame.lane.stream.0,
            frame.lane.scope.kind(),
            frame.lane.scope.id(),
            frame.number as i64,
            frame.previous.0,
            body.map_or(0, |body| body.counter as i64),
            by_server,
            now,
            frame.signature,
            &frame.body,
        ))?;
    let position = write.last_insert_rowid();
    let changes = body.map_or(&[][..], |body| &body.changes);
    // Most frames are about one sheet: hashing its key once is enough.
    let mut sheets: Vec<&SheetKey> = changes.iter().filter_map(Change::sheet).collect();
    sheets.dedup();
    let sheets: BTreeSet<SheetId> = sheets.into_iter().map(|key| key.id(department)).collect();
    for sheet in sheets {
        write
            .prepare_cached("INSERT INTO frame_sheets (sheet, position) VALUES (?1, ?2)")?
            .execute((sheet.0, position))?;
    }
    Ok(position)
}

/// Says which snapshot stands in for the frame at a position.
///
/// # Errors
/// When the database fails.
pub fn cover(write: &Transaction<'_>, position: i64, snapshot: i64) -> Result<(), ServerError> {
    write
        .prepare_cached("UPDATE frames SET snapshot = ?2 WHERE position = ?1")?
        .execute((position, snapshot))?;
    Ok(())
}

/// The frames that a snapshot stands in for, ordered by lane and number as in it.
///
/// # Errors
/// When the database fails.
pub fn of_snapshot(connection: &Connection, snapshot: i64) -> Result<Vec<StoredFrame>, ServerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frames WHERE snapshot = ?1 ORDER BY stream, scope_kind, scope_id, number, hash"
    ))?;
    let rows = query.query_map([snapshot], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The frame with a short name and its place; nothing when there is none, or more than one.
///
/// # Errors
/// When the database fails.
pub fn named(connection: &Connection, name: Short) -> Result<Option<StoredFrame>, ServerError> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM frames WHERE hash BETWEEN ?1 AND ?2 LIMIT 2"))?;
    let mut found = query.query_map(name.range(), read)?.collect::<Result<Vec<_>, _>>()?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The hashes of a scope's frames.
///
/// # Errors
/// When the database fails.
pub fn names(connection: &Connection, scope: Scope) -> Result<Vec<FrameHash>, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT hash FROM frames WHERE scope_kind = ?1 AND scope_id = ?2")?;
    let rows = query.query_map((scope.kind(), scope.id()), |row| Ok(FrameHash(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Where a frame stands, if it is here.
///
/// # Errors
/// When the database fails.
pub fn position_of(connection: &Connection, hash: FrameHash) -> Result<Option<i64>, ServerError> {
    let mut query = connection.prepare_cached("SELECT position FROM frames WHERE hash = ?1")?;
    Ok(query.query_row([hash.0], |row| row.get(0)).optional()?)
}

/// The frame at a position.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, position: i64) -> Result<Option<StoredFrame>, ServerError> {
    let mut query =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM frames WHERE position = ?1"))?;
    Ok(query.query_row([position], read).optional()?)
}

/// The last position; zero before the first.
///
/// # Errors
/// When the database fails.
pub fn last(connection: &Connection) -> Result<i64, ServerError> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(position), 0) FROM frames")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Frames after a position in order, until `each` says no.
///
/// # Errors
/// When the database fails.
pub fn after(
    connection: &Connection,
    position: i64,
    mut each: impl FnMut(FrameLine) -> bool,
) -> Result<(), ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT position, hash, scope_kind, scope_id, snapshot, length(body) FROM frames
         WHERE position > ?1 ORDER BY position",
    )?;
    let mut rows = query.query([position])?;
    while let Some(row) = rows.next()? {
        let line = FrameLine {
            position: row.get(0)?,
            hash: FrameHash(row.get(1)?),
            scope: Scope::from_parts(row.get(2)?, row.get(3)?),
            snapshot: row.get(4)?,
            bytes: row.get::<_, i64>(5)?.unsigned_abs() as usize,
        };
        if !each(line) {
            return Ok(());
        }
    }
    Ok(())
}

/// The scopes that a stream has frames in, up to a position.
///
/// # Errors
/// When the database fails.
pub fn scopes_of(connection: &Connection, stream: StreamId, up_to: i64) -> Result<Vec<Scope>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT DISTINCT scope_kind, scope_id FROM frames WHERE stream = ?1 AND position <= ?2",
    )?;
    let rows = query.query_map((stream.0, up_to), |row| Ok(Scope::from_parts(row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The frames that touch a sheet, in the order in which they came.
///
/// # Errors
/// When the database fails.
pub fn of_sheet(connection: &Connection, sheet: SheetId) -> Result<Vec<StoredFrame>, ServerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frames JOIN frame_sheets USING (position) WHERE sheet = ?1 ORDER BY position"
    ))?;
    let rows = query.query_map([sheet.0], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How the frames of these lanes follow each other.
///
/// # Errors
/// When the database fails.
pub fn chain(connection: &Connection, lanes: &BTreeSet<Lane>) -> Result<Chain, ServerError> {
    let mut chain = Chain::default();
    let mut query = connection.prepare_cached(
        "SELECT hash, previous, number FROM frames WHERE stream = ?1 AND scope_kind = ?2 AND scope_id = ?3",
    )?;
    for lane in lanes {
        let mut rows = query.query((lane.stream.0, lane.scope.kind(), lane.scope.id()))?;
        while let Some(row) = rows.next()? {
            let number = row.get::<_, i64>(2)? as u64;
            chain.add(FrameHash(row.get(0)?), FrameHash(row.get(1)?), number);
        }
    }
    Ok(chain)
}

/// Bodies of the server's own frames, in the order in which it wrote them.
///
/// # Errors
/// When the database fails or holds what can't be decoded.
pub fn documents(connection: &Connection) -> Result<Vec<Body>, ServerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frames WHERE documents = 1 ORDER BY counter, number, hash"
    ))?;
    let stored = query.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
    // One of a later version is for a later program.
    let readable = |stored: &StoredFrame| stored.frame.decode_body().ok();
    Ok(stored.iter().filter_map(readable).collect())
}

/// Position of the server's own last frame: it changes whenever the configuration does.
///
/// # Errors
/// When the database fails.
pub fn documents_mark(connection: &Connection) -> Result<i64, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT coalesce(max(position), 0) FROM frames WHERE documents = 1")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Number and hash of the last frame of a lane; zeros before the first.
///
/// # Errors
/// When the database fails.
pub fn tip(connection: &Connection, lane: Lane) -> Result<(u64, FrameHash), ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT number, hash FROM frames WHERE stream = ?1 AND scope_kind = ?2 AND scope_id = ?3
         ORDER BY number DESC LIMIT 1",
    )?;
    let read = |row: &Row<'_>| {
        let number = row.get::<_, i64>(0)?.try_into().map_err(|_| corrupt(0))?;
        Ok((number, FrameHash(row.get(1)?)))
    };
    let tip = query.query_row((lane.stream.0, lane.scope.kind(), lane.scope.id()), read).optional()?;
    Ok(tip.unwrap_or_default())
}

/// The tips of a stream's lanes: the last frame of each branch.
///
/// # Errors
/// When the database fails.
pub fn tips(connection: &Connection, stream: StreamId) -> Result<Vec<Tip>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT scope_kind, scope_id, number, hash FROM frames AS tip WHERE stream = ?1 AND NOT EXISTS
         (SELECT 1 FROM frames AS next WHERE next.stream = tip.stream AND next.scope_kind = tip.scope_kind
          AND next.scope_id = tip.scope_id AND next.previous = tip.hash)",
    )?;
    let read = |row: &Row<'_>| {
        let number = row.get::<_, i64>(2)? as u64;
        let (scope, frame) = (Scope::from_parts(row.get(0)?, row.get(1)?), FrameHash(row.get(3)?));
        Ok(Tip { stream, scope, number, frame })
    };
    let tips = query.query_map([stream.0], read)?;
    Ok(tips.collect::<Result<_, _>>()?)
}

/// Whether a number of a lane has two meanings: its device was cloned.
///
/// # Errors
/// When the database fails.
pub fn is_forked(connection: &Connection, lane: Lane) -> Result<bool, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM frames WHERE stream = ?1 AND scope_kind = ?2 AND scope_id = ?3
         GROUP BY number HAVING count(*) > 1)",
    )?;
    Ok(query.query_row((lane.stream.0, lane.scope.kind(), lane.scope.id()), |row| row.get(0))?)
}

/// The highest logical counter in the server's own frames.
///
/// # Errors
/// When the database fails.
pub fn documents_counter(connection: &Connection) -> Result<u64, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT coalesce(max(counter), 0) FROM frames WHERE documents = 1")?;
    Ok(query.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}
