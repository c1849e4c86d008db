//! The sync model: what is signed, how it travels, and what the server says of it.
//!
//! Reading order: [`stream`] (who writes), [`frame`] (what is signed), [`body`] (changes inside), [`policy`] (who may
//! write what), [`verdict`] (what the server said), [`message`] (one exchange), [`wire`] (bytes). The merge itself is
//! [`crate::sheet::heads`]. `core/PROTOCOL.md` describes the same with byte layouts.
//!
//! Invariant: bytes that were signed are stored and passed on as they are; nothing here encodes them a second time.

pub mod body;
pub mod bundle;
pub mod channel;
pub mod columns;
pub mod content;
pub mod epoch;
pub mod exchange;
pub mod frame;
pub mod inventory;
pub mod invitation;
pub mod message;
pub mod names;
pub mod numbers;
pub mod plan;
pub mod policy;
pub mod reply;
pub mod snapshot;
pub mod stream;
#[cfg(test)]
mod testing;
pub mod transfer;
pub mod verdict;
pub mod version;
pub mod wire;

use crate::ids::{AssignmentId, StreamId, UnitId};

/// Version of frames and messages, part of every signature.
pub const PROTOCOL_VERSION: u8 = 1;

/// What a reader may be granted. Kinds that this version doesn't know are stored and passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    kind: u8,
    id: [u8; 16],
}

impl Scope {
    /// Configuration and published rankings: every enrolled device reads it.
    pub const CONFIGURATION: Scope = Scope { kind: 0, id: [0; 16] };

    /// A unit's common records: its people, its own sheet.
    pub const fn unit(unit: UnitId) -> Self {
        Self { kind: 1, id: unit.0 }
    }

    /// One person's post: the sheets scored in it.
    pub const fn assignment(assignment: AssignmentId) -> Self {
        Self { kind: 2, id: assignment.0 }
    }

    /// A scope as it stands on the wire or in a store.
    pub const fn from_parts(kind: u8, id: [u8; 16]) -> Self {
        Self { kind, id }
    }

    /// Number of the kind, on the wire and in a store.
    pub const fn kind(self) -> u8 {
        self.kind
    }

    /// What the scope is of: a unit's or an assignment's id, zero for the configuration.
    pub const fn id(self) -> [u8; 16] {
        self.id
    }
}

/// Numbers and previous hashes of frames run per lane, so that a copy filtered by scope still verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// The stream.
    pub stream: StreamId,
    /// The scope.
    pub scope: Scope,
}

/// What the server said of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Not judged yet.
    Unjudged = 0,
    /// Counts.
    Accepted = 1,
    /// Does not count; kept, shown to its author with the reason.
    Rejected = 2,
    /// Kept until what it needs is there, or a person decides.
    Held = 3,
    /// Taken back by a named person with a reason.
    Annulled = 4,
    /// The whole frame could not be believed or read; it is kept apart, under its carrier.
    Quarantined = 5,
    /// The whole frame was not kept: its carrier's room for such frames is used up.
    Refused = 6,
}

impl Status {
    /// Every status, in the order of their numbers on the wire.
    pub const ALL: [Self; 7] = [
        Self::Unjudged,
        Self::Accepted,
        Self::Rejected,
        Self::Held,
        Self::Annulled,
        Self::Quarantined,
        Self::Refused,
    ];

    /// The status with a number on the wire.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Whether the server says with it that it has the frame among the others: what "received" stands on.
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected | Self::Held | Self::Annulled)
    }

    /// Whether it is shown to the author as not taken, with its reason.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Rejected | Self::Held | Self::Quarantined | Self::Refused)
    }

    /// Whether it counts in the official state.
    pub fn is_official(self) -> bool {
        self == Self::Accepted
    }

    /// Whether it counts in what a device shows, marked as provisional.
    pub fn is_provisional(self) -> bool {
        matches!(self, Self::Accepted | Self::Unjudged)
    }
}
