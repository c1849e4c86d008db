//! The classification of a period: units and their people, levels, ranks, quotas, decisions.
//!
//! Invariant: it proposes and flags. What a person has decided stands beside the proposal, and nothing moves anybody.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{Entry, Outcome, Outside, QuotaMember, gate_sentences, roster};
use xeploai_core::ids::{SheetId, UnitId};
use xeploai_core::org::{Config, Document, LevelDecision, PeriodRecord};
use xeploai_core::period::Period;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::scoring::{Plan, Sums, Total};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{
    ClassificationView, ClassifiedRow, DecidedView, Level, QuotaView, RankingView, Text, UnitClassification,
};

use super::scored::{Scored, looks_at_people, people_of};
use super::{Authority, Service, quotas};
use crate::error::{Refused, ServerError};

/// A subject's sheet, and what came out.
pub(super) struct Classified<'a> {
    pub(super) scored: Scored<'a>,
    pub(super) total: Total,
    pub(super) outcome: Outcome,
    gates: Vec<Text>,
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
        let rankings = self.rank_in(connection, &config, period)?;
        let mut view = ClassificationView {
            period: record.view(),
            units: Vec::new(),
            quotas: Vec::new(),
            signals: Vec::new(),
        };
        let (mut own, mut rows) = (Vec::new(), Vec::new());
        for (unit, sheets) in sheets_by_unit(&config, period) {
            let unit = self.classify_unit(connection, &config, (unit, sheets), &rankings)?;
            view.units.extend(unit.view(&config, record));
            rows.extend(unit.signal_rows(self, connection, &config, record)?);
            own.extend(unit.own);
        }
        view.quotas = unit_quotas(&config, &own, &rankings);
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
        let people = sheets.people.into_iter().map(|key| self.scored_or_empty(connection, config, key));
        let people = people.collect::<Result<Vec<_>, _>>()?;
        let own = match sheets.own {
            None => None,
            Some(key) => {
                let scored = self.scored_or_empty(connection, config, key)?;
                let asked = looks_at_people(scored.terms().ruleset);
                let of_people = asked.then(|| people_of(config, &people)).transpose()?;
                let own = Classified::new(scored, Outside { unit_level: None, people: of_people })?;
                Some(Classified { rank: rank_of(rankings, unit), ..own })
            }
        };
        let unit_level = own.as_ref().and_then(|own| own.level(config));
        let outside = Outside { unit_level, people: None };
        let people = people.into_iter().map(|scored| Classified::new(scored, outside));
        let mut people = people.collect::<Result<Vec<_>, _>>()?;
        rank_people(config, &mut people, outside)?;
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
        if !terms.ruleset.not_above_unit.contains(&terms.position.standing) {
            return Ok(Outside::default());
        }
        let unit = config.unit_of(key.subject).map(|unit| Subject::Unit(unit.id));
        let own = config.sheets(key.period).into_iter().find(|sheet| Some(sheet.subject) == unit);
        let Some(own) = own else { return Ok(Outside::default()) };
        let outside = self.outside_of(connection, config, &own)?;
        let own = Classified::new(self.scored_or_empty(connection, config, own)?, outside)?;
        Ok(Outside { unit_level: own.level(config), people: None })
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
            let proposed = match found.outcome {
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
    fn view(&self, config: &Config, record: &PeriodRecord) -> Option<UnitClassification> {
        let unit = config.unit_in(record.period, self.unit)?;
        let quotas = self.quotas(config, record.period);
        let over: Vec<&String> = quotas.iter().flat_map(|quota| &quota.over).collect();
        let mut people = Vec::with_capacity(self.people.len());
        for person in &self.people {
            let mut row = person.row(config);
            row.over_quota = over.contains(&&row.code);
            people.push((&person.key().ruleset, row));
        }
        // Set by set: a rank is one among the people of its set.
        people.sort_by(|(of_a, a), (of_b, b)| {
            (of_a, a.rank.is_none(), a.rank, &a.code).cmp(&(of_b, b.rank.is_none(), b.rank, &b.code))
        });
        Some(UnitClassification {
            unit: self.unit.to_string(),
            code: unit.code.clone(),
            name: unit.name.clone(),
            own: self.own.as_ref().map(|own| own.row(config)),
            people: people.into_iter().map(|(_, row)| row).collect(),
            quotas,
            signals: Vec::new(),
        })
    }

    /// The quotas of the sets that the unit's people are scored under: those under one quota are counted together.
    fn quotas(&self, config: &Config, period: Period) -> Vec<QuotaView> {
        let decided = config.levels.get(&(period, Subject::Unit(self.unit)));
        let outstanding = decided.is_some_and(|decided| decided.outstanding);
        let people: Vec<&Classified<'_>> = self.people.iter().collect();
        quotas::views(&people, outstanding, |person| {
            let Subject::Post(post) = person.key().subject else { return person.member(config, "") };
            let group = config.assignments.get(&post).map(|post| post.similar());
            person.member(config, group.unwrap_or_default())
        })
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

impl<'a> Classified<'a> {
    fn new(scored: Scored<'a>, outside: Outside) -> Result<Self, ServerError> {
        let assessment = scored.assess(outside)?;
        let gates = gate_sentences(scored.terms().ruleset, &assessment.steps);
        let (total, outcome) = (assessment.total, assessment.outcome);
        Ok(Self { scored, total, outcome, gates, rank: None })
    }

    pub(super) fn key(&self) -> &SheetKey {
        &self.scored.sheet.key
    }

    fn decided<'c>(&self, config: &'c Config) -> Option<&'c LevelDecision> {
        config.levels.get(&(self.key().period, self.key().subject))
    }

    /// The level that counts: what a person has decided, else the proposal.
    pub(super) fn level(&self, config: &Config) -> Option<Level> {
        self.decided(config).map_or(self.outcome.level(), |decided| decided.level)
    }

    fn member(&self, config: &Config, group: &str) -> QuotaMember<String> {
        let (key, _) = named(config, self.key().subject);
        QuotaMember { key, group: group.to_owned(), level: self.level(config), value: self.total.exact }
    }

    fn row(&self, config: &Config) -> ClassifiedRow {
        let key = self.key();
        let (code, name) = named(config, key.subject);
        let position = match key.subject {
            Subject::Post(post) => config.assignments.get(&post).map(|post| post.position.clone()),
            Subject::Unit(_) => None,
        };
        let department = config.department.as_ref().map(|department| department.id).unwrap_or_default();
        ClassifiedRow {
            sheet: key.id(department).to_string(),
            code,
            name,
            position: position.unwrap_or_default(),
            ruleset: self.scored.terms().ruleset.title.clone(),
            total: self.total.total,
            level: self.outcome.level(),
            not_rated: self.outcome == Outcome::NotRated,
            provisional: self.total.provisional,
            rank: self.rank,
            gates: self.gates.clone(),
            over_quota: false,
            decided: self.decided(config).map(|decided| DecidedView {
                level: decided.level,
                outstanding: decided.outstanding,
                reason: decided.reason.clone(),
                by: decided.by.clone(),
                at: decided.at,
            }),
        }
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

/// Ranks the people of a unit who are scored under one criteria set among each other.
fn rank_people(config: &Config, people: &mut [Classified<'_>], outside: Outside) -> Result<(), ServerError> {
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
        let placed = roster(entries, outside, &mut Sums::default())?;
        ranks.extend(placed.into_iter().map(|placed| (placed.key, placed.rank)));
    }
    for (at, rank) in ranks {
        people[at].rank = rank;
    }
    Ok(())
}

/// Quotas over the units of each league, which is their group of similar tasks.
fn unit_quotas(config: &Config, units: &[Classified<'_>], rankings: &[RankingView]) -> Vec<QuotaView> {
    let of_league = |ranking: &RankingView| {
        let in_league = |unit: &&Classified<'_>| {
            let Subject::Unit(id) = unit.key().subject else { return false };
            ranking.rows.iter().any(|row| row.unit.parse() == Ok(id))
        };
        let members: Vec<&Classified<'_>> = units.iter().filter(in_league).collect();
        let views = quotas::views(&members, false, |unit| unit.member(config, &ranking.title.vi));
        let titled = views.into_iter().map(|view| QuotaView { title: ranking.title.clone(), ..view });
        titled.collect::<Vec<_>>()
    };
    rankings.iter().flat_map(of_league).collect()
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
