//! Sealing: what waits in the outbox becomes signed frames.
//!
//! Invariant: a frame and the emptied outbox are one transaction, so that a change is in exactly one of the two.

use ed25519_dalek::SigningKey;
use xeploai_core::sheet::state::Pending;
use xeploai_core::sync::body::{ActChange, Body, CHANGES_MAX, Change, ScoreChange};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::wire::WireError;
use xeploai_core::sync::{Lane, Scope};

use crate::app::Session;
use crate::error::ClientError;
use crate::keys;
use crate::tables::{frames, outbox};
use crate::transact::{Write, transact};

/// Seals everything that waits.
///
/// # Errors
/// When the store or the key fails.
pub(crate) fn seal_all(session: &mut Session<'_>) -> Result<(), ClientError> {
    for scope in outbox::scopes(session.connection)? {
        seal_scope(session, scope)?;
    }
    Ok(())
}

/// Seals what waits in one scope.
///
/// # Errors
/// When the store or the key fails.
pub(crate) fn seal_scope(session: &mut Session<'_>, scope: Scope) -> Result<(), ClientError> {
    let key = keys::device_key(session.folder)?;
    let (me, revision, now) = (session.me.clone(), session.config.revision, session.now);
    let lane = Lane { stream: me.stream, scope };
    transact(session.connection, |write| {
        let mut limit = CHANGES_MAX;
        loop {
            let rows = outbox::of_scope(write, scope, limit)?;
            if rows.is_empty() {
                return Ok(());
            }
            let body = body(write, &rows, revision, now)?;
            match body.encode(scope) {
                // Long notes: fewer changes to a frame. One change always fits, its limits were checked when saved.
                Err(WireError::TooLarge) if rows.len() > 1 => limit = rows.len() / 2,
                encoded => {
                    append(write, &me.department, lane, &key, &body, encoded?)?;
                    outbox::remove(write, &rows)?;
                }
            }
        }
    })
}

fn append(
    write: &Write<'_>,
    department: &xeploai_core::ids::DepartmentId,
    lane: Lane,
    key: &SigningKey,
    body: &Body,
    encoded: Vec<u8>,
) -> Result<(), ClientError> {
    let (number, previous) = frames::tip(write, lane)?;
    let frame = Frame::seal(key, *department, lane, number + 1, previous, encoded);
    frames::insert(write, *department, &frame, body)?;
    Ok(())
}

fn body(write: &Write<'_>, rows: &[outbox::Row], revision: u64, now: i64) -> Result<Body, ClientError> {
    let minutes_before = |at: i64| u32::try_from((now - at).max(0) / 60).unwrap_or(u32::MAX);
    let changes = rows
        .iter()
        .map(|row| {
            let (sheet, minutes_before) = (row.sheet.clone(), minutes_before(row.written_at));
            match row.change.clone() {
                Pending::Score(place, value, replaces) => {
                    Change::Score(ScoreChange { sheet, place, value, replaces, minutes_before })
                }
                Pending::Act(kind, digest, reason) => {
                    Change::Act(ActChange { sheet, kind, digest, reason, minutes_before })
                }
            }
        })
        .collect();
    Ok(Body { counter: frames::counter(write)? + 1, sealed_at: now, revision, changes })
}
