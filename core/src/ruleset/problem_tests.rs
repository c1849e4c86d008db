//! Every problem is found, with its code, at its place.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

/// What is found in set B with other values at these places.
fn findings(edits: Value) -> Vec<(&'static str, String)> {
    let mut set: Value = serde_json::from_str(shipped_json()[1]).unwrap();
    for (pointer, value) in edits.as_object().unwrap() {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match set.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[key] = value.clone(),
        }
    }
    let definition: Definition = serde_json::from_value(set).unwrap();
    let found = Ruleset::try_from(definition).err();
    let found = found.iter().flat_map(RulesetError::findings);
    found.map(|finding| (finding.problem.code(), finding.place.clone())).collect()
}

/// Set B with another rule of criterion 1, which has no step of its own.
fn rule(rule: Value) -> Value {
    json!({"/groups/0/criteria/0/rule": rule, "/groups/0/criteria/0/step": "0"})
}

/// Set B with criterion 1 by bands of the figure of criterion 2.
fn banded(bands: Value) -> Value {
    json!({
        "/groups/0/criteria/0/rule": {"kind": "banded", "by": 2, "bands": bands},
        "/groups/0/criteria/1/rule": {"kind": "figure", "unit": {"vi": "%", "en": "%"}, "most": "100"},
        "/groups/0/criteria/1/max": "0",
        "/groups/0/max": "20",
    })
}

fn condition(criterion: u16, value: &str) -> Value {
    json!({"of": "criterion", "criterion": criterion, "is": "at_least", "value": value})
}

fn gate(when: Value, then: Value) -> Value {
    json!({"/gates": [{"title": {"vi": "Luật", "en": "Rule"}, "when": when, "then": then}]})
}

fn without_points(from: Value) -> Value {
    let criterion = json!({"number": 1, "label": "1", "title": {"vi": "Bị kỷ luật", "en": "Disciplined"}, "rule": {"kind": "pass_fail"}});
    let group = json!({"code": "ĐK", "title": {"vi": "Điều kiện", "en": "Conditions"}, "max": "0", "criteria": [criterion]});
    json!({"/groups": [group], "/total_cap": null, "/tie_keys": ["total"], "/levels/0/from": from})
}

fn only_a_bonus() -> Value {
    let criterion = json!({"number": 1, "label": "1", "title": {"vi": "Thưởng", "en": "Bonus"}, "max": "5", "step": "1", "rule": {"kind": "bonus"}});
    let group = json!({"code": "I", "title": {"vi": "Thưởng", "en": "Bonus"}, "max": "5", "bonus": true, "criteria": [criterion]});
    json!({"/groups": [group], "/tie_keys": ["total"]})
}

