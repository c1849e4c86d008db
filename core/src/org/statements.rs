//! What the department states: who else may read, which devices are out, what is safe elsewhere, what a locked result
//! is made of.
//!
//! Invariant: a statement never changes a frame; it says how frames are to be taken.

use serde::{Deserialize, Serialize};

use super::text;
use crate::ids::{FrameHash, PersonId, StreamId, UnitId};
use crate::period::Period;
use crate::sheet::Subject;
use crate::sync::Scope;
use crate::view::Level;

/// A person may read a scope beyond what posts and roles give: how a move or a merger re-homes frames that never
/// change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What may be read.
    #[serde(with = "text::scope")]
    pub scope: Scope,
    /// By whom.
    pub reader: PersonId,
    /// Whether the reader may also be a witness for the scope: state what was handed to him.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub witness: bool,
    /// Whether it was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

/// The last frame of a lane that still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Stream of the lane.
    pub stream: StreamId,
    /// Scope of the lane.
    #[serde(with = "text::scope")]
    pub scope: Scope,
    /// Number of the frame.
    pub number: u64,
    /// Its hash: of the branches that clones have made, only the one that ends here passes.
    pub frame: FrameHash,
}

/// A device is out: of what its key has signed, only the branches that end at the tips pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Public key of the device.
    #[serde(with = "text::hex")]
    pub device: [u8; 32],
    /// Last frames that count, one a lane; a lane that is not named has none.
    pub tips: Vec<Tip>,
    /// Why.
    pub reason: String,
    /// Who decided it.
    pub by: String,
}

/// A verified copy exists off the machine, up to a batch of verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// The server's epoch.
    #[serde(with = "text::hex")]
    pub epoch: [u8; 16],
    /// Number of the last batch that is in the copy.
    pub number: u64,
    /// When it was verified, by the server's clock, Unix seconds.
    pub at: i64,
}

/// What a locked result is made of: everything accepted up to a batch of verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The server's epoch.
    #[serde(with = "text::hex")]
    pub epoch: [u8; 16],
    /// Epochs in order.
    pub epoch_order: u32,
    /// Number of the last batch that counts.
    pub number: u64,
    /// Unit by unit, the root hash over what counts.
    #[serde(with = "text::roots")]
    pub roots: Vec<(UnitId, [u8; 16])>,
    /// 0 for the lock itself, then the number of the replacement decision.
    pub decision: u32,
}

/// What a named person has said of changes while no lock was in the way: that they count although they were held, or that
/// they no longer do. A verdict says the same; this says who, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The changes: frame and index in it.
    pub changes: Vec<(FrameHash, u16)>,
    /// Whether they are taken back; else they are let in.
    pub annulled: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When, by the server's clock, Unix seconds.
    pub at: i64,
}

/// The level that a person has decided for a subject. The last one counts; those before it stay in the server's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelDecision {
    /// The period.
    pub period: Period,
    /// Whom it is about.
    pub subject: Subject,
    /// The level; nothing: không đánh giá, xếp loại.
    pub level: Option<Level>,
    /// Whether the authority finds outstanding achievements in the unit, so that its quota is the higher one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outstanding: bool,
    /// Why; never empty where the level differs from the proposal or the period is locked.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When, by the server's clock, Unix seconds.
    pub at: i64,
}

/// A replacement decision: changes that came after a lock and enter its result, with a new cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The locked period.
    pub period: Period,
    /// The changes that enter: frame and index in it.
    pub accepted: Vec<(FrameHash, u16)>,
    /// Why.
    pub reason: String,
    /// Who decided it.
    pub by: String,
    /// What the result is made of from now on.
    pub cut: Cut,
}
