//! The answering side of an inventory: what the asker lacks, of what he may read. Server and hub answer alike.
//!
//! Invariant: nothing outside the asker's grants is named or given, whatever he asks for.

use std::collections::BTreeMap;

use super::Scope;
use super::frame::Frame;
use super::inventory::{Root, differing};
use super::message::{FRAMES_MAX, Message};
use super::names::Short;
use crate::ids::FrameHash;

/// What the answering side holds of what the asker may read.
pub trait Inventory {
    /// A root for each scope.
    fn roots(&self) -> BTreeMap<Scope, Root>;
    /// The frames of a scope.
    fn names(&self, scope: Scope) -> Vec<FrameHash>;
    /// A frame with this name, if there is one and the asker may read it.
    fn find(&self, name: Short) -> Option<Frame>;
}

/// Most frames named in an answer; what is left comes with the next comparison.
const NAMES_MAX: usize = 128 * 1024;
/// Bytes of frames in an answer.
const BYTES_MAX: usize = 1024 * 1024;

/// Fills the answer to a comparison or to a wish. A message that has neither changes nothing.
pub fn reply(asked: &Message, inventory: &dyn Inventory, answer: &mut Message) {
    if let Some(theirs) = &asked.roots {
        let mut named = 0;
        for scope in differing(&inventory.roots(), theirs) {
            let names: Vec<Short> = inventory.names(scope).iter().map(|hash| Short::of(&hash.0)).collect();
            named += names.len();
            if named > NAMES_MAX {
                break;
            }
            answer.have.push((scope, names));
        }
    }
    let mut bytes = 0;
    for name in asked.want.iter().take(FRAMES_MAX) {
        let Some(frame) = inventory.find(*name) else { continue };
        bytes += frame.body.len();
        // What does not fit is asked for again by the next comparison.
        if bytes > BYTES_MAX {
            break;
        }
        answer.frames.push(frame);
    }
    answer.frames.sort_by_key(|frame| (frame.lane, frame.number));
}