/// Code, place, and the edits of set B that bring it about.
#[rustfmt::skip]
fn cases() -> Vec<(&'static str, &'static str, Value)> {
    let text = |vi: &str| json!({"vi": vi, "en": "Rule"});
    let work = |measures: Value, weights: Value| rule(json!({"kind": "converted_work", "denominator": "assigned", "measures": measures, "weights": weights}));
    let count_levels = |rules: Value| json!({"/aggregation": {"of": "quarter", "method": {"count_levels": rules}}});
    let capped = |level: &str| json!({"kind": "at_most", "level": level});
    vec![
        ("code", "code", json!({"/code": "Set B"})),
        ("code", "groups[].code", json!({"/groups/0/code": "", "/tie_keys": ["total"]})),
        ("code", "criteria[1].label", json!({"/groups/0/criteria/0/label": "x".repeat(33)})),
        ("zero", "version", json!({"/version": 0})),
        ("zero", "criteria[0]", json!({"/groups/0/criteria/0/number": 0})),
        ("empty_text", "source", json!({"/source/en": " "})),
        ("empty_text", "criteria[1].rule.unit", rule(json!({"kind": "figure", "unit": text(""), "most": "5"}))),
        ("empty_text", "criteria[1].applies.positions", json!({"/groups/0/criteria/0/applies": {"positions": [" "]}})),
        ("long_text", "unknown[1]", json!({"/unknown": [text("Chưa rõ"), text(&"ệ".repeat(4_001))]})),
        ("not_nfc", "title", json!({"/title/vi": "e\u{302}\u{323}"})),
        ("date", "valid_from", json!({"/valid_from": "2026-02-30"})),
        ("date", "valid_to", json!({"/valid_to": "1/7/2026"})),
        ("ends_before_it_begins", "valid_to", json!({"/valid_from": "2026-02-01", "/valid_to": "2026-01-31"})),
        ("empty", "columns", json!({"/columns": []})),
        ("empty", "groups", json!({"/groups": []})),
        ("empty", "groups[I].criteria", json!({"/groups/0/criteria": []})),
        ("empty", "gates[0].when", gate(json!([]), capped("HTNV"))),
        ("empty", "criteria[1].rule.split", rule(json!({"kind": "deduct", "each": "1", "split": [{"standings": [], "each": "2"}]}))),
        ("empty", "criteria[1].rule.bands", rule(json!({"kind": "deduct_late", "bands": []}))),
        ("too_many", "tie_keys", json!({"/tie_keys": vec!["total"; 501]})),
        ("too_many", "gates", json!({"/gates": vec![json!({"title": text("Luật"), "when": [condition(1, "1")], "then": {"kind": "not_rated"}}); 501]})),
        ("duplicate", "counting", json!({"/counting": ["superior", "superior"]})),
        ("duplicate", "groups[I]", json!({"/groups/1/code": "I", "/tie_keys": ["total"]})),
        ("duplicate", "criteria[1]", json!({"/groups/0/criteria/1/number": 1})),
        ("duplicate", "not_above_unit", json!({"/not_above_unit": ["head", "head"]})),
        ("unknown", "counting", json!({"/columns": ["own", "superior"]})),
        ("unknown", "tie_keys[group:IX]", json!({"/tie_keys/1": "group:IX"})),
        ("unknown", "criteria[1].columns", json!({"/columns": ["own", "superior"], "/counting": ["superior"], "/groups/0/criteria/0/columns": ["appraised"]})),
        ("no_such_criterion", "levels[HTXSNV].conditions[0].criterion", json!({"/levels/0/conditions": [condition(99, "1")]})),
        ("no_such_criterion", "gates[0].when[1].criterion", gate(json!([condition(1, "1"), condition(99, "1")]), capped("HTNV"))),
        ("own_counts", "counting", json!({"/counting": ["appraised", "own"]})),
        ("never_counts", "criteria[1].columns", json!({"/groups/0/criteria/0/columns": ["own"]})),
        ("decimals", "rounding.decimals", json!({"/rounding/decimals": 5})),
        ("levels", "levels", json!({"/levels/0/level": "HTTNV"})),
        ("no_threshold", "levels[HTTNV].from", json!({"/levels/1/from": null})),
        ("threshold_without_points", "levels", without_points(json!("90"))),
        ("level_order", "levels[HTTNV].from", json!({"/levels/1/from": "90"})),
        ("level_gap", "levels[KHTNV].from", json!({"/levels/3/from": "10"})),
        ("level_gap", "levels[HTTNV].below", json!({"/levels/1/below": "89"})),
        ("level_gap", "criteria[1].rule.bands", banded(json!([{"from": "60", "least": "0", "most": "10"}]))),
        ("level_overlap", "levels[HTTNV].below", json!({"/levels/1/below": "91"})),
        ("best_ends", "levels[HTXSNV].below", json!({"/levels/0/below": "100"})),
        ("lowest_has_conditions", "levels[KHTNV].conditions", json!({"/levels/3/conditions": [condition(1, "1")]})),
        ("caps_nothing", "gates[0].then", gate(json!([condition(1, "1")]), capped("HTXSNV"))),
        ("never_holds", "gates[0].when[0].value", { let mut edits = gate(json!([condition(1, "2")]), capped("HTNV")); edits["/groups/0/criteria/0/rule"] = json!({"kind": "two_level"}); edits }),
        ("unreachable", "levels[HTXSNV].from", json!({"/levels/0/from": "100.5"})),
        ("range", "base", json!({"/base": "-1"})),
        ("range", "total_cap", json!({"/total_cap": "0"})),
        ("range", "groups[I].max", json!({"/groups/0/max": "10001"})),
        ("range", "criteria[1].max", json!({"/groups/0/criteria/0/max": "0"})),
        ("range", "criteria[1].rule.each", rule(json!({"kind": "count", "each": "0"}))),
        ("range", "criteria[1].rule.each", rule(json!({"kind": "deduct", "each": "1", "split": [{"standings": ["head"], "each": "0"}]}))),
        ("range", "criteria[1].rule.bands", rule(json!({"kind": "deduct_late", "bands": [{"days": 0, "points": "1"}]}))),
        ("range", "criteria[1].rule.most", rule(json!({"kind": "figure", "unit": text("ngày"), "most": "0"}))),
        ("range", "criteria[1].rule.weights", work(json!(["completed"]), json!(["0"]))),
        ("percent", "criteria[1].rule.low", rule(json!({"kind": "two_level", "low": "100"}))),
        ("percent", "criteria[1].rule.deduction.percent", rule(json!({"kind": "converted_work", "denominator": "assigned", "measures": ["on_time"], "deduction": {"percent": "101", "scope": "unit"}}))),
        ("percent", "levels[HTXSNV].conditions[0].value", json!({"/levels/0/conditions": [{"of": "people", "level": "HTTNV", "is": "at_least", "value": "101"}]})),
        ("no_points", "criteria[1].max", rule(json!({"kind": "pass_fail"}))),
        ("step", "criteria[1].step", json!({"/groups/0/criteria/0/step": "3"})),
        ("step_of_work", "criteria[1].step", json!({"/groups/0/criteria/0/rule": {"kind": "two_level"}})),
        ("group_max", "groups[I].max", json!({"/groups/0/max": "29"})),
        ("group_max", "groups[I].max", json!({"/groups/0/criteria/0/applies": {"standings": ["head"]}})),
        ("bonus_cap", "groups[IV].max", json!({"/groups/3/max": "12.5"})),
        ("bonus_cap", "bonus_cap", json!({"/bonus_cap": "11"})),
        ("cap_below_part", "total_cap", json!({"/total_cap": "40"})),
        ("off_rounding", "rounding.decimals", json!({"/rounding/decimals": 0, "/total_cap": "99.5"})),
        ("off_rounding", "groups[IV].max", json!({"/rounding/decimals": 0, "/rounding/at": "groups", "/groups/3/max": "9.5"})),
        ("mixed_group", "groups[I].criteria", json!({"/groups/0/criteria/0/rule": {"kind": "bonus"}})),
        ("only_bonus", "criteria", only_a_bonus()),
        ("assigned_measure", "criteria[1].rule.measures", work(json!(["faults"]), json!([]))),
        ("weights", "criteria[1].rule.weights", work(json!(["completed", "on_time"]), json!(["1"]))),
        ("no_figure", "criteria[1].rule.by", json!({"/groups/0/criteria/0/rule": {"kind": "banded", "by": 2, "bands": [{"from": "0", "least": "0", "most": "10"}]}})),
        ("band_order", "criteria[1].rule.bands[90]", banded(json!([{"from": "0", "least": "5", "most": "10"}, {"from": "90", "least": "0", "most": "4"}]))),
        ("band_order", "criteria[1].rule.bands", rule(json!({"kind": "deduct_late", "bands": [{"days": 4, "points": "1"}, {"days": 1, "points": "2"}]}))),
        ("band_overlap", "criteria[1].rule.bands[0]", banded(json!([{"from": "90", "least": "5", "most": "10"}, {"from": "0", "least": "0", "most": "5"}]))),
        ("band_range", "criteria[1].rule.bands[0]", banded(json!([{"from": "0", "least": "0", "most": "10.5"}]))),
        ("quota", "quota", json!({"/quota": {"ratio": "25", "ratio_outstanding": "20", "denominator": "good_only", "rounding": "floor", "scope": ["agency"]}})),
        ("no_ratios", "aggregation.method", json!({"/aggregation": {"of": "month", "method": "ratio_of_sums"}})),
        ("level_rules", "aggregation.method.count_levels", count_levels(json!([{"level": "HTXSNV", "conditions": []}]))),
        ("level_rules", "aggregation.method.count_levels", count_levels(json!([{"level": "HTXSNV", "conditions": [{"level": "HTNV", "at_least": 3, "at_most": 2}]}]))),
        ("empty", "aggregation.method.count_levels", count_levels(json!([]))),
        ("tie_total", "tie_keys", json!({"/tie_keys": ["group:I"]})),
    ]
}

