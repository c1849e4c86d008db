//! Doubt whether the server has all the verdicts that are here: it may have lost them, or given their numbers again.
//!
//! Invariant: a doubt is dispelled by showing the server verdicts that were here when it arose, and by nothing else. A
//! cursor proves nothing of what came another way, and a comparison nothing of scopes that its person may no longer
//! read: see decision 14.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::error::ClientError;
use crate::tables::{meta, verdicts};
use crate::transact::Write;

/// The server is to be shown the last verdicts that are here now: what it says next may have the same numbers.
pub(super) fn arise(write: &Write<'_>) -> Result<(), ClientError> {
    let mut rows: BTreeSet<i64> = meta::get(write, meta::Key::Doubts)?.unwrap_or_default();
    rows.extend(verdicts::tips(write)?);
    meta::set(write, meta::Key::Doubts, &rows)
}

/// Rows of the verdicts that the server is to be shown.
pub(super) fn rows(connection: &Connection) -> Result<Vec<i64>, ClientError> {
    Ok(meta::get(connection, meta::Key::Doubts)?.unwrap_or_default())
}

/// The server has taken these. What has become doubtful meanwhile is for the next sync.
pub(super) fn dispel(write: &Write<'_>, taken: &[i64]) -> Result<(), ClientError> {
    let known = rows(write)?;
    if !known.is_empty() && known == taken { meta::remove(write, meta::Key::Doubts) } else { Ok(()) }
}
