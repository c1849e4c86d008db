//! Looking answers up, and the points of most of them: what a pass over thousands of sheets does a million times.
//!
//! Invariant: what is looked up is what the rule gave; whatever is not, the rule is asked.

use super::{Answers, Columns, ScoringError, Terms, check_answers, figure_points};
use crate::points::Points;
use crate::ruleset::{Criterion, RoundingAt, Rule};
use crate::view::Column;

/// Points of a figure without a second look at its rule, in ten-thousandths.
#[derive(Debug, Clone)]
pub(super) enum Plain {
    /// The figure is the points, or there are none.
    Figure { most: Points, step: Points, gives: bool },
    /// Of whole figures from 0 on, as the rule itself gave them.
    Whole(Vec<Points>),
}

/// A column that may count, and how far the pass has come in it.
pub(super) struct Source<'a> {
    pub(super) column: Column,
    pub(super) answers: &'a Answers,
    at: usize,
    read: usize,
}

/// The columns that may count, first choice first. There are three columns; one that is named twice is read once.
pub(super) type Sources<'a> = [Option<Source<'a>>; 3];

/// The columns of a sheet that say anything, in this order.
pub(super) fn sources<'a>(columns: &'a Columns, order: &[Column]) -> Sources<'a> {
    let source = |column: &Column| {
        columns.get(*column).map(|answers| Source { column: *column, answers, at: 0, read: 0 })
    };
    let mut sources = [const { None }; 3];
    for (slot, source) in sources.iter_mut().zip(order.iter().filter_map(source)) {
        *slot = Some(source);
    }
    sources
}

impl Plain {
    /// Most figures that are looked up; a larger one asks the rule.
    const FIGURES: i32 = 32;

    pub(super) fn of(terms: Terms<'_>, criterion: &Criterion) -> Option<Self> {
        let rounded = terms.ruleset.rounding.at == RoundingAt::Criteria;
        if !criterion.columns.is_empty() || criterion.evidence || rounded {
            return None;
        }
        let (most, step) = (criterion.most(), criterion.step);
        match criterion.rule {
            Rule::Points | Rule::Bonus => Some(Self::Figure { most, step, gives: true }),
            Rule::Figure { .. } => Some(Self::Figure { most, step, gives: false }),
            Rule::Banded { .. } | Rule::ConvertedWork { .. } => None,
            _ => {
                let figures = (0..Self::FIGURES).map(Points::whole).take_while(|figure| *figure <= most);
                let points = figures.map(|figure| {
                    let points = figure_points(criterion, figure, None, terms.position).ok()??;
                    points.as_points()
                });
                points.collect::<Option<_>>().map(Self::Whole)
            }
        }
    }

    /// The first answer; nothing at all when the rule must be asked, which also names what may not be entered.
    #[inline]
    pub(super) fn answer(
        &self,
        criterion: u16,
        sources: &mut Sources<'_>,
    ) -> Option<Option<(Column, Points)>> {
        for source in sources.iter_mut().map_while(Option::as_mut) {
            let Some(figure) = source.figure(criterion) else { continue };
            let points = match self {
                Self::Figure { most, step, gives } => {
                    let fits = figure >= Points::ZERO && figure <= *most && figure.is_on_step(*step);
                    fits.then_some(if *gives { figure } else { Points::ZERO })?
                }
                Self::Whole(points) => {
                    let whole = usize::try_from(figure.0 / Points::SCALE).ok()?;
                    *points.get(whole).filter(|_| figure.0 % Points::SCALE == 0)?
                }
            };
            return Some(Some((source.column, points)));
        }
        Some(None)
    }
}

impl Source<'_> {
    /// The figure of a criterion; numbers are asked for in rising order, one perhaps twice.
    #[inline]
    pub(super) fn figure(&mut self, criterion: u16) -> Option<Points> {
        let figures = self.answers.points.as_slice();
        let last = self.at.checked_sub(1).and_then(|last| figures.get(last));
        if let Some((_, figure)) = last.filter(|(number, _)| *number == criterion) {
            return Some(*figure);
        }
        while let Some(&(number, figure)) = figures.get(self.at) {
            if number > criterion {
                return None;
            }
            self.at += 1;
            if number == criterion {
                self.read += 1;
                return Some(figure);
            }
        }
        None
    }

    /// Whatever the pass did not read must still be something that the set has: answers for another position, say.
    pub(super) fn check(&self, terms: Terms<'_>) -> Result<(), ScoringError> {
        let all_read =
            self.read == self.answers.points.as_slice().len() && self.answers.quantities.is_empty();
        if all_read { Ok(()) } else { check_answers(terms.ruleset, self.answers, terms.products) }
    }
}
