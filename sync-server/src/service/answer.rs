//! The answer to a sync: what a reader may read and does not have yet, in pages.
//!
//! Invariant: one snapshot answers one page, and the cursor moves only over what was looked at in it, so that a late
//! commit is never skipped.

use std::collections::BTreeSet;

use rusqlite::Connection;
use xeploai_core::ids::{FrameHash, StreamId};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::SyncResponse;
use xeploai_core::sync::stream::Certificate;

use super::cursor::Cursor;
use super::grants::Grants;
use crate::error::ServerError;
use crate::storage::{frames, streams, verdicts};

/// Bytes of frames in one page. With verdicts and certificates the page stays under 1 MiB.
const FRAME_BYTES: usize = 512 * 1024;
/// Bytes of verdicts in one page: more than the longest batch.
const VERDICT_BYTES: usize = 288 * 1024;
/// Bytes that a frame or batch takes beside its body, at most.
const OVERHEAD: usize = 160;
/// Most frames in a page: with them the certificates of their streams.
const FRAMES_MAX: usize = 768;

/// Who asks, and what for.
pub(super) struct Question<'a> {
    pub(super) grants: &'a Grants,
    pub(super) epoch: [u8; 16],
    pub(super) cursor: &'a [u8],
    /// Frames that the device has just sent: it has them.
    pub(super) sent: &'a BTreeSet<FrameHash>,
    /// Positions of those that are durable: their verdicts are repeated.
    pub(super) durable: &'a [i64],
}

pub(super) fn answer(read: &Connection, question: &Question<'_>) -> Result<SyncResponse, ServerError> {
    let last = Cursor { position: frames::last(read)?, batch: verdicts::last(read)? };
    let hash = question.grants.hash;
    let start = Cursor::decode(question.cursor, question.epoch, hash, last);
    let (chosen, position) = choose_frames(read, question, start, last)?;
    let (batches, batch) = choose_batches(read, question, start, last)?;
    let frames = load_frames(read, &chosen)?;
    let mut response = SyncResponse {
        cursor: Cursor { position, batch }.encode(question.epoch, hash),
        more: position < last.position || batch < last.batch,
        certificates: certificates(read, question, start, &frames)?,
        frames,
        verdicts: Vec::new(),
    };
    for batch in batches {
        response.verdicts.extend(verdicts::get(read, batch)?);
    }
    Ok(response)
}

fn choose_frames(
    read: &Connection,
    question: &Question<'_>,
    start: Cursor,
    last: Cursor,
) -> Result<(Vec<i64>, i64), ServerError> {
    let (mut chosen, mut position) = (Vec::new(), last.position);
    let (mut before, mut budget) = (start.position, FRAME_BYTES);
    frames::after(read, start.position, |line| {
        if question.sent.contains(&line.hash) || !question.grants.reads(line.scope) {
            before = line.position;
            return true;
        }
        let cost = line.bytes + OVERHEAD;
        if cost > budget || chosen.len() >= FRAMES_MAX {
            position = before;
            return false;
        }
        budget -= cost;
        chosen.push(line.position);
        before = line.position;
        true
    })?;
    Ok((chosen, position))
}

/// Batches on what the device has just sent, then those after its cursor that judge anything it may read.
fn choose_batches(
    read: &Connection,
    question: &Question<'_>,
    start: Cursor,
    last: Cursor,
) -> Result<(BTreeSet<i64>, i64), ServerError> {
    let mut repeated = BTreeSet::new();
    for position in question.durable {
        repeated.extend(verdicts::batch_of(read, *position)?);
    }
    let (mut chosen, mut budget) = (BTreeSet::new(), VERDICT_BYTES);
    for batch in repeated {
        let cost = verdicts::get(read, batch)?.map_or(0, |signed| signed.bytes.len()) + OVERHEAD;
        // What does not fit comes with a later page, or when the device asks again.
        if cost <= budget {
            budget -= cost;
            chosen.insert(batch);
        }
    }
    let (mut end, mut before) = (last.batch, start.batch);
    verdicts::after(read, start.batch, |batch, bytes, scopes| {
        if chosen.contains(&batch) || !scopes.iter().any(|scope| question.grants.reads(*scope)) {
            before = batch;
            return true;
        }
        if bytes + OVERHEAD > budget {
            end = before;
            return false;
        }
        budget -= bytes + OVERHEAD;
        chosen.insert(batch);
        before = batch;
        true
    })?;
    Ok((chosen, end))
}

/// Frames of a page, ordered by lane, so that they share what they have in common.
fn load_frames(read: &Connection, positions: &[i64]) -> Result<Vec<Frame>, ServerError> {
    let mut loaded = Vec::with_capacity(positions.len());
    for position in positions {
        loaded.extend(frames::get(read, *position)?.map(|stored| stored.frame));
    }
    loaded.sort_by_key(|frame| (frame.lane, frame.number));
    Ok(loaded)
}

/// Certificates of the page's streams that the reader has seen nothing of up to its cursor.
fn certificates(
    read: &Connection,
    question: &Question<'_>,
    start: Cursor,
    frames: &[Frame],
) -> Result<Vec<Certificate>, ServerError> {
    let streams: BTreeSet<StreamId> = frames.iter().map(|frame| frame.lane.stream).collect();
    let mut certificates = Vec::new();
    for stream in streams {
        let before = frames::scopes_of(read, stream, start.position)?;
        if !before.iter().any(|scope| question.grants.reads(*scope)) {
            certificates.extend(streams::get(read, stream)?.map(|stream| stream.certificate));
        }
    }
    Ok(certificates)
}
