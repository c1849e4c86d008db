//! The app and the server together, without a network: whole syncs of real stores, and what becomes of them when the server
//! is restored, a period closes, a device is put out, or somebody loses a record.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails says where")]

mod apart;
mod bundle;
mod closed;
mod conflict;
mod delegation;
mod evidence;
mod hostile;
mod hub;
mod lost;
mod minutes;
mod moved;
mod office;
mod phone;
mod put_back;
mod qr;
mod retention;
mod revoked;
mod steps;
mod under_way;
mod visit;
mod witness;
