//! Sets, products and random answers for tests.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Answers, Product, Products};
use crate::points::Points;
use crate::ruleset::{Rule, Ruleset, shipped};
use crate::view::{Column, Measure, Text};

pub(crate) fn set(code: &str) -> Ruleset {
    shipped().unwrap().into_iter().find(|set| set.code == code).unwrap()
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
            Rule::Points => answers.points.extend([(criterion.number, criterion.max)]),
            Rule::Bonus => {}
            Rule::ConvertedWork { .. } => {
                for measure in MEASURES {
                    answers.quantities.insert((criterion.number, 1, measure), Points::whole(6));
                }
            }
        }
    }
    answers
}

const MEASURES: [Measure; 4] = [Measure::Assigned, Measure::Completed, Measure::QualityOk, Measure::OnTime];

/// Any of the shipped sets.
pub(crate) fn any_set() -> impl Strategy<Value = Ruleset> {
    prop::sample::select(shipped().unwrap())
}

/// Answers that fit the set and [`products`]; each criterion is unanswered now and then.
pub(crate) fn any_answers(set: &Ruleset) -> impl Strategy<Value = Answers> + use<> {
    let set = set.clone();
    let steps = prop::collection::vec((0_u8..8, 0_i64..=10_000), set.criteria().count());
    let quantities = prop::collection::vec((0_u8..12, 0_i32..12), 8);
    (steps, quantities).prop_map(move |(steps, quantities)| {
        let mut answers = Answers::default();
        for (criterion, (answered, share)) in set.criteria().zip(steps) {
            let number = criterion.number;
            if matches!(criterion.rule, Rule::ConvertedWork { .. }) {
                for (index, &(answered, quantity)) in quantities.iter().enumerate() {
                    let key = (number, index as u16 / 4 + 1, MEASURES[index % 4]);
                    let insert = answered > 0;
                    answers.quantities.extend(insert.then_some((key, Points::whole(quantity))));
                }
            } else if answered > 0 {
                let stops = criterion.max.0 / criterion.step.0;
                answers.points.insert(number, Points(stops * share / 10_000 * criterion.step.0));
            }
        }
        answers
    })
}

/// A set with answers in all columns that may count.
pub(crate) fn any_sheet() -> impl Strategy<Value = (Ruleset, BTreeMap<Column, Answers>)> {
    any_set().prop_flat_map(|set| {
        let columns = (any_answers(&set), any_answers(&set), any_answers(&set)).prop_map(
            |(own, superior, appraised)| {
                BTreeMap::from([
                    (Column::Own, own),
                    (Column::Superior, superior),
                    (Column::Appraised, appraised),
                ])
            },
        );
        (Just(set), columns)
    })
}
