//! Opening and locking periods.

use std::collections::BTreeSet;

use xeploai_core::ids::UnitId;
use xeploai_core::org::{Config, Cut, Document, League, PeriodRecord, PeriodRule, Publication, UnitKind};
use xeploai_core::period::Period;
use xeploai_core::ruleset::SubjectKind;
use xeploai_core::view::{RankingView, Text};

use super::{Service, decision};
use crate::error::{Refused, ServerError};

impl Service {
    /// Opens a period with the rules and leagues of the latest one of its kind before it; units that came since join
    /// those of their kind. The first period of a department goes by the shipped sets.
    ///
    /// # Errors
    /// [`Refused::PeriodExists`], or [`Refused::NoUnits`] when there is nobody to score.
    pub fn open_period(&self, period: Period) -> Result<PeriodRecord, ServerError> {
        let config = self.config()?;
        if config.periods.contains_key(&period) {
            return Err(Refused::PeriodExists.into());
        }
        let same_kind = |record: &&PeriodRecord| record.period.to_string().len() == period.to_string().len();
        let before = config.periods.values().rev().filter(|record| record.period < period).find(same_kind);
        let rules = match before {
            Some(before) => with_newcomers(&config, &before.rules),
            None => first_rules(&config),
        };
        if rules.is_empty() {
            return Err(Refused::NoUnits.into());
        }
        let record = PeriodRecord::open(
            period,
            rules,
            before.map_or_else(|| leagues(&config), |before| before.leagues.clone()),
        );
        self.write_documents(&[Document::Period(record.clone())])?;
        Ok(record)
    }

    /// Locks a period: its rankings are published with their hashes, and what comes later is held.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`] or [`Refused::PeriodLocked`]; else when the store or the rules fail.
    pub fn lock_period(&self, period: Period) -> Result<Vec<RankingView>, ServerError> {
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
            if record.locked {
                return Err(Refused::PeriodLocked.into());
            }
            let rankings = self.rank_in(write, &config, period, Some(self.now()))?;
            self.keep_results(write, &config, period)?;
            let cut = self.cut(write)?;
            let roots = self.make_snapshots(write, &config, period, decision::rank(&cut))?;
            let publication =
                |ranking: &RankingView| Box::new(Publication { period, ranking: ranking.clone() });
            let mut documents: Vec<Document> =
                rankings.iter().map(|ranking| Document::Publication(publication(ranking))).collect();
            documents.push(Document::Period(PeriodRecord {
                locked: true,
                cut: Some(Cut { roots, ..cut }),
                ..record.clone()
            }));
            self.write_documents_in(write, &documents)?;
            Ok(rankings)
        })
    }
}

/// Which shipped set scores what in a department's first period: kind of unit, subject, code of the set.
const FIRST_SETS: [(UnitKind, SubjectKind, &str); 7] = [
    (UnitKind::Department, SubjectKind::Person, "demo-a"),
    (UnitKind::Office, SubjectKind::Unit, "demo-b"),
    (UnitKind::Office, SubjectKind::Person, "demo-unit-staff"),
    (UnitKind::Centre, SubjectKind::Unit, "demo-c"),
    (UnitKind::Centre, SubjectKind::Person, "demo-unit-staff"),
    (UnitKind::Station, SubjectKind::Unit, "demo-c"),
    (UnitKind::Station, SubjectKind::Person, "demo-unit-staff"),
];

fn first_rules(config: &Config) -> Vec<PeriodRule> {
    let rule = |(kind, subject, code): (UnitKind, SubjectKind, &str)| {
        let ruleset = config.rulesets.keys().rev().find(|id| id.code == code)?.clone();
        let of_kind = config.units.values().filter(|unit| unit.kind == kind);
        let units: Vec<UnitId> = of_kind.map(|unit| unit.id).collect();
        (!units.is_empty()).then_some(PeriodRule { units, subject, ruleset })
    };
    FIRST_SETS.into_iter().filter_map(rule).collect()
}

/// The rules with units that no period has had yet, each beside the units of its kind.
fn with_newcomers(config: &Config, rules: &[PeriodRule]) -> Vec<PeriodRule> {
    let known: BTreeSet<UnitId> = config
        .periods
        .values()
        .flat_map(|record| &record.rules)
        .flat_map(|rule| &rule.units)
        .copied()
        .collect();
    let joined = |rule: &PeriodRule| {
        let kinds: Vec<UnitKind> =
            rule.units.iter().filter_map(|unit| config.units.get(unit)).map(|unit| unit.kind).collect();
        let new =
            config.units.values().filter(|unit| !known.contains(&unit.id) && kinds.contains(&unit.kind));
        let units = rule.units.iter().copied().chain(new.map(|unit| unit.id)).collect();
        PeriodRule { units, ..rule.clone() }
    };
    rules.iter().map(joined).collect()
}

/// The leagues that units are in, titled as in the source; another one by its code.
fn leagues(config: &Config) -> Vec<League> {
    let codes: BTreeSet<&String> = config.units.values().filter_map(|unit| unit.league.as_ref()).collect();
    let title = |code: &str| match code {
        "offices" => ("Phòng Văn hóa và Thông tin".to_owned(), "District offices of culture".to_owned()),
        "centres" => ("Trung tâm và Đài".to_owned(), "Centres and the station".to_owned()),
        other => (other.to_owned(), other.to_owned()),
    };
    let league = |code: &String| {
        let (vi, en) = title(code);
        League { code: code.clone(), title: Text { vi, en } }
    };
    codes.into_iter().map(league).collect()
}
