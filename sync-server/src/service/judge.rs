//! Judging: what the server says of a frame that may be kept.

use std::sync::Arc;

use rusqlite::Connection;
use xeploai_core::org::Config;
use xeploai_core::sync::plan::Signed;
use xeploai_core::sync::verdict::{FrameVerdict, Reason};
use xeploai_core::sync::{Status, policy};

use super::Service;
use crate::error::ServerError;
use crate::storage::{frames, streams};

/// The policy, with what it needs to know of this moment.
pub(super) struct Judge<'a> {
    read: &'a Connection,
    config: Arc<Config>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(service: &Service, read: &'a Connection) -> Result<Self, ServerError> {
        Ok(Self { read, config: service.config_in(read)? })
    }

    /// The verdict on a new frame.
    pub(super) fn frame(&self, signed: &Signed) -> Result<FrameVerdict, ServerError> {
        let Some(body) = &signed.body else {
            return Ok(FrameVerdict::of_whole(signed.hash, Status::Held, Reason::FutureVersion));
        };
        let exceptions =
            policy::judge_frame(&self.config, signed.author, signed.frame.lane.scope, &body.changes);
        Ok(FrameVerdict::accepted_but(signed.hash, exceptions))
    }

    /// The verdict on a frame that is here and has none.
    pub(super) fn stored(&mut self, position: i64) -> Result<FrameVerdict, ServerError> {
        let stored = frames::get(self.read, position)?.ok_or(crate::error::Refused::NotFound)?;
        let stream = streams::get(self.read, stored.frame.lane.stream)?;
        let author = stream.map(|stream| stream.certificate.header.author).unwrap_or_default();
        let (hash, body) = (stored.frame.hash(), stored.frame.decode_body().ok());
        self.frame(&Signed { hash, frame: stored.frame, author, body })
    }
}
