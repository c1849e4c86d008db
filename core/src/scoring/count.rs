//! Which column counts, criterion by criterion.

use std::collections::BTreeMap;

use super::Answers;
use crate::points::Points;
use crate::ruleset::{Criterion, Rule, Ruleset};
use crate::view::{Column, Measure};

/// The answers that count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Each criterion's answers from the column that counts for it.
    pub answers: Answers,
    /// The column that counts, by criterion; a criterion that no counting column answers is absent.
    pub column_of: BTreeMap<u16, Column>,
    /// Tạm tính: a criterion that is no bonus is unanswered, or counts from a column after the set's first choice.
    pub provisional: bool,
}

/// Takes every criterion from the first column of the set's `counting` that answers it; the own column never counts.
///
/// Converted work is taken whole from one column: the first whose quantities are complete enough for points.
pub fn count(ruleset: &Ruleset, columns: &BTreeMap<Column, Answers>) -> Counted {
    let mut counted = Counted::default();
    for criterion in ruleset.criteria() {
        let answering = ruleset.counting.iter().filter_map(|&column| Some((column, columns.get(&column)?)));
        let Some((column, answers)) = answering.into_iter().find(|(_, answers)| answered(criterion, answers))
        else {
            counted.provisional |= criterion.is_required();
            continue;
        };
        let number = criterion.number;
        counted.provisional |= criterion.is_required() && ruleset.counting.first() != Some(&column);
        counted.column_of.insert(number, column);
        counted.answers.points.extend(answers.points.get(&number).map(|&points| (number, points)));
        let quantities = answers.quantities_of(number);
        let keyed = quantities.map(|(product, measure, value)| ((number, product, measure), value));
        counted.answers.quantities.extend(keyed);
    }
    counted
}

/// Whether these answers come to points: the same as [`super::criterion_points`] giving some, for answers that fit.
fn answered(criterion: &Criterion, answers: &Answers) -> bool {
    let number = criterion.number;
    let Rule::ConvertedWork { measures, .. } = &criterion.rule else {
        return answers.points.contains_key(&number);
    };
    let mut anything_assigned = false;
    for (product, measure, value) in answers.quantities_of(number) {
        let has = |measure: &Measure| answers.quantities.contains_key(&(number, product, *measure));
        if measure == Measure::Assigned {
            anything_assigned |= value > Points::ZERO;
            if !measures.iter().all(has) {
                return false;
            }
        }
    }
    anything_assigned
}
