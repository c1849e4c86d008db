//! Points of what was entered as one figure, rule by rule.
//!
//! Invariant: a pure function of the criterion, the figure and the position. Formulas and sources: SCORING.md.

use super::ScoringError;
use super::exact::{add, mul, negate};
use crate::points::{Exact, Points};
use crate::ruleset::{Band, Criterion, LateBand, Position, Rule};

/// Points of a figure that [`super::check_points`] lets pass; never above the criterion's maximum, and of a deduction never
/// below its opposite.
///
/// `percent` is the figure that a band looks at. `None`: the figure gives no points as it stands, because it lies outside
/// of what the percentage allows, or there is none.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
#[inline]
pub fn figure_points(
    criterion: &Criterion,
    figure: Points,
    percent: Option<Points>,
    position: &Position,
) -> Result<Option<Exact>, ScoringError> {
    let entered = Exact::from(figure);
    Ok(Some(match &criterion.rule {
        Rule::Points | Rule::Bonus => entered,
        Rule::Banded { bands, .. } => {
            let allowed = percent.and_then(|percent| band(bands, percent));
            let fits = allowed.is_some_and(|band| (band.least..=band.most).contains(&figure));
            return Ok(fits.then_some(entered));
        }
        Rule::Count { each } => mul(entered, Exact::from(*each))?.min(criterion.max),
        Rule::TwoLevel { low } if figure.is_zero() => mul(criterion.max, hundredth(*low)?)?,
        Rule::TwoLevel { .. } => criterion.max,
        Rule::PassFail | Rule::Figure { .. } => Exact::ZERO,
        Rule::Deduct { .. } => negate(taken(criterion, figure, position)?.min(criterion.max))?,
        Rule::DeductLate { bands } => negate(taken_late(bands, figure).min(criterion.max))?,
        // Quantities, not one figure.
        Rule::ConvertedWork { .. } => return Ok(None),
    }))
}

/// The band that a percentage is in; bands are in order, highest first.
pub fn band(bands: &[Band], percent: Points) -> Option<&Band> {
    bands.iter().find(|band| percent >= band.from)
}

/// `n × each + more × n × (n − 1) ÷ 2`: the second time takes `more` than the first, the third twice as much more.
fn taken(criterion: &Criterion, times: Points, position: &Position) -> Result<Exact, ScoringError> {
    let Rule::Deduct { each, more, split } = &criterion.rule else { return Ok(Exact::ZERO) };
    let theirs = split.iter().find(|split| split.standings.contains(&position.standing));
    let (each, more) = theirs.map_or((*each, *more), |split| (split.each, split.more));
    let n = i128::from(times.0 / Points::SCALE);
    let steps = Exact::from_integer(n * (n - 1) / 2);
    add(mul(Exact::from(times), each.exact())?, mul(steps, more.exact())?)
}

/// What the last band that was reached takes.
fn taken_late(bands: &[LateBand], days: Points) -> Exact {
    let reached = bands.iter().rev().find(|band| days >= Points::whole(band.days.into()));
    reached.map_or(Exact::ZERO, |band| band.points.exact())
}

/// A percentage as a fraction of one.
pub(super) fn hundredth(percent: Points) -> Result<Exact, ScoringError> {
    super::exact::div(percent.exact(), Exact::from_integer(100))
}
