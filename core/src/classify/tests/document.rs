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
    /// A set that no file has, for the examples after it.
    Ruleset(Box<Ruleset>),
    Evaluate {
        ruleset: String,
        facts: Facts,
        expect: Option<Value>,
        error: Option<Value>,
    },
    Round(RoundExample),
    Rank {
        ruleset: String,
        units: Vec<Unit>,
        expect: Value,
    },
    Quota(QuotaExample),
    Aggregate(AggregateExample),
    Signals(SignalsExample),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundExample {
    decimals: u8,
    #[serde(default)]
    mode: RoundingMode,
    value: String,
    expect: Points,
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
    assert_eq!(blocks.len(), 101, "an example came or went: count it here");
    let mut sets = shipped().unwrap();
    for block in &blocks {
        let example = serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}: {block}"));
        let named = |id: &str| sets.iter().find(|set| set.id().to_string() == id).unwrap();
        match example {
            Example::Ruleset(set) => sets.push(*set),
            Example::Evaluate { ruleset, facts, expect, error } => {
                run(named(&ruleset), &facts, expect, error, block)
            }
            Example::Round(example) => example.run(block),
            Example::Rank { ruleset, units, expect } => run_rank(named(&ruleset), units, &expect),
            Example::Quota(example) => example.run(block),
            Example::Aggregate(example) => example.run(block),
            Example::Signals(example) => example.run(block),
        }
    }
    for set in sets {
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

impl RoundExample {
    fn run(self, block: &str) {
        let (numer, denom) = self.value.split_once('/').unwrap();
        let value = Exact::new(numer.parse().unwrap(), denom.parse().unwrap()).unwrap();
        let rounding = Rounding { decimals: self.decimals, mode: self.mode, ..Rounding::SHOWN };
        assert_eq!(round(value, rounding), Ok(self.expect), "{block}");
    }
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
