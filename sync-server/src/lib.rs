//! The sync server of one department: verifies, judges, merges, classifies, ranks, and serves the console.
//!
//! Reading order: [`error`], [`storage`] (the only place with SQL), [`service`] (what the server does, without HTTP),
//! [`routes`] (one file a transaction), [`serve`] (sockets), [`cli`] (the administrator's commands), [`demo`], [`bench`].
//!
//! Invariant: what a verdict names is durable; nothing that was stored is ever deleted or changed.
pub mod bench;
pub mod cli;
pub mod demo;
pub mod error;
pub mod routes;
pub mod serve;
pub mod service;
pub mod storage;
