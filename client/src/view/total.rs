//! Totals of a sheet, column by column.

use std::collections::BTreeMap;

use xeploai_core::points::Points;
use xeploai_core::ruleset::Ruleset;
use xeploai_core::scoring::{Answers, Counted, Product, count, total};
use xeploai_core::sheet::state::{Head, Sheet};
use xeploai_core::sheet::{Field, Value};
use xeploai_core::view::{Column, Measure, TotalView};

use crate::error::ClientError;

/// What of two values that stand in a conflict is taken.
#[derive(Clone, Copy)]
enum Choice {
    /// The stand-in, as everywhere.
    First,
    /// The values that make the total lowest.
    Lowest,
    /// The values that make the total highest.
    Highest,
}

/// The answers of all columns of a set.
pub(crate) fn columns(ruleset: &Ruleset, sheet: &Sheet) -> BTreeMap<Column, Answers> {
    ruleset.columns.iter().map(|column| (*column, sheet.answers(*column))).collect()
}

/// Which answers count.
pub(crate) fn counted(ruleset: &Ruleset, sheet: &Sheet) -> Counted {
    count(ruleset, &columns(ruleset, sheet))
}

/// The total of one column.
pub(crate) fn of_column(
    ruleset: &Ruleset,
    sheet: &Sheet,
    products: &[Product],
    column: Column,
) -> Result<TotalView, ClientError> {
    let provisional = ruleset.counting.first() != Some(&column) || sheet.waits();
    let answers = |choice| {
        let answers = sheet.answers_with(column, |heads| choose(heads, choice));
        // Whether a quantity raises or lowers the total depends on what it counts.
        let opposite = sheet.answers_with(column, |heads| choose(heads, turned(choice)));
        with_assigned_of(answers, opposite)
    };
    view(
        ruleset,
        products,
        provisional,
        sheet.conflicts().iter().any(|place| place.column == column),
        answers,
    )
}

/// The total of what counts: of the subject's own column as long as nobody else has scored.
pub(crate) fn of_sheet(
    ruleset: &Ruleset,
    sheet: &Sheet,
    products: &[Product],
) -> Result<TotalView, ClientError> {
    let stand_in = counted(ruleset, sheet);
    if stand_in.column_of.is_empty() {
        let own = of_column(ruleset, sheet, products, Column::Own)?;
        return Ok(TotalView { provisional: true, ..own });
    }
    let answers = |choice| {
        let mut merged = Answers::default();
        for (criterion, column) in &stand_in.column_of {
            let of = sheet.answers_with(*column, |heads| choose(heads, choice));
            let opposite = sheet.answers_with(*column, |heads| choose(heads, turned(choice)));
            let of = with_assigned_of(of, opposite);
            merged.points.extend(of.points.iter().filter(|(number, _)| *number == criterion));
            merged.quantities.extend(of.quantities.iter().filter(|((number, ..), _)| number == criterion));
        }
        merged
    };
    let in_conflict = |place: &xeploai_core::sheet::Place| {
        stand_in.column_of.get(&place.criterion) == Some(&place.column) && place.field != Field::Note
    };
    let conflict = sheet.conflicts().iter().any(in_conflict);
    view(ruleset, products, stand_in.provisional || sheet.waits(), conflict, answers)
}

fn view(
    ruleset: &Ruleset,
    products: &[Product],
    provisional: bool,
    conflict: bool,
    answers: impl Fn(Choice) -> Answers,
) -> Result<TotalView, ClientError> {
    let plain = total(ruleset, &answers(Choice::First), products)?;
    let range: Option<(Points, Points)> = if conflict {
        let lowest = total(ruleset, &answers(Choice::Lowest), products)?;
        let highest = total(ruleset, &answers(Choice::Highest), products)?;
        Some((lowest.so_far, highest.so_far))
    } else {
        None
    };
    Ok(TotalView {
        total: plain.total,
        so_far: plain.so_far,
        possible: plain.possible,
        level: plain.level,
        range,
        provisional,
        answered: plain.answered,
        criteria: plain.criteria,
    })
}

fn choose(heads: &[Head], choice: Choice) -> &Value {
    let values = heads.iter().map(|head| &head.value);
    let chosen = match choice {
        Choice::First => None,
        Choice::Lowest => values.min(),
        Choice::Highest => values.max(),
    };
    chosen.unwrap_or(&heads[0].value)
}

fn turned(choice: Choice) -> Choice {
    match choice {
        Choice::First => Choice::First,
        Choice::Lowest => Choice::Highest,
        Choice::Highest => Choice::Lowest,
    }
}

/// More work assigned makes the ratios lower: its quantities come from the other end.
fn with_assigned_of(mut answers: Answers, opposite: Answers) -> Answers {
    answers
        .quantities
        .extend(opposite.quantities.into_iter().filter(|((_, _, measure), _)| *measure == Measure::Assigned));
    answers
}
