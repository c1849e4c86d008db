//! A sheet's total and level: once with everything that explains them, once as fast as they can be had.
//!
//! Invariant: both are the same pass ([`Plan::tally`]) and the same pipeline ([`propose`]).

use super::pipeline::{Case, Outcome, Outside, Step, propose};
use crate::points::Exact;
use crate::ruleset::{ClassifyOn, Ruleset, TieKey};
use crate::scoring::exact::round;
use crate::scoring::{Columns, Plan, ScoringError, Sums, Tally, Total, total};
use crate::view::Column;

/// A total, a proposed level, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment<'a> {
    /// The total.
    pub total: Total,
    /// The proposed level.
    pub outcome: Outcome,
    /// What the gates did, in order.
    pub steps: Vec<Step<'a>>,
}

/// The level and what a ranking compares, without what explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// The value that meets the thresholds; absent: chưa đủ dữ liệu, not rated, or a set without points.
    pub value: Option<Exact>,
    /// The proposed level.
    pub outcome: Outcome,
}

impl Assessment<'_> {
    /// What a ranking compares; nothing without a total, or when the subject is not rated.
    ///
    /// # Errors
    /// As [`keys`].
    pub fn keys(&self, ruleset: &Ruleset) -> Result<Option<Vec<Exact>>, ScoringError> {
        let Some(exact) = self.total.exact.filter(|_| self.outcome != Outcome::NotRated) else {
            return Ok(None);
        };
        let groups: Vec<Exact> = self.total.groups.iter().map(|group| group.points).collect();
        keys(ruleset, decisive(ruleset, exact)?, &groups).map(Some)
    }
}

/// Assesses a sheet with everything that explains it; each criterion counts from the first column of `order` that answers
/// it.
///
/// # Errors
/// [`ScoringError`] as [`Plan::tally`].
pub fn assess<'a>(
    plan: &Plan<'a>,
    columns: &Columns,
    order: &[Column],
    outside: Outside,
) -> Result<Assessment<'a>, ScoringError> {
    let ruleset = plan.terms().ruleset;
    let total = total(plan, columns, order)?;
    let complete = total.answered == total.criteria;
    let value = if complete { Some(decisive(ruleset, total.sum)?) } else { None };
    let mut steps = Vec::new();
    let figure = |number| plan.figure(columns, order, number);
    let case = Case { terms: plan.terms(), value, figure, outside };
    let outcome = propose(&case, |step| steps.push(step))?;
    Ok(Assessment { total, outcome, steps })
}

/// As [`assess`], for many sheets: `sums` is left with what the groups came to.
///
/// # Errors
/// [`ScoringError`] as [`Plan::tally`].
pub fn classify(
    plan: &Plan<'_>,
    columns: &Columns,
    outside: Outside,
    sums: &mut Sums,
) -> Result<Proposal, ScoringError> {
    let ruleset = plan.terms().ruleset;
    let Tally { sum, answered, required } = plan.tally(columns, &ruleset.counting, sums, |_, _| {})?;
    let value = if answered == required { Some(decisive(ruleset, sum)?) } else { None };
    let figure = |number| plan.figure(columns, &ruleset.counting, number);
    let outcome = propose(&Case { terms: plan.terms(), value, figure, outside }, |_| {})?;
    let ranked = ruleset.has_points() && outcome != Outcome::NotRated;
    Ok(Proposal { value: value.filter(|_| ranked), outcome })
}

/// The value that meets the thresholds and the ranking: rounded or exact, as the set says.
///
/// # Errors
/// [`ScoringError::Overflow`] when it can't be rounded.
pub fn decisive(ruleset: &Ruleset, sum: Exact) -> Result<Exact, ScoringError> {
    match ruleset.rounding.classify_on {
        ClassifyOn::Rounded => Ok(round(sum, ruleset.rounding)?.exact()),
        ClassifyOn::Exact => Ok(sum),
    }
}

/// What a ranking compares, key by key, of a sheet with a total; `groups` are what the groups came to, in order.
///
/// # Errors
/// [`ScoringError::Overflow`] when a group can't be rounded.
pub fn keys(ruleset: &Ruleset, value: Exact, groups: &[Exact]) -> Result<Vec<Exact>, ScoringError> {
    let key = |key: &TieKey| match key {
        TieKey::Total => Ok(value),
        TieKey::Group(code) => {
            let at = ruleset.groups.iter().position(|group| group.code == *code);
            let points = at.and_then(|at| groups.get(at)).copied().unwrap_or_default();
            decisive(ruleset, points)
        }
    };
    ruleset.tie_keys.iter().map(key).collect()
}
