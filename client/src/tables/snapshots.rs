//! `snapshots`: closed periods as the server has signed their state.
//!
//! Invariant: a frame that is here in full wins over what a snapshot says of it; a snapshot removes nothing.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::{DepartmentId, FrameHash, SheetId, StreamId, UnitId};
use xeploai_core::period::Period;
use xeploai_core::sheet::state::FrameRecord;
use xeploai_core::sync::body::Change;
use xeploai_core::sync::names::{Short, Standing};
use xeploai_core::sync::snapshot::{Entry, SignedSnapshot, Snapshot};
use xeploai_core::sync::verdict::Rank;
use xeploai_core::sync::{Lane, Scope};

use super::{contents, corrupt, frames, scopes, streams, verdicts};
use crate::error::ClientError;
use crate::transact::Write;

/// Keeps a snapshot whose signature was checked.
///
/// # Errors
/// When the store fails.
pub fn insert(
    write: &Write<'_>,
    department: DepartmentId,
    signed: &SignedSnapshot,
    opened: &Snapshot,
) -> Result<(), ClientError> {
    let inserted = write
        .prepare_cached(
            "INSERT OR IGNORE INTO snapshots (unit, period, bytes, signature) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((opened.unit.0, opened.period.to_number() as i64, &signed.bytes, signed.signature))?;
    if inserted == 0 {
        return Ok(());
    }
    let id = write.last_insert_rowid();
    let mut put = write.prepare_cached(
        "INSERT OR IGNORE INTO snapshot_frames (hash, snapshot, stream, scope_kind, scope_id, number, previous)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut sheets = BTreeSet::new();
    for entry in &opened.entries {
        let (hash, lane) = (entry.verdict.frame, entry.lane);
        let previous = entry.previous.map(|previous| previous.0);
        let row =
            (hash.0, id, lane.stream.0, lane.scope.kind(), lane.scope.id(), entry.number as i64, previous);
        if put.execute(row)? == 1 && !frames::holds(write, hash)? {
            scopes::add(write, lane.scope, hash)?;
        }
        let body = entry.open()?;
        for evidence in body.evidence() {
            contents::name(write, lane.scope, evidence, true)?;
        }
        sheets.extend(body.changes.iter().filter_map(Change::sheet).cloned());
    }
    for key in &sheets {
        let sheet = key.id(department);
        frames::insert_sheet(write, sheet, key)?;
        write
            .prepare_cached("INSERT OR IGNORE INTO snapshot_sheets (sheet, snapshot) VALUES (?1, ?2)")?
            .execute((sheet.0, id))?;
    }
    Ok(())
}

/// Whether a snapshot speaks of a frame.
///
/// # Errors
/// When the store fails.
pub fn holds(connection: &Connection, hash: FrameHash) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT 1 FROM snapshot_frames WHERE hash = ?1")?;
    Ok(query.exists([hash.0])?)
}

/// Adds what snapshots say of a sheet to the frames of it that are here.
///
/// # Errors
/// When the store fails or holds what can't be decoded.
pub fn of_sheet(
    connection: &Connection,
    sheet: SheetId,
    records: &mut Vec<FrameRecord>,
) -> Result<(), ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT bytes FROM snapshot_sheets JOIN snapshots ON snapshots.id = snapshot WHERE sheet = ?1",
    )?;
    let all = query.query_map([sheet.0], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut all = all.iter().map(|bytes| Snapshot::decode(bytes)).collect::<Result<Vec<_>, _>>()?;
    // The last word first: what an earlier one says of the same frame is no longer so.
    all.sort_by_key(|snapshot| Reverse(snapshot.cut));
    let mut told = BTreeSet::new();
    for Snapshot { cut, entries, .. } in all {
        for entry in entries {
            if told.insert(entry.verdict.frame) {
                tell(connection, cut, entry, records)?;
            }
        }
    }
    Ok(())
}

