//! Real processes and what befalls them: SIGKILL, a network that spoils what it carries, a volume that is full.
//!
//! Reading order: `department` (a small one, behind a real server, and what its phones show), `ledger` (what was
//! acknowledged, compared with what is there), then the faults: `kill` with its `lane`s, `network`, `full`.

mod department;
mod full;
mod kill;
mod lane;
mod ledger;
mod network;
