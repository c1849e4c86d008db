//! What screens get: views made from sheets and configuration. Nothing here changes anything.

pub mod actions;
mod evidence;
pub(crate) mod minutes;
pub(crate) mod qr;
pub mod refusal;
pub mod sheet;
pub mod summary;
pub mod total;
pub mod written;
