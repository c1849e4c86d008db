//! Converted work (công việc quy đổi): the mean of ratios of converted quantities, times the maximum.
//!
//! `points = mean(min(Σ K × measured ÷ Σ K × assigned, 1)) × max`, NĐ 335/2025 part II with the assigned quantity as
//! the denominator. Source and worked example: SCORING.md.

use super::exact::{add, div, mul, sum};
use super::{Answers, Product, ScoringError, check_quantity};
use crate::points::{Exact, Points};
use crate::ruleset::{Criterion, Rule};
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
    /// Measured quantities, in the order of the rule; absent: unanswered.
    pub measured: Vec<Option<Points>>,
}

/// One ratio of the mean, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio {
    /// What was measured.
    pub measure: Measure,
    /// `Σ K × measured`; absent: a line that counts is unanswered.
    pub numerator: Option<Exact>,
    /// The ratio, at most 1; absent as the numerator, or when nothing is assigned.
    pub value: Option<Exact>,
}

/// Everything that the points of a work criterion come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkResult {
    /// Lines that count, by product number.
    pub lines: Vec<WorkLine>,
    /// `Σ K × assigned`.
    pub assigned: Exact,
    /// One for each measure of the rule, in its order.
    pub ratios: Vec<Ratio>,
    /// The points; absent: chưa đủ dữ liệu.
    pub points: Option<Exact>,
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
    let Rule::ConvertedWork { measures, denominator: _ } = &criterion.rule else { return Ok(None) };
    let lines = lines(criterion.number, measures, answers, products)?;
    let assigned = weighted(lines.iter().map(|line| (line.coefficient, line.assigned)))?;
    let mut ratios = Vec::with_capacity(measures.len());
    for (index, &measure) in measures.iter().enumerate() {
        ratios.push(ratio(measure, index, &lines, assigned)?);
    }
    let points = points(&ratios, criterion.max)?;
    Ok(Some(WorkResult { lines, assigned, ratios, points }))
}

fn lines(
    criterion: u16,
    measures: &[Measure],
    answers: &Answers,
    products: &[Product],
) -> Result<Vec<WorkLine>, ScoringError> {
    let mut lines = Vec::new();
    for (product, measure, value) in answers.quantities_of(criterion) {
        check_quantity(value).map_err(|error| ScoringError::Input { criterion, error })?;
        let listed = products.iter().find(|listed| listed.number == product);
        let listed = listed.ok_or(ScoringError::UnknownProduct { criterion, product })?;
        if measure == Measure::Assigned {
            let measured = |measure| answers.quantities.get(&(criterion, product, measure)).copied();
            let measured = measures.iter().copied().map(measured).collect();
            lines.push(WorkLine { product, coefficient: listed.coefficient, assigned: value, measured });
        }
    }
    Ok(lines)
}

fn ratio(measure: Measure, index: usize, lines: &[WorkLine], assigned: Exact) -> Result<Ratio, ScoringError> {
    let mut measured = Vec::with_capacity(lines.len());
    for line in lines {
        match line.measured.get(index).copied().flatten() {
            Some(quantity) => measured.push((line.coefficient, quantity)),
            None => return Ok(Ratio { measure, numerator: None, value: None }),
        }
    }
    let numerator = weighted(measured)?;
    let one = Exact::from_integer(1);
    let value =
        if assigned > Exact::from_integer(0) { Some(div(numerator, assigned)?.min(one)) } else { None };
    Ok(Ratio { measure, numerator: Some(numerator), value })
}

fn points(ratios: &[Ratio], max: Points) -> Result<Option<Exact>, ScoringError> {
    let mut total = Exact::from_integer(0);
    for ratio in ratios {
        let Some(value) = ratio.value else { return Ok(None) };
        total = add(total, value)?;
    }
    let mean = div(total, Exact::from_integer(ratios.len() as i128))?;
    mul(mean, max.exact()).map(Some)
}

/// `Σ K × quantity`.
fn weighted(pairs: impl IntoIterator<Item = (Points, Points)>) -> Result<Exact, ScoringError> {
    let products =
        pairs.into_iter().map(|(coefficient, quantity)| mul(coefficient.exact(), quantity.exact()));
    sum(products.collect::<Result<Vec<_>, _>>()?)
}
