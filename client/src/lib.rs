//! The app without a window: a local SQLite store, a sync that loses nothing, and the use-cases that screens and the
//! command line call. Reading order: [`App`] (the door), [`open`] and [`transact`] (the store and its one gate),
//! [`tables`] (all SQL), [`ops`] (one file a use-case), [`view`] (what screens get), [`carrier`] (how bytes travel).
//!
//! Invariants: every write goes through [`transact::transact`]; no transaction is open while the network is awaited;
//! what a person saw as saved is durable before the call returns.

mod app;
pub mod carrier;
pub mod error;
pub mod keys;
pub mod open;
pub mod ops;
pub mod tables;
pub mod transact;
pub mod view;

pub use app::App;
pub use error::{ClientError, Refused};
