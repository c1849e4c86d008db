//! The proof that the parts work together: what drives the built binaries from outside.
//!
//! Reading order: [`process`] (server and phones as child processes), [`story`] (the month of one centre, played by
//! `cargo xtask demo` and by the test of the same name), [`report`] (how rankings and explanations are printed).
//! [`proxy`] is the network between phones and the server, for `faults/`, where they are killed and starved as well;
//! [`namespaces`] are for tests that mount volumes or build networks.
//! The window and the console are driven in `e2e/`, the rules of the repository are checked in `tidy.rs`.
//! Apart from these, with the features of their names: `disk`, on which SQLite loses what it did not sync, and `simulate`,
//! the simulator.
//!
//! Invariant: nothing here but the simulator links our crates; a test sees what a person at a terminal sees.

#[cfg(feature = "disk")]
pub mod disk;
pub mod namespaces;
pub mod process;
pub mod proxy;
pub mod report;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod story;
