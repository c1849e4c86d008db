//! A bundle: what a device has put into a file, taken in as if the device had brought it.

use serde::Serialize;
use xeploai_core::sync::bundle::{Bundle, BundleError};
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;

use crate::error::{Refused, ServerError};
use crate::service::Service;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BundleImported {
    /// Frames that are in now, and were not before.
    pub new: usize,
    /// Frames that could not be believed or read.
    pub quarantined: usize,
}

impl Service {
    /// Takes a bundle in and judges what it brings. The same file twice changes nothing. Its author hears of it at the next
    /// sync of any device that may tell him.
    ///
    /// # Errors
    /// [`ServerError::Bundle`], [`Refused::DelegationWaits`]: then nothing was taken. When the database fails, messages before the one that failed are in.
    pub fn import_bundle(&self, file: &[u8]) -> Result<BundleImported, ServerError> {
        let bundle = Bundle::open(file, &self.keys.server, &self.trust())?;
        let carrier = bundle.sender.header.stream();
        if self.confirm(&bundle.sender, self.now())?.is_none() {
            return Err(Refused::DelegationWaits.into());
        }
        let mut imported = BundleImported::default();
        // What its sender has signed and is no message is of a later version; nothing of such a file is taken.
        let messages = bundle.messages.iter().map(|message| Message::decode_answer(message, &[], &Nothing));
        let messages = messages.collect::<Result<Vec<_>, _>>().map_err(|_| BundleError::Version)?;
        for mut message in messages {
            // Whoever carries is known, if only for the quota of what can't be believed.
            message.certificates.push(bundle.sender.clone());
            let received = self.receive(carrier, &message)?;
            imported.new += received.new;
            imported.quarantined += received.quarantined;
        }
        Ok(imported)
    }
}
