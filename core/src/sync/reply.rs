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

/// What the answering side holds, and what of it is for the asker.
pub trait Inventory {
    /// Whether the asker is given a scope.
    fn gives(&self, scope: Scope) -> bool;
    /// A root for each scope.
    fn roots(&self) -> BTreeMap<Scope, Root>;
    /// The frames of a scope.
    fn names(&self, scope: Scope) -> Vec<FrameHash>;
    /// The frame with this name, if there is one.
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
        // A scope that is not given is not named either: the asker would offer all that he has of it.
        let given = differing(&inventory.roots(), theirs).into_iter().filter(|scope| inventory.gives(*scope));
        for scope in given {
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
        let found = inventory.find(*name).filter(|frame| inventory.gives(frame.lane.scope));
        let Some(frame) = found else { continue };
        bytes += frame.body.len();
        // What does not fit is asked for again by the next comparison.
        if bytes > BYTES_MAX {
            break;
        }
        answer.frames.push(frame);
    }
    answer.frames.sort_by_key(|frame| (frame.lane, frame.number));
}
