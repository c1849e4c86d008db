//! One file a use-case.

pub mod act;
pub mod conflict;
pub mod enrol;
pub mod home;
pub mod ranking;
pub mod score;
pub mod seal;
pub mod sheet;
pub mod sync;
