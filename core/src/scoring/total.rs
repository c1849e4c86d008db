//! The total of one column: groups, bonus caps, the set's cap, rounding, level.

use std::collections::BTreeMap;

use super::exact::{add, round, sum};
use super::{Answers, Product, ScoringError, check_answers, criterion_points};
use crate::classify;
use crate::points::{Exact, Points};
use crate::ruleset::{Group, Ruleset};
use crate::view::Level;

/// A total and everything that it is made of. Every figure is in points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Exact points of the answered criteria, by number.
    pub points: BTreeMap<u16, Exact>,
    /// Groups, in the order of the set.
    pub groups: Vec<GroupTotal>,
    /// Sum of what is answered, after the caps.
    pub sum: Exact,
    /// [`Self::sum`], rounded as the set says.
    pub so_far: Points,
    /// The exact total; absent while a criterion that is no bonus is unanswered.
    pub exact: Option<Exact>,
    /// The total, rounded as the set says; absent as [`Self::exact`].
    pub total: Option<Points>,
    /// Most that can still be reached: every unanswered criterion, bonus or not, at its maximum.
    pub possible: Points,
    /// Bonus part of [`Self::so_far`], after the groups' caps, rounded.
    pub bonus: Points,
    /// Answered criteria that are no bonus.
    pub answered: u32,
    /// Criteria that are no bonus: a bonus is never missing.
    pub criteria: u32,
    /// The proposed level; absent: chưa đủ dữ liệu.
    pub level: Option<Level>,
}

/// What a group adds to the total so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupTotal {
    /// Code in the set.
    pub code: String,
    /// Whether it is a bonus group.
    pub bonus: bool,
    /// Sum of what is answered, before the cap of a bonus group.
    pub uncapped: Exact,
    /// What counts: at most the group's maximum.
    pub points: Exact,
    /// [`Self::points`], rounded as the set says.
    pub rounded: Points,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Most that can still be reached.
    possible: Exact,
}

/// Adds up one column.
///
/// # Errors
/// [`ScoringError`] for the first answer that does not fit the set or the products, or on overflow.
pub fn total(ruleset: &Ruleset, answers: &Answers, products: &[Product]) -> Result<Total, ScoringError> {
    check_answers(ruleset, answers, products)?;
    let mut points = BTreeMap::new();
    for criterion in ruleset.criteria() {
        if let Some(exact) = criterion_points(criterion, answers, products)? {
            points.insert(criterion.number, exact);
        }
    }
    let groups = ruleset.groups.iter().map(|group| group_total(ruleset, group, &points));
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    let cap = |value: Exact| ruleset.total_cap.map_or(value, |cap| value.min(cap.exact()));
    let sum_so_far = cap(sum(groups.iter().map(|group| group.points))?);
    let complete = groups.iter().all(|group| group.complete);
    let bonus = sum(groups.iter().filter(|group| group.bonus).map(|group| group.points))?;
    let possible = cap(sum(groups.iter().map(|group| group.possible))?);
    let so_far = round(sum_so_far, ruleset.rounding)?;
    let required = || ruleset.criteria().filter(|criterion| criterion.is_required());
    let answered = required().filter(|criterion| points.contains_key(&criterion.number)).count();
    let mut total = Total {
        sum: sum_so_far,
        so_far,
        exact: complete.then_some(sum_so_far),
        total: complete.then_some(so_far),
        possible: round(possible, ruleset.rounding)?,
        bonus: round(bonus, ruleset.rounding)?,
        answered: answered as u32,
        criteria: required().count() as u32,
        level: None,
        points,
        groups,
    };
    total.level = classify::level(ruleset, &total);
    Ok(total)
}

fn group_total(
    ruleset: &Ruleset,
    group: &Group,
    points: &BTreeMap<u16, Exact>,
) -> Result<GroupTotal, ScoringError> {
    let zero = Exact::from_integer(0);
    let (mut uncapped, mut possible, mut complete) = (zero, zero, true);
    for criterion in &group.criteria {
        match points.get(&criterion.number) {
            Some(&exact) => {
                uncapped = add(uncapped, exact)?;
                possible = add(possible, exact)?;
            }
            None => {
                possible = add(possible, criterion.max.exact())?;
                complete &= !criterion.is_required();
            }
        }
    }
    // Of every other group the maximum is the sum of its criteria, so only a bonus group's can cut.
    let counts = uncapped.min(group.max.exact());
    Ok(GroupTotal {
        code: group.code.clone(),
        bonus: group.bonus,
        uncapped,
        points: counts,
        rounded: round(counts, ruleset.rounding)?,
        complete,
        possible: possible.min(group.max.exact()),
    })
}
