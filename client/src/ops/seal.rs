//! Sealing: what waits in the outbox becomes signed frames, of every author on the device and each with his own key.
//!
//! Invariant: a frame and the emptied outbox are one transaction, so that a change is in exactly one of the two. A
//! write is signed by its author's key or not at all: without that key it goes on waiting.
//!
//! Sealed is at hand-over, when a guest of this hub begins, when the device goes to another person, when it is opened (after a crash), and before an
//! act that vouches for what was written. What an author leaves behind never waits for him to come back.

use ed25519_dalek::SigningKey;
use xeploai_core::ids::FrameHash;
use xeploai_core::ids::PersonId;
use xeploai_core::sheet::heads::Chain;
use xeploai_core::sheet::state::Pending;
use xeploai_core::sheet::{ChangeId, SheetKey};
use xeploai_core::sync::body::{ActChange, Body, CHANGES_MAX, Change, ScoreChange};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::wire::WireError;
use xeploai_core::sync::{Lane, Scope};

use rusqlite::Connection;

use super::renew;
use crate::error::{ClientError, Refused};
use crate::keys::Mark;
use crate::session::Signer;
use crate::tables::accounts::{self, Account};
use crate::tables::{frames, outbox};
use crate::transact::{Write, transact};

/// Seals everything that waits. What fails for one author stops no other; the first failure is told at the end.
pub(crate) fn seal_all(connection: &mut Connection, signer: Signer<'_>) -> Result<(), ClientError> {
    seal(connection, signer, None)
}

/// Seals what waits in one scope, so that what stands there has names.
pub(crate) fn seal_scope(
    connection: &mut Connection,
    signer: Signer<'_>,
    scope: Scope,
) -> Result<(), ClientError> {
    seal(connection, signer, Some(scope))
}

fn seal(connection: &mut Connection, signer: Signer<'_>, scope: Option<Scope>) -> Result<(), ClientError> {
    let all = transact(connection, |write| seal_waiting(write, signer, scope, |_| true));
    if all.is_ok() {
        return all;
    }
    let authors = outbox::authors(connection)?;
    if authors.len() < 2 {
        return all;
    }
    // One commit for everybody; when it fails, one for each, so that the others are sealed.
    let mut sealed = Ok(());
    for author in authors {
        let done = transact(connection, |write| seal_waiting(write, signer, scope, |other| other == author));
        sealed = sealed.and(done);
    }
    sealed
}

/// Seals what waits of the authors that are wanted.
fn seal_waiting(
    write: &Write<'_>,
    signer: Signer<'_>,
    scope: Option<Scope>,
    wanted: impl Fn(PersonId) -> bool,
) -> Result<(), ClientError> {
    let (marks, all) = (signer.environment.keys.highest()?, outbox::all(write, scope)?);
    let mut sealed = Vec::new();
    for rows in all.chunk_by(|one, next| one.author() == next.author()) {
        if let Some(author) = rows.first().map(outbox::Row::author).filter(|author| wanted(*author)) {
            sealed.extend(seal_author(write, signer, &marks, (author, rows))?);
        }
    }
    if scope.is_none() && sealed.iter().map(|rows| rows.len()).sum::<usize>() == all.len() {
        return outbox::clear(write);
    }
    sealed.into_iter().try_for_each(|rows| outbox::remove(write, rows))
}

/// Seals an author's rows; gives those that were, in pieces.
fn seal_author<'r>(
    write: &Write<'_>,
    signer: Signer<'_>,
    marks: &[Mark],
    (author, rows): (PersonId, &'r [outbox::Row]),
) -> Result<Vec<&'r [outbox::Row]>, ClientError> {
    let mut sealed = Vec::new();
    let Some(mut account) = accounts::get(write, author)? else { return Ok(sealed) };
    let Some(key) = signer.ring.get(&account.key)? else { return Ok(sealed) };
    account.stream = renew::stream(write, signer, marks, (&account, &key))?;
    for rows in rows.chunk_by(|one, next| one.scope == next.scope) {
        sealed.extend(seal_rows(write, signer, &account, &key, rows)?);
    }
    Ok(sealed)
}

