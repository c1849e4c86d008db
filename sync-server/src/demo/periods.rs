//! Which criteria set applies to whom in the demonstration.

use anyhow::{Context, Result};
use xeploai_core::ids::UnitId;
use xeploai_core::org::{PeriodRecord, PeriodRule, Unit, UnitKind};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{Ruleset, SubjectKind};

use super::units;

/// A rule by a version of a shipped criteria set.
pub(super) fn rule(
    rulesets: &[Ruleset],
    units: Vec<UnitId>,
    subject: SubjectKind,
    (code, version): (&str, u32),
) -> Result<PeriodRule> {
    let found = rulesets.iter().find(|ruleset| (ruleset.code.as_str(), ruleset.version) == (code, version));
    let ruleset = found.with_context(|| format!("criteria set {code}.{version} is not shipped"))?.id();
    Ok(PeriodRule::new(units, subject, ruleset))
}

/// A month with the days of the demonstration.
pub(super) fn record(period: Period, rules: Vec<PeriodRule>) -> PeriodRecord {
    let day = |day: &str| Some(format!("{period}-{day}"));
    PeriodRecord {
        own_until: day("25"),
        superior_until: day("26"),
        classified_on: day("28"),
        published_on: day("30"),
        ..PeriodRecord::open(period, rules, Vec::new())
    }
}

/// A month of the districts: sets A, B and C, and for the staff of units the set shaped like A.
pub(super) fn of_districts(all: &[Unit], rulesets: &[Ruleset], period: Period) -> Result<PeriodRecord> {
    let of =
        |wanted: &dyn Fn(&Unit) -> bool| all.iter().filter(|unit| wanted(unit)).map(|unit| unit.id).collect();
    let league = |code: &'static str| move |unit: &Unit| unit.league.as_deref() == Some(code);
    let rules = vec![
        rule(rulesets, of(&|unit| unit.kind == UnitKind::Department), SubjectKind::Person, ("demo-a", 1))?,
        rule(rulesets, of(&league(units::OFFICES)), SubjectKind::Unit, ("demo-b", 1))?,
        rule(rulesets, of(&league(units::CENTRES)), SubjectKind::Unit, ("demo-c", 1))?,
        rule(rulesets, of(&|unit| unit.league.is_some()), SubjectKind::Person, ("demo-unit-staff", 1))?,
    ];
    Ok(PeriodRecord { leagues: units::leagues(), ..record(period, rules) }.freeze(all))
}
