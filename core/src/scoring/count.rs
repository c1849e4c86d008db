//! Which column counts, criterion by criterion.

use std::collections::BTreeMap;

use super::{Answers, Product, ScoringError, criterion_points};
use crate::ruleset::{Criterion, Ruleset};
use crate::view::Column;

/// The answers that count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Each criterion's answers from the column that counts for it.
    pub answers: Answers,
    /// The column that counts, by criterion; a criterion that no counting column answers is absent.
    pub column_of: BTreeMap<u16, Column>,
    /// Tạm tính: a required criterion is unanswered, or something counts from a column after the set's first choice.
    pub provisional: bool,
}

/// Takes every criterion from the first column of the set's `counting` that answers it; the own column never counts.
///
/// Converted work is taken whole from one column: the first whose quantities are complete enough for points.
///
/// # Errors
/// [`ScoringError`] when an answer in a counting column does not fit the set or the products.
pub fn count(
    ruleset: &Ruleset,
    columns: &BTreeMap<Column, Answers>,
    products: &[Product],
) -> Result<Counted, ScoringError> {
    let mut counted = Counted::default();
    for criterion in ruleset.criteria() {
        let column = counting_column(ruleset, criterion, columns, products)?;
        counted.provisional |= match column {
            Some(column) => ruleset.counting.first() != Some(&column),
            None => criterion.is_required(),
        };
        let Some((column, answers)) = column.and_then(|column| Some((column, columns.get(&column)?))) else {
            continue;
        };
        let number = criterion.number;
        counted.column_of.insert(number, column);
        counted.answers.points.extend(answers.points.get(&number).map(|&points| (number, points)));
        let quantities = answers.quantities_of(number);
        counted
            .answers
            .quantities
            .extend(quantities.map(|(product, measure, value)| ((number, product, measure), value)));
    }
    Ok(counted)
}

fn counting_column(
    ruleset: &Ruleset,
    criterion: &Criterion,
    columns: &BTreeMap<Column, Answers>,
    products: &[Product],
) -> Result<Option<Column>, ScoringError> {
    for column in &ruleset.counting {
        let Some(answers) = columns.get(column) else { continue };
        if criterion_points(ruleset, criterion, answers, products)?.is_some() {
            return Ok(Some(*column));
        }
    }
    Ok(None)
}
