//! The server from outside: a real database, real keys, real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails says where")]

mod cases;
mod classification;
mod console;
mod decisions;
mod demo;
mod enrolment;
mod epochs;
mod exchange;
mod fixture;
mod http;
mod import;
mod minutes;
mod periods;
mod rights;
mod store;
mod units;
