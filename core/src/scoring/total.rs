//! A sheet's total with everything that it is made of.

use std::collections::BTreeMap;

use super::exact::{round, sum};
use super::{Columns, Item, Plan, ScoringError, Sums};
use crate::points::{Exact, Points};
use crate::view::Column;

/// A total and everything that it is made of. Every figure is in points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Exact points of the answered criteria, by number.
    pub points: BTreeMap<u16, Exact>,
    /// The column that counts, by number; a criterion that no column answers is absent.
    pub columns: BTreeMap<u16, Column>,
    /// Groups, in the order of the set.
    pub groups: Vec<GroupTotal>,
    /// Sum of what is answered, after the caps.
    pub sum: Exact,
    /// [`Self::sum`], rounded as the set says.
    pub so_far: Points,
    /// The exact total; absent while something required is unanswered, and in a set without points.
    pub exact: Option<Exact>,
    /// The total, rounded as the set says; absent as [`Self::exact`].
    pub total: Option<Points>,
    /// Most that can still be reached: every unanswered criterion, bonus or not, at its maximum; no further deduction.
    pub possible: Points,
    /// Bonus part of [`Self::so_far`], after the groups' caps, rounded.
    pub bonus: Points,
    /// What deductions take of [`Self::so_far`], after the groups' caps, rounded; 0 or less.
    pub penalty: Points,
    /// Required criteria that are answered.
    pub answered: u32,
    /// Required criteria: a bonus or a deduction is never missing.
    pub criteria: u32,
    /// Tạm tính: something required is unanswered, or counts from a column after the first choice.
    pub provisional: bool,
}

/// What a group adds to the total so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupTotal {
    /// Code in the set.
    pub code: String,
    /// Sum of what is answered, before the group's cap.
    pub uncapped: Exact,
    /// What counts.
    pub points: Exact,
    /// [`Self::points`], rounded as the set says.
    pub rounded: Points,
    /// Whether nothing is missing.
    pub complete: bool,
}

/// Adds up a sheet by a plan, each criterion from the first column of `order` that answers it.
///
/// # Errors
/// [`ScoringError`] as [`Plan::tally`].
pub fn total(plan: &Plan<'_>, columns: &Columns, order: &[Column]) -> Result<Total, ScoringError> {
    let ruleset = plan.terms().ruleset;
    let (mut sums, mut points, mut column_of) = (Sums::default(), BTreeMap::new(), BTreeMap::new());
    let (mut missing, mut provisional) = (vec![false; ruleset.groups.len()], false);
    let tally = plan.tally(columns, order, &mut sums, |item, answered| {
        provisional |= item.required && answered.map(|(column, _)| column) != order.first().copied();
        match answered {
            Some((column, exact)) => {
                points.insert(item.criterion.number, exact);
                column_of.insert(item.criterion.number, column);
            }
            None => missing[item.group] |= item.required,
        }
    })?;
    let groups = ruleset.groups.iter().zip(missing).zip(sums.uncapped.iter().zip(&sums.capped));
    let groups = groups.map(|((group, missing), (uncapped, capped))| {
        Ok(GroupTotal {
            code: group.code.clone(),
            uncapped: *uncapped,
            points: *capped,
            rounded: round(*capped, ruleset.rounding)?,
            complete: !missing,
        })
    });
    let groups = groups.collect::<Result<Vec<_>, ScoringError>>()?;
    let part = |which: fn(&crate::ruleset::Group) -> bool| {
        let of = ruleset.groups.iter().zip(&sums.capped).filter(|(group, _)| which(group));
        round(sum(of.map(|(_, points)| *points))?, ruleset.rounding)
    };
    let so_far = round(tally.sum, ruleset.rounding)?;
    let complete = tally.answered == tally.required && ruleset.has_points();
    Ok(Total {
        sum: tally.sum,
        so_far,
        exact: complete.then_some(tally.sum),
        total: complete.then_some(so_far),
        possible: round(possible(plan, &points)?, ruleset.rounding)?,
        bonus: part(|group| group.bonus)?,
        penalty: part(|group| group.penalty)?,
        answered: tally.answered,
        criteria: tally.required,
        provisional,
        points,
        columns: column_of,
        groups,
    })
}

fn possible(plan: &Plan<'_>, points: &BTreeMap<u16, Exact>) -> Result<Exact, ScoringError> {
    let most = |item: &Item<'_>| match points.get(&item.criterion.number) {
        Some(exact) => *exact,
        None if item.criterion.is_deduction() => Exact::ZERO,
        None => item.criterion.max,
    };
    let group = |at: usize| sum(plan.items().iter().filter(|item| item.group == at).map(most));
    let uncapped = (0..plan.terms().ruleset.groups.len()).map(group).collect::<Result<Vec<_>, _>>()?;
    plan.total(&mut Sums { uncapped, ..Sums::default() })
}
