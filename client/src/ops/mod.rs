//! One file a use-case.

pub mod act;
pub mod bundle;
pub mod clock;
pub mod conflict;
pub(crate) mod delegate;
pub mod doubt;
pub mod enrol;
pub mod evidence;
pub mod hand_over;
pub mod home;
pub(crate) mod one_way;
pub mod people;
pub mod qr;
pub mod ranking;
pub mod renew;
pub mod retention;
pub mod score;
pub mod seal;
pub mod serve;
pub mod sheet;
mod shelf;
pub mod sync;
pub(crate) mod take;
pub mod witness;
