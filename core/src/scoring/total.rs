//! A sheet's total with everything that it is made of.

use std::collections::BTreeMap;

use super::exact::{add, round};
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
    /// Bonus part of [`Self::so_far`], after the caps of the groups and of all bonuses, rounded.
    pub bonus: Points,
    /// What deductions take of [`Self::so_far`], after the caps of the groups and of all deductions, rounded; 0 or less.
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
    let so_far = round(tally.sum, ruleset.rounding)?;
    let complete = tally.answered == tally.required && ruleset.has_points();
    Ok(Total {
        sum: tally.sum,
        so_far,
        exact: complete.then_some(tally.sum),
        total: complete.then_some(so_far),
        possible: round(possible(plan, &points)?, ruleset.rounding)?,
        bonus: round(sums.bonus, ruleset.rounding)?,
        penalty: round(sums.penalty, ruleset.rounding)?,
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
        Some(exact) => Ok(*exact),
        None if item.criterion.is_deduction() => Ok(Exact::ZERO),
        None => plan.counted(item.criterion.max),
    };
    let mut uncapped = vec![Exact::ZERO; plan.terms().ruleset.groups.len()];
    for item in plan.items() {
        uncapped[item.group] = add(uncapped[item.group], most(item)?)?;
    }
    plan.total(&mut Sums { uncapped, ..Sums::default() })
}