/// Adds what a snapshot says of one frame. It took all verdicts up to its cut into account: those that are here as well, because
/// they judge other frames too, may not be all.
fn tell(
    connection: &Connection,
    cut: Rank,
    entry: Entry,
    records: &mut Vec<FrameRecord>,
) -> Result<(), ClientError> {
    let hash = entry.verdict.frame;
    let later = verdicts::of_frame(connection, hash)?
        .filter(|said| said.rank > cut && said.verdict.whole.0.is_kept())
        .map(|said| said.verdict);
    if let Some(here) = records.iter_mut().find(|record| record.hash == hash) {
        here.verdict = Some(later.unwrap_or(entry.verdict));
        here.received_at.get_or_insert(entry.received_at);
        return Ok(());
    }
    let certificate = streams::get(connection, entry.lane.stream)?;
    records.push(FrameRecord {
        hash,
        lane: entry.lane,
        author: certificate.map(|certificate| certificate.header.author).unwrap_or_default(),
        body: entry.open()?,
        received_at: Some(entry.received_at),
        verdict: Some(later.unwrap_or(entry.verdict)),
    });
    Ok(())
}

/// The frames of a lane that snapshots speak of: hash, the one before, number.
///
/// # Errors
/// When the store fails.
pub fn lane(connection: &Connection, lane: Lane) -> Result<Vec<(FrameHash, FrameHash, u64)>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT hash, coalesce(previous, (SELECT before.hash FROM snapshot_frames AS before
           WHERE before.stream = it.stream AND before.scope_kind = it.scope_kind
           AND before.scope_id = it.scope_id AND before.number = it.number - 1 LIMIT 1),
           (SELECT before.hash FROM frames AS before WHERE before.stream = it.stream
           AND before.scope_kind = it.scope_kind AND before.scope_id = it.scope_id
           AND before.number = it.number - 1 LIMIT 1), zeroblob(32)), number
         FROM snapshot_frames AS it WHERE stream = ?1 AND scope_kind = ?2 AND scope_id = ?3",
    )?;
    let rows = query.query_map((lane.stream.0, lane.scope.kind(), lane.scope.id()), |row| {
        Ok((FrameHash(row.get(0)?), FrameHash(row.get(1)?), row.get::<_, i64>(2)?.unsigned_abs()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The frame before an entry, when the entry leaves it to its number.
///
/// # Errors
/// When the store fails.
pub fn before(connection: &Connection, entry: &Entry) -> Result<FrameHash, ClientError> {
    let named = lane(connection, entry.lane)?.into_iter().find(|known| known.0 == entry.verdict.frame);
    Ok(named.map(|known| known.1).unwrap_or_default())
}

/// The frame with a short name that a snapshot speaks of; nothing when there is none, or more than one.
///
/// # Errors
/// When the store fails.
pub fn named(connection: &Connection, name: Short) -> Result<Option<Standing>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT hash, stream, scope_kind, scope_id, number FROM snapshot_frames
         WHERE hash BETWEEN ?1 AND ?2 LIMIT 2",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        let lane = Lane { stream: StreamId(row.get(1)?), scope: Scope::from_parts(row.get(2)?, row.get(3)?) };
        Ok(Standing { hash: FrameHash(row.get(0)?), lane, number: row.get::<_, i64>(4)?.unsigned_abs() })
    };
    let found = query.query_map(name.range(), read)?.collect::<Result<Vec<_>, _>>()?;
    Ok(match found.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

/// The latest snapshot of a unit's period.
///
/// # Errors
/// When the store fails or holds what can't be decoded.
pub fn get(connection: &Connection, unit: UnitId, period: Period) -> Result<Option<Snapshot>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT bytes FROM snapshots WHERE unit = ?1 AND period = ?2 ORDER BY id DESC LIMIT 1",
    )?;
    let bytes: Option<Vec<u8>> =
        query.query_row((unit.0, period.to_number() as i64), |row| row.get(0)).optional()?;
    bytes.map(|bytes| Snapshot::decode(&bytes).map_err(|_| corrupt(0).into())).transpose()
}
