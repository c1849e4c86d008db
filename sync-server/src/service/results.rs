//! Totals, levels and rankings, computed from accepted frames.

use rusqlite::{Connection, Transaction};
use xeploai_core::classify::{
    Assessment, ColumnFacts, Facts, Outside, People, PublishedResult, ResultError, ResultRow, assess, change,
    tie_rule_text,
};
use xeploai_core::ids::UnitId;
use xeploai_core::org::{Config, League, PeriodRecord, PeriodUnit};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Condition, LevelFrom, Position, Ruleset};
use xeploai_core::scoring::{Columns, Plan, Product, Terms};
use xeploai_core::sheet::state::{Basis, FrameRecord, Sheet};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::verdict::Rank;
use xeploai_core::view::{PeriodView, RankRow, RankingView, Threshold};

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::frames::{self, StoredFrame};
use crate::storage::verdicts::Decoded;
use crate::storage::{results, streams};

/// A sheet with what it is computed under.
pub(crate) struct Scored<'a> {
    pub(crate) sheet: Sheet,
    pub(crate) columns: Columns,
    ruleset: &'a Ruleset,
    products: &'a [Product],
    position: Position,
}

impl Scored<'_> {
    /// What it is computed under.
    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms { ruleset: self.ruleset, position: &self.position, products: self.products }
    }

    /// Its total and proposed level.
    pub(crate) fn assess(&self, outside: Outside) -> Result<Assessment<'_>, ServerError> {
        Ok(assess(&Plan::new(self.terms())?, &self.columns, &self.ruleset.counting, outside)?)
    }

    /// The same as a result's file has it.
    fn facts(&self, people: Option<People>) -> Facts {
        let said = self.columns.iter().map(|(column, answers)| (*column, ColumnFacts::from(answers)));
        Facts {
            columns: said.collect(),
            products: self.products.to_vec(),
            position: self.position.clone(),
            unit_level: None,
            people: people.map(People::by_level),
        }
    }
}

impl Service {
    /// A sheet as it officially stands.
    ///
    /// # Errors
    /// When the database fails or holds what can't be decoded.
    pub fn sheet_of(&self, key: &SheetKey) -> Result<Sheet, ServerError> {
        self.storage.read(|read| self.sheet(read, key.clone()))
    }

    /// A sheet from its accepted frames.
    pub(crate) fn sheet(&self, connection: &Connection, key: SheetKey) -> Result<Sheet, ServerError> {
        self.sheet_at(connection, key, None)
    }

    /// A sheet as it stood at a cut: what was said of its frames later does not count.
    pub(crate) fn sheet_at(
        &self,
        connection: &Connection,
        key: SheetKey,
        cut: Option<Rank>,
    ) -> Result<Sheet, ServerError> {
        let stored = frames::of_sheet(connection, key.id(self.department))?;
        let (mut records, mut decoded) = (Vec::with_capacity(stored.len()), Decoded::at(cut));
        for StoredFrame { position, received_at, frame } in stored {
            let hash = frame.hash();
            let stream = streams::get(connection, frame.lane.stream)?.ok_or(Refused::NotInitialised)?;
            records.push(FrameRecord {
                hash,
                lane: frame.lane,
                author: stream.certificate.header.author,
                body: frame.decode_body().unwrap_or_default(),
                verdict: decoded.of(connection, position, hash)?.map(|verdict| verdict.0),
                received_at: Some(received_at),
            });
        }
        let chain = frames::chain(connection, &records.iter().map(|record| record.lane).collect())?;
        Ok(Sheet::assemble(key, &records, None, &chain, Basis::Official))
    }

