//! Real processes and what befalls them: SIGKILL, a network that spoils what it carries, a volume that is full, no way to the server at all.
//!
//! Reading order: `department` (a small one, behind a real server, and what its phones show), `ledger` (what was
//! acknowledged, compared with what is there), then the faults: `kill` with its `lane`s, `network`,
//! `full`, `hosts`; the last two in namespaces of their own.

mod department;
mod full;
mod hosts;
mod kill;
mod lane;
mod ledger;
mod network;
