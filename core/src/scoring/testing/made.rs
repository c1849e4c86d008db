//! Criteria sets by chance that use every rule and policy. Their maxima are whole, so that any rounding fits them.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::points::Points;
use crate::ruleset::Ruleset;

/// What is chosen for a criterion: a rule, a maximum, and the bits of its policies.
type Choice = (usize, i32, u8);

const EVIDENCE: u8 = 1;
const ONE_COLUMN: u8 = 2;
const OTHER: u8 = 4;
const ANOTHER: u8 = 8;
const DEEPER: u8 = 16;

/// What is chosen for a set as a whole.
#[derive(Debug, Clone)]
struct Policies {
    rounding: (u8, usize, usize, bool),
    base: i32,
    capped: [bool; 3],
    conditions: [bool; 3],
    gates: Vec<Choice>,
}

/// Any set that can be made.
pub(crate) fn any_made_set() -> impl Strategy<Value = Ruleset> {
    let some = |count| prop::collection::vec((0_usize..12, 1_i32..=20, any::<u8>()), count);
    let plain = prop::collection::vec(some(1..3), 1..4);
    let rounding = (0_u8..=4, 0_usize..3, 0_usize..3, any::<bool>());
    let policies = (rounding, 0_i32..=20, any::<[bool; 3]>(), any::<[bool; 3]>(), some(0..4));
    let policies = policies.prop_map(|(rounding, base, capped, conditions, gates)| Policies {
        rounding,
        base,
        capped,
        conditions,
        gates,
    });
    (plain, some(0..3), some(0..4), policies).prop_map(|(plain, bonus, penalty, policies)| {
        let set = Maker::default().set(&plain, &bonus, &penalty, &policies);
        Ruleset::parse(&set.to_string()).unwrap()
    })
}

#[derive(Default)]
struct Maker {
    number: u16,
    groups: Vec<Value>,
}

fn word() -> Value {
    json!({"vi": "Chữ", "en": "Text"})
}

impl Maker {
    fn criterion(&mut self, rule: Value, max: &str, step: &str, bits: u8) -> Value {
        self.number += 1;
        let columns: &[&str] = if bits & ONE_COLUMN == 0 { &[] } else { &["own", "appraised"] };
        json!({
            "number": self.number, "label": self.number.to_string(), "title": word(), "rule": rule, "max": max,
            "step": step, "evidence": bits & EVIDENCE != 0, "columns": columns,
        })
    }

    /// Criteria that together have this maximum for every position.
    fn plain(&mut self, (kind, most, bits): Choice) -> Vec<Value> {
        let max = most.to_string();
        let each = if bits & OTHER == 0 { "0.7" } else { "3" };
        let count = json!({"kind": "count", "each": each});
        let low = if bits & OTHER == 0 { "50" } else { "0" };
        match kind % 6 {
            0 => vec![self.criterion(count, &max, "0", bits)],
            1 => {
                let third = || json!({"kind": "two_level", "low": low});
                let thirds: [Value; 3] = std::array::from_fn(|_| third());
                thirds.into_iter().map(|rule| self.criterion(rule, &format!("{most}/3"), "0", bits)).collect()
            }
            2 => vec![self.criterion(work(bits), &max, "0", bits)],
            3 => self.banded(most, bits),
            4 => {
                let mut led = self.criterion(work(bits), &max, "0", bits);
                let mut others = self.criterion(count, &max, "0", bits);
                led["applies"] = json!({"standings": ["head"]});
                others["applies"] = json!({"standings": ["deputy", "staff"]});
                vec![led, others]
            }
            _ => vec![self.criterion(json!({"kind": "points"}), &max, "0.5", bits)],
        }
    }

    fn banded(&mut self, most: i32, bits: u8) -> Vec<Value> {
        let unit = json!({"vi": "%", "en": "%"});
        let figure = self.criterion(json!({"kind": "figure", "unit": unit, "most": "100"}), "0", "0", bits);
        let (top, below) = (Points::whole(most), Points(Points::whole(most).0 - Points::SCALE / 2));
        let bands = json!([
            {"from": "80", "least": top, "most": top},
            {"from": "0", "least": "0", "most": below},
        ]);
        let rule = json!({"kind": "banded", "by": self.number, "bands": bands});
        vec![figure, self.criterion(rule, &most.to_string(), "0.5", bits)]
    }

    fn deduction(&mut self, (kind, most, bits): Choice) -> Value {
        let rule = if kind % 2 == 0 {
            let split = json!([{"standings": ["deputy", "staff"], "each": "2.5"}]);
            let split = if bits & OTHER == 0 { json!([]) } else { split };
            let more = if bits & ANOTHER == 0 { "0" } else { "0.5" };
            json!({"kind": "deduct", "each": "1", "more": more, "split": split})
        } else {
            let bands =
                json!([{"days": 1, "points": "0.5"}, {"days": 4, "points": "2"}, {"days": 9, "points": "7"}]);
            json!({"kind": "deduct_late", "bands": bands})
        };
        self.criterion(rule, &most.to_string(), "0", bits)
    }

    /// A group with this maximum, and what it is besides.
    fn group(&mut self, criteria: Vec<Value>, max: i32, kind: &str) {
        let mut group = json!({"code": self.groups.len().to_string(), "title": word(), "max": max.to_string(), "criteria": criteria});
        if !kind.is_empty() {
            group[kind] = json!(true);
        }
        self.groups.push(group);
    }

    /// A group of bonuses or deductions, at most half of what they add up to; gives that maximum.
    fn capped(&mut self, criteria: Vec<Value>, choices: &[Choice], kind: &str) -> i32 {
        if criteria.is_empty() {
            return 0;
        }
        let max = (choices.iter().map(|(_, most, _)| most).sum::<i32>() / 2).max(1);
        self.group(criteria, max, kind);
        max
    }

