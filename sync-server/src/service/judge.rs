//! Judging: what the server says of a frame before it becomes durable.
//!
//! Invariant: one bad frame or change never stops the good ones.

use rusqlite::Transaction;
use xeploai_core::ids::{AssignmentId, PersonId, UnitId};
use xeploai_core::org::Config;
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::{FrameVerdict, Reason};
use xeploai_core::sync::{Scope, Status, policy};

use super::Service;
use crate::error::ServerError;
use crate::storage::quarantine::{self, Why};
use crate::storage::{frames, streams};

/// What became of the frames of one request.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Positions of all that are durable now, those that were before included.
    pub positions: Vec<i64>,
    /// How many of them are new.
    pub new: usize,
    /// How many could not be believed or read.
    pub quarantined: usize,
}

/// A frame that may be kept: its body and whether the server itself wrote it.
struct Opened {
    body: Body,
    author: PersonId,
}

impl Service {
    /// Takes frames that the device of `carrier` brought, at a time of this server's clock: checks, judges and keeps them, in one transaction
    /// that is durable when this returns. Frames that are here already keep the verdict they have.
    ///
    /// # Errors
    /// When the database fails; then nothing was kept.
    pub fn receive(
        &self,
        carrier: &Certificate,
        brought: &[Frame],
        now: i64,
    ) -> Result<Received, ServerError> {
        let carrier = carrier.header.stream();
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let mut received = Received::default();
            let (mut judged, mut positions) = (Vec::new(), Vec::new());
            for frame in brought {
                let hash = frame.hash();
                if let Some(position) = frames::position_of(write, hash)? {
                    received.positions.push(position);
                    continue;
                }
                match open(write, frame)? {
                    Ok(opened) => {
                        let by_server = opened.author == Header::SERVER;
                        let position =
                            frames::insert(write, self.department, frame, &opened.body, by_server, now)?;
                        judged.push(judge(&config, frame, &opened));
                        positions.push(position);
                        quarantine::remove(write, hash)?;
                    }
                    Err(why) => {
                        quarantine::insert(write, carrier, frame, why, now)?;
                        received.quarantined += 1;
                    }
                }
            }
            self.write_verdicts(write, judged, &positions, now)?;
            received.new = positions.len();
            received.positions.extend(positions);
            streams::seen(write, carrier, now)?;
            Ok(received)
        })
    }
}

/// Opens a frame, or says why it can't be believed or read.
fn open(write: &Transaction<'_>, frame: &Frame) -> Result<Result<Opened, Why>, ServerError> {
    let Some(stream) = streams::get(write, frame.lane.stream)? else { return Ok(Err(Why::UnknownStream)) };
    if stream.revoked {
        return Ok(Err(Why::Revoked));
    }
    if frame.verify(&stream.certificate).is_err() {
        return Ok(Err(Why::Signature));
    }
    let author = stream.certificate.header.author;
    Ok(frame.decode_body().map(|body| Opened { body, author }).map_err(|_| Why::Body))
}

/// The verdict on a frame that may be kept.
fn judge(config: &Config, frame: &Frame, opened: &Opened) -> FrameVerdict {
    let touches = may_touch(config, opened.author, frame.lane.scope);
    let exception = |(index, change): (usize, &Change)| {
        let (status, reason) = if touches {
            policy::judge(config, opened.author, change)
        } else {
            (Status::Rejected, Reason::NotAllowed)
        };
        (status != Status::Accepted).then_some((index as u16, status, reason))
    };
    let exceptions = opened.body.changes.iter().enumerate().filter_map(exception).collect();
    FrameVerdict { frame: frame.hash(), exceptions }
}

/// Whether an author may write in a scope at all. What this server doesn't know yet is left to the policy, which holds
/// it; a post that has ended still takes what was written before its end.
fn may_touch(config: &Config, author: PersonId, scope: Scope) -> bool {
    if author == Header::SERVER {
        return true;
    }
    if scope == Scope::CONFIGURATION {
        return false;
    }
    let (unit, post) = (UnitId(scope.id()), AssignmentId(scope.id()));
    let of_unit = scope == Scope::unit(unit);
    let of_post = scope == Scope::assignment(post);
    let known =
        (of_unit && config.units.contains_key(&unit)) || (of_post && config.assignments.contains_key(&post));
    let had_post = config
        .assignments
        .values()
        .filter(|held| held.person == author)
        .any(|held| (of_unit && held.unit == unit) || (of_post && held.id == post));
    !known || had_post || config.may_read(author, scope)
}
