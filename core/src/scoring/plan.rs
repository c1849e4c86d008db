//! One pass over a sheet: which column counts, criterion by criterion, and what it all adds up to.
//!
//! Invariant: the only place where answers become sums. What is explained and what is computed for thousands of sheets
//! go through the same pass; it allocates nothing but for converted work.

use super::exact::{add, negate, round};
use super::lookup::{Plain, Sources, sources};
use super::{
    Answers, Columns, Product, ScoringError, check_points, check_products, converted_work, figure_points,
};
use crate::points::{Exact, Points};
use crate::ruleset::{Criterion, Group, Position, RoundingAt, Rule, Ruleset};
use crate::view::Column;

/// What a sheet is computed under.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The criteria set.
    pub ruleset: &'a Ruleset,
    /// The position that its subject is scored in.
    pub position: &'a Position,
    /// The unit's products.
    pub products: &'a [Product],
}

/// The criteria that apply under the terms, in order of their numbers.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    terms: Terms<'a>,
    items: Vec<Item<'a>>,
}

/// A criterion that applies.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The criterion.
    pub criterion: &'a Criterion,
    /// Place of its group in the set.
    pub group: usize,
    /// Whether a total is missing something while it is unanswered.
    pub required: bool,
    /// The points of most figures, looked up: nearly all of what is ever scored.
    plain: Option<Plain>,
}

/// The column that counts for a criterion, and its exact points there.
pub type Answered = (Column, Exact);

/// What a sheet adds up to. Every figure is in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Sum of what is answered, after all caps.
    pub sum: Exact,
    /// Required criteria that are answered.
    pub answered: u32,
    /// Required criteria.
    pub required: u32,
}

/// Sums of groups, kept between passes so that a pass over many sheets allocates once.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    /// The part of [`Self::uncapped`] that needs no fractions, in ten-thousandths.
    pub(super) plain: Vec<i64>,
    /// Before the groups' caps.
    pub uncapped: Vec<Exact>,
    /// After them: what counts.
    pub capped: Vec<Exact>,
    /// All bonus groups together, after the set's cap of them.
    pub bonus: Exact,
    /// All penalty groups together, after the set's cap of them; 0 or less.
    pub penalty: Exact,
}

impl Sums {
    fn begin(&mut self, groups: usize) {
        self.plain.clear();
        self.plain.resize(groups, 0);
        self.uncapped.clear();
        self.uncapped.resize(groups, Exact::ZERO);
    }
}

impl<'a> Plan<'a> {
    /// Chooses the criteria that apply.
    ///
    /// # Errors
    /// [`ScoringError`] when the list of products is wrong.
    pub fn new(terms: Terms<'a>) -> Result<Self, ScoringError> {
        check_products(terms.products)?;
        let groups = terms.ruleset.groups.iter().enumerate();
        let criteria = groups.flat_map(|(at, group)| group.criteria.iter().map(move |it| (at, it)));
        let mut items: Vec<Item<'a>> = criteria
            .filter(|(_, criterion)| criterion.applies.to(terms.position))
            .map(|(group, criterion)| Item {
                criterion,
                group,
                required: terms.ruleset.requires(criterion),
                plain: Plain::of(terms, criterion),
            })
            .collect();
        items.sort_by_key(|item| item.criterion.number);
        Ok(Self { terms, items })
    }