    /// A sheet with what it is computed under.
    pub(crate) fn scored<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        key: SheetKey,
    ) -> Result<Scored<'a>, ServerError> {
        let ruleset = config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
        let (products, position) = (config.products_of(&key), config.position_of(key.subject));
        let sheet = self.sheet(connection, key)?;
        let columns = ruleset.columns.iter().map(|column| (*column, sheet.answers(*column))).collect();
        Ok(Scored { sheet, columns, ruleset, products, position })
    }

    /// As [`Self::scored`]; of a sheet whose figures no longer fit its criteria set or product list nothing counts: it
    /// stops nobody else's classification.
    pub(crate) fn scored_or_empty<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        key: SheetKey,
    ) -> Result<Scored<'a>, ServerError> {
        let scored = self.scored(connection, config, key)?;
        match scored.assess(Outside::default()) {
            Err(ServerError::Scoring(error)) => {
                tracing::warn!(%error, sheet = %scored.sheet.key.id(self.department), "a sheet can't be computed");
                Ok(Scored { columns: Columns::default(), ..scored })
            }
            assessed => assessed.map(|_| ()).map(|()| scored),
        }
    }

    /// Levels of a unit's people, where the unit's criteria set looks at them: as decided, else by their own sheets, without
    /// the unit's own level, which follows from theirs.
    pub(crate) fn people_of(
        &self,
        connection: &Connection,
        config: &Config,
        period: Period,
        unit: UnitId,
    ) -> Result<People, ServerError> {
        let mut levels = Vec::new();
        for key in config.sheets(period) {
            let of_person = matches!(key.subject, Subject::Post(_));
            if !of_person || config.unit_of(key.subject).is_none_or(|of| of.id != unit) {
                continue;
            }
            let decided = config.levels.get(&(period, key.subject));
            levels.extend(match decided {
                Some(decided) => decided.level,
                None => {
                    self.scored_or_empty(connection, config, key)?.assess(Outside::default())?.outcome.level()
                }
            });
        }
        Ok(levels.into_iter().collect())
    }

    /// What a unit's own sheet is judged by besides itself.
    pub(crate) fn outside_of(
        &self,
        connection: &Connection,
        config: &Config,
        key: &SheetKey,
    ) -> Result<Outside, ServerError> {
        let ruleset = config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
        let (Subject::Unit(unit), true) = (key.subject, looks_at_people(ruleset)) else {
            return Ok(Outside::default());
        };
        let people = self.people_of(connection, config, key.period, unit)?;
        Ok(Outside { unit_level: None, people: Some(people) })
    }

    /// The rankings of a period, league by league, each with the earlier ones beside it. Those of a locked one are what was
    /// published, never recomputed.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`]; else when the store or the rules fail.
    pub fn rank(&self, period: Period) -> Result<Vec<RankingView>, ServerError> {
        self.storage.read(|read| {
            let config = self.config_in(read)?;
            let mut rankings = self.rank_in(read, &config, period, None)?;
            rankings.iter_mut().for_each(|ranking| config.add_past(ranking));
            Ok(rankings)
        })
    }

    /// As [`Self::rank`], in a snapshot or transaction. With a time of publication the answer is what is published now.
    pub(crate) fn rank_in(
        &self,
        connection: &Connection,
        config: &Config,
        period: Period,
        published_at: Option<i64>,
    ) -> Result<Vec<RankingView>, ServerError> {
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        let league = |league: &League| match config.publications.get(&(period, league.code.clone())) {
            Some(publication) if record.locked => Ok(Some(publication.ranking.clone())),
            _ => self.rank_league(connection, config, record, league, published_at),
        };
        record.leagues.iter().filter_map(|it| league(it).transpose()).collect()
    }

    /// The rankings of a locked period, computed again from what counts now: for a replacement decision.
    pub(super) fn rank_anew(
        &self,
        connection: &Connection,
        config: &Config,
        period: Period,
    ) -> Result<Vec<RankingView>, ServerError> {
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        let league = |league: &League| self.rank_league(connection, config, record, league, Some(self.now()));
        record.leagues.iter().filter_map(|it| league(it).transpose()).collect()
    }

    fn rank_league(
        &self,
        connection: &Connection,
        config: &Config,
        record: &PeriodRecord,
        league: &League,
        published_at: Option<i64>,
    ) -> Result<Option<RankingView>, ServerError> {
        let units = record.members(&config.units, &league.code);
        let Some(first) = units.first() else { return Ok(None) };
        let ruleset = config.rulesets.get(&first.1.ruleset).ok_or(Refused::NoSuchSheet)?;
        let result = self.result_of(connection, config, record, league)?;
        let unit_of = |row: &ResultRow| units.iter().find(|(unit, _)| unit.code == row.unit);
        let mut placed: Vec<&ResultRow> = result.rows.iter().collect();
        placed.sort_by_key(|row| (row.rank.is_none(), row.rank, &row.unit));
        let rows = placed.into_iter().filter_map(|row| {
            let (unit, _) = unit_of(row)?;
            let before = config.rank_before(unit.id, record.period, &league.code);
            Some(RankRow {
                change: change(before.as_ref().ok().copied().flatten(), row.rank),
                reorganised: before.err(),
                ..self::row(unit, row)
            })
        });
        let hash = published_at.map(|_| result.hash()).transpose()?;
        Ok(Some(RankingView {
            period: PeriodView { locked: published_at.is_some(), ..record.view() },
            league: league.code.clone(),
            title: league.title.clone(),
            published: published_at.is_some(),
            published_at,
            result_hash: hash.map(|hash| data_encoding::HEXLOWER.encode(&hash)),
            tie_rule: tie_rule_text(ruleset),
            thresholds: thresholds(ruleset),
            maximum: ruleset.maximum(),
            trust: ruleset.trust.clone(),
            rows: rows.collect(),
        }))
    }

    /// A league's result with everything that it is computed from. A sheet whose figures no longer fit its criteria set or
    /// product list stops nobody else's ranking: it counts as empty.
    fn result_of(
        &self,
        connection: &Connection,
        config: &Config,
        record: &PeriodRecord,
        league: &League,
    ) -> Result<PublishedResult, ServerError> {
        let mut facts = Vec::new();
        for (unit, key) in record.members(&config.units, &league.code) {
            let people = self.outside_of(connection, config, &key)?.people;
            let scored = self.scored(connection, config, key.clone())?;
            facts.push((unit.code.clone(), key.ruleset, scored.facts(people)));
        }
        loop {
            let period = record.period.to_string();
            match PublishedResult::compute(&period, &league.code, &config.rulesets, facts.clone()) {
                Err(ResultError::Facts { unit, error }) => {
                    tracing::warn!(%error, unit, "a sheet can't be computed");
                    let wrong = facts.iter_mut().find(|(code, ..)| *code == unit);
                    let Some((_, _, facts)) = wrong.filter(|(.., facts)| *facts != Facts::default()) else {
                        return Err(ResultError::Facts { unit, error }.into());
                    };
                    *facts = Facts::default();
                }
                result => return Ok(result?),
            }
        }
    }

    /// Keeps the files of rankings that are being published, so that whoever has a hash can compute it again.
    pub(super) fn keep_results(
        &self,
        write: &Transaction<'_>,
        config: &Config,
        period: Period,
    ) -> Result<(), ServerError> {
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        for league in &record.leagues {
            let result = self.result_of(write, config, record, league)?;
            if !result.rows.is_empty() {
                results::put(write, result.hash()?, &result.canonical()?)?;
            }
        }
        Ok(())
    }

    /// The file of a league's result: as it was published, or as it stands while the period is open.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`], [`Refused::NoSuchLeague`], [`Refused::NoSuchResult`]; else when the store or the rules fail.
    pub fn export_result(&self, period: Period, league: &str) -> Result<String, ServerError> {
        self.storage.read(|read| {
            let config = self.config_in(read)?;
            let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
            let found = record.leagues.iter().find(|known| known.code == league);
            let found = found.ok_or(Refused::NoSuchLeague)?;
            let published = config.publications.get(&(period, league.to_owned()));
            let Some(published) = published.filter(|_| record.locked) else {
                return Ok(self.result_of(read, &config, record, found)?.canonical()?);
            };
            let hash = published.ranking.result_hash.as_deref().unwrap_or_default();
            let hash = data_encoding::HEXLOWER.decode(hash.as_bytes()).unwrap_or_default();
            let kept = hash.try_into().ok().map(|hash| results::get(read, hash)).transpose()?;
            Ok(kept.flatten().ok_or(Refused::NoSuchResult)?)
        })
    }
}