    fn bonuses(&mut self, choices: &[Choice]) -> i32 {
        let rule = || json!({"kind": "bonus"});
        let criteria =
            choices.iter().map(|(_, most, bits)| self.criterion(rule(), &most.to_string(), "0.5", *bits));
        let criteria = criteria.collect();
        self.capped(criteria, choices, "bonus")
    }

    fn penalties(&mut self, choices: &[Choice]) -> i32 {
        let criteria = choices.iter().map(|choice| self.deduction(*choice)).collect();
        self.capped(criteria, choices, "penalty")
    }

    /// A group of facts, for conditions: numbers of yes or no, and of a figure.
    fn facts(&mut self) -> [u16; 2] {
        let yes = self.criterion(json!({"kind": "pass_fail"}), "0", "0", 0);
        let figure = json!({"kind": "figure", "unit": word(), "most": "100"});
        let figure = self.criterion(figure, "0", "0.5", 0);
        self.group(vec![yes, figure], 0, "");
        [self.number - 1, self.number]
    }

    fn set(
        mut self,
        plain: &[Vec<Choice>],
        bonus: &[Choice],
        penalty: &[Choice],
        policies: &Policies,
    ) -> Value {
        let mut largest = 0;
        let mut most = policies.base;
        for choices in plain {
            let criteria = choices.iter().flat_map(|choice| self.plain(*choice)).collect();
            let max = choices.iter().map(|(_, most, _)| most).sum();
            self.group(criteria, max, "");
            (most, largest) = (most + max, largest.max(max));
        }
        let (bonuses, penalties) = (self.bonuses(bonus), self.penalties(penalty));
        let facts = self.facts();
        let [bonus_cap, penalty_cap, total_cap] = policies.capped;
        let half = |capped: bool, of: i32| (capped && of > 1).then_some(of / 2);
        let (bonus_cap, penalty_cap) = (half(bonus_cap, bonuses), half(penalty_cap, penalties));
        most += bonus_cap.unwrap_or(bonuses);
        let total_cap = total_cap.then(|| (most - 1).max(largest).max(bonuses));
        let most = total_cap.map_or(most, |cap| cap.min(most));
        let text = |cap: Option<i32>| cap.map(|cap| cap.to_string());
        json!({
            "code": "made", "version": 1, "title": word(), "source": word(), "trust": "demonstration",
            "subject": "unit", "columns": ["own", "superior", "appraised"], "counting": ["appraised", "superior"],
            "rounding": policies.rounding(), "base": policies.base.to_string(), "total_cap": text(total_cap),
            "bonus_cap": text(bonus_cap), "penalty_cap": text(penalty_cap), "tie_keys": ["total", "group:0"],
            "levels": policies.levels(most, facts), "groups": self.groups, "gates": policies.gates(facts),
            "not_above_unit": ["head"],
        })
    }
}

/// A rule of converted work; with its bits it deducts, weighs, and is of what was completed.
fn work(bits: u8) -> Value {
    let denominator = if bits & OTHER == 0 { "assigned" } else { "completed" };
    let mut rule = json!({"kind": "converted_work", "measures": ["completed", "quality_ok", "on_time"], "denominator": denominator});
    if bits & ANOTHER != 0 {
        let scope = if bits & DEEPER == 0 { "unit" } else { "line" };
        rule["deduction"] = json!({"percent": "25", "scope": scope});
    }
    if bits & DEEPER != 0 {
        rule["weights"] = json!(["20", "32", "18"]);
    }
    rule
}

impl Policies {
    fn rounding(&self) -> Value {
        let (decimals, mode, at, exact) = self.rounding;
        json!({
            "decimals": decimals, "mode": (["half_up", "down", "up"][mode]),
            "at": (["total", "groups", "criteria"][at]), "classify_on": if exact { "exact" } else { "rounded" },
        })
    }

    fn levels(&self, most: i32, [yes, figure]: [u16; 2]) -> Value {
        let from = |tenths: i64| Points(Points::whole(most).0 / 10 * tenths);
        let some = |condition: Value, asked: bool| if asked { json!([condition]) } else { json!([]) };
        let half = json!({"of": "criterion", "criterion": figure, "is": "at_least", "value": "50"});
        let no = json!({"of": "criterion", "criterion": yes, "is": "equal", "value": "0"});
        let people = json!({"of": "people", "level": "HTTNV", "is": "above", "value": "33.3333"});
        let [first, second, third] = self.conditions;
        json!([
            {"level": "HTXSNV", "from": from(9), "conditions": some(half, first)},
            {"level": "HTTNV", "from": from(7), "conditions": some(people, second)},
            {"level": "HTNV", "from": from(5), "conditions": some(no, third)},
            {"level": "KHTNV", "from": "0"},
        ])
    }

    fn gates(&self, [yes, figure]: [u16; 2]) -> Value {
        let gate = |(kind, _, bits): &Choice| {
            let level = if bits & OTHER == 0 { "HTNV" } else { "KHTNV" };
            let then = [
                json!({"kind": "not_rated"}),
                json!({"kind": "lower_by_one"}),
                json!({"kind": "at_most", "level": level}),
                json!({"kind": "force", "level": level}),
            ];
            let when = if bits & ANOTHER == 0 {
                json!({"of": "criterion", "criterion": yes, "is": "equal", "value": "1"})
            } else {
                json!({"of": "criterion", "criterion": figure, "is": "below", "value": "20"})
            };
            json!({"title": word(), "when": [when], "then": then[kind % 4]})
        };
        self.gates.iter().map(gate).collect()
    }
}
