//! Restores and clones: a store that was put back or copied goes on in a new stream.
//!
//! Invariant: no number of a lane that may have been seen anywhere is sealed a second time by this device. Nothing
//! sealed is signed again: both branches are kept and judged. Only unsealed writes move, with what they replace as it
//! was when they were written.

use ed25519_dalek::SigningKey;
use rusqlite::Connection;
use xeploai_core::ids::StreamId;

use crate::error::ClientError;
use crate::keys::Mark;
use crate::session::Signer;
use crate::tables::accounts::Account;
use crate::tables::{accounts, corrupt, frames, streams};
use crate::transact::Write;

/// The stream that a person's next frame stands in: the one he writes now, or a new one of the same key when this
/// store was restored or copied. In the transaction that seals, so that there is no new stream without a frame and no
/// frame without its stream.
pub(crate) fn stream(
    write: &Write<'_>,
    signer: Signer<'_>,
    marks: &[Mark],
    (account, key): (&Account, &SigningKey),
) -> Result<StreamId, ClientError> {
    if !account.restored && !is_behind(write, marks, account.stream)? {
        return Ok(account.stream);
    }
    let certificate = streams::get(write, account.stream)?.ok_or_else(|| corrupt(0))?;
    let renewed = certificate.renew(signer.environment.bytes()?, key);
    let stream = renewed.header.stream();
    // The server learns of it with the first frame.
    streams::insert_own(write, &renewed, false)?;
    accounts::set_stream(write, account.person, stream)?;
    Ok(stream)
}

/// Whether the store lacks a frame that the key store remembers of this stream: then it is older than what has left
/// the device, or another copy of it.
///
/// Holding the very frame is the whole comparison. A store that is ahead of the mark holds it too: it was sealed and
/// not handed over yet. One with another frame of that number does not. The marks were read inside the write transaction:
/// no other process can then seal and raise a mark between the store that we see and the mark that we read.
fn is_behind(connection: &Connection, marks: &[Mark], stream: StreamId) -> Result<bool, ClientError> {
    for mark in marks.iter().filter(|mark| mark.lane.stream == stream) {
        if !frames::holds(connection, mark.frame)? {
            return Ok(true);
        }
    }
    Ok(false)
}
