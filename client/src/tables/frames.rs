//! `frames`, `sheets` and `frame_sheets`: what was signed, and which sheets it touches.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row};
use xeploai_core::ids::{DepartmentId, FrameHash, PersonId, SheetId, StreamId};
use xeploai_core::sheet::heads::Chain;
use xeploai_core::sheet::state::FrameRecord;
use xeploai_core::sheet::{ChangeId, Place, SheetKey, Value};
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::names::Short;
use xeploai_core::sync::stream::Header;
use xeploai_core::sync::{Lane, Scope};

use super::{contents, corrupt, scopes, snapshots, streams, verdicts};
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

/// Keeps a frame whose signature was checked, or that this device has sealed; its body is unknown when it is of a later
/// version. Its stream's certificate is here; its verdict may be. `waits` says that the server may not have it; one of this
/// device's own waits in any case until its receipt is here, whoever brought it. Returns whether it was new.
///
/// # Errors
/// When the store fails.
pub fn insert(
    write: &Write<'_>,
    department: DepartmentId,
    frame: &Frame,
    body: Option<&Body>,
    waits: bool,
) -> Result<bool, ClientError> {
    let hash = frame.hash();
    let changes = body.map_or(&[][..], |body| &body.changes);
    let by_server = streams::is_by(write, frame.lane.stream, Header::SERVER)?;
    let waits = waits || streams::is_own(write, frame.lane.stream)?;
    let documents = by_server && changes.iter().any(|change| matches!(change, Change::Document(_)));
    let inserted = write
        .prepare_cached(
            "INSERT INTO frames
             (hash, stream, scope_kind, scope_id, number, previous, counter, documents, body, signature,
              waits, counted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1)
             ON CONFLICT (hash) DO NOTHING",
        )?
        .execute((
            hash.0,
            frame.lane.stream.0,
            frame.lane.scope.kind(),
            frame.lane.scope.id(),
            frame.number as i64,
            frame.previous.0,
            body.map_or(0, |body| body.counter as i64),
            documents,
            &frame.body,
            frame.signature,
            waits,
        ))?;
    if inserted == 0 {
        return Ok(false);
    }
    // A frame of a snapshot was counted with it.
    if !snapshots::holds(write, hash)? {
        scopes::add(write, frame.lane.scope, hash)?;
    }
    verdicts::settle(write, hash)?;
    insert_places(write, department, hash, changes)?;
    for evidence in changes.iter().filter_map(Change::evidence) {
        contents::name(write, frame.lane.scope, evidence, true)?;
    }
    Ok(true)
}

/// Says which sheets a frame is about.
fn insert_places(
    write: &Write<'_>,
    department: DepartmentId,
    frame: FrameHash,
    changes: &[Change],
) -> Result<(), ClientError> {
    let sheets: BTreeSet<&SheetKey> = changes.iter().filter_map(Change::sheet).collect();
    for sheet in sheets {
        let id = sheet.id(department);
        insert_sheet(write, id, sheet)?;
        write
            .prepare_cached("INSERT OR IGNORE INTO frame_sheets (sheet, frame) VALUES (?1, ?2)")?
            .execute((id.0, frame.0))?;
    }
    Ok(())
}

/// Makes a sheet known by its id.
///
/// # Errors
/// When the store fails.
pub fn insert_sheet(write: &Write<'_>, id: SheetId, key: &SheetKey) -> Result<(), ClientError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO sheets (id, key) VALUES (?1, ?2)")?
        .execute((id.0, serde_json::to_string(key)?))?;
    Ok(())
}

/// The key of a sheet that something was written on here.
///
/// # Errors
/// When the store fails.
pub fn sheet(connection: &Connection, id: SheetId) -> Result<Option<SheetKey>, ClientError> {
    let mut query = connection.prepare_cached("SELECT key FROM sheets WHERE id = ?1")?;
    let key: Option<String> = query.query_row([id.0], |row| row.get(0)).optional()?;
    Ok(key.map(|key| serde_json::from_str(&key)).transpose()?)
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
        "SELECT {COLUMNS}, author FROM frames JOIN frame_sheets ON frame_sheets.frame = frames.hash
         JOIN streams ON streams.id = frames.stream
         WHERE sheet = ?1 ORDER BY counter, hash"
    ))?;
    let author = |row: &Row<'_>| row.get(8).map(PersonId);
    let frames = query.query_map([sheet.0], |row| Ok((read(row)?, author(row)?)))?;
    let frames = frames.collect::<Result<Vec<_>, _>>()?;
    let mut records = Vec::with_capacity(frames.len());
    for ((hash, frame), author) in frames {
        let said = verdicts::of_frame(connection, hash)?;
        records.push(FrameRecord {
            hash,
            lane: frame.lane,
            author,
            body: frame.decode_body().unwrap_or_default(),
            received_at: said.as_ref().and_then(|said| said.received_at),
            verdict: said.map(|said| said.verdict),
        });
    }
    snapshots::of_sheet(connection, sheet, &mut records)?;
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
        for standing in snapshots::lane(connection, lane)? {
            chain.add(standing.0, standing.1, standing.2);
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
    // One of a later version is for a later program.
    Ok(frames.iter().filter_map(|(_, frame)| frame.decode_body().ok()).collect())
}

