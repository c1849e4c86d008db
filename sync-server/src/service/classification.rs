//! The classification of a period: units and their people, levels, ranks, quotas, decisions.
//!
//! Invariant: it proposes and flags. What a person has decided stands beside the proposal, and nothing moves anybody.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{
    Assessment, Entry, Outcome, Outside, Quota, QuotaMember, gate_sentences, quota, roster,
};
use xeploai_core::ids::{SheetId, UnitId};
use xeploai_core::org::{Config, Document, LevelDecision, PeriodRecord};
use xeploai_core::period::Period;
use xeploai_core::points::Exact;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::scoring::{Plan, Sums};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{
    ClassificationView, ClassifiedRow, DecidedView, Level, QuotaView, RankingView, Text, UnitClassification,
};

use super::results::Scored;
use super::{Authority, Service};
use crate::error::{Refused, ServerError};

/// A subject's sheet, and what came out.
pub(super) struct Classified<'a> {
    pub(super) scored: Scored<'a>,
    pub(super) outside: Outside,
    rank: Option<u32>,
}

/// Sheets of a unit.
#[derive(Default)]
struct Sheets {
    own: Option<SheetKey>,
    people: Vec<SheetKey>,
}

impl Service {
    /// The classification of a period.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`]; else when the store or the rules fail.
    pub fn classification(&self, period: Period) -> Result<ClassificationView, ServerError> {
        self.storage.read(|read| self.classification_in(read, period))
    }

    fn classification_in(
        &self,
        connection: &Connection,
        period: Period,
    ) -> Result<ClassificationView, ServerError> {
        let config = self.config_in(connection)?;
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        let rankings = self.rank_in(connection, &config, period, None)?;
        let mut view = ClassificationView {
            period: record.view(),
            units: Vec::new(),
            quotas: Vec::new(),
            signals: Vec::new(),
        };
        let (mut own, mut rows) = (Vec::new(), Vec::new());
        for (unit, sheets) in sheets_by_unit(&config, period) {
            let unit = self.classify_unit(connection, &config, (unit, sheets), &rankings)?;
            view.units.extend(unit.view(&config, record)?);
            rows.extend(unit.signal_rows(self, connection, &config, record)?);
            own.extend(unit.own);
        }
        view.quotas = unit_quotas(&config, &own, &rankings)?;
        view.units.sort_by(|a, b| a.code.cmp(&b.code));
        for signal in super::signals::views(&rows)? {
            let about = |unit: &&mut UnitClassification| {
                unit.code == signal.about || unit.people.iter().any(|row| row.code == signal.about)
            };
            match view.units.iter_mut().find(about) {
                Some(unit) => unit.signals.push(signal),
                None => view.signals.push(signal),
            }
        }
        Ok(view)
    }

