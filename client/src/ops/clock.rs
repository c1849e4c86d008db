//! This device's clock against the server's: shown to its people, and decides nothing.
//!
//! Invariant: the server's time is only taken from an answer that was made for the question; see
//! [`xeploai_core::sync::plan::Plan::beacon`]. Any other batch may have been on its way for weeks.

use serde::{Deserialize, Serialize};
use xeploai_core::clock;
use xeploai_core::view::Text;

use crate::error::ClientError;
use crate::session::Session;
use crate::tables::meta;
use crate::transact::Write;

/// Asking costs the server a commit, so that a clock that was right is trusted for a while.
const TRUSTED_S: i64 = 24 * 3600;

/// What the last comparison said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Compared {
    /// When it was, by this device's clock.
    at: i64,
    /// How far that was ahead of the server's, in seconds.
    ahead: i64,
}

/// Whether the server is to be asked for its time: not lately, or the clock has jumped, or it was wrong.
pub(crate) fn is_due(session: &Session<'_>) -> Result<bool, ClientError> {
    let last: Option<Compared> = meta::get(session.connection, meta::Key::Clock)?;
    Ok(last.is_none_or(|last| {
        let trusted = last.at..last.at.saturating_add(TRUSTED_S);
        clock::notice(last.ahead).is_some() || !trusted.contains(&session.now)
    }))
}

/// Notes the server's time, which came now and was asked for at `asked`.
pub(crate) fn compare(write: &Write<'_>, asked: i64, server: i64, now: i64) -> Result<(), ClientError> {
    meta::set(write, meta::Key::Clock, &Compared { at: now, ahead: clock::ahead(asked, server, now) })
}

/// What people are told of this device's clock: what the last comparison said.
pub(crate) fn notice(session: &Session<'_>) -> Result<Option<Text>, ClientError> {
    let last: Option<Compared> = meta::get(session.connection, meta::Key::Clock)?;
    Ok(last.and_then(|last| clock::notice(last.ahead)))
}
