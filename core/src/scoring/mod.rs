//! Points of a sheet: from what its columns answer to its total.
//!
//! Invariant: unanswered is never zero; arithmetic is exact and checked until the rounding that the set names.
//! Reading order: `answers` (what a sheet says), `input` (what may be entered), `figure` and `converted_work` (points of a
//! criterion, rule by rule), `plan` (which column counts, and the sums), `lookup` (what makes that fast), `total`.
//! SCORING.md has every formula with a worked example.

mod answers;
mod converted_work;
mod error;
mod figure;
mod input;
mod lookup;
mod plan;
mod total;

pub mod exact;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use answers::{Answers, Columns, Figures, Product, Products, check_answers, check_products};
pub use converted_work::{Ratio, WorkLine, WorkResult, converted_work};
pub use error::ScoringError;
pub use figure::{band, figure_points};
pub use input::{
    COEFFICIENT_MAX, InputError, QUANTITY_MAX, TIMES_MAX, check_band, check_points, check_quantity,
    parse_points, parse_quantity,
};
pub use plan::{Answered, Item, Plan, Sums, Tally, Terms};
pub use total::{GroupTotal, Total, total};
