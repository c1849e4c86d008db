//! Opening and locking periods.

use std::collections::BTreeSet;

use xeploai_core::ids::{DepartmentId, UnitId};
use xeploai_core::org::{
    Config, Cut, Document, League, OrgError, PeriodRecord, PeriodRule, Publication, UnitKind,
};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{RulesetId, Standing, SubjectKind};
use xeploai_core::view::{RankingView, Text};

use super::{Service, decision, documents};
use crate::error::{Refused, ServerError};

impl Service {
    /// Opens a period with the rules of the latest one of its kind before it, or else of another kind; units that came
    /// since join those of their kind. The first period of a department goes by the shipped sets. The units that exist
    /// then, their names and leagues are frozen.
    ///
    /// # Errors
    /// [`Refused::PeriodExists`]; [`Refused::NoUnits`] when there is nobody to score; [`Refused::RecordTooLarge`] when there
    /// are too many units for one period;
    /// [`OrgError::MixedLeague`] when the units of a league are scored under two criteria sets.
    pub fn open_period(&self, period: Period) -> Result<PeriodRecord, ServerError> {
        self.open_period_with(period, &Opening::default())
    }

    /// As [`Self::open_period`], with what is otherwise than in the period before.
    ///
    /// # Errors
    /// As there; [`OrgError::UnknownLeague`] for a code that no unit of the period is in; [`OrgError::UnknownRuleset`].
    pub fn open_period_with(&self, period: Period, opening: &Opening) -> Result<PeriodRecord, ServerError> {
        let config = self.config()?;
        if config.periods.contains_key(&period) {
            return Err(Refused::PeriodExists.into());
        }
        let earlier = || config.periods.values().rev().filter(|record| record.period < period);
        let before = earlier().find(|record| record.period.is_like(period)).or_else(|| earlier().next());
        let rules = match before {
            Some(before) => with_newcomers(&config, &before.rules),
            None => first_rules(&config),
        };
        let rules = with_rulesets(&config, rules, &opening.rulesets)?;
        let mut record = PeriodRecord::open(period, rules, Vec::new()).freeze(config.units.values());
        if record.units.is_empty() {
            return Err(Refused::NoUnits.into());
        }
        record.leagues = leagues(&config, &record);
        for (code, title) in &opening.titles {
            let league = record.leagues.iter_mut().find(|league| league.code == *code);
            let league = league.ok_or_else(|| OrgError::UnknownLeague(code.clone()))?;
            league.title = Text { vi: title.clone(), en: title.clone() };
        }
        record.own_until.clone_from(&opening.days.own_until);
        record.superior_until.clone_from(&opening.days.superior_until);
        record.classified_on.clone_from(&opening.days.classified_on);
        record.published_on.clone_from(&opening.days.published_on);
        record.check_leagues(&config.units)?;
        check_room(&record)?;
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
            let rankings = self.publish(write, &config, period)?;
            let cut = self.cut(write)?;
            let roots = self.make_snapshots(write, &config, period, decision::rank(&cut))?;
            let publication =
                |ranking: &RankingView| Box::new(Publication { period, ranking: ranking.clone() });
            let mut documents: Vec<Document> =
                rankings.iter().map(|ranking| Document::Publication(publication(ranking))).collect();
            documents.push(Document::Period(PeriodRecord {
                locked: true,
                cut: Some(Cut { roots, ..cut }),
                ..record.clone().freeze(config.units.values())
            }));
            self.write_documents_in(write, &documents)?;
            Ok(rankings)
        })
    }
}

/// A period that can be opened can be locked: a frame has room for its record with a root hash for every unit.
fn check_room(record: &PeriodRecord) -> Result<(), ServerError> {
    // Roots are hashes, which no packing makes shorter: so are these.
    let root = |unit: UnitId| UnitId::of(DepartmentId(unit.0), "root").0;
    let roots = record.units.iter().map(|unit| (unit.id, root(unit.id))).collect();
    let (epoch_order, number, decision) = (u32::MAX, u64::MAX, u32::MAX);
    let cut = Some(Cut { epoch: [0; 16], epoch_order, number, roots, decision });
    let locked = PeriodRecord { locked: true, cut, ..record.clone() };
    Ok(documents::check_size(&Document::Period(locked).to_change()?)?)
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
        (!units.is_empty()).then_some(PeriodRule::new(units, subject, ruleset))
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

/// The rules, where those of a set with one of these codes name the set beside it.
/// What is otherwise in a period than in the one before it.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// Titles that leagues, by code, have from now on.
    pub titles: Vec<(String, String)>,
    /// Sets that take over from others.
    pub rulesets: Vec<TakenOver>,
    /// The days of the period.
    pub days: Days,
}

