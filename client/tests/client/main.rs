//! The client without a window, against a small department: what is saved stays, whatever happens to the device, the
//! store, the network or the people who share it.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

mod app;
mod columns;
mod department;
mod device;
mod http;
mod minutes;
mod people;
mod qr;
mod restore;
mod socket;
mod sources;
mod write;
