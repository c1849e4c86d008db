//! Points of a sheet: from what one column answers to its total.
//!
//! Invariant: unanswered is never zero; arithmetic is exact and checked until the rounding that the set names.
//! Reading order: the types here, `input` (what may be entered), `converted_work` (the one computed rule), `total`,
//! `count` (which column counts). SCORING.md has every formula with a worked example.

mod answers;
mod converted_work;
mod count;
mod error;
mod input;
mod total;

pub mod exact;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use answers::{Answers, Product, Products, check_answers, check_products};
pub use converted_work::{Ratio, WorkLine, WorkResult, converted_work};
pub use count::{Counted, count};
pub use error::ScoringError;
pub use input::{
    COEFFICIENT_MAX, InputError, QUANTITY_MAX, check_points, check_quantity, parse_points, parse_quantity,
};
pub use total::{GroupTotal, Total, total};

use crate::points::Exact;
use crate::ruleset::{Criterion, Rule};

/// Exact points of one criterion in one column, from 0 to its maximum; `None`: unanswered, which is not zero.
///
/// # Errors
/// [`ScoringError`] when an answer to the criterion breaks its rule, a product is unknown, or a figure overflows.
pub fn criterion_points(
    criterion: &Criterion,
    answers: &Answers,
    products: &[Product],
) -> Result<Option<Exact>, ScoringError> {
    match &criterion.rule {
        Rule::Points | Rule::Bonus => {
            let Some(points) = answers.points.get(&criterion.number) else { return Ok(None) };
            check_points(criterion, *points)
                .map_err(|error| ScoringError::Input { criterion: criterion.number, error })?;
            Ok(Some(points.exact()))
        }
        Rule::ConvertedWork { .. } => {
            Ok(converted_work(criterion, answers, products)?.and_then(|work| work.points))
        }
    }
}
