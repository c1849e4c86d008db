//! Converted work (công việc quy đổi): the weighted mean of ratios of converted quantities, times the maximum.
//!
//! `points = mean(min(Σ K × measured ÷ Σ K × denominator, 1)) × max`, NĐ 335/2025 part II. Source and worked examples:
//! SCORING.md.

use super::exact::{add, div, mul, negate, sum};
use super::figure::hundredth;
use super::{Answers, Product, ScoringError, check_quantity};
use crate::points::{Exact, Points};
use crate::ruleset::{Criterion, Deduction, DeductionScope, Denominator, Rule};
use crate::view::Measure;

/// A product line that counts: its assigned quantity is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkLine {
    /// The product's number.
    pub product: u16,
    /// K.
    pub coefficient: Points,
    /// Assigned quantity.
    pub assigned: Points,
    /// Completed quantity; absent: unanswered.
    pub completed: Option<Points>,
    /// Measured quantities after deductions, in the order of the rule; absent: unanswered.
    pub measured: Vec<Option<Exact>>,
}

/// One ratio of the mean, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio {
    /// What was measured.
    pub measure: Measure,
    /// Its weight in the mean.
    pub weight: Exact,
    /// `Σ K × measured`; absent: a line that counts is unanswered.
    pub numerator: Option<Exact>,
    /// What it is of: assigned, or completed where the rule says so.
    pub of: Measure,
    /// `Σ K × of`; absent as the numerator.
    pub denominator: Option<Exact>,
    /// The ratio, at most 1; absent as the numerator, or when nothing is assigned.
    pub value: Option<Exact>,
}

/// Everything that the points of a work criterion come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkResult {
    /// Lines that count, by product number.
    pub lines: Vec<WorkLine>,
    /// One for each measure of the rule, in its order.
    pub ratios: Vec<Ratio>,
    /// The points; absent: chưa đủ dữ liệu.
    pub points: Option<Exact>,
}

/// The rule's parts.
struct Work<'a> {
    criterion: u16,
    measures: &'a [Measure],
    weights: &'a [Points],
    denominator: Denominator,
    deduction: Option<Deduction>,
}

/// Works out a criterion; `None` when its rule is another.
///
/// # Errors
/// [`ScoringError`] for a quantity out of range, an unknown product, or an overflow.
pub fn converted_work(
    criterion: &Criterion,
    answers: &Answers,
    products: &[Product],
) -> Result<Option<WorkResult>, ScoringError> {
    let Rule::ConvertedWork { measures, weights, denominator, deduction } = &criterion.rule else {
        return Ok(None);
    };
    let work = Work {
        criterion: criterion.number,
        measures,
        weights,
        denominator: *denominator,
        deduction: *deduction,
    };
    let lines = lines(&work, answers, products)?;
    let assigned = weighted(lines.iter().map(|line| (line.coefficient, Some(line.assigned.exact()))))?;
    let mut ratios = Vec::with_capacity(measures.len());
    for index in 0..measures.len() {
        ratios.push(ratio(&work, index, &lines, assigned.unwrap_or_default())?);
    }
    let points = points(&ratios, criterion.max)?;
    Ok(Some(WorkResult { lines, ratios, points }))
}

fn lines(work: &Work<'_>, answers: &Answers, products: &[Product]) -> Result<Vec<WorkLine>, ScoringError> {
    let criterion = work.criterion;
    let mut lines = Vec::new();
    for (product, measure, value) in answers.quantities_of(criterion) {
        check_quantity(value).map_err(|error| ScoringError::Input { criterion, error })?;
        let listed = products.iter().find(|listed| listed.number == product);
        let listed = listed.ok_or(ScoringError::UnknownProduct { criterion, product })?;
        if measure == Measure::Assigned {
            let quantity = |measure| answers.quantities.get(&(criterion, product, measure)).copied();
            let measured = work.measures.iter().map(|measure| work.measured(*measure, quantity));
            lines.push(WorkLine {
                product,
                coefficient: listed.coefficient,
                assigned: value,
                completed: quantity(Measure::Completed),
                measured: measured.collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(lines)
}

impl Work<'_> {
    /// What a line has of a measure: as entered, or the completed quantity after deductions.
    fn measured(
        &self,
        measure: Measure,
        quantity: impl Fn(Measure) -> Option<Points>,
    ) -> Result<Option<Exact>, ScoringError> {
        let (what, excused) = match (self.deduction, measure) {
            (Some(_), Measure::QualityOk) => (Measure::Faults, Measure::ExcusedFaults),
            (Some(_), Measure::OnTime) => (Measure::Delays, Measure::ExcusedDelays),
            _ => return Ok(quantity(measure).map(Exact::from)),
        };
        let (Some(deduction), Some(completed)) = (self.deduction, quantity(Measure::Completed)) else {
            return Ok(None);
        };
        let excused = quantity(excused).unwrap_or_default();
        let counted = quantity(what).unwrap_or_default().0.saturating_sub(excused.0).max(0);
        let lost = mul(Points(counted).exact(), hundredth(deduction.percent)?)?;
        let lost = match deduction.scope {
            DeductionScope::Unit => lost,
            DeductionScope::Line => mul(lost, completed.exact())?,
        };
        Ok(Some(add(completed.exact(), negate(lost)?)?.max(Exact::ZERO)))
    }

    /// What the ratio of a measure is of.
    fn of(&self, measure: Measure) -> Measure {
        let completed = self.denominator == Denominator::Completed && measure != Measure::Completed;
        if completed { Measure::Completed } else { Measure::Assigned }
    }
}

fn ratio(work: &Work<'_>, index: usize, lines: &[WorkLine], assigned: Exact) -> Result<Ratio, ScoringError> {
    let measure = work.measures[index];
    let weight = work.weights.get(index).map_or(Exact::ONE, |weight| weight.exact());
    let measured = |line: &WorkLine| (line.coefficient, line.measured.get(index).copied().flatten());
    let numerator = weighted(lines.iter().map(measured))?;
    let completed = |line: &WorkLine| (line.coefficient, line.completed.map(Exact::from));
    let of = work.of(measure);
    let denominator =
        if of == Measure::Completed { weighted(lines.iter().map(completed))? } else { Some(assigned) };
    let value = match (numerator, denominator) {
        _ if assigned.is_zero() => None,
        // Nothing was completed of what was assigned: none of it was good or on time.
        (Some(_), Some(denominator)) if denominator.is_zero() => Some(Exact::ZERO),
        (Some(numerator), Some(denominator)) => Some(div(numerator, denominator)?.min(Exact::ONE)),
        _ => None,
    };
    Ok(Ratio { measure, weight, numerator, of, denominator, value })
}

fn points(ratios: &[Ratio], max: Exact) -> Result<Option<Exact>, ScoringError> {
    let mut total = Exact::ZERO;
    for ratio in ratios {
        let Some(value) = ratio.value else { return Ok(None) };
        total = add(total, mul(value, ratio.weight)?)?;
    }
    let mean = div(total, sum(ratios.iter().map(|ratio| ratio.weight))?)?;
    mul(mean, max).map(Some)
}

/// `Σ K × quantity`; nothing while one quantity is unanswered.
fn weighted(pairs: impl IntoIterator<Item = (Points, Option<Exact>)>) -> Result<Option<Exact>, ScoringError> {
    let mut total = Exact::ZERO;
    for (coefficient, quantity) in pairs {
        let Some(quantity) = quantity else { return Ok(None) };
        total = add(total, mul(coefficient.exact(), quantity)?)?;
    }
    Ok(Some(total))
}