/// A number that changes whenever a document comes in: that of the latest one to arrive.
///
/// # Errors
/// When the store fails.
pub fn documents_mark(connection: &Connection) -> Result<i64, ClientError> {
    let mut query = connection
        .prepare_cached("SELECT rowid FROM frames WHERE documents = 1 ORDER BY rowid DESC LIMIT 1")?;
    Ok(query.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Frames that the server has given no receipt for, of whatever stream: those of this device's people and carried
/// ones. Oldest on this device first.
///
/// # Errors
/// When the store fails.
pub fn waiting(connection: &Connection, limit: usize) -> Result<Vec<Frame>, ClientError> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM frames WHERE waits = 1 ORDER BY rowid LIMIT ?1"))?;
    let frames = query.query_map([limit as i64], read)?;
    Ok(frames.map(|frame| frame.map(|(_, frame)| frame)).collect::<Result<_, _>>()?)
}

/// How many frames the server has given no receipt for.
///
/// # Errors
/// When the store fails.
pub fn waiting_count(connection: &Connection) -> Result<u32, ClientError> {
    let mut query = connection.prepare_cached("SELECT count(*) FROM frames WHERE waits = 1")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Whether a frame is here.
///
/// # Errors
/// When the store fails.
pub fn holds(connection: &Connection, hash: FrameHash) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT 1 FROM frames WHERE hash = ?1")?;
    Ok(query.exists([hash.0])?)
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

/// What a change of a frame wrote into a field of a sheet; nothing when it is another field's or not here.
///
/// # Errors
/// When the store fails or holds what can't be decoded.
pub fn value(
    connection: &Connection,
    id: ChangeId,
    sheet: &SheetKey,
    place: Place,
) -> Result<Option<Value>, ClientError> {
    let Some(frame) = get(connection, id.frame)? else { return Ok(None) };
    Ok(match frame.decode_body()?.changes.into_iter().nth(id.index.into()) {
        Some(Change::Score(score)) if score.sheet == *sheet && score.place == place => Some(score.value),
        _ => None,
    })
}

/// Whether the server has given a receipt for a frame that stands.
///
/// # Errors
/// When the store fails.
pub fn is_received(connection: &Connection, hash: FrameHash) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT receipt IS NOT NULL FROM frames WHERE hash = ?1")?;
    Ok(query.query_row([hash.0], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// The frame with a short name; nothing when there is none, or more than one.
///
/// # Errors
/// When the store fails.
pub fn named(connection: &Connection, name: Short) -> Result<Option<Frame>, ClientError> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM frames WHERE hash BETWEEN ?1 AND ?2 LIMIT 2"))?;
    let mut found = query.query_map(name.range(), read)?.collect::<Result<Vec<_>, _>>()?;
    Ok(if found.len() == 1 { found.pop().map(|(_, frame)| frame) } else { None })
}

/// The frames of a scope that are part of its root.
///
/// # Errors
/// When the store fails.
pub fn names(connection: &Connection, scope: Scope) -> Result<Vec<FrameHash>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT hash FROM frames WHERE scope_kind = ?1 AND scope_id = ?2 AND counted = 1
         UNION SELECT hash FROM snapshot_frames WHERE scope_kind = ?1 AND scope_id = ?2",
    )?;
    let names = query.query_map((scope.kind(), scope.id()), |row| Ok(FrameHash(row.get(0)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The frames of a scope that are here in full and part of its root: what can be given to others.
///
/// # Errors
/// When the store fails.
pub fn names_in_full(connection: &Connection, scope: Scope) -> Result<Vec<FrameHash>, ClientError> {
    let mut query = connection
        .prepare_cached("SELECT hash FROM frames WHERE scope_kind = ?1 AND scope_id = ?2 AND counted = 1")?;
    let names = query.query_map((scope.kind(), scope.id()), |row| Ok(FrameHash(row.get(0)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The frames of a scope that nobody of this device has written and that are no configuration, with the receipt of
/// each: epoch and number.
///
/// # Errors
/// When the store fails.
pub fn received_of_others(
    connection: &Connection,
    scope: Scope,
) -> Result<Vec<(FrameHash, [u8; 16], u64)>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT hash, verdicts.epoch, verdicts.number FROM frames JOIN streams ON streams.id = stream
         JOIN verdicts ON verdicts.id = receipt
         WHERE scope_kind = ?1 AND scope_id = ?2 AND own = 0 AND documents = 0 AND counted = 1",
    )?;
    let read =
        |row: &Row<'_>| Ok((FrameHash(row.get(0)?), row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs()));
    let received = query.query_map((scope.kind(), scope.id()), read)?;
    Ok(received.collect::<Result<_, _>>()?)
}

/// Lets go of a frame that is part of its scope's root. What was said of it stays: its receipt is found again if it comes
/// back.
///
/// # Errors
/// When the store fails.
pub fn remove(write: &Write<'_>, scope: Scope, hash: FrameHash) -> Result<(), ClientError> {
    write.prepare_cached("DELETE FROM frame_sheets WHERE frame = ?1")?.execute([hash.0])?;
    write.prepare_cached("DELETE FROM frames WHERE hash = ?1")?.execute([hash.0])?;
    // One of a snapshot stays counted with it.
    if snapshots::holds(write, hash)? { Ok(()) } else { scopes::remove(write, scope, hash) }
}

/// Counts a frame into its scope's root, or out of it: no server could believe it.
///
/// # Errors
/// When the store fails.
pub fn count(write: &Write<'_>, hash: FrameHash, counted: bool) -> Result<(), ClientError> {
    let Some(frame) = get(write, hash)? else { return Ok(()) };
    write.prepare_cached("UPDATE frames SET counted = ?2 WHERE hash = ?1")?.execute((hash.0, counted))?;
    let change = if counted { scopes::add } else { scopes::remove };
    change(write, frame.lane.scope, hash)
}
