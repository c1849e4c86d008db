//! Rules of Xếp Loại: pure functions and types. No files, clock, randomness, network or SQL: what they need comes
//! in as arguments, so that a phone and the server compute the same bytes.

pub mod classify;
pub mod ids;
pub mod points;
pub mod ruleset;
pub mod scoring;
pub mod view;
