//! Examples of SCORING.md that are no sheet: quotas, aggregation and fairness signals.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{contains, set};
use crate::classify::{
    AggregateVariant, Aggregation, LevelScale, Quota, QuotaMember, Signal, SignalRow, Standing, SubPeriod,
    TotalParts, aggregate, quota, signals,
};
use crate::period::Period;
use crate::points::{Exact, Points};
use crate::ruleset::{ClassifyOn, Rounding, RoundingMode};
use crate::view::Level;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaExample {
    quota: Quota,
    outstanding: bool,
    members: Vec<Member>,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    key: String,
    group: String,
    level: Option<Level>,
    value: Option<Points>,
}

impl QuotaExample {
    pub(super) fn run(self, block: &str) {
        assert!(self.quota.is_valid(), "{block}");
        let member = |Member { key, group, level, value }| QuotaMember {
            key,
            group,
            level,
            value: value.map(Points::exact),
        };
        let members: Vec<_> = self.members.into_iter().map(member).collect();
        check(json!(quota(&members, &self.quota, self.outstanding)), &self.expect, block);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AggregateExample {
    ruleset: String,
    work_max: Points,
    aggregation: Aggregation,
    period: Period,
    known: BTreeMap<Period, Known>,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    total: Option<Points>,
    level: Option<Level>,
    #[serde(default)]
    not_rated: bool,
    parts: Option<KnownParts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownParts {
    common: Points,
    ratios: Vec<[Points; 2]>,
}

impl AggregateExample {
    pub(super) fn run(self, block: &str) {
        let set = set(&self.ruleset);
        let scale = LevelScale { levels: &set.levels, rounding: set.rounding, work_max: self.work_max };
        let known = self.known.into_iter().map(|(period, known)| (period, known.into())).collect();
        let whole = aggregate(&self.aggregation, self.period, &known, scale).unwrap();
        let mut said = variant(&whole.result);
        said["others"] = whole.others.iter().map(variant).collect();
        said["warning"] = json!(whole.warning);
        check(said, &self.expect, block);
    }
}

impl From<Known> for SubPeriod {
    fn from(known: Known) -> Self {
        let parts = known.parts.map(|parts| TotalParts {
            common: parts.common.exact(),
            ratios: parts.ratios.into_iter().map(|ratio| ratio.map(Points::exact)).collect(),
        });
        let total = known.total.map(Points::exact);
        Self { total, level: known.level, not_rated: known.not_rated, parts }
    }
}

fn variant(variant: &AggregateVariant) -> Value {
    json!({
        "method": variant.method,
        "exact": variant.exact.map(|exact| exact.to_string()),
        "rounded": variant.rounded,
        "level": variant.level,
        "left_to_people": variant.left_to_people,
        "counted": variant.counted,
        "not_rated": variant.not_rated,
        "missing": variant.missing,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalsExample {
    change_points: Points,
    rows: Vec<Row>,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    unit: String,
    subject: String,
    level: Option<Level>,
    total: Option<Points>,
    own: Option<Points>,
    superior: Option<Points>,
    appraised: Option<Points>,
    superior_by: Option<String>,
    appraised_by: Option<String>,
    #[serde(default)]
    entered_at: Vec<i64>,
    #[serde(default)]
    entry_ends: i64,
    #[serde(default)]
    before: BTreeMap<Period, Before>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    total: Points,
    level: Level,
}

impl SignalsExample {
    pub(super) fn run(self, block: &str) {
        let rounding = Rounding {
            decimals: 2,
            mode: RoundingMode::HalfUp,
            classify_on: ClassifyOn::Rounded,
            ..Rounding::SHOWN
        };
        let rows: Vec<_> = self.rows.into_iter().map(SignalRow::from).collect();
        let said = signals(&rows, self.change_points, rounding).unwrap();
        check(said.iter().map(signal).collect(), &self.expect, block);
    }
}

impl From<Row> for SignalRow {
    fn from(row: Row) -> Self {
        let standing = |before: Before| Standing { total: Some(before.total), level: Some(before.level) };
        Self {
            unit: row.unit,
            subject: row.subject,
            level: row.level,
            total: row.total,
            own: row.own,
            superior: row.superior,
            appraised: row.appraised,
            superior_by: row.superior_by,
            appraised_by: row.appraised_by,
            entered_at: row.entered_at,
            entry_ends: row.entry_ends,
            before: row.before.into_iter().map(|(period, before)| (period, standing(before))).collect(),
        }
    }
}

fn signal(signal: &Signal) -> Value {
    let name = |name| json!(name).as_str().unwrap().to_owned();
    let figure = |(figure, value): &(_, Exact)| (name(*figure), (*value).to_string());
    let figures: BTreeMap<_, _> = signal.figures.iter().map(figure).collect();
    json!({
        "kind": signal.kind,
        "of": signal.of,
        "subjects": signal.subjects,
        "figures": figures,
        "prompt": signal.prompt,
    })
}

fn check(said: Value, expect: &Value, block: &str) {
    assert!(contains(&said, expect), "{block}\ncame out as {said:#}");
}
