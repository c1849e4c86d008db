//! Messages that nobody answers, in files and in codes: written of what leaves, and taken in.
//!
//! Invariant: they are taken in as what a hub is handed: what cannot be believed is left, what is here already changes nothing,
//! and nothing is received before the server says so. What went out goes on waiting.

use std::borrow::Borrow;

use rusqlite::Connection;
use xeploai_core::sync::content::Block;
use xeploai_core::sync::exchange::Peer;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::view::{BundleView, Text};

use super::shelf::Shelf;
use super::take::{Moved, take};
use super::witness;
use crate::error::ClientError;
use crate::session::Session;
use crate::tables::frames;

/// Frames with all that a reader may lack who knows nothing.
pub(crate) fn written(shelf: &Shelf<'_>, frames: Vec<Frame>) -> Vec<u8> {
    let mut message = Message { frames, full: true, ..Message::default() };
    shelf.bring_along(&mut message, Peer::Hub, &[]);
    if !message.verdicts.is_empty() {
        // A receipt of an epoch that the reader has not heard of stands for nothing.
        message.epochs = shelf.epochs();
    }
    message.answer(&[], &Nothing)
}

/// Blocks of evidence, for a reader who has got the frames that name it.
pub(crate) fn given(blocks: &[Block]) -> Vec<u8> {
    Message { blocks: blocks.to_vec(), full: true, ..Message::default() }.answer(&[], &Nothing)
}

/// Keeps what messages bring, and states that it was handed over. Who has handed it over the caller knows.
pub(crate) fn taken<M: Borrow<Message>>(
    session: &mut Session<'_>,
    messages: impl Iterator<Item = Result<M, ClientError>>,
    bytes: usize,
) -> Result<BundleView, ClientError> {
    let mut moved = Moved::default();
    for message in messages {
        let message = message?;
        let message = message.borrow();
        take(session, message, Peer::Hub, &mut moved)?;
        witness::state(session, &message.frames)?;
    }
    let conflicts = super::conflict::of_sheets(session, &moved.sheets)?;
    Ok(BundleView {
        people: Vec::new(),
        sheets: moved.sheets.len() as u32,
        sent: moved.sent,
        bytes: bytes as u64,
        file: String::new(),
        sentence: moved.counted(conflicts, nothing_new()),
    })
}

fn nothing_new() -> Text {
    Text {
        vi: "Không có gì mới: những gì trong đó đã có trên máy này.".into(),
        en: "Nothing new: what is in it is on this device already.".into(),
    }
}

/// Everything that waits here, of whatever stream; by lane, so that frames share what they have in common.
pub(crate) fn waiting(snapshot: &Connection) -> Result<Vec<Frame>, ClientError> {
    let mut waiting = frames::waiting(snapshot, frames::waiting_count(snapshot)? as usize)?;
    waiting.sort_by_key(|frame| (frame.lane, frame.number));
    Ok(waiting)
}
