//! A period's units as they were when it was opened.
//!
//! Invariant: what is written of a unit after a period was opened changes neither who is in the period, nor under which
//! name, nor in which league.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Config, OrgError, PeriodRecord, Unit, UnitKind};
use crate::ids::UnitId;
use crate::period::Period;
use crate::ruleset::{RulesetId, SubjectKind};
use crate::sheet::{SheetKey, Subject};

/// A unit as a period knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodUnit {
    /// Id.
    pub id: UnitId,
    /// Code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Name for narrow screens.
    pub short_name: String,
    /// What it is.
    pub kind: UnitKind,
    /// Codes of the leagues that it is a member of in the period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leagues: Vec<String>,
}

impl PeriodUnit {
    /// A unit as it is now, in the leagues of a period.
    pub fn of(unit: &Unit, period: Period) -> Self {
        Self {
            id: unit.id,
            code: unit.code.clone(),
            name: unit.name.clone(),
            short_name: unit.short_name.clone(),
            kind: unit.kind,
            leagues: unit.leagues_in(period).into_iter().map(Into::into).collect(),
        }
    }
}

impl PeriodRecord {
    /// The record with the units of its rules as they are now, those that exist in the period; what is frozen already
    /// stays.
    pub fn freeze<'a>(mut self, units: impl IntoIterator<Item = &'a Unit>) -> Self {
        if self.units.is_empty() {
            self.units = self.present(units);
        }
        self
    }

    fn present<'a>(&self, units: impl IntoIterator<Item = &'a Unit>) -> Vec<PeriodUnit> {
        let named: BTreeSet<UnitId> = self.rules.iter().flat_map(|rule| &rule.units).copied().collect();
        let present = units.into_iter().filter(|it| named.contains(&it.id) && it.is_in(self.period));
        present.map(|it| PeriodUnit::of(it, self.period)).collect()
    }

    /// The units of a league that have a sheet of their own, each with its criteria set, by code.
    pub fn members(&self, units: &BTreeMap<UnitId, Unit>, league: &str) -> Vec<(PeriodUnit, SheetKey)> {
        let of_units = || self.rules.iter().filter(|rule| rule.subject == SubjectKind::Unit);
        let sheets = |unit: PeriodUnit| {
            let rules = of_units().filter(|rule| rule.units.contains(&unit.id));
            let rulesets: BTreeSet<RulesetId> = rules.map(|rule| rule.ruleset.clone()).collect();
            let key = |ruleset| SheetKey { subject: Subject::Unit(unit.id), period: self.period, ruleset };
            rulesets.into_iter().map(|ruleset| (unit.clone(), key(ruleset))).collect::<Vec<_>>()
        };
        let present = if self.units.is_empty() { self.present(units.values()) } else { self.units.clone() };
        let of_league = present.into_iter().filter(|unit| unit.leagues.iter().any(|it| it == league));
        let mut members: Vec<_> = of_league.flat_map(sheets).collect();
        members.sort_by(|a, b| a.0.code.cmp(&b.0.code));
        members
    }

    /// Checks that all units of a league are scored under one criteria set: points of two sets can't be compared.
    ///
    /// # Errors
    /// [`OrgError::MixedLeague`] names the first unit, by code, that is not scored as those before it.
    pub fn check_leagues(&self, units: &BTreeMap<UnitId, Unit>) -> Result<(), OrgError> {
        for league in &self.leagues {
            let members = self.members(units, &league.code);
            let Some((_, first)) = members.first() else { continue };
            if let Some((unit, key)) = members.iter().find(|(_, key)| key.ruleset != first.ruleset) {
                let (code, name) = (unit.code.clone(), unit.name.clone());
                let rulesets = [&key.ruleset, &first.ruleset].map(ToString::to_string);
                return Err(OrgError::MixedLeague {
                    unit: (code, name),
                    league: league.code.clone(),
                    rulesets,
                });
            }
        }
        Ok(())
    }
}

impl Config {
    /// A unit as a period knows it; as it is now, where the period has not frozen it.
    pub fn unit_in(&self, period: Period, unit: UnitId) -> Option<Cow<'_, PeriodUnit>> {
        let record = self.periods.get(&period);
        let frozen = record.and_then(|record| record.units.iter().find(|it| it.id == unit));
        let now = || Some(Cow::Owned(PeriodUnit::of(self.units.get(&unit)?, period)));
        frozen.map(Cow::Borrowed).or_else(now)
    }

    /// Whether a unit is in a period. One that is not known here is taken to be.
    pub(super) fn exists_in(&self, unit: UnitId, period: Period) -> bool {
        match self.periods.get(&period).map(|record| record.units.as_slice()) {
            Some(frozen @ [_, ..]) => frozen.iter().any(|it| it.id == unit),
            _ => self.units.get(&unit).is_none_or(|unit| unit.is_in(period)),
        }
    }
}
