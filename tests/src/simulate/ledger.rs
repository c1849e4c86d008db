//! What was written, by whom, having seen what: kept apart from the product, and what it is measured against.
//!
//! Invariant: nothing here is computed by the code under test. A change gets into the ledger when somebody types it, and
//! its name when it is found in a frame on a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use xeploai_core::ids::{FrameHash, PersonId, SheetId, StreamId};
use xeploai_core::sheet::{ChangeId, Place, SheetKey, Value};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::stream::Certificate;

/// A field of a sheet.
pub(super) type Spot = (SheetId, Place);
/// The frames that a store held at one moment.
pub(super) type Held = Rc<BTreeSet<FrameHash>>;

/// What a person has typed into a field and a phone has not sealed yet.
#[derive(Clone, Default)]
pub(super) struct Typed {
    /// The last value that was shown as saved.
    pub(super) saved: Option<Value>,
    /// Values of which nobody heard whether they were saved.
    pub(super) doubtful: Vec<Value>,
    /// What the phone held whenever the person looked at the field before he typed.
    pub(super) seen: Vec<Held>,
    /// The heads that were shown to him.
    pub(super) shown: BTreeSet<ChangeId>,
}

impl Typed {
    /// Whether the field may hold this value, as far as the person knows.
    pub(super) fn may_be(&self, value: &Value) -> bool {
        self.saved.as_ref() == Some(value) || self.doubtful.contains(value)
    }
}

/// What is on one phone.
#[derive(Clone, Default)]
pub(super) struct Desk {
    pub(super) held: Held,
    pub(super) typed: BTreeMap<(PersonId, Spot), Typed>,
}

/// A write that has a name.
pub(super) struct Written {
    pub(super) spot: Spot,
    pub(super) value: Value,
    /// What the phone held when the person looked.
    pub(super) seen: Vec<Held>,
    /// What was shown to him; of a writer whom nobody watched, what he says that he replaces.
    pub(super) shown: BTreeSet<ChangeId>,
}

impl Written {
    /// Whether the writer knew another write of the field.
    pub(super) fn knew(&self, other: ChangeId) -> bool {
        self.shown.contains(&other) || self.seen.iter().any(|held| held.contains(&other.frame))
    }
}

/// Everything that was ever signed or typed.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) frames: BTreeMap<FrameHash, Frame>,
    pub(super) writes: BTreeMap<ChangeId, Written>,
    pub(super) sheets: BTreeMap<SheetId, SheetKey>,
    pub(super) certificates: BTreeMap<StreamId, Certificate>,
    /// Frames that were durable at some server at some time.
    pub(super) delivered: BTreeSet<FrameHash>,
    /// Frames of hostile or later devices: signed by an enrolled key, not by a phone of ours.
    pub(super) foreign: BTreeSet<FrameHash>,
    /// Frames that a store holds and whose origin was not found yet, with the store's name.
    pub(super) unexplained: BTreeMap<FrameHash, String>,
}

impl Ledger {
    /// Notes a frame whose origin is known. The same name is the same bytes, for ever.
    pub(super) fn note(&mut self, hash: FrameHash, frame: Frame) -> Result<(), String> {
        self.unexplained.remove(&hash);
        match self.frames.insert(hash, frame.clone()) {
            Some(known) if known != frame => Err(format!("I2: frame {hash} has changed")),
            _ => Ok(()),
        }
    }

    /// Writes of a field.
    pub(super) fn of(&self, spot: Spot) -> impl Iterator<Item = (ChangeId, &Written)> {
        self.writes.iter().filter(move |(_, written)| written.spot == spot).map(|(id, it)| (*id, it))
    }

    /// Whether the writer of `later` knew `earlier`, himself or through writes that he knew.
    pub(super) fn knew(&self, later: ChangeId, earlier: ChangeId) -> bool {
        let (mut open, mut done) = (vec![later], BTreeSet::new());
        while let Some(id) = open.pop() {
            let Some(written) = self.writes.get(&id).filter(|_| done.insert(id)) else { continue };
            if written.knew(earlier) || self.follows(id, earlier) {
                return true;
            }
            open.extend(
                self.of(written.spot)
                    .map(|it| it.0)
                    .filter(|other| *other != id && (written.knew(*other) || self.follows(id, *other))),
            );
        }
        false
    }

    /// Whether a change stands later on the same branch of the same lane.
    fn follows(&self, later: ChangeId, earlier: ChangeId) -> bool {
        if later.frame == earlier.frame {
            return later.index > earlier.index;
        }
        let mut at = self.frames.get(&later.frame);
        while let Some(frame) = at.filter(|frame| frame.number > 1) {
            if frame.previous == earlier.frame {
                return true;
            }
            at = self.frames.get(&frame.previous);
        }
        false
    }
}
