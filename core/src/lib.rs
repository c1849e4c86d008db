//! Rules of Xếp Loại: pure functions and types. No files, clock, randomness, network or SQL: what they need comes in
//! as arguments, so that a phone and the server compute the same bytes.
//!
//! Reading order:
//! 1. [`points`], [`period`], [`ids`]: the smallest things. Points are exact; nothing here is floating point.
//! 2. [`ruleset`]: criteria sets as data. [`scoring`]: points of a sheet. [`classify`]: levels, ranking, explanation.
//! 3. [`org`]: who is who, which periods there are, which set applies to whom.
//! 4. [`sheet`]: what a sheet is; [`sheet::heads`] is how two edits merge, the only place with merge policy.
//! 5. [`sync`]: what is signed and how it travels; [`sync::policy`] is who may write what.
//! 6. [`view`]: what screens show; [`clock`]: what they say of wrong clocks.
//!
//! `SCORING.md` and `PROTOCOL.md` in this folder say the same for people; tests tie them to the code.

pub mod classify;
pub mod clock;
pub mod ids;
#[cfg(test)]
mod mutation;
pub mod org;
pub mod period;
pub mod points;
pub mod ruleset;
pub mod scoring;
pub mod sheet;
pub mod sync;
pub mod view;
