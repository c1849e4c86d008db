//! Rules of Xếp Loại: pure functions and types. No files, clock, randomness, network or SQL.
pub mod classify;
pub mod ids;
pub mod org;
pub mod period;
pub mod points;
pub mod ruleset;
pub mod scoring;
pub mod sheet;
pub mod sync;
pub mod view;
