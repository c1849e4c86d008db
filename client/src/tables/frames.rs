//! `frames`, `sheets` and `frame_sheets`: what was signed, and which sheets it touches.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row};
use xeploai_core::ids::{DepartmentId, FrameHash, SheetId, StreamId};
use xeploai_core::sheet::SheetKey;
use xeploai_core::sheet::heads::Chain;
use xeploai_core::sheet::state::FrameRecord;
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::{Lane, Scope};

use super::{corrupt, streams, verdicts};
use crate::error::ClientError;
use crate::transact::Write;

const COLUMNS: &str = "hash, stream, scope_kind, scope_id, number, previous, body, signature";

fn read(row: &Row<'_>) -> rusqlite::Result<(FrameHash, Frame)> {
    let lane = Lane { stream: StreamId(row.get(1)?), scope: Scope::from_parts(row.get(2)?, row.get(3)?) };
    let number = row.get::<_, i64>(4)?.try_into().map_err(|_| corrupt(4))?;
    let frame =
        Frame { lane, number, previous: FrameHash(row.get(5)?), body: row.get(6)?, signature: row.get(7)? };
    Ok((FrameHash(row.get(0)?), frame))
}

/// Keeps a frame whose signature was checked, or that this device has sealed. Returns whether it was new.
///
/// # Errors
/// When the store fails.
pub fn insert(
    write: &Write<'_>,
    department: DepartmentId,
    frame: &Frame,
    body: &Body,
) -> Result<bool, ClientError> {
    let hash = frame.hash();
    let documents = body.changes.iter().any(|change| matches!(change, Change::Document(_)));
    let inserted = write
        .prepare_cached(
            "INSERT OR IGNORE INTO frames
             (hash, stream, scope_kind, scope_id, number, previous, counter, documents, body, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            hash.0,
            frame.lane.stream.0,
            frame.lane.scope.kind(),
            frame.lane.scope.id(),
            frame.number as i64,
            frame.previous.0,
            body.counter as i64,
            documents,
            &frame.body,
            frame.signature,
        ))?;
    let sheets: BTreeSet<&SheetKey> = body.changes.iter().filter_map(sheet_of).collect();
    for sheet in sheets {
        let id = insert_sheet(write, department, sheet)?;
        write
            .prepare_cached("INSERT OR IGNORE INTO frame_sheets (sheet, frame) VALUES (?1, ?2)")?
            .execute((id.0, hash.0))?;
    }
    Ok(inserted == 1)
}

fn sheet_of(change: &Change) -> Option<&SheetKey> {
    match change {
        Change::Score(score) => Some(&score.sheet),
        Change::Act(act) => Some(&act.sheet),
        Change::Document(_) | Change::Witness(_) | Change::Unknown => None,
    }
}

/// Makes a sheet known by its id.
///
/// # Errors
/// When the store fails.
pub fn insert_sheet(
    write: &Write<'_>,
    department: DepartmentId,
    key: &SheetKey,
) -> Result<SheetId, ClientError> {
    let id = key.id(department);
    write
        .prepare_cached("INSERT OR IGNORE INTO sheets (id, key) VALUES (?1, ?2)")?
        .execute((id.0, serde_json::to_string(key)?))?;
    Ok(id)
}

/// Every sheet that something was written on here.
///
/// # Errors
/// When the store fails.
pub fn sheets(connection: &Connection) -> Result<Vec<SheetKey>, ClientError> {
    let mut query = connection.prepare_cached("SELECT key FROM sheets ORDER BY id")?;
    let keys = query.query_map([], |row| row.get::<_, String>(0))?;
    keys.map(|key| Ok(serde_json::from_str(&key?)?)).collect()
}

