//! The page for whoever writes a criteria set, `docs/bo-tieu-chi.md`: what it shows is taken, and is right together.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use xeploai_core::ruleset::{Criterion, Ruleset, shipped_json};

const PAGE: &str = include_str!("../../docs/bo-tieu-chi.md");

fn blocks() -> impl Iterator<Item = &'static str> {
    PAGE.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap())
}

/// The whole set with this code.
fn whole(code: &str) -> &'static str {
    let has = |block: &&str| serde_json::from_str::<Value>(block).unwrap()["code"] == code;
    blocks().find(has).unwrap()
}

/// Parts of a set that have this key.
fn parts(key: &str) -> Vec<Value> {
    let parsed = blocks().map(|block| serde_json::from_str::<Value>(block).unwrap());
    parsed.filter(|part| part.get(key).is_some() && part.get("code").is_none()).collect()
}

/// A group of those criteria that are of a kind, with the maximum that they add up to.
fn group(code: &str, criteria: &[Value], kinds: &[&str]) -> Value {
    let kind = |criterion: &Value| criterion["rule"]["kind"].as_str().unwrap().to_owned();
    let theirs: Vec<Value> =
        criteria.iter().filter(|it| kinds.contains(&kind(it).as_str())).cloned().collect();
    let max = |criterion: &Value| serde_json::from_value::<Criterion>(criterion.clone()).unwrap().max;
    let sum = theirs.iter().map(max).reduce(|sum, max| sum.checked_add(max).unwrap()).unwrap();
    let title = json!({"vi": code, "en": code});
    let max = sum.as_points().unwrap();
    let (bonus, penalty) = (code == "III", code == "IV");
    json!({"code": code, "title": title, "max": max, "bonus": bonus, "penalty": penalty, "criteria": theirs})
}

#[test]
fn the_whole_example_is_a_valid_set() {
    let set = Ruleset::parse(whole("trung-tam-mau")).unwrap();
    assert_eq!((set.maximum().to_string().as_str(), set.criteria().count()), ("100", 4));
}

#[test]
fn the_parts_that_the_page_shows_are_right_together() {
    let mut criteria = parts("rule");
    let leading = criteria.iter().position(|it| it.get("applies").is_some()).unwrap();
    let leading = criteria.remove(leading);
    let mut set: Value = serde_json::from_str(whole("trung-tam-mau")).unwrap();
    set["groups"] = json!([
        group("I", &criteria, &["points", "count", "two_level"]),
        group("II", &criteria, &["banded", "converted_work"]),
        group("III", &criteria, &["bonus"]),
        group("IV", &criteria, &["deduct", "deduct_late"]),
        group("V", &[leading], &["points"]),
        group("ĐK", &criteria, &["figure", "pass_fail"]),
    ]);
    set["total_cap"] = Value::Null;
    set["gates"] = parts("when").into();
    for level in parts("level") {
        let at = set["levels"].as_array().unwrap().iter().position(|it| it["level"] == level["level"]);
        set["levels"][at.unwrap()] = level;
    }
    for part in parts("quota") {
        set.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    let set = Ruleset::parse(&set.to_string()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((set.gates.len(), set.quota.is_some(), set.aggregation.is_some()), (2, true, true));
}

#[test]
fn the_page_shows_every_rule_that_there_is() {
    let schema: Value = serde_json::from_str(include_str!("../rulesets/schema.json")).unwrap();
    let rules = schema["$defs"]["Rule"]["oneOf"].as_array().unwrap();
    let kind = |rule: &Value| rule["properties"]["kind"]["const"].as_str().unwrap().to_owned();
    let known: BTreeSet<String> = rules.iter().map(kind).collect();
    let shown: BTreeSet<String> =
        parts("rule").iter().map(|it| it["rule"]["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(shown, known);
}

#[test]
fn the_page_names_every_field_and_every_trust_status() {
    let schema: Value = serde_json::from_str(include_str!("../rulesets/schema.json")).unwrap();
    let fields = schema["properties"].as_object().unwrap().keys();
    let trust = schema["$defs"]["Trust"]["oneOf"].as_array().unwrap();
    let trust = trust.iter().map(|status| status["const"].as_str().unwrap().to_owned());
    for name in fields.cloned().chain(trust) {
        assert!(PAGE.contains(&format!("`{name}`")) || PAGE.contains(&format!("`\"{name}\"`")), "{name}");
    }
}

#[test]
fn the_page_shows_what_the_check_says_of_its_faulty_example() {
    let error = Ruleset::parse(whole("trung-tam-sai")).unwrap_err();
    assert_eq!(error.findings().len(), 4);
    for finding in error.findings() {
        let line = format!("  {} ({})\n", finding.message().vi, finding.problem.code());
        assert!(PAGE.contains(&line), "the page does not say {line}");
    }
    assert!(!shipped_json().iter().any(|json| json.contains("trung-tam-")), "an example is shipped");
}
