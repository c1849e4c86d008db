//! A year of scores: 100 units, 30 people each, 30 criteria, 12 months: 1.08 million, all made up, all different.

use xeploai_core::points::Points;
use xeploai_core::ruleset::Ruleset;
use xeploai_core::scoring::{Answers, Columns};
use xeploai_core::view::Column;

/// Units.
pub(crate) const UNITS: usize = 100;
/// People of a unit.
pub(crate) const PEOPLE: usize = 30;
/// Criteria that are answered on each sheet.
pub(crate) const CRITERIA: u16 = 30;
/// Months.
pub(crate) const MONTHS: usize = 12;

/// Twenty criteria with points in half steps, two counted, one met or not, a bonus, two deductions, two figures that
/// conditions look at, and two that gates look at.
pub(crate) fn ruleset() -> Ruleset {
    let title = serde_json::json!({"vi": "Tiêu chí đo tốc độ", "en": "Measured criterion"});
    let criterion = |number: u16, max: &str, step: &str, rule: serde_json::Value| serde_json::json!({"number": number, "label": number.to_string(), "title": title, "max": max, "step": step, "rule": rule});
    let group = |code: &str, max: &str, kind: (bool, bool), criteria: Vec<serde_json::Value>| serde_json::json!({"code": code, "title": title, "max": max, "bonus": kind.0, "penalty": kind.1, "criteria": criteria});
    let points = (1..=20).map(|number| criterion(number, "4", "0.5", serde_json::json!({"kind": "points"})));
    let figure = |number: u16, most: &str| {
        let rule = serde_json::json!({"kind": "figure", "unit": title, "most": most});
        criterion(number, "0", "0", rule)
    };
    let met = |of: u16, is: &str, value: &str| serde_json::json!({"of": "criterion", "criterion": of, "is": is, "value": value});
    let level = |level: &str, from: &str, conditions: Vec<serde_json::Value>| serde_json::json!({"level": level, "from": from, "conditions": conditions});
    let gate = |when: serde_json::Value, then: serde_json::Value| serde_json::json!({"title": title, "when": [when], "then": then});
    let set = serde_json::json!({
        "code": "year", "version": 1, "title": title, "source": title, "trust": "demonstration", "subject": "person",
        "columns": ["own", "superior"], "counting": ["superior"],
        "rounding": {"decimals": 2, "classify_on": "rounded"}, "total_cap": "100", "tie_keys": ["total", "group:I"],
        "levels": [
            level("HTXSNV", "90", vec![met(27, "at_least", "100"), met(28, "at_least", "30")]),
            level("HTTNV", "70", vec![met(27, "at_least", "95")]),
            level("HTNV", "50", vec![]),
            level("KHTNV", "0", vec![]),
        ],
        "groups": [
            group("I", "80", (false, false), points.collect()),
            group("II", "15", (false, false), vec![
                criterion(21, "5", "0", serde_json::json!({"kind": "count", "each": "0.5"})),
                criterion(22, "5", "0", serde_json::json!({"kind": "count", "each": "1"})),
                criterion(23, "5", "0", serde_json::json!({"kind": "two_level", "low": "50"})),
            ]),
            group("III", "5", (true, false), vec![criterion(24, "5", "0.5", serde_json::json!({"kind": "bonus"}))]),
            group("IV", "20", (false, true), vec![
                criterion(25, "15", "0", serde_json::json!({"kind": "deduct", "each": "2", "more": "1"})),
                criterion(26, "10", "0", serde_json::json!({"kind": "deduct_late", "bands": [{"days": 1, "points": "1"}, {"days": 5, "points": "5"}]})),
            ]),
            group("V", "0", (false, false), vec![
                figure(27, "100"), figure(28, "100"), figure(29, "31"),
                criterion(30, "0", "0", serde_json::json!({"kind": "pass_fail"})),
            ]),
        ],
        "gates": [
            gate(met(29, "above", "20"), serde_json::json!({"kind": "not_rated"})),
            gate(met(29, "above", "12"), serde_json::json!({"kind": "at_most", "level": "HTNV"})),
            gate(met(30, "equal", "1"), serde_json::json!({"kind": "force", "level": "KHTNV"})),
        ],
        "not_above_unit": ["head"]
    });
    Ruleset::parse(&set.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

/// What is stored of a year: sheet by sheet, month by month, unit by unit.
pub(crate) fn sheets() -> Vec<Columns> {
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = move |below: i64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice >> 33) as i64 % below
    };
    let mut sheet = |_| {
        let quality = 5 + roll(4);
        let figure = |number: u16, roll: &mut dyn FnMut(i64) -> i64| match number {
            1..=20 => Points(((quality + roll(3)).min(8)) * 5_000),
            21 => Points::whole(roll(14) as i32),
            22 => Points::whole(roll(7) as i32),
            23 => Points::whole((roll(10) > 0).into()),
            24 => Points(roll(11) * 5_000),
            25 => Points::whole((roll(6) / 4) as i32),
            26 => Points::whole((roll(40) / 30 * roll(9)) as i32),
            27 => Points::whole(90 + roll(21).min(10) as i32),
            28 => Points::whole(roll(60) as i32),
            29 => Points::whole((roll(50) / 40 * roll(23)) as i32),
            _ => Points::whole((roll(200) == 0).into()),
        };
        let points = (1..=CRITERIA).map(|number| (number, figure(number, &mut roll))).collect();
        Columns::from_iter([(Column::Superior, Answers { points, ..Answers::default() })])
    };
    (0..MONTHS * UNITS * PEOPLE).map(&mut sheet).collect()
}
