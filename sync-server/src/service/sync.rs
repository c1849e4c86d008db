//! One exchange: a device's request in, the answer out.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use xeploai_core::ids::{FrameHash, PersonId, StreamId};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::epoch::Epochs;
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::wire::WireError;

use super::Service;
use super::answer::{Question, answer, parted};
use super::cursor::Seal;
use super::grants::Grants;
use super::receive::Received;
use super::store::Fallible;
use crate::error::{Refused, ServerError};
use crate::storage::streams;

/// A device that only asks is noted this often, in seconds: an idle sync writes nothing.
const SEEN_SECONDS: i64 = 60;

impl Service {
    /// Takes what a device sends and answers what it lacks.
    ///
    /// # Errors
    /// [`Refused::NotAMessage`], [`Refused::MessageCut`], [`Refused::MessageTooLarge`],
    /// [`Refused::VersionUnsupported`], [`Refused::UnknownDevice`], [`Refused::BadSignature`],
    /// [`Refused::DelegationWaits`]; else what the database says. In each of these cases nothing was stored. [`Refused::DeviceRevoked`]: what it brought was stored and judged,
    /// but it is told nothing.
    pub fn sync(&self, message: &[u8]) -> Result<Vec<u8>, ServerError> {
        let request = Request::decode(message).map_err(refused)?;
        let (certificate, last_seen, opened) = self.storage.read(|read| {
            let (certificate, last_seen) = self.sender(read, &request)?;
            let channel = Channel::between(&self.keys.server, &certificate.header.key, self.department)
                .map_err(|_| Refused::BadSignature)?;
            request.check(&channel).map_err(|_| Refused::BadSignature)?;
            let store = Fallible::new(read);
            let opened = request.message(certificate.header.stream(), &store);
            store.done().map(|()| (certificate, last_seen, opened))
        })?;
        let asked = match opened {
            // It names briefly what this server has lost, or never had.
            Err(WireError::Unresolved) => {
                return Ok(Message { full: true, ..Message::default() }.answer(&[], &Nothing));
            }
            opened => opened.map_err(refused)?,
        };
        if self.confirm(&certificate, self.now())?.is_none() {
            return Err(Refused::DelegationWaits.into());
        }
        let mut received = self.take(certificate.header.stream(), &asked, last_seen)?;
        if asked.beacon {
            received.batches.insert(self.storage.write(|write| self.write_beacon(write))?);
        }
        self.give(&certificate, &asked, &received)
    }

    /// The certificate of the device that asks: one that is known here, or one that it brings and the department has
    /// signed, after a restore.
    fn sender(
        &self,
        read: &Connection,
        request: &Request,
    ) -> Result<(Certificate, Option<i64>), ServerError> {
        if let Some(stream) = streams::named(read, request.sender())?
            && let Some(known) = streams::get(read, stream)?
        {
            return Ok((known.certificate, known.last_seen));
        }
        let brought = request.certificate(&self.trust()).map_err(refused)?;
        Ok((brought.ok_or(Refused::UnknownDevice)?, None))
    }

    fn take(
        &self,
        stream: StreamId,
        asked: &Message,
        last_seen: Option<i64>,
    ) -> Result<Received, ServerError> {
        let brings_contents = !asked.offers.is_empty() || !asked.blocks.is_empty();
        let brings = brings_contents
            || !asked.frames.is_empty()
            || !asked.certificates.is_empty()
            || !asked.verdicts.is_empty();
        if brings {
            return self.receive(stream, asked);
        }
        let now = self.now();
        if last_seen.is_none_or(|seen| !(seen..seen + SEEN_SECONDS).contains(&now)) {
            self.storage.write(|write| streams::seen(write, stream, now))?;
        }
        Ok(Received::default())
    }

    fn give(
        &self,
        certificate: &Certificate,
        asked: &Message,
        received: &Received,
    ) -> Result<Vec<u8>, ServerError> {
        let (stream, author) = (certificate.header.stream(), certificate.header.author);
        let secret = self.keys.cursor_secret();
        let sign = |epochs: &Epochs| epochs.sign(self.department, &self.keys.department);
        let (grants, seal, parted) = self.storage.read(|read| {
            if self.config_in(read)?.revocations.contains_key(&certificate.header.key) {
                return Err(Refused::DeviceRevoked.into());
            }
            let grants = self.grants_of(read, author)?;
            let seal = Seal { secret: &secret, stream, grants: grants.hash };
            let parted = parted(read, &seal, &asked.cursor)?;
            Ok((grants, seal, parted))
        })?;
        if let Some(epoch) = parted {
            tracing::error!("a cursor says what is not here: the server is a restored copy, or has one");
            self.part(epoch)?;
        }
        let hashes: Vec<FrameHash> = asked.frames.iter().map(|frame| frame.hash()).collect();
        let sent: BTreeSet<FrameHash> = hashes.iter().copied().collect();
        let question =
            Question { grants: &grants, seal, sign: &sign, asked, sent: &sent, receipts: &received.batches };
        let (bytes, frames, more) = self.storage.read(|read| {
            let page = answer(read, &question)?;
            let bytes = page.encode(read, &question, &hashes)?;
            Ok((bytes, page.message.frames.len(), page.message.more))
        })?;
        tracing::info!(
            %stream,
            brought = hashes.len(),
            new = received.new,
            quarantined = received.quarantined,
            answered = frames,
            more,
            "sync"
        );
        Ok(bytes)
    }

    fn grants_of(&self, read: &Connection, author: PersonId) -> Result<Arc<Grants>, ServerError> {
        self.cached(read, |cached| {
            let config = &cached.config;
            Arc::clone(cached.grants.entry(author).or_insert_with(|| Arc::new(Grants::of(config, author))))
        })
    }
}

/// What a request that can't be read is refused with.
fn refused(error: WireError) -> ServerError {
    let refused = match error {
        WireError::Cut => Refused::MessageCut,
        WireError::TooLarge => Refused::MessageTooLarge,
        WireError::Version => Refused::VersionUnsupported,
        _ => Refused::NotAMessage,
    };
    refused.into()
}