/// Whether a level's condition or a gate of the set looks at the unit's people.
fn looks_at_people(ruleset: &Ruleset) -> bool {
    let conditions = ruleset.levels.iter().flat_map(|level| &level.conditions);
    let gates = ruleset.gates.iter().flat_map(|gate| &gate.when);
    conditions.chain(gates).any(|condition| matches!(condition, Condition::People { .. }))
}

fn row(unit: &PeriodUnit, row: &ResultRow) -> RankRow {
    let complete = row.total.is_some();
    RankRow {
        rank: row.rank,
        tied: row.tied,
        unit: unit.id.to_string(),
        code: unit.code.clone(),
        name: unit.name.clone(),
        short_name: unit.short_name.clone(),
        total: row.total,
        bonus: if complete { row.bonus } else { Points::ZERO },
        penalty: if complete { row.penalty } else { Points::ZERO },
        level: row.level,
        not_rated: row.not_rated,
        change: None,
        reorganised: None,
        past: Vec::new(),
        mine: false,
    }
}

/// Thresholds of a set, ascending.
fn thresholds(ruleset: &Ruleset) -> Vec<Threshold> {
    let threshold = |it: &LevelFrom| Some(Threshold { level: it.level, from: it.from? });
    let mut thresholds: Vec<Threshold> = ruleset.levels.iter().filter_map(threshold).collect();
    thresholds.sort_by_key(|threshold| threshold.from);
    thresholds
}
