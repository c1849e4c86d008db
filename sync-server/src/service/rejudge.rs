//! Judging again what was held, when what it waited for has come: a record, a witness, an upgrade.

use rusqlite::Transaction;
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::Status;
use xeploai_core::sync::body::{Change, WitnessChange};
use xeploai_core::sync::plan::Signed;
use xeploai_core::sync::verdict::{FrameVerdict, Reason, Verdicts};

use super::Service;
use super::judge::Judge;
use crate::error::ServerError;
use crate::storage::verdicts::{self, Decoded};
use crate::storage::witnesses::{self, Statement};
use crate::storage::{frames, held};

/// Reasons that a new record of the configuration may lift.
pub(super) const BY_RECORDS: [Reason; 1] = [Reason::Unknown];
/// Reasons that an upgrade of this program may lift.
pub(super) const BY_UPGRADE: [Reason; 3] = [Reason::Unknown, Reason::UnknownKind, Reason::FutureVersion];

impl Service {
    /// Judges again all frames that are held for these reasons. Gives how many have another verdict now.
    pub(super) fn rejudge(&self, write: &Transaction<'_>, reasons: &[Reason]) -> Result<usize, ServerError> {
        let positions = held::of(write, reasons)?;
        self.rejudge_at(write, &positions)
    }

    fn rejudge_at(&self, write: &Transaction<'_>, positions: &[i64]) -> Result<usize, ServerError> {
        if positions.is_empty() {
            return Ok(0);
        }
        let mut judge = Judge::new(self, write)?;
        let (mut judged, mut changed) = (Vec::new(), Vec::new());
        for position in positions {
            let verdict = judge.stored(*position)?;
            let before = Decoded::default().of(write, *position, verdict.frame)?.map(|before| before.0);
            let verdict = match &before {
                Some(before) => judged_again(write, *position, before, verdict)?,
                None => verdict,
            };
            if before.is_none_or(|before| before != verdict) {
                judged.push(verdict);
                changed.push(*position);
            }
        }
        self.write_verdicts(write, judged, &changed, self.now())?;
        Ok(changed.len())
    }

    /// Notes what witnesses state in new frames, and judges the frames again that they speak of. A statement that was
    /// rejected, such as one of a revoked device, says nothing.
    pub(super) fn hear_witnesses<'a>(
        &self,
        write: &Transaction<'_>,
        new: impl Iterator<Item = &'a Signed>,
    ) -> Result<(), ServerError> {
        let mut named = Vec::new();
        for signed in new {
            let changes = signed.body.as_ref().map_or(&[][..], |body| &body.changes);
            for (index, change) in changes.iter().enumerate() {
                let Change::Witness(statement) = change else { continue };
                if is_rejected(write, signed.hash, index as u16)? {
                    continue;
                }
                let Some(at) = handed_at(write, statement)? else { continue };
                for frame in &statement.frames {
                    witnesses::insert(write, *frame, Statement { witness: signed.author, at })?;
                    named.push(*frame);
                }
            }
        }
        let positions = positions(write, &named)?;
        self.rejudge_at(write, &positions).map(drop)
    }
}

/// What is said now where the frame waited, and what was said before of its other changes: what a person has decided is
/// not judged again. A revoked device's frame waits for a witness all the time.
fn judged_again(
    write: &Transaction<'_>,
    position: i64,
    before: &FrameVerdict,
    now: FrameVerdict,
) -> Result<FrameVerdict, ServerError> {
    let body = frames::get(write, position)?.and_then(|stored| stored.frame.decode_body().ok());
    let count = body.map_or(0, |body| body.changes.len() as u16);
    let waited = |index| {
        let (status, reason) = before.of(index);
        status == Status::Held || reason == Reason::Revoked
    };
    if (0..count).all(waited) {
        return Ok(now);
    }
    let outcome = |index| if waited(index) { now.of(index) } else { before.of(index) };
    Ok(FrameVerdict::of_changes(now.frame, (0..count).map(outcome)))
}

/// When a witness got the frames, if his beacon is a batch of this server's with the time that he says.
fn handed_at(write: &Transaction<'_>, statement: &WitnessChange) -> Result<Option<i64>, ServerError> {
    let Some(batch) = verdicts::find(write, statement.epoch, statement.batch)? else { return Ok(None) };
    let Some(signed) = verdicts::get(write, batch)? else { return Ok(None) };
    let true_beacon = Verdicts::decode(&signed.bytes)?.received_at == statement.beacon_at;
    Ok(statement.at().filter(|_| true_beacon))
}

fn is_rejected(write: &Transaction<'_>, frame: FrameHash, index: u16) -> Result<bool, ServerError> {
    let Some(position) = frames::position_of(write, frame)? else { return Ok(true) };
    let verdict = Decoded::default().of(write, position, frame)?;
    Ok(verdict.is_none_or(|(verdict, _)| verdict.of(index).0 == Status::Rejected))
}

fn positions(write: &Transaction<'_>, named: &[FrameHash]) -> Result<Vec<i64>, ServerError> {
    let mut positions = Vec::new();
    for frame in named {
        positions.extend(frames::position_of(write, *frame)?);
    }
    Ok(positions)
}