/// The days of a period, `YYYY-MM-DD`; absent: none is set.
#[derive(Debug, Clone, Default)]
pub struct Days {
    /// Last day of self-scoring.
    pub own_until: Option<String>,
    /// Last day of the superiors' scores.
    pub superior_until: Option<String>,
    /// Day of classification.
    pub classified_on: Option<String>,
    /// Day of publication.
    pub published_on: Option<String>,
}

/// A set that takes over from another one, for all or for those who stand so.
#[derive(Debug, Clone)]
pub struct TakenOver {
    /// Code of the set that it takes over from.
    pub code: String,
    /// For whom; absent: all.
    pub standing: Option<Standing>,
    /// The set.
    pub id: RulesetId,
}

/// Takes those who stand so out of a rule, into one of their own; nothing when it is not for them, or they were all of it
/// and it is theirs now.
fn part(rule: &mut PeriodRule, standing: Standing, id: &RulesetId) -> Option<PeriodRule> {
    if rule.subject != SubjectKind::Person || !rule.is_for(standing) {
        return None;
    }
    let parted = PeriodRule { ruleset: id.clone(), standings: vec![standing], ..rule.clone() };
    let all = [Standing::Head, Standing::Deputy, Standing::Staff];
    let others = all.into_iter().filter(|other| rule.is_for(*other) && *other != standing);
    let others: Vec<Standing> = others.collect();
    if others.is_empty() {
        *rule = parted;
        return None;
    }
    rule.standings = others;
    Some(parted)
}

fn with_rulesets(
    config: &Config,
    mut rules: Vec<PeriodRule>,
    rulesets: &[TakenOver],
) -> Result<Vec<PeriodRule>, OrgError> {
    for TakenOver { code, standing, id } in rulesets {
        let subject = config.rulesets.get(id).map(|set| set.subject);
        let theirs = |rule: &&mut PeriodRule| rule.ruleset.code == *code && Some(rule.subject) == subject;
        let mut theirs = rules.iter_mut().filter(theirs).peekable();
        if theirs.peek().is_none() {
            return Err(OrgError::UnknownRuleset(format!("{code} → {id}")));
        }
        let Some(standing) = standing else {
            theirs.for_each(|rule| rule.ruleset = id.clone());
            continue;
        };
        let parted: Vec<PeriodRule> = theirs.filter_map(|rule| part(rule, *standing, id)).collect();
        rules.extend(parted);
    }
    Ok(rules)
}

/// The leagues of a period's units that have a sheet of their own: in the order and with the titles of the latest period
/// that had them; those of the source as in it; another one by its code.
fn leagues(config: &Config, record: &PeriodRecord) -> Vec<League> {
    let of_units = || record.rules.iter().filter(|rule| rule.subject == SubjectKind::Unit);
    let ranked = record.units.iter().filter(|unit| of_units().any(|rule| rule.units.contains(&unit.id)));
    let mut codes: BTreeSet<&str> = ranked.flat_map(|unit| &unit.leagues).map(String::as_str).collect();
    let before = config.periods.values().rev().flat_map(|record| &record.leagues);
    let mut leagues: Vec<League> = before.filter(|it| codes.remove(it.code.as_str())).cloned().collect();
    leagues.extend(codes.into_iter().map(|code| {
        let (vi, en) = match code {
            "offices" => ("Phòng Văn hóa và Thông tin", "District offices of culture"),
            "centres" => ("Trung tâm và Đài", "Centres and the station"),
            other => (other, other),
        };
        League { code: code.into(), title: Text { vi: vi.into(), en: en.into() } }
    }));
    leagues
}