/// Seals the rows of one scope, in as many frames as they need; gives those that were.
fn seal_rows<'r>(
    write: &Write<'_>,
    signer: Signer<'_>,
    account: &Account,
    key: &SigningKey,
    mut rows: &'r [outbox::Row],
) -> Result<Vec<&'r [outbox::Row]>, ClientError> {
    let mut sealed = Vec::new();
    let Some(scope) = rows.first().map(|row| row.scope) else { return Ok(sealed) };
    let lane = Lane { stream: account.stream, scope };
    let mut limit = CHANGES_MAX;
    while !rows.is_empty() {
        let (now, later) = rows.split_at(limit.min(rows.len()));
        let body = body(write, signer, lane, now)?;
        match body.encode(scope) {
            Ok(encoded) => {
                append(write, key, account, lane, (&body, encoded))?;
                sealed.push(now);
            }
            // Long notes: fewer changes to a frame.
            Err(WireError::TooLarge) if now.len() > 1 => {
                limit = now.len() / 2;
                continue;
            }
            // Its limits were checked when it was saved; should it not fit all the same, it alone goes on waiting.
            Err(_) if now.len() == 1 => {}
            Err(_) => {
                limit = 1;
                continue;
            }
        }
        rows = later;
    }
    Ok(sealed)
}

/// Seals a change of a person at once, in the lane of a scope: what is never a draft.
pub(crate) fn seal_now(
    write: &Write<'_>,
    signer: Signer<'_>,
    account: &Account,
    scope: Scope,
    change: Change,
) -> Result<Frame, ClientError> {
    let key = signer.ring.get(&account.key)?.ok_or(Refused::NotEnrolled)?;
    let marks = signer.environment.keys.highest()?;
    let lane = Lane { stream: renew::stream(write, signer, &marks, (account, &key))?, scope };
    let body = body_of(write, signer, vec![change])?;
    let encoded = body.encode(scope)?;
    append(write, &key, account, lane, (&body, encoded))
}

/// Appends a frame to a lane.
fn append(
    write: &Write<'_>,
    key: &SigningKey,
    account: &Account,
    lane: Lane,
    (body, encoded): (&Body, Vec<u8>),
) -> Result<Frame, ClientError> {
    let (number, previous) = frames::tip(write, lane)?;
    let frame = Frame::seal(key, account.department, lane, number + 1, previous, encoded);
    frames::insert(write, account.department, &frame, Some(body), true)?;
    Ok(frame)
}

fn body_of(write: &Write<'_>, signer: Signer<'_>, changes: Vec<Change>) -> Result<Body, ClientError> {
    let counter = frames::counter(write)?.saturating_add(1);
    Ok(Body { counter, sealed_at: signer.now, revision: signer.revision, changes })
}

fn body(
    write: &Write<'_>,
    signer: Signer<'_>,
    lane: Lane,
    rows: &[outbox::Row],
) -> Result<Body, ClientError> {
    let implied = Implied::of(write, lane, rows)?;
    let minutes_before =
        |at: i64| u32::try_from(signer.now.saturating_sub(at).max(0) / 60).unwrap_or(u32::MAX);
    let changes = rows
        .iter()
        .map(|row| {
            let (sheet, minutes_before) = (SheetKey::clone(&row.sheet), minutes_before(row.written_at));
            match row.change.clone() {
                Pending::Score(place, value, mut replaces) => {
                    replaces.retain(|id| !implied.is_replaced(id));
                    Change::Score(ScoreChange { sheet, place, value, replaces, minutes_before })
                }
                Pending::Act(kind, digest, reason) => {
                    Change::Act(ActChange { sheet, kind, digest, reason, minutes_before })
                }
            }
        })
        .collect();
    body_of(write, signer, changes)
}

/// What a frame of a lane replaces without naming it: later on a branch replaces earlier on it.
struct Implied {
    chain: Chain,
    tip: FrameHash,
}

impl Implied {
    fn of(write: &Write<'_>, lane: Lane, rows: &[outbox::Row]) -> Result<Self, ClientError> {
        let names_any =
            |row: &outbox::Row| matches!(&row.change, Pending::Score(_, _, replaces) if !replaces.is_empty());
        let chain = match rows.iter().any(names_any) {
            true => frames::chain(write, std::iter::once(lane))?,
            false => Chain::default(),
        };
        Ok(Self { chain, tip: frames::tip(write, lane)?.1 })
    }

    fn is_replaced(&self, id: &ChangeId) -> bool {
        id.frame == self.tip || self.chain.is_before(id.frame, self.tip)
    }
}
