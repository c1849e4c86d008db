//! One exchange: a device's request in, the answer out.

use std::collections::BTreeSet;
use std::sync::Arc;

use xeploai_core::ids::FrameHash;
use xeploai_core::sync::message::{SyncRequest, SyncResponse};
use xeploai_core::sync::wire::WireError;

use super::Service;
use super::answer::{Question, answer};
use super::grants::Grants;
use super::judge::Received;
use crate::error::{Refused, ServerError};
use crate::storage::{meta, streams};

/// A device that only asks is noted this often, in seconds: an idle sync writes nothing.
const SEEN_SECONDS: i64 = 60;

impl Service {
    /// Takes what a device sends and answers what it lacks.
    ///
    /// # Errors
    /// [`Refused::NotAMessage`], [`Refused::MessageCut`], [`Refused::MessageTooLarge`], [`Refused::UnknownDevice`],
    /// [`Refused::DeviceRevoked`], [`Refused::BadSignature`]; else what the database says. In every case nothing was
    /// stored.
    pub fn sync(&self, message: &[u8]) -> Result<Vec<u8>, ServerError> {
        let signed = SyncRequest::decode(message).map_err(|error| match error {
            WireError::Cut => Refused::MessageCut,
            WireError::TooLarge => Refused::MessageTooLarge,
            _ => Refused::NotAMessage,
        })?;
        let device = self.storage.read(|read| streams::get(read, signed.stream()))?;
        let device = device.ok_or(Refused::UnknownDevice)?;
        if device.revoked {
            return Err(Refused::DeviceRevoked.into());
        }
        let request = signed.open(&device.certificate).map_err(|_| Refused::BadSignature)?;
        let received = if request.frames.is_empty() {
            self.note_visit(&request, device.last_seen)?;
            Received::default()
        } else {
            self.receive(&device.certificate, &request.frames, self.now())?
        };
        let response = self.answer(&request, device.certificate.header.author, &received)?;
        tracing::info!(
            stream = %request.stream,
            brought = request.frames.len(),
            new = received.new,
            quarantined = received.quarantined,
            answered = response.frames.len(),
            more = response.more,
            "sync"
        );
        Ok(response.encode())
    }

    fn note_visit(&self, request: &SyncRequest, last_seen: Option<i64>) -> Result<(), ServerError> {
        let now = self.now();
        if last_seen.is_some_and(|seen| (seen..seen + SEEN_SECONDS).contains(&now)) {
            return Ok(());
        }
        self.storage.write(|write| streams::seen(write, request.stream, now))
    }

    fn answer(
        &self,
        request: &SyncRequest,
        author: xeploai_core::ids::PersonId,
        received: &Received,
    ) -> Result<SyncResponse, ServerError> {
        let sent: BTreeSet<FrameHash> = request.frames.iter().map(|frame| frame.hash()).collect();
        self.storage.read(|read| {
            let epoch = meta::get(read, meta::Key::Epoch)?.ok_or(Refused::NotInitialised)?;
            let grants = self.cached(read, |cached| {
                let config = &cached.config;
                Arc::clone(
                    cached.grants.entry(author).or_insert_with(|| Arc::new(Grants::of(config, author))),
                )
            })?;
            let question = Question {
                grants: &grants,
                epoch,
                cursor: &request.cursor,
                sent: &sent,
                durable: &received.positions,
            };
            answer(read, &question)
        })
    }
}
