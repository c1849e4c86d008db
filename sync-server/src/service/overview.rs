//! The console's overview of a period: who has handed in, and the rankings as they stand.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::ids::UnitId;
use xeploai_core::org::{Config, PeriodRecord, PeriodUnit};
use xeploai_core::period::Period;
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{OverviewView, Stage, UnitProgress};

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::streams;

impl Service {
    /// The overview of a period, or of the latest one in which units are ranked.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`]; else when the store or the rules fail.
    pub fn overview(&self, period: Option<Period>) -> Result<OverviewView, ServerError> {
        self.storage.read(|read| self.overview_in(read, period))
    }

    fn overview_in(
        &self,
        connection: &Connection,
        period: Option<Period>,
    ) -> Result<OverviewView, ServerError> {
        let config = self.config_in(connection)?;
        let ranked = config.periods.values().rev().find(|record| !record.leagues.is_empty());
        let shown = match period {
            Some(period) => config.periods.get(&period),
            None => ranked.or_else(|| config.periods.values().next_back()),
        };
        let record = shown.ok_or(Refused::NoSuchPeriod)?;
        let mut rankings = self.rank_in(connection, &config, record.period)?;
        rankings.iter_mut().for_each(|ranking| config.add_past(ranking));
        Ok(OverviewView {
            department: config.department.as_ref().map(|it| it.name.clone()).unwrap_or_default(),
            demonstration: config.department.as_ref().is_some_and(|it| it.demonstration),
            period: record.view(),
            periods: config.periods.values().rev().map(PeriodRecord::view).collect(),
            units: self.progress(connection, &config, record.period)?,
            rankings,
        })
    }

    fn progress(
        &self,
        connection: &Connection,
        config: &Config,
        period: Period,
    ) -> Result<Vec<UnitProgress>, ServerError> {
        let mut by_unit: BTreeMap<UnitId, Vec<SheetKey>> = BTreeMap::new();
        for key in config.sheets(period) {
            if let Some(unit) = config.unit_of(key.subject) {
                by_unit.entry(unit.id).or_default().push(key);
            }
        }
        let seen: BTreeMap<_, _> = streams::last_seen(connection)?.into_iter().collect();
        let mut units = Vec::new();
        for (id, sheets) in by_unit {
            let Some(unit) = config.unit_in(period, id) else { continue };
            let posts = config.assignments.values().filter(|post| post.unit == id);
            let last_seen = posts.filter_map(|post| seen.get(&post.person)).max().copied();
            units.push(self.unit_progress(connection, &unit, sheets, last_seen)?);
        }
        units.sort_by(|a, b| (&a.league, &a.short_name).cmp(&(&b.league, &b.short_name)));
        Ok(units)
    }

    fn unit_progress(
        &self,
        connection: &Connection,
        unit: &PeriodUnit,
        sheets: Vec<SheetKey>,
        last_seen: Option<i64>,
    ) -> Result<UnitProgress, ServerError> {
        let mut progress = UnitProgress {
            unit: unit.id.to_string(),
            name: unit.name.clone(),
            short_name: unit.short_name.clone(),
            league: unit.leagues.first().cloned().unwrap_or_default(),
            handed_in: 0,
            expected: 0,
            sheet: None,
            last_seen,
        };
        for key in sheets {
            let of_unit = matches!(key.subject, Subject::Unit(_));
            let stage = self.sheet(connection, key)?.stage();
            if of_unit {
                progress.sheet = Some(stage);
            } else {
                progress.expected += 1;
                progress.handed_in += u32::from(matches!(stage, Stage::Submitted | Stage::Approved));
            }
        }
        Ok(progress)
    }
}
