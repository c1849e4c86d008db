//! The app without a window: a local SQLite store, a sync that loses nothing, and the use-cases that screens and the
//! command line call. Reading order: [`App`] (the door), [`environment`] (what comes from outside), [`open`] and
//! [`transact`] (the store and its one gate), [`tables`] (all SQL), [`ops`] (one file a use-case), [`view`] (what screens
//! get), [`keys`] (what is never in the store), [`carrier`] (how bytes travel to the server), [`lan`] (and from device to device, without it),
//! [`qr`] (and from a screen to a camera), [`screen`] (the codes between the calls of a window), [`opened`] (files that the system gives to a window).
//!
//! Invariants: every write goes through [`transact::transact`]; no transaction is open while the network is awaited;
//! what a person saw as saved is durable before the call returns.

mod app;
mod background;
pub mod carrier;
pub mod environment;
pub mod error;
pub mod files;
pub mod keys;
pub mod lan;
pub mod open;
pub mod opened;
pub mod ops;
mod photo;
pub mod qr;
pub mod screen;
mod session;
pub mod tables;
pub mod transact;
pub mod view;

pub use app::App;
pub use environment::Environment;
pub use error::{ClientError, Refused};
