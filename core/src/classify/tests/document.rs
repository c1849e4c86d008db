//! Runs every example of SCORING.md.

use serde::Deserialize;
use serde_json::Value;

use super::examples::{AggregateExample, QuotaExample, SignalsExample};
use crate::classify::{ColumnFacts, Contestant, Facts, Outside, Ranked, assess, evaluate_facts, rank};
use crate::points::{Exact, Points};
use crate::ruleset::{Rounding, RoundingMode, Ruleset, shipped};
use crate::scoring::Plan;
use crate::scoring::exact::round;
use crate::scoring::testing::{as_counted, terms};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Example {
    Evaluate { ruleset: String, facts: Facts, expect: Option<Value>, error: Option<Value> },
    Round { decimals: u8, value: String, expect: Points },
    Rank { ruleset: String, units: Vec<Unit>, expect: Value },
    Quota(QuotaExample),
    Aggregate(AggregateExample),
    Signals(SignalsExample),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    code: String,
    points: std::collections::BTreeMap<u16, Points>,
}

#[test]
fn every_example_of_the_document_comes_out_as_written() {
    let document = include_str!("../../../SCORING.md");
    let blocks: Vec<&str> =
        document.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 62, "an example came or went: count it here");
    for block in &blocks {
        match serde_json::from_str(block).unwrap() {
            Example::Evaluate { ruleset, facts, expect, error } => {
                run(&set(&ruleset), &facts, expect, error, block)
            }
            Example::Round { decimals, value, expect } => {
                let (numer, denom) = value.split_once('/').unwrap();
                let value = Exact::new(numer.parse().unwrap(), denom.parse().unwrap()).unwrap();
                let rounding = Rounding { decimals, mode: RoundingMode::HalfUp, ..Rounding::SHOWN };
                assert_eq!(round(value, rounding), Ok(expect), "{block}");
            }
            Example::Rank { ruleset, units, expect } => run_rank(&set(&ruleset), units, &expect),
            Example::Quota(example) => example.run(block),
            Example::Aggregate(example) => example.run(block),
            Example::Signals(example) => example.run(block),
        }
    }
    for set in shipped().unwrap() {
        assert!(
            blocks.iter().any(|block| block.contains(&set.id().to_string())),
            "{} has no example",
            set.id()
        );
    }
}

pub(super) fn set(id: &str) -> Ruleset {
    shipped().unwrap().into_iter().find(|set| set.id().to_string() == id).unwrap()
}

fn run(set: &Ruleset, facts: &Facts, expect: Option<Value>, error: Option<Value>, block: &str) {
    match (evaluate_facts(set, facts), expect, error) {
        (Ok(evaluation), Some(expect), None) => {
            let value = serde_json::to_value(evaluation).unwrap();
            assert!(contains(&value, &expect), "{block}\ncame out as {value:#}");
        }
        (Err(refusal), None, Some(error)) => {
            assert_eq!(error["code"], refusal.code(), "{block}");
            assert_eq!(error["vi"], refusal.message().vi, "{block}");
        }
        (result, ..) => panic!("{block}\ncame out as {result:?}"),
    }
}

fn run_rank(set: &Ruleset, units: Vec<Unit>, expect: &Value) {
    let contestant = |unit: Unit| {
        let answers = ColumnFacts { points: unit.points, ..ColumnFacts::default() }.answers().unwrap();
        let plan = Plan::new(terms(set, &[])).unwrap();
        let assessment =
            assess(&plan, &as_counted(set, &answers), &set.counting, Outside::default()).unwrap();
        let keys = assessment.keys(set).unwrap();
        Contestant { key: (unit.code.clone(), assessment.total.total), order: unit.code, keys }
    };
    let ranked = rank(units.into_iter().map(contestant).collect());
    let line = |line: &Ranked<(String, Option<Points>)>| {
        let (code, total) = &line.key;
        serde_json::json!({"code": code, "total": total, "rank": line.rank, "tied": line.tied})
    };
    assert_eq!(&Value::from(ranked.iter().map(line).collect::<Vec<_>>()), expect);
}

/// Whether everything that `part` names stands in `whole`.
pub(super) fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        _ => whole == part,
    }
}