    /// What it is a plan for.
    pub fn terms(&self) -> Terms<'a> {
        self.terms
    }

    /// The criteria that apply.
    pub fn items(&self) -> &[Item<'a>] {
        &self.items
    }

    /// Adds up a sheet: each criterion from the first column of `order` that answers it; `visit` hears of each.
    ///
    /// Converted work is taken whole from one column: the first whose quantities are complete. A criterion with an answer
    /// that does not count, because evidence is missing or the points are not of its band, is unanswered.
    ///
    /// # Errors
    /// [`ScoringError`] for the first answer that does not fit the set or the products, or on overflow.
    pub fn tally(
        &self,
        columns: &Columns,
        order: &[Column],
        sums: &mut Sums,
        mut visit: impl FnMut(&Item<'a>, Option<Answered>),
    ) -> Result<Tally, ScoringError> {
        let mut sources = sources(columns, order);
        sums.begin(self.terms.ruleset.groups.len());
        let mut tally = Tally { sum: Exact::ZERO, answered: 0, required: 0 };
        for item in &self.items {
            let plain = item.plain.as_ref();
            let answered = match plain.and_then(|plain| plain.answer(item.criterion.number, &mut sources)) {
                Some(answered) => {
                    let points = answered.map_or(0, |(_, points)| points.0);
                    sums.plain[item.group] = sums.plain[item.group].saturating_add(points);
                    answered.map(|(column, points)| (column, points.exact()))
                }
                None => self.answer_by_rule(item, (columns, order), &mut sources, sums)?,
            };
            tally.required += u32::from(item.required);
            tally.answered += u32::from(item.required && answered.is_some());
            visit(item, answered);
        }
        for (uncapped, plain) in sums.uncapped.iter_mut().zip(&sums.plain) {
            *uncapped = add(*uncapped, Points(*plain).exact())?;
        }
        for source in sources.iter().flatten() {
            source.check(self.terms)?;
        }
        tally.sum = self.total(sums)?;
        Ok(tally)
    }

    /// Asks the rule, and adds up what it says.
    #[inline]
    fn answer_by_rule(
        &self,
        item: &Item<'a>,
        (columns, order): (&Columns, &[Column]),
        sources: &mut Sources<'_>,
        sums: &mut Sums,
    ) -> Result<Option<Answered>, ScoringError> {
        let mut answered = self.answer(item.criterion, columns, order, sources)?;
        if let Some((_, points)) = &mut answered {
            *points = self.counted(*points)?;
            sums.uncapped[item.group] = add(sums.uncapped[item.group], *points)?;
        }
        Ok(answered)
    }

    #[inline]
    fn answer(
        &self,
        criterion: &Criterion,
        columns: &Columns,
        order: &[Column],
        sources: &mut Sources<'_>,
    ) -> Result<Option<Answered>, ScoringError> {
        if criterion.evidence && !columns.is_noted(criterion.number) {
            return Ok(None);
        }
        for source in sources.iter_mut().flatten().filter(|source| criterion.takes(source.column)) {
            let column = source.column;
            if let Rule::ConvertedWork { .. } = criterion.rule {
                let work = converted_work(criterion, source.answers, self.terms.products)?;
                if let Some(points) = work.and_then(|work| work.points) {
                    return Ok(Some((column, points)));
                }
            } else if let Some(figure) = source.figure(criterion.number) {
                check_points(criterion, figure)
                    .map_err(|error| ScoringError::Input { criterion: criterion.number, error })?;
                let percent = self.percent(criterion, columns, order);
                let points = figure_points(criterion, figure, percent, self.terms.position)?;
                return Ok(points.map(|points| (column, points)));
            }
        }
        Ok(None)
    }

    /// A criterion that applies.
    fn criterion(&self, number: u16) -> Option<&'a Criterion> {
        // Numbers begin at 1, and most sets have them all.
        let dense = self
            .items
            .get(usize::from(number).wrapping_sub(1))
            .filter(|item| item.criterion.number == number);
        let found = dense.or_else(|| {
            let at = self.items.binary_search_by_key(&number, |item| item.criterion.number).ok()?;
            self.items.get(at)
        });
        found.map(|item| item.criterion)
    }

    /// The figure of a criterion as conditions look at it: what was entered and counts; of converted work its points.
    /// `None`: unanswered, or not for this position.
    ///
    /// # Errors
    /// [`ScoringError`] of a quantity.
    pub fn figure(
        &self,
        columns: &Columns,
        order: &[Column],
        number: u16,
    ) -> Result<Option<Exact>, ScoringError> {
        let Some(criterion) = self.criterion(number) else { return Ok(None) };
        if matches!(criterion.rule, Rule::ConvertedWork { .. }) {
            for answers in may_count(criterion, columns, order) {
                let work = converted_work(criterion, answers, self.terms.products)?;
                if let Some(points) = work.and_then(|work| work.points) {
                    return Ok(Some(points));
                }
            }
            return Ok(None);
        }
        let Some(figure) = entered(criterion, columns, order) else { return Ok(None) };
        let counts = match criterion.rule {
            Rule::Banded { .. } => {
                let percent = self.percent(criterion, columns, order);
                figure_points(criterion, figure, percent, self.terms.position)?.is_some()
            }
            _ => true,
        };
        Ok(counts.then(|| figure.exact()))
    }

    /// The percentage that a criterion's bands look at.
    fn percent(&self, criterion: &Criterion, columns: &Columns, order: &[Column]) -> Option<Points> {
        let Rule::Banded { by, .. } = criterion.rule else { return None };
        entered(self.criterion(by)?, columns, order)
    }

    /// Points of a criterion as they count in its group: rounded, where the set rounds each criterion.
    pub(super) fn counted(&self, points: Exact) -> Result<Exact, ScoringError> {
        let rounding = self.terms.ruleset.rounding;
        if rounding.at == RoundingAt::Criteria { Ok(round(points, rounding)?.exact()) } else { Ok(points) }
    }

    /// Caps the sums of the groups, and adds them up: `base + Σ groups`, from 0 to the set's cap.
    pub(super) fn total(&self, sums: &mut Sums) -> Result<Exact, ScoringError> {
        let ruleset = self.terms.ruleset;
        sums.capped.clear();
        let (mut plain, mut bonus, mut penalty) = (ruleset.base.exact(), Exact::ZERO, Exact::ZERO);
        for (group, uncapped) in ruleset.groups.iter().zip(&sums.uncapped) {
            let mut sum = capped(group, *uncapped)?;
            if ruleset.rounding.at != RoundingAt::Total {
                sum = round(sum, ruleset.rounding)?.exact();
            }
            sums.capped.push(sum);
            let of = match (group.bonus, group.penalty) {
                (true, _) => &mut bonus,
                (_, true) => &mut penalty,
                _ => &mut plain,
            };
            *of = add(*of, sum)?;
        }
        sums.bonus = ruleset.bonus_cap.map_or(bonus, |cap| bonus.min(cap.exact()));
        sums.penalty = match ruleset.penalty_cap {
            Some(cap) => penalty.max(negate(cap.exact())?),
            None => penalty,
        };
        let total = add(add(plain, sums.bonus)?, sums.penalty)?.max(Exact::ZERO);
        Ok(ruleset.total_cap.map_or(total, |cap| total.min(cap.exact())))
    }
}

/// The answers that may count for a criterion, first choice first; none without the evidence that it asks for.
fn may_count<'c>(
    criterion: &'c Criterion,
    columns: &'c Columns,
    order: &'c [Column],
) -> impl Iterator<Item = &'c Answers> {
    let evident = !criterion.evidence || columns.is_noted(criterion.number);
    let theirs = order.iter().filter(move |column| evident && criterion.takes(**column));
    theirs.filter_map(|column| columns.get(*column))
}

/// What was entered for a criterion in the first column that may count.
fn entered(criterion: &Criterion, columns: &Columns, order: &[Column]) -> Option<Points> {
    may_count(criterion, columns, order).find_map(|answers| answers.points.get(criterion.number))
}

/// At most the group's maximum; of deductions, no more taken than that.
fn capped(group: &Group, sum: Exact) -> Result<Exact, ScoringError> {
    let max = group.max.exact();
    if group.penalty { Ok(sum.max(negate(max)?)) } else { Ok(sum.min(max)) }
}
