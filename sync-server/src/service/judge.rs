//! Judging: what the server says of a frame that may be kept.
//!
//! Invariant: a verdict that was given stays; judging again gives another one, with a higher number, and only where the
//! frame was held for something that has come since.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::org::{Config, History, Revocation};
use xeploai_core::sync::body::Body;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::plan::Signed;
use xeploai_core::sync::policy::{self, Moment, Seen};
use xeploai_core::sync::verdict::{FrameVerdict, Reason};
use xeploai_core::sync::{Scope, Status};

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::{frames, streams, witnesses};

/// The policy, with what it needs to know of this moment.
pub(super) struct Judge<'a> {
    read: &'a Connection,
    config: Arc<Config>,
    history: Arc<History>,
    /// Earlier configurations that the frames of one request ask for.
    seen: BTreeMap<u64, Config>,
}

/// What is judged.
struct Case<'a> {
    hash: FrameHash,
    author: PersonId,
    scope: Scope,
    body: &'a Body,
}

impl<'a> Judge<'a> {
    pub(super) fn new(service: &Service, read: &'a Connection) -> Result<Self, ServerError> {
        let (config, history) = (service.config_in(read)?, service.history_in(read)?);
        Ok(Self { read, config, history, seen: BTreeMap::new() })
    }

    /// The verdict on a frame.
    pub(super) fn frame(&mut self, signed: &Signed) -> Result<FrameVerdict, ServerError> {
        let Some(body) = &signed.body else {
            return Ok(FrameVerdict::of_whole(signed.hash, Status::Held, Reason::FutureVersion));
        };
        if let Some(refused) = self.revoked(signed)? {
            return Ok(refused);
        }
        let (hash, author, scope) = (signed.hash, signed.author, signed.frame.lane.scope);
        let exceptions = self.changes(&Case { hash, author, scope, body })?;
        Ok(FrameVerdict::accepted_but(hash, exceptions))
    }

    /// The verdict on a frame that is here.
    pub(super) fn stored(&mut self, position: i64) -> Result<FrameVerdict, ServerError> {
        let stored = frames::get(self.read, position)?.ok_or(Refused::NotFound)?;
        let stream = streams::get(self.read, stored.frame.lane.stream)?;
        let author = stream.map(|stream| stream.certificate.header.author).unwrap_or_default();
        let (hash, body) = (stored.frame.hash(), stored.frame.decode_body().ok());
        self.frame(&Signed { hash, frame: stored.frame, author, body })
    }

    /// Most frames are all right as of now; what the writer had seen, and what a witness says, is looked up for the others.
    fn changes(&mut self, case: &Case<'_>) -> Result<Vec<(u16, Status, Reason)>, ServerError> {
        let config = Arc::clone(&self.config);
        let judged =
            |moment: &Moment<'_>| policy::judge_frame(moment, case.author, case.scope, &case.body.changes);
        let mut exceptions = judged(&Moment::now(&config));
        let asks = |exceptions: &[(u16, Status, Reason)], asks: fn(Reason) -> bool| {
            exceptions.iter().any(|exception| asks(exception.2))
        };
        let revision = case.body.revision;
        let mut earlier = None;
        if asks(&exceptions, policy::asks_seen) && revision != config.revision {
            earlier = Some(revision > config.revision);
            if earlier == Some(false) && !self.seen.contains_key(&revision) {
                self.seen.insert(revision, self.history.at_revision(revision));
            }
        }
        let seen = match (earlier, self.seen.get(&revision)) {
            (Some(true), _) => Seen::Later,
            (Some(false), Some(seen)) => Seen::Earlier(seen),
            _ => Seen::Now,
        };
        if earlier.is_some() {
            exceptions = judged(&Moment { seen, ..Moment::now(&config) });
        }
        if asks(&exceptions, policy::asks_witness)
            && let Some(handed) = self.handed(case)?
        {
            exceptions = judged(&Moment { now: &config, seen, handed: Some(&handed) });
        }
        Ok(exceptions)
    }

    /// The configuration in force when the earliest witness who counts got the frame.
    fn handed(&self, case: &Case<'_>) -> Result<Option<Config>, ServerError> {
        for statement in witnesses::on(self.read, case.hash)? {
            let handed = self.history.at_time(statement.at);
            if policy::may_vouch(&handed, statement.witness, case.author, case.scope) {
                return Ok(Some(handed));
            }
        }
        Ok(None)
    }

    /// What is said of a frame of a revoked device that does not stand on a branch that the revocation names: with a
    /// witness a person decides, without one it counts for nothing. Both are kept.
    fn revoked(&self, signed: &Signed) -> Result<Option<FrameVerdict>, ServerError> {
        let Some(stream) = streams::get(self.read, signed.frame.lane.stream)? else { return Ok(None) };
        let Some(revocation) = self.config.revocations.get(&stream.certificate.header.key) else {
            return Ok(None);
        };
        if stands_before(self.read, revocation, &signed.frame, signed.hash)? {
            return Ok(None);
        }
        let witnessed = !witnesses::on(self.read, signed.hash)?.is_empty();
        let status = if witnessed { Status::Held } else { Status::Rejected };
        Ok(Some(FrameVerdict::of_whole(signed.hash, status, Reason::Revoked)))
    }
}

/// Whether a frame is a tip that the revocation names, or stands before one on its branch.
fn stands_before(
    read: &Connection,
    revocation: &Revocation,
    frame: &Frame,
    hash: FrameHash,
) -> Result<bool, ServerError> {
    for tip in
        revocation.tips.iter().filter(|tip| tip.stream == frame.lane.stream && tip.scope == frame.lane.scope)
    {
        let (mut at, mut number) = (tip.frame, tip.number);
        while number > frame.number {
            let Some(position) = frames::position_of(read, at)? else { break };
            let Some(stored) = frames::get(read, position)? else { break };
            (at, number) = (stored.frame.previous, number - 1);
        }
        if at == hash {
            return Ok(true);
        }
    }
    Ok(false)
}
