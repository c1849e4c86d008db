//! Retention: what this device only carried may go once a verified copy of it exists off the server's machine.
//!
//! Invariant: nothing goes that somebody of this device has written or may read now, nothing without a receipt that
//! stands, nothing of the configuration, and nothing that the department's signed statements do not reach.

use xeploai_core::ids::PersonId;
use xeploai_core::org::Config;
use xeploai_core::sync::Scope;
use xeploai_core::sync::epoch::Epochs;

use crate::error::ClientError;
use crate::session::Session;
use crate::tables::{accounts, contents, epochs, frames, scopes};
use crate::transact::transact;

/// Lets go of what may go; gives how many frames that were.
pub(crate) fn forget(session: &mut Session<'_>) -> Result<usize, ClientError> {
    let config = &session.config;
    let Some(epochs) = epochs::get(session.connection)?.filter(|_| !config.archives.is_empty()) else {
        return Ok(0);
    };
    let people: Vec<PersonId> =
        accounts::all(session.connection)?.into_iter().map(|account| account.person).collect();
    let is_read = |scope: &Scope| people.iter().any(|person| config.may_read(*person, *scope));
    let mut unread: Vec<Scope> = scopes::roots(session.connection)?.into_keys().collect();
    unread.retain(|scope| !is_read(scope));
    let is_archived = |receipt| is_archived(config, &epochs, receipt);
    transact(session.connection, |write| {
        let mut forgotten = 0;
        for scope in unread {
            for (frame, epoch, number) in frames::received_of_others(write, scope)? {
                if is_archived((epoch, number)) {
                    frames::remove(write, scope, frame)?;
                    forgotten += 1;
                }
            }
        }
        Ok(forgotten)
    })
}

/// Whether a verified copy has what a batch was a receipt for.
fn is_archived(config: &Config, epochs: &Epochs, receipt: ([u8; 16], u64)) -> bool {
    config.archives.values().any(|archive| epochs.reaches((archive.epoch, archive.number), receipt))
}

/// Lets go of bytes of evidence: see [`contents::tidy`].
pub(crate) fn forget_evidence(session: &mut Session<'_>) -> Result<(), ClientError> {
    if !contents::is_untidy(session.connection)? {
        return Ok(());
    }
    let (config, epochs) = (&session.config, epochs::get(session.connection)?);
    let archived = |receipt| epochs.as_ref().is_some_and(|epochs| is_archived(config, epochs, receipt));
    transact(session.connection, |write| contents::tidy(write, archived))
}
