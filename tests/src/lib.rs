//! The proof that the parts work together: what drives the built binaries from outside.
//!
//! Reading order: [`process`] (server and phones as child processes), [`story`] (the month of one centre, played by
//! `cargo xtask demo` and by the test of the same name), [`report`] (how rankings and explanations are printed).
//! The window and the console are driven in `e2e/`, the rules of the repository are checked in `tidy.rs`.
//!
//! Invariant: nothing here links our crates; a test sees what a person at a terminal sees.

pub mod process;
pub mod report;
pub mod story;