    /// Classifies a unit: its people by their own sheets, the unit with what its rules ask of them, and the people again
    /// below the unit's level.
    fn classify_unit<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        (unit, sheets): (UnitId, Sheets),
        rankings: &[RankingView],
    ) -> Result<ClassifiedUnit<'a>, ServerError> {
        let own = match sheets.own {
            None => None,
            Some(key) => {
                let outside = self.outside_of(connection, config, &key)?;
                let rank = rank_of(rankings, unit);
                Some(Classified { scored: self.scored_or_empty(connection, config, key)?, outside, rank })
            }
        };
        let unit_level = own.as_ref().map(|own| own.level(config)).transpose()?.flatten();
        let outside = Outside { unit_level, people: None };
        let mut people = Vec::new();
        for key in sheets.people {
            let scored = self.scored_or_empty(connection, config, key)?;
            people.push(Classified { scored, outside, rank: None });
        }
        rank_people(config, &mut people)?;
        Ok(ClassifiedUnit { unit, own, people })
    }

    /// The level of the unit that a person stands in, where his criteria set asks for it.
    pub(super) fn below_unit(
        &self,
        connection: &Connection,
        config: &Config,
        scored: &Scored<'_>,
    ) -> Result<Outside, ServerError> {
        let (key, terms) = (&scored.sheet.key, scored.terms());
        let unit = config.unit_of(key.subject).map(|unit| Subject::Unit(unit.id));
        let asked = terms.ruleset.not_above_unit.contains(&terms.position.standing);
        let sheets = config.sheets(key.period);
        let Some(own) = sheets.into_iter().find(|sheet| asked && Some(sheet.subject) == unit) else {
            return Ok(Outside::default());
        };
        let outside = self.outside_of(connection, config, &own)?;
        let own = Classified { scored: self.scored_or_empty(connection, config, own)?, outside, rank: None };
        Ok(Outside { unit_level: own.level(config)?, people: None })
    }

    /// Notes the level that a person has decided. Where it differs from the proposal, or the period is locked, with a
    /// reason. What was decided before stays in the server's stream.
    ///
    /// # Errors
    /// [`Refused::NoSuchSheet`], [`Refused::ReasonMissing`]; else when the store or the rules fail.
    pub fn decide_level(
        &self,
        sheet: SheetId,
        level: Option<Level>,
        outstanding: bool,
        authority: &Authority,
    ) -> Result<ClassificationView, ServerError> {
        let period = self.storage.write(|write| {
            let config = self.config_in(write)?;
            let sheets = config.periods.keys().flat_map(|period| config.sheets(*period));
            let key = { sheets }.find(|key| key.id(self.department) == sheet).ok_or(Refused::NoSuchSheet)?;
            let (period, subject) = (key.period, key.subject);
            let unit = config.unit_of(subject).ok_or(Refused::NoSuchUnit)?.id;
            let sheets = sheets_by_unit(&config, period).remove(&unit).unwrap_or_default();
            let unit = self.classify_unit(write, &config, (unit, sheets), &[])?;
            let all = unit.own.iter().chain(&unit.people);
            let found = { all }.find(|it| it.key().subject == subject).ok_or(Refused::NoSuchSheet)?;
            let proposed = match found.assess()?.outcome {
                Outcome::Missing => None,
                Outcome::NotRated => Some(None),
                Outcome::Level(level) => Some(Some(level)),
            };
            if (proposed != Some(level) || config.is_locked(period)) && authority.reason.trim().is_empty() {
                return Err(Refused::ReasonMissing.into());
            }
            let (by, reason) = authority.named()?;
            let at = self.now();
            let decision = LevelDecision { period, subject, level, outstanding, reason, by, at };
            self.write_documents_in(write, &[Document::Level(decision)])?;
            Ok::<_, ServerError>(period)
        })?;
        self.classification(period)
    }
}

/// A unit with its people, classified.
struct ClassifiedUnit<'a> {
    unit: UnitId,
    own: Option<Classified<'a>>,
    people: Vec<Classified<'a>>,
}

