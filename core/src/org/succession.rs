//! Succession: what became of units, from when, on which legal basis.
//!
//! Invariant: a succession moves no right and no score; it says with whom a unit may be compared.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Config, OrgError, Unit};
use crate::ids::UnitId;
use crate::period::Period;
use crate::view::SuccessionKind;

/// Units that others come after. A unit on both sides goes on; one that is only among the former ones ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// What happens.
    pub kind: SuccessionKind,
    /// Units as they were.
    pub from: Vec<UnitId>,
    /// Units that come after them.
    pub to: Vec<UnitId>,
    /// First month in which it holds.
    pub since: Period,
    /// Legal basis.
    pub basis: String,
}

/// What a unit was in an earlier period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// This unit: itself, or the one that was renamed into it.
    Of(UnitId),
    /// Nothing that it can be compared with, since it came about like this.
    Broken(SuccessionKind),
}

impl Succession {
    /// What it is about: from when, and which units. A succession that is written again replaces itself.
    pub fn key(&self) -> (Period, BTreeSet<UnitId>) {
        (self.since, self.from.iter().copied().collect())
    }

    /// [`Self::key`] as bytes.
    pub(super) fn subject(&self) -> Vec<u8> {
        let (since, from) = self.key();
        since.to_number().to_le_bytes().into_iter().chain(from.into_iter().flat_map(|unit| unit.0)).collect()
    }

    /// The units that end, with their last month.
    pub fn ended<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = Unit> + 'a {
        let ending = config.units.values().filter(|unit| self.ends(unit.id));
        ending.map(|unit| Unit { until: self.last_month(), ..unit.clone() })
    }

    fn ends(&self, unit: UnitId) -> bool {
        self.from.contains(&unit) && !self.to.contains(&unit)
    }

    fn last_month(&self) -> Option<Period> {
        self.since.months()[0].previous()
    }

    /// Checks that it can be, as the organisation is now.
    ///
    /// # Errors
    /// The first thing that is wrong with it, naming the unit.
    pub fn check(&self, config: &Config) -> Result<(), OrgError> {
        let unit = |id: &UnitId| config.units.get(id).ok_or_else(|| OrgError::UnknownUnit(id.to_string()));
        let from = self.from.iter().map(unit).collect::<Result<Vec<&Unit>, _>>()?;
        let to = self.to.iter().map(unit).collect::<Result<Vec<&Unit>, _>>()?;
        self.check_shape(&from, &to)?;
        if self.basis.trim().is_empty() {
            return Err(OrgError::SuccessionBasis);
        }
        for unit in &from {
            self.check_former(config, unit)?;
        }
        match to.iter().find(|unit| !unit.is_in(self.since)) {
            Some(unit) => Err(OrgError::NotThere(named(unit), self.since.to_string())),
            None => Ok(()),
        }
    }

    fn check_shape(&self, from: &[&Unit], to: &[&Unit]) -> Result<(), OrgError> {
        let fits = match self.kind {
            SuccessionKind::Rename => from.len() == 1 && to.len() == 1,
            SuccessionKind::Merge => from.len() >= 2 && to.len() == 1,
            SuccessionKind::Split => from.len() == 1 && to.len() >= 2,
            SuccessionKind::Dissolve => !from.is_empty(),
        };
        if !fits {
            let unit = from.iter().chain(to).next().map(|unit| named(unit));
            return Err(OrgError::SuccessionCount(unit.unwrap_or_default()));
        }
        let goes_on = matches!(self.kind, SuccessionKind::Merge | SuccessionKind::Split);
        let mut seen = (BTreeSet::new(), BTreeSet::new());
        let twice = from.iter().find(|unit| !seen.0.insert(unit.id));
        let twice = twice.or_else(|| {
            to.iter().find(|unit| !seen.1.insert(unit.id) || (!goes_on && self.from.contains(&unit.id)))
        });
        twice.map_or(Ok(()), |unit| Err(OrgError::SuccessionCircle(named(unit))))
    }

    /// A unit that was there until now, does not come after itself, and has no other successor.
    fn check_former(&self, config: &Config, unit: &Unit) -> Result<(), OrgError> {
        let others = || config.successions.iter().filter(|(key, _)| **key != self.key()).map(|(_, it)| it);
        // In order of time: one pass follows a unit as far as it leads.
        let mut led_to: BTreeSet<UnitId> =
            self.to.iter().filter(|to| !self.from.contains(to)).copied().collect();
        for it in others() {
            if it.from.iter().any(|from| led_to.contains(from)) {
                led_to.extend(&it.to);
            }
        }
        if led_to.contains(&unit.id) {
            return Err(OrgError::SuccessionCircle(named(unit)));
        }
        if let Some(other) = others().find(|it| it.ends(unit.id)) {
            return Err(OrgError::SucceededAlready(named(unit), other.since.to_string()));
        }
        let last = self.last_month().filter(|last| unit.since.is_none_or(|since| since.months()[0] <= *last));
        let last = last.ok_or_else(|| OrgError::EndsBeforeItBegins(named(unit)))?;
        if unit.is_in(last) { Ok(()) } else { Err(OrgError::NotThere(named(unit), last.to_string())) }
    }
}

fn named(unit: &Unit) -> (String, String) {
    (unit.code.clone(), unit.name.clone())
}

impl Config {
    /// What a unit of a period was in an earlier one. A rename is followed; a merger, a split or a takeover between the
    /// two breaks the line.
    pub fn lineage(&self, unit: UnitId, now: Period, earlier: Period) -> Lineage {
        let (after, until) = (earlier.months()[0], now.months()[1]);
        let mut was = unit;
        for it in self.successions.values().rev().filter(|it| after < it.since && it.since <= until) {
            match (it.to.contains(&was), it.kind, it.from.as_slice()) {
                (false, ..) => {}
                (true, SuccessionKind::Rename, [from]) => was = *from,
                (true, kind, _) => return Lineage::Broken(kind),
            }
        }
        let merged = |it: &Unit| {
            it.merged_into == Some(was) && it.until.is_some_and(|last| after <= last && last < until)
        };
        if self.units.values().any(merged) {
            Lineage::Broken(SuccessionKind::Merge)
        } else {
            Lineage::Of(was)
        }
    }
}