#[test]
fn every_problem_is_found_at_its_place() {
    for (code, place, edits) in cases() {
        let found = findings(edits.clone());
        let expected = (format!("ruleset.{code}"), place);
        let named = found.iter().any(|(code, place)| (*code, place.as_str()) == (&expected.0, expected.1));
        assert!(named, "{expected:?} is not among {found:?} for {edits}");
    }
}

#[test]
fn no_problem_is_left_out_of_the_table() {
    let tested: BTreeSet<&str> = cases().into_iter().map(|(code, ..)| code).collect();
    let source = include_str!("problem.rs");
    let known = source.split("=> (\"ruleset.").skip(1).filter_map(|rest| rest.split('"').next());
    let left_out: Vec<&str> = known.filter(|code| !tested.contains(code)).collect();
    assert_eq!(left_out, ["dates_overlap"], "which is of two sets and has its own test");
}

#[test]
fn versions_that_are_in_force_on_one_day_are_found() {
    let version = |version: u32, from: &str, to: Value| {
        let mut set: Value = serde_json::from_str(shipped_json()[1]).unwrap();
        set["version"] = version.into();
        set["valid_from"] = from.into();
        set["valid_to"] = to;
        Ruleset::parse(&set.to_string()).unwrap()
    };
    let found = |to: Value| overlaps(&[version(1, "2026-01-01", to), version(2, "2026-07-01", Value::Null)]);
    assert_eq!(found(json!("2026-06-30")), []);
    for to in [json!("2026-07-01"), Value::Null] {
        let finding =
            Finding { place: "valid_from".to_owned(), problem: Problem::DatesOverlap("demo-b.1".to_owned()) };
        assert_eq!(found(to), [("demo-b.2".parse().unwrap(), finding)]);
    }
}

#[test]
fn a_set_without_points_has_no_thresholds_and_needs_none() {
    let mut edits = without_points(Value::Null);
    for level in 1..4 {
        edits[format!("/levels/{level}/from")] = Value::Null;
    }
    assert_eq!(
        findings(edits.clone()),
        [("ruleset.only_bonus", "criteria".to_owned())],
        "once, not by position"
    );
    edits["/levels/0/conditions"] = json!([condition(1, "0")]);
    assert_eq!(findings(edits), []);
}
