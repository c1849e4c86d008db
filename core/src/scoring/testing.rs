//! Sets, products and random answers for tests.

mod made;

use proptest::prelude::*;

use super::{Answers, Columns, Plan, Product, Products, ScoringError, Terms, Total, check_points, total};
use crate::org::testing::SHIPPED;
use crate::points::Points;
use crate::ruleset::{Criterion, Position, Rule, Ruleset};
use crate::view::{Column, Measure, Text};

pub(crate) fn set(code: &str) -> Ruleset {
    SHIPPED.iter().find(|set| set.code == code).unwrap().clone()
}

pub(crate) fn points(text: &str) -> Points {
    Points::parse(text).unwrap()
}

/// Two products: K = 1 and K = 2,5.
pub(crate) fn products() -> Products {
    let product = |number: u16, coefficient: &str| Product {
        number,
        title: Text { vi: "Tin, bài".into(), en: "News".into() },
        measure_unit: Text { vi: "tin".into(), en: "items".into() },
        coefficient: points(coefficient),
    };
    vec![product(1, "1"), product(2, "2.5")]
}

/// Every criterion that is no bonus at its maximum.
pub(crate) fn full(set: &Ruleset) -> Answers {
    let mut answers = Answers::default();
    for criterion in set.criteria() {
        match criterion.rule {
            Rule::ConvertedWork { .. } => {
                for measure in MEASURES {
                    answers.quantities.insert((criterion.number, 1, measure), Points::whole(6));
                }
            }
            _ if set.requires(criterion) => answers.points.insert(criterion.number, most(set, criterion)),
            _ => {}
        }
        if set.requires(criterion) {
            answers.noted.insert(criterion.number);
        }
    }
    answers
}

/// The figure that gives most points, or takes many.
fn most(set: &Ruleset, criterion: &Criterion) -> Points {
    match &criterion.rule {
        Rule::Points | Rule::Bonus | Rule::Banded { .. } => criterion.max.as_points().unwrap(),
        Rule::Count { each } => {
            let times = criterion.max.checked_div(each.exact()).unwrap();
            Points::whole(i32::try_from(times.floor()).unwrap() + 1)
        }
        Rule::TwoLevel { .. } | Rule::PassFail => Points::whole(1),
        Rule::Figure { most, .. } => (*most).min(Points::whole(100)),
        Rule::Deduct { .. } | Rule::DeductLate { .. } => Points::whole(12),
        Rule::ConvertedWork { .. } => panic!("{} takes quantities", set.id()),
    }
}

/// The terms of a person without a position.
pub(crate) fn terms<'a>(ruleset: &'a Ruleset, products: &'a [Product]) -> Terms<'a> {
    const NOBODY: &Position = &Position { standing: crate::ruleset::Standing::Staff, title: String::new() };
    Terms { ruleset, position: NOBODY, products }
}

/// Answers as the first column that counts.
pub(crate) fn as_counted(set: &Ruleset, answers: &Answers) -> Columns {
    Columns::from_iter([(set.counting[0], answers.clone())])
}

/// The total of one column's answers.
pub(crate) fn total_of(
    set: &Ruleset,
    answers: &Answers,
    products: &[Product],
) -> Result<Total, ScoringError> {
    total(&Plan::new(terms(set, products))?, &as_counted(set, answers), &set.counting)
}

const MEASURES: [Measure; 4] = [Measure::Assigned, Measure::Completed, Measure::QualityOk, Measure::OnTime];
const LOST: [Measure; 4] = [Measure::Faults, Measure::Delays, Measure::ExcusedFaults, Measure::ExcusedDelays];

/// Any of the shipped sets, or one that was made by chance.
pub(crate) fn any_set() -> impl Strategy<Value = Ruleset> {
    prop_oneof![prop::sample::select(SHIPPED.clone()), made::any_made_set()]
}

/// Answers that fit the set and [`products`]; each criterion is unanswered now and then.
pub(crate) fn any_answers(set: &Ruleset) -> impl Strategy<Value = Answers> + use<> {
    let set = set.clone();
    let steps = prop::collection::vec((0_u8..8, 0_i64..=10_000), set.criteria().count());
    let quantities = prop::collection::vec((0_u8..12, 0_i32..12), 16);
    (steps, quantities).prop_map(move |(steps, quantities)| {
        let mut answers = Answers::default();
        for (criterion, (answered, share)) in set.criteria().zip(steps) {
            let number = criterion.number;
            if matches!(criterion.rule, Rule::ConvertedWork { .. }) {
                for (index, &(answered, quantity)) in quantities.iter().enumerate() {
                    let key = (number, index as u16 / 8 + 1, [MEASURES, LOST].concat()[index % 8]);
                    let insert = answered > 0;
                    answers.quantities.extend(insert.then_some((key, Points::whole(quantity))));
                }
            } else if answered > 0 {
                let most = most(&set, criterion);
                let step = if criterion.step.is_zero() { Points::SCALE } else { criterion.step.0 };
                answers.points.insert(number, Points(most.0 / step * share / 10_000 * step));
                if answered > 1 {
                    answers.noted.insert(number);
                }
            }
        }
        answers
    })
}

/// The answers with one figure more points, or one deduction less, for a criterion that has an answer; none: there is none.
pub(crate) fn raised(set: &Ruleset, answers: &Answers, pick: prop::sample::Index) -> Option<Answers> {
    let better = |(number, figure): &(u16, Points)| {
        let criterion = set.criterion(*number)?;
        let one = if criterion.step.is_zero() { Points::whole(1) } else { criterion.step };
        let better = match criterion.rule {
            Rule::Points | Rule::Bonus | Rule::Count { .. } | Rule::TwoLevel { .. } => {
                Points(figure.0 + one.0)
            }
            Rule::Deduct { .. } | Rule::DeductLate { .. } => Points(figure.0 - one.0),
            _ => return None,
        };
        check_points(criterion, better).is_ok().then_some((*number, better))
    };
    let all: Vec<_> = answers.points.as_slice().iter().filter_map(better).collect();
    let (number, figure) = *all.get(pick.index(all.len().max(1)))?;
    let mut raised = answers.clone();
    raised.points.insert(number, figure);
    Some(raised)
}

/// A set with answers in all columns that may count.
pub(crate) fn any_sheet() -> impl Strategy<Value = (Ruleset, Columns)> {
    any_set().prop_flat_map(|set| {
        let columns = (any_answers(&set), any_answers(&set), any_answers(&set)).prop_map(
            |(own, superior, appraised)| {
                Columns::from_iter([
                    (Column::Own, own),
                    (Column::Superior, superior),
                    (Column::Appraised, appraised),
                ])
            },
        );
        (Just(set), columns)
    })
}
