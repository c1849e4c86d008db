//! Hand-over: the frames that leave this device, to whatever carrier.
//!
//! Invariant: no byte of a frame of ours reaches a carrier before the key store remembers the frame, durably.
//!
//! The order is: (1) the transaction that seals is durable, (2) the marks are raised, (3) the bytes go to the carrier.
//! A crash between them:
//! - Between 1 and 2 the store is ahead of the marks. It holds every marked frame, so it is not taken for a restored
//!   one, and the frame has not left: the next hand-over finds it waiting and raises its mark then. If the store is
//!   put back to before 1, the number is sealed a second time, and nobody ever saw the first: it has one meaning.
//! - Between 2 and 3 mark and store agree, the frame waits, and is handed over the next time.
//! - A mark that survives while its frame does not (a disk that lied about 1, a store put back) says that the frame
//!   may have left: the store is behind, and the next thing sealed opens a new stream. At worst nobody had seen the
//!   frame, and a stream was opened for nothing; the number never gets a second meaning.
//!
//! The opposite order, marks before the transaction, would be as safe and would open such a stream after each crash
//! in between. Raised are the marks of exactly the frames that go, not of the lanes' tips: what another process seals
//! meanwhile is not in our hands yet.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use xeploai_core::ids::{DepartmentId, SheetId};
use xeploai_core::sync::Lane;
use xeploai_core::sync::frame::Frame;

use crate::error::ClientError;
use crate::keys::{KeyStore, Mark};
use crate::tables::{frames, streams};

/// Raises the marks of frames that are about to leave; of those that are not this device's own there are none.
///
/// # Errors
/// When the key store fails: then the frames stay.
pub(crate) fn raise(
    connection: &Connection,
    keys: &dyn KeyStore,
    leaving: &[Frame],
) -> Result<(), ClientError> {
    let mut tips: BTreeMap<Lane, &Frame> = BTreeMap::new();
    for frame in leaving {
        let tip = tips.entry(frame.lane).or_insert(frame);
        if tip.number < frame.number {
            *tip = frame;
        }
    }
    if tips.is_empty() {
        return Ok(());
    }
    let marks = keys.highest()?;
    let mut raised = Vec::new();
    for (lane, tip) in tips {
        let is_marked = marks.iter().any(|mark| mark.lane == lane && mark.number >= tip.number);
        if !is_marked && streams::is_own(connection, lane.stream)? {
            raised.push(Mark { lane, number: tip.number, frame: tip.hash() });
        }
    }
    if raised.is_empty() { Ok(()) } else { keys.raise(&raised) }
}

/// The sheets of which frames hand something over that the server has given no receipt for.
///
/// # Errors
/// When the store fails.
pub(crate) fn sheets(
    connection: &Connection,
    leaving: &[Frame],
    department: DepartmentId,
) -> Result<BTreeSet<SheetId>, ClientError> {
    let mut sheets = BTreeSet::new();
    for frame in leaving {
        if !frames::is_received(connection, frame.hash())? {
            let changes = frame.decode_body().unwrap_or_default().changes;
            sheets.extend(changes.iter().filter_map(|it| Some(it.sheet()?.id(department))));
        }
    }
    Ok(sheets)
}