impl ClassifiedUnit<'_> {
    fn view(
        &self,
        config: &Config,
        record: &PeriodRecord,
    ) -> Result<Option<UnitClassification>, ServerError> {
        let Some(unit) = config.unit_in(record.period, self.unit) else { return Ok(None) };
        let quotas = self.quotas(config)?;
        let over: Vec<&String> = quotas.iter().flat_map(|quota| &quota.over).collect();
        let mut people = Vec::with_capacity(self.people.len());
        for person in &self.people {
            let mut row = person.row(config)?;
            row.over_quota = over.contains(&&row.code);
            people.push(row);
        }
        people.sort_by(|a, b| (a.rank.is_none(), a.rank, &a.code).cmp(&(b.rank.is_none(), b.rank, &b.code)));
        Ok(Some(UnitClassification {
            unit: self.unit.to_string(),
            code: unit.code.clone(),
            name: unit.name.clone(),
            own: self.own.as_ref().map(|own| own.row(config)).transpose()?,
            people,
            quotas,
            signals: Vec::new(),
        }))
    }

    /// The quotas of the sets that the unit's people are scored under: those under one quota are counted together.
    fn quotas(&self, config: &Config) -> Result<Vec<QuotaView>, ServerError> {
        let own = self.own.as_ref().map(|own| (self.people.first(), own));
        let period = own.map(|(_, own)| own.key()).or(self.people.first().map(Classified::key));
        let outstanding = period.is_some_and(|key| {
            let decided = config.levels.get(&(key.period, Subject::Unit(self.unit)));
            decided.is_some_and(|decided| decided.outstanding)
        });
        let mut views = Vec::new();
        for quota in distinct(self.people.iter().filter_map(|person| person.ruleset_quota())) {
            let of = self.people.iter().filter(|person| person.ruleset_quota() == Some(quota));
            let members = of.map(|person| person.member(config)).collect::<Result<Vec<_>, _>>()?;
            views.extend(quota_views(&members, quota, outstanding));
        }
        Ok(views)
    }

    fn signal_rows(
        &self,
        service: &Service,
        connection: &Connection,
        config: &Config,
        record: &PeriodRecord,
    ) -> Result<Vec<xeploai_core::classify::SignalRow>, ServerError> {
        let rows = self.people.iter().chain(&self.own).map(|classified| {
            super::signals::row(service, (connection, config, record), self.unit, classified)
        });
        rows.collect()
    }
}

impl Classified<'_> {
    pub(super) fn key(&self) -> &SheetKey {
        &self.scored.sheet.key
    }

    /// Total and proposed level.
    pub(super) fn assess(&self) -> Result<Assessment<'_>, ServerError> {
        self.scored.assess(self.outside)
    }

    fn ruleset_quota(&self) -> Option<&Quota> {
        self.scored.terms().ruleset.quota.as_ref()
    }

    fn decided<'a>(&self, config: &'a Config) -> Option<&'a LevelDecision> {
        config.levels.get(&(self.key().period, self.key().subject))
    }

    /// The level that counts: what a person has decided, else the proposal.
    pub(super) fn level(&self, config: &Config) -> Result<Option<Level>, ServerError> {
        match self.decided(config) {
            Some(decided) => Ok(decided.level),
            None => Ok(self.assess()?.outcome.level()),
        }
    }

    fn member(&self, config: &Config) -> Result<QuotaMember<String>, ServerError> {
        let (code, _) = named(config, self.key().subject);
        let group = match self.key().subject {
            Subject::Post(post) => config.assignments.get(&post).map(|post| post.similar().to_owned()),
            Subject::Unit(unit) => config.units.get(&unit).map(|unit| format!("{:?}", unit.kind)),
        };
        let value: Option<Exact> = self.assess()?.total.exact;
        Ok(QuotaMember { key: code, group: group.unwrap_or_default(), level: self.level(config)?, value })
    }

    fn row(&self, config: &Config) -> Result<ClassifiedRow, ServerError> {
        let (key, assessment) = (self.key(), self.assess()?);
        let (code, name) = named(config, key.subject);
        let position = match key.subject {
            Subject::Post(post) => config.assignments.get(&post).map(|post| post.position.clone()),
            Subject::Unit(_) => None,
        };
        let department = config.department.as_ref().map(|department| department.id).unwrap_or_default();
        Ok(ClassifiedRow {
            sheet: key.id(department).to_string(),
            code,
            name,
            position: position.unwrap_or_default(),
            total: assessment.total.total,
            level: assessment.outcome.level(),
            not_rated: assessment.outcome == Outcome::NotRated,
            provisional: assessment.total.provisional,
            rank: self.rank,
            gates: gate_sentences(self.scored.terms().ruleset, &assessment.steps),
            over_quota: false,
            decided: self.decided(config).map(|decided| DecidedView {
                level: decided.level,
                outstanding: decided.outstanding,
                reason: decided.reason.clone(),
                by: decided.by.clone(),
                at: decided.at,
            }),
        })
    }
}

