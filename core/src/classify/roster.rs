//! Many sheets at once: their levels, and their ranks among each other.
//!
//! Invariant: what comes out for a sheet is what [`super::assess`] says of it; nothing of one sheet depends on another
//! but its rank.

use super::assess::{Proposal, classify, keys};
use super::pipeline::{Outcome, Outside};
use super::rank::{Contestant, rank};
use crate::scoring::{Columns, Plan, ScoringError, Sums};

/// A sheet to be classified.
#[derive(Debug, Clone)]
pub struct Entry<'a, K> {
    /// Whatever the caller knows it by.
    pub key: K,
    /// Orders the lines of those who share a rank, such as a staff code.
    pub order: String,
    /// The plan of its criteria set, position and products.
    pub plan: &'a Plan<'a>,
    /// What its columns say.
    pub columns: &'a Columns,
}

/// A sheet with its level and rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<K> {
    /// The entry's key.
    pub key: K,
    /// Value and level.
    pub proposal: Proposal,
    /// Rank, from 1; absent: without a total, or not rated.
    pub rank: Option<u32>,
    /// Whether another has the same rank.
    pub tied: bool,
}

/// Classifies sheets that are scored under one criteria set, and ranks them; best first.
///
/// # Errors
/// [`ScoringError`] of the first sheet whose answers do not fit.
pub fn roster<K>(
    entries: Vec<Entry<'_, K>>,
    outside: Outside,
    sums: &mut Sums,
) -> Result<Vec<Placed<K>>, ScoringError> {
    let mut contestants = Vec::with_capacity(entries.len());
    for Entry { key, order, plan, columns } in entries {
        let proposal = classify(plan, columns, outside, sums)?;
        let ranked = proposal.value.filter(|_| proposal.outcome != Outcome::NotRated);
        let ruleset = plan.terms().ruleset;
        let keys = ranked.map(|value| keys(ruleset, value, &sums.capped)).transpose()?;
        contestants.push(Contestant { key: (key, proposal), order, keys });
    }
    let placed = rank(contestants).into_iter().map(|ranked| {
        let (key, proposal) = ranked.key;
        Placed { key, proposal, rank: ranked.rank, tied: ranked.tied }
    });
    Ok(placed.collect())
}
