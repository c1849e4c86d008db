//! Epochs: a new one at every start, and whenever something proves that this server is a restored copy.

use std::collections::BTreeSet;

use rusqlite::Transaction;
use xeploai_core::sync::stream::Header;

use super::Service;
use super::rejudge::BY_UPGRADE;
use crate::error::ServerError;
use crate::storage::{epochs, meta, streams};

impl Service {
    /// Begins a new epoch, with a stream of the server's own in it: neither numbers of verdicts nor the server's lanes
    /// ever go on across a start, so that two servers made from one backup contradict each other in nothing.
    ///
    /// # Errors
    /// When the database or the source of randomness fails.
    pub fn begin_epoch(&self) -> Result<(), ServerError> {
        self.storage.write(|write| {
            self.begin_epoch_in(write, &BTreeSet::new())?;
            // A start may be that of a later program.
            self.rejudge(write, &BY_UPGRADE).map(drop)
        })
    }

    /// Begins a new epoch because one of this server's has gone on elsewhere: what was given in that stands no longer.
    pub(super) fn part(&self, epoch: [u8; 16]) -> Result<(), ServerError> {
        self.storage.write(|write| self.begin_epoch_in(write, &BTreeSet::from([epoch])))
    }

    /// As [`Self::begin_epoch`], in a transaction that is open. What was given in the epochs `twice` stands no longer.
    pub(super) fn begin_epoch_in(
        &self,
        write: &Transaction<'_>,
        twice: &BTreeSet<[u8; 16]>,
    ) -> Result<(), ServerError> {
        let epoch: [u8; 16] = self.random()?;
        let certificate = self.certify(Header {
            department: self.department,
            author: Header::SERVER,
            key: self.keys.server.verifying_key().to_bytes(),
            nonce: epoch,
            device: "Máy chủ".into(),
        });
        epochs::begin(write, epoch)?;
        twice.iter().try_for_each(|epoch| epochs::part(write, *epoch))?;
        streams::insert(write, &certificate)?;
        meta::set(write, meta::Key::ServerStream, &certificate.header.stream().0)
    }
}