fn sheets_by_unit(config: &Config, period: Period) -> BTreeMap<UnitId, Sheets> {
    let mut units: BTreeMap<UnitId, Sheets> = BTreeMap::new();
    for key in config.sheets(period) {
        let Some(unit) = config.unit_of(key.subject) else { continue };
        let sheets = units.entry(unit.id).or_default();
        match key.subject {
            Subject::Unit(_) => sheets.own = Some(key),
            Subject::Post(_) => sheets.people.push(key),
        }
    }
    units
}

/// Ranks the people who are scored under one criteria set among each other.
fn rank_people(config: &Config, people: &mut [Classified<'_>]) -> Result<(), ServerError> {
    let mut ranks = Vec::new();
    let mut sets: BTreeMap<RulesetId, Vec<usize>> = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        sets.entry(person.key().ruleset.clone()).or_default().push(at);
    }
    for of in sets.values() {
        let plans = of.iter().map(|at| Plan::new(people[*at].scored.terms()));
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let entry = |(at, plan)| {
            let person: &Classified<'_> = &people[at];
            let (order, _) = named(config, person.key().subject);
            Entry { key: at, order, plan, columns: &person.scored.columns }
        };
        let entries = of.iter().copied().zip(&plans).map(entry).collect();
        let outside = people.first().map(|person| person.outside).unwrap_or_default();
        let placed = roster(entries, outside, &mut Sums::default())?;
        ranks.extend(placed.into_iter().map(|placed| (placed.key, placed.rank)));
    }
    for (at, rank) in ranks {
        people[at].rank = rank;
    }
    Ok(())
}

/// Quotas over the units of each league.
fn unit_quotas(
    config: &Config,
    units: &[Classified<'_>],
    rankings: &[RankingView],
) -> Result<Vec<QuotaView>, ServerError> {
    let mut views = Vec::new();
    for ranking in rankings {
        let in_league = |unit: &&Classified<'_>| {
            let Subject::Unit(id) = unit.key().subject else { return false };
            ranking.rows.iter().any(|row| row.unit.parse() == Ok(id))
        };
        let members: Vec<&Classified<'_>> = units.iter().filter(in_league).collect();
        for quota in distinct(members.iter().filter_map(|unit| unit.ruleset_quota())) {
            let members = members.iter().map(|unit| unit.member(config)).collect::<Result<Vec<_>, _>>()?;
            let titled = quota_views(&members, quota, false).into_iter();
            views.extend(titled.map(|view| QuotaView { title: ranking.title.clone(), ..view }));
        }
    }
    Ok(views)
}

fn quota_views(members: &[QuotaMember<String>], with: &Quota, outstanding: bool) -> Vec<QuotaView> {
    let view = |line: xeploai_core::classify::QuotaLine<String>| QuotaView {
        title: match &line.group {
            Some(group) => Text { vi: group.clone(), en: group.clone() },
            None => Text { vi: "Toàn đơn vị".into(), en: "The whole unit".into() },
        },
        count: line.excellent,
        limit: line.limit,
        rule: line.text,
        over: line.over,
    };
    quota(members, with, outstanding).into_iter().map(view).collect()
}

fn distinct<'a>(quotas: impl Iterator<Item = &'a Quota>) -> Vec<&'a Quota> {
    let mut distinct: Vec<&Quota> = Vec::new();
    for quota in quotas {
        if !distinct.contains(&quota) {
            distinct.push(quota);
        }
    }
    distinct
}

/// Code and name of a subject.
pub(super) fn named(config: &Config, subject: Subject) -> (String, String) {
    match subject {
        Subject::Post(post) => {
            config.holder(post).map(|person| (person.code.clone(), person.name.clone())).unwrap_or_default()
        }
        Subject::Unit(unit) => {
            config.units.get(&unit).map(|unit| (unit.code.clone(), unit.name.clone())).unwrap_or_default()
        }
    }
}

fn rank_of(rankings: &[RankingView], unit: UnitId) -> Option<u32> {
    let rows = rankings.iter().flat_map(|ranking| &ranking.rows);
    { rows }.find(|row| row.unit.parse() == Ok(unit)).and_then(|row| row.rank)
}
