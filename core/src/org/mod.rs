//! Configuration: who is who, which units and periods there are, which criteria set applies to whom, and what the
//! department has stated about reading, devices, copies and locked results.
//!
//! Documents are written by the department's server alone, as changes in its stream; a device folds them into a
//! [`Config`]. Invariant: the fold depends on the order of the server's own writes only, never on arrival.
//!
//! Reading order: `records` and `statements` (the records), `succession` (what became of units), `frozen` (a period's units
//! as they were), `document` (as changes), `posts` (who holds which post), `config` (the fold), `past` (rankings of several
//! periods), `reading` (who may read what), `history` (the fold as of an earlier moment).

mod config;
mod document;
mod error;
mod frozen;
mod history;
mod pack;
mod past;
mod posts;
mod reading;
mod records;
mod statements;
mod succession;
mod text;

pub use config::Config;
pub use document::Document;
pub use error::OrgError;
pub use frozen::PeriodUnit;
pub use history::History;
pub use past::PAST_PERIODS_MAX;
pub use posts::Posts;
pub use reading::Reads;
pub use records::{
    Assignment, Department, League, Membership, PeriodRecord, PeriodRule, Person, ProductList, Publication,
    Role, Unit, UnitKind,
};
pub use statements::{Archive, Cut, Decision, Grant, LevelDecision, Revocation, Ruling, Tip};
pub use succession::{Lineage, Succession};

#[cfg(test)]
mod succession_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