/// The frames that touch a sheet, with their verdicts.
///
/// # Errors
/// When the store fails or holds what can't be decoded.
pub fn of_sheet(connection: &Connection, sheet: SheetId) -> Result<Vec<FrameRecord>, ClientError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frames JOIN frame_sheets ON frame_sheets.frame = frames.hash
         WHERE sheet = ?1 ORDER BY counter, hash"
    ))?;
    let frames = query.query_map([sheet.0], read)?.collect::<Result<Vec<_>, _>>()?;
    let mut records = Vec::with_capacity(frames.len());
    for (hash, frame) in frames {
        let certificate = streams::get(connection, frame.lane.stream)?.ok_or_else(|| corrupt(1))?;
        let verdict = verdicts::of_frame(connection, hash)?;
        records.push(FrameRecord {
            hash,
            lane: frame.lane,
            author: certificate.header.author,
            body: frame.decode_body()?,
            received_at: verdict.as_ref().map(|verdict| verdict.1),
            verdict: verdict.map(|verdict| verdict.0),
        });
    }
    Ok(records)
}

/// How the frames of these lanes follow each other.
///
/// # Errors
/// When the store fails.
pub fn chain(connection: &Connection, lanes: impl Iterator<Item = Lane>) -> Result<Chain, ClientError> {
    let mut chain = Chain::default();
    let mut query = connection.prepare_cached(
        "SELECT hash, previous, number FROM frames WHERE stream = ?1 AND scope_kind = ?2 AND scope_id = ?3",
    )?;
    for lane in lanes.collect::<BTreeSet<_>>() {
        let mut rows = query.query((lane.stream.0, lane.scope.kind(), lane.scope.id()))?;
        while let Some(row) = rows.next()? {
            let number = row.get::<_, i64>(2)?.try_into().map_err(|_| corrupt(2))?;
            chain.add(FrameHash(row.get(0)?), FrameHash(row.get(1)?), number);
        }
    }
    Ok(chain)
}

/// Bodies of the frames that hold documents, in the order in which the server wrote them.
///
/// # Errors
/// When the store fails or holds what can't be decoded.
pub fn documents(connection: &Connection) -> Result<Vec<Body>, ClientError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frames WHERE documents = 1 ORDER BY counter, number, hash"
    ))?;
    let frames = query.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
    frames.iter().map(|(_, frame)| Ok(frame.decode_body()?)).collect()
}

/// A number that changes whenever a document comes in.
///
/// # Errors
/// When the store fails.
pub fn documents_mark(connection: &Connection) -> Result<i64, ClientError> {
    let mut query = connection.prepare_cached("SELECT count(*) FROM frames WHERE documents = 1")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Frames of a stream that have no verdict yet, oldest first.
///
/// # Errors
/// When the store fails.
pub fn waiting(connection: &Connection, stream: StreamId, limit: usize) -> Result<Vec<Frame>, ClientError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frames WHERE stream = ?1
         AND NOT EXISTS (SELECT 1 FROM frame_verdicts WHERE frame_verdicts.frame = frames.hash)
         ORDER BY scope_kind, scope_id, number LIMIT ?2"
    ))?;
    let frames = query.query_map((stream.0, limit as i64), read)?;
    Ok(frames.map(|frame| frame.map(|(_, frame)| frame)).collect::<Result<_, _>>()?)
}

/// Number and hash of the last frame of a lane; zeros before the first.
///
/// # Errors
/// When the store fails.
pub fn tip(connection: &Connection, lane: Lane) -> Result<(u64, FrameHash), ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT number, hash FROM frames WHERE stream = ?1 AND scope_kind = ?2 AND scope_id = ?3
         ORDER BY number DESC LIMIT 1",
    )?;
    let tip = query
        .query_row((lane.stream.0, lane.scope.kind(), lane.scope.id()), |row| {
            Ok((row.get::<_, i64>(0)?.try_into().map_err(|_| corrupt(0))?, FrameHash(row.get(1)?)))
        })
        .optional()?;
    Ok(tip.unwrap_or_default())
}

/// The highest logical counter seen.
///
/// # Errors
/// When the store fails.
pub fn counter(connection: &Connection) -> Result<u64, ClientError> {
    let mut query = connection.prepare_cached("SELECT coalesce(max(counter), 0) FROM frames")?;
    Ok(query.query_row([], |row| row.get::<_, i64>(0))?.try_into().unwrap_or_default())
}

/// One frame, to check its signature again.
///
/// # Errors
/// When the store fails.
pub fn get(connection: &Connection, hash: FrameHash) -> Result<Option<Frame>, ClientError> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM frames WHERE hash = ?1"))?;
    Ok(query.query_row([hash.0], read).optional()?.map(|(_, frame)| frame))
}
