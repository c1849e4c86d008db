//! Epochs: a new one at every start, and whenever something proves that this server is a restored copy.

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
            self.begin_epoch_in(write)?;
            // A start may be that of a later program.
            self.rejudge(write, &BY_UPGRADE).map(drop)
        })
    }

    /// As [`Self::begin_epoch`], in a transaction that is open.
    pub(super) fn begin_epoch_in(&self, write: &Transaction<'_>) -> Result<(), ServerError> {
        let epoch: [u8; 16] = self.random()?;
        let certificate = self.certify(Header {
            department: self.department,
            author: Header::SERVER,
            key: self.keys.server.verifying_key().to_bytes(),
            nonce: epoch,
            device: "Máy chủ".into(),
        });
        epochs::begin(write, epoch)?;
        streams::insert(write, &certificate)?;
        meta::set(write, meta::Key::ServerStream, &certificate.header.stream().0)
    }
}
