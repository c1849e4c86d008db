//! Vectors that a second implementation computed, in Python with exact fractions: `vectors/*.json`, from SCORING.md and
//! none of this code. `python3 core/tests/vectors/generate.py` makes them anew.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use xeploai_core::classify::{
    AggregateVariant, Aggregation, Contestant, Evaluation, Facts, LevelScale, Quota, QuotaMember, SubPeriod,
    TotalParts, aggregate, assess, evaluate_facts, quota, rank,
};
use xeploai_core::period::Period;
use xeploai_core::points::{Exact, Points};
use xeploai_core::ruleset::{Ruleset, shipped};
use xeploai_core::scoring::Plan;
use xeploai_core::view::Level;

/// Fewest vectors of all kinds together.
const VECTORS_MIN: usize = 300;

static SETS: LazyLock<BTreeMap<String, Ruleset>> = LazyLock::new(|| {
    let made: Vec<Value> = read("sets");
    let made = made.iter().map(|json| Ruleset::parse(&json.to_string()).unwrap());
    shipped().unwrap().into_iter().chain(made).map(|set| (set.id().to_string(), set)).collect()
});

fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/");
    let text = std::fs::read_to_string(format!("{folder}{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Runs the vectors of some files; a vector that comes out otherwise is shown with what came out.
fn run<T: DeserializeOwned>(files: &[&str], one: impl Fn(T) -> Value) {
    let vectors: Vec<Value> = files.iter().flat_map(|name| read(name)).collect();
    assert!(!vectors.is_empty());
    let wrong = vectors.iter().filter_map(|vector| {
        let said = one(serde_json::from_value(vector["given"].clone()).unwrap());
        (said != vector["expect"])
            .then(|| format!("{}: {}", vector["given"], difference(&vector["expect"], &said)))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        vectors.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}

/// The members that are not alike, or all of it where there are none.
fn difference(expect: &Value, said: &Value) -> String {
    let (Value::Object(expect), Value::Object(said)) = (expect, said) else {
        return format!("{expect} came out as {said}");
    };
    let unlike = expect.iter().filter(|(name, value)| said.get(*name) != Some(value));
    let unlike = unlike.map(|(name, value)| {
        format!("{name} {value} came out as {}", said.get(name).unwrap_or(&Value::Null))
    });
    unlike.collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    set: String,
    facts: Facts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct League {
    set: String,
    units: BTreeMap<String, Facts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agency {
    quota: Quota,
    outstanding: bool,
    members: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    key: String,
    group: String,
    level: Option<Level>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Longer {
    set: String,
    work_max: Points,
    aggregation: Aggregation,
    period: Period,
    known: BTreeMap<Period, Known>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    total: Option<String>,
    level: Option<Level>,
    #[serde(default)]
    not_rated: bool,
    parts: Option<Parts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    common: String,
    ratios: Vec<[String; 2]>,
}

/// A fraction such as `50/3`.
fn exact(text: &str) -> Exact {
    let (numer, denom) = text.split_once('/').unwrap();
    Exact::new(numer.parse().unwrap(), denom.parse().unwrap()).unwrap()
}

impl From<Member> for QuotaMember<String> {
    fn from(member: Member) -> Self {
        let Member { key, group, level, value } = member;
        Self { key, group, level, value: value.as_deref().map(exact) }
    }
}

impl From<Known> for SubPeriod {
    fn from(known: Known) -> Self {
        let parts = known.parts.map(|parts| TotalParts {
            common: exact(&parts.common),
            ratios: parts.ratios.iter().map(|ratio| [exact(&ratio[0]), exact(&ratio[1])]).collect(),
        });
        let total = known.total.as_deref().map(exact);
        Self { total, level: known.level, not_rated: known.not_rated, parts }
    }
}

fn evaluation(it: &Evaluation) -> Value {
    let criteria = it.groups.iter().flat_map(|group| &group.criteria);
    let points = criteria.filter_map(|criterion| {
        let points = json!([criterion.exact.as_ref()?, criterion.column?]);
        Some((criterion.number.to_string(), points))
    });
    json!({
        "total": it.total,
        "exact": it.exact,
        "so_far": it.so_far,
        "possible": it.possible,
        "bonus": it.bonus,
        "penalty": it.penalty,
        "level": it.level,
        "not_rated": it.not_rated,
        "provisional": it.provisional,
        "answered": it.answered,
        "criteria": it.criteria,
        "groups": it.groups.iter().map(|group| &group.exact).collect::<Vec<_>>(),
        "points": points.collect::<serde_json::Map<_, _>>(),
    })
}

fn variant(it: &AggregateVariant) -> Value {
    json!({
        "exact": it.exact.map(|exact| exact.to_string()),
        "rounded": it.rounded,
        "level": it.level,
        "left_to_people": it.left_to_people,
        "counted": it.counted,
        "not_rated": it.not_rated,
        "missing": it.missing,
    })
}

#[test]
fn every_sheet_comes_to_the_same_points_total_and_level() {
    run(&["worked", "thresholds", "shipped", "made"], |Sheet { set, facts }| {
        match evaluate_facts(&SETS[&set], &facts) {
            Ok(it) => evaluation(&it),
            Err(error) => json!(error.to_string()),
        }
    });
}

#[test]
fn every_league_is_ranked_alike() {
    run(&["rank"], |League { set, units }| {
        let set = &SETS[&set];
        let contestant = |(code, facts): (&String, &Facts)| {
            let plan = Plan::new(facts.terms(set)).unwrap();
            let columns = facts.columns(set).unwrap();
            let assessment = assess(&plan, &columns, &set.counting, facts.outside()).unwrap();
            Contestant { key: code.clone(), order: code.clone(), keys: assessment.keys(set).unwrap() }
        };
        let ranked = rank(units.iter().map(contestant).collect());
        ranked.into_iter().map(|line| json!([line.key, line.rank, line.tied])).collect()
    });
}

#[test]
fn every_agency_is_over_its_quota_alike() {
    run(&["quota"], |Agency { quota: rule, outstanding, members }| {
        assert!(rule.is_valid());
        let members: Vec<QuotaMember<String>> = members.into_iter().map(QuotaMember::from).collect();
        let mut lines = json!(quota(&members, &rule, outstanding));
        for line in lines.as_array_mut().unwrap() {
            line.as_object_mut().unwrap().remove("text");
        }
        lines
    });
}

#[test]
fn every_longer_period_comes_to_the_same_value_and_level() {
    run(&["aggregate"], |Longer { set, work_max, aggregation, period, known }| {
        let set = &SETS[&set];
        let scale = LevelScale { levels: &set.levels, rounding: set.rounding, work_max };
        let known = known.into_iter().map(|(period, known)| (period, known.into())).collect();
        let whole = aggregate(&aggregation, period, &known, scale).unwrap();
        let other = |it: &AggregateVariant| {
            json!([it.method, it.exact.map(|it| it.to_string()), it.rounded, it.level])
        };
        let mut said = variant(&whole.result);
        said["others"] = whole.others.iter().map(other).collect();
        said["warning"] = json!(whole.warning.is_some());
        said
    });
}

#[test]
fn there_are_hundreds_of_vectors_and_the_made_sets_use_every_rule_and_effect() {
    let files = ["worked", "thresholds", "shipped", "made", "rank", "quota", "aggregate"];
    let vectors: usize = files.iter().map(|name| read::<Value>(name).len()).sum();
    assert!(vectors >= VECTORS_MIN, "{vectors}");
    let sets = Value::from(read::<Value>("sets")).to_string();
    let rules =
        ["points", "bonus", "banded", "count", "two_level", "pass_fail", "figure", "deduct", "deduct_late"];
    let effects = ["converted_work", "not_rated", "lower_by_one", "at_most", "force"];
    for kind in rules.into_iter().chain(effects) {
        assert!(sets.contains(&format!(r#""kind":"{kind}""#)), "no made set has {kind}");
    }
}
