//! Judging: what the server says of a frame before it becomes durable.
//!
//! Invariant: one bad frame or change never stops the good ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Transaction;
use xeploai_core::ids::PersonId;
use xeploai_core::org::{Config, History};
use xeploai_core::sync::body::Body;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::policy::{self, Moment, Seen};
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::FrameVerdict;

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
            let mut past = Past { history: self.history_in(write)?, seen: BTreeMap::new() };
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
                        judged.push(judge(&config, &mut past, frame, &opened));
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

/// Earlier configurations that the frames of one request ask for.
struct Past {
    history: Arc<History>,
    seen: BTreeMap<u64, Config>,
}

/// The verdict on a frame that may be kept.
fn judge(config: &Config, past: &mut Past, frame: &Frame, opened: &Opened) -> FrameVerdict {
    let (scope, changes) = (frame.lane.scope, &opened.body.changes);
    let judged = |moment: &Moment<'_>| policy::judge_frame(moment, opened.author, scope, changes);
    let mut exceptions = judged(&Moment::now(config));
    let revision = opened.body.revision;
    if exceptions.iter().any(|exception| policy::asks_seen(exception.2)) && revision != config.revision {
        let Past { history, seen } = past;
        let seen = match revision > config.revision {
            true => Seen::Later,
            false => Seen::Earlier(seen.entry(revision).or_insert_with(|| history.at_revision(revision))),
        };
        exceptions = judged(&Moment { seen, ..Moment::now(config) });
    }
    FrameVerdict { frame: frame.hash(), exceptions }
}
