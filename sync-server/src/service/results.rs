//! Totals, levels and rankings, computed from accepted frames.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{Contestant, HashRow, change, rank, result_hash, tie_rule_text};
use xeploai_core::ids::UnitId;
use xeploai_core::org::{Config, League, PeriodRecord, Unit};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Ruleset, SubjectKind};
use xeploai_core::scoring::{Answers, Counted, Total, count, total};
use xeploai_core::sheet::state::{Basis, FrameRecord, Sheet};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::verdict::Rank;
use xeploai_core::view::{PeriodView, RankRow, RankingView, Threshold};

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::frames::{self, StoredFrame};
use crate::storage::streams;
use crate::storage::verdicts::Decoded;

/// A sheet with what counts on it.
pub(crate) struct SheetResult<'a> {
    pub(crate) sheet: Sheet,
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) counted: Counted,
    pub(crate) total: Total,
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

    /// A sheet with its total.
    pub(crate) fn result<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        key: SheetKey,
    ) -> Result<SheetResult<'a>, ServerError> {
        let ruleset = config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
        let subject = key.subject;
        let sheet = self.sheet(connection, key)?;
        let columns: BTreeMap<_, _> =
            ruleset.columns.iter().map(|column| (*column, sheet.answers(*column))).collect();
        let counted = count(ruleset, &columns);
        let total = total(ruleset, &counted.answers, config.products_of(subject))?;
        Ok(SheetResult { sheet, ruleset, counted, total })
    }

    /// As [`Self::result`]; a sheet whose figures no longer fit its criteria set or product list stops nobody else's
    /// ranking: it has no total.
    fn result_or_none<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        key: SheetKey,
    ) -> Result<SheetResult<'a>, ServerError> {
        match self.result(connection, config, key.clone()) {
            Err(ServerError::Scoring(error)) => {
                tracing::warn!(%error, sheet = %key.id(self.department), "a sheet can't be computed");
                let ruleset = config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
                let sheet = self.sheet(connection, key)?;
                let total = total(ruleset, &Answers::default(), &[])?;
                Ok(SheetResult { sheet, ruleset, counted: Counted::default(), total })
            }
            result => result,
        }
    }

    /// The rankings of a period, league by league. Those of a locked one are what was published, never recomputed.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`]; else when the store or the rules fail.
    pub fn rank(&self, period: Period) -> Result<Vec<RankingView>, ServerError> {
        self.storage.read(|read| {
            let config = self.config_in(read)?;
            self.rank_in(read, &config, period, None)
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
        let units = units_of(config, record, &league.code);
        let Some(first) = units.first() else { return Ok(None) };
        let ruleset = config.rulesets.get(&first.1.ruleset).ok_or(Refused::NoSuchSheet)?;
        let mut results = BTreeMap::new();
        for (unit, key) in &units {
            results.insert(unit.id, self.result_or_none(connection, config, key.clone())?);
        }
        let contestants = units.iter().map(|(unit, _)| Contestant {
            key: unit.id,
            order: unit.code.clone(),
            total: results.get(&unit.id).map(|result| result.total.clone()),
        });
        let before = ranks_before(config, record.period, &league.code);
        let (mut rows, mut hashed) = (Vec::new(), Vec::new());
        for placed in rank(contestants.collect(), ruleset) {
            let (Some(unit), Some(result)) = (config.units.get(&placed.key), results.get(&placed.key)) else {
                continue;
            };
            let gained = change(before.get(&placed.key).copied(), placed.rank);
            rows.push(row(unit, &result.total, placed.rank, placed.tied, gained));
            hashed.push(HashRow {
                unit: &unit.code,
                ruleset: result.ruleset.id(),
                content_hash: result.ruleset.content_hash(),
                counted: &result.counted,
                total: result.total.total,
                level: result.total.level,
                rank: placed.rank,
            });
        }
        let hash = result_hash(&record.period.to_string(), &hashed);
        Ok(Some(RankingView {
            period: PeriodView { locked: published_at.is_some(), ..record.view() },
            league: league.code.clone(),
            title: league.title.clone(),
            published: published_at.is_some(),
            published_at,
            result_hash: published_at.map(|_| data_encoding::HEXLOWER.encode(&hash)),
            tie_rule: tie_rule_text(ruleset),
            thresholds: thresholds(ruleset),
            maximum: ruleset.maximum(),
            trust: ruleset.trust.clone(),
            rows,
        }))
    }
}

fn row(unit: &Unit, total: &Total, rank: Option<u32>, tied: bool, change: Option<i32>) -> RankRow {
    RankRow {
        rank,
        tied,
        unit: unit.id.to_string(),
        code: unit.code.clone(),
        name: unit.name.clone(),
        short_name: unit.short_name.clone(),
        total: total.total,
        bonus: if total.total.is_some() { total.bonus } else { Points::ZERO },
        level: total.level,
        change,
        mine: false,
    }
}

/// Thresholds of a set, ascending.
fn thresholds(ruleset: &Ruleset) -> Vec<Threshold> {
    let mut thresholds: Vec<Threshold> =
        ruleset.levels.iter().map(|it| Threshold { level: it.level, from: it.from }).collect();
    thresholds.sort_by_key(|threshold| threshold.from);
    thresholds
}

/// The units of a league with their own sheets, by code.
pub(crate) fn units_of<'a>(
    config: &'a Config,
    record: &PeriodRecord,
    league: &str,
) -> Vec<(&'a Unit, SheetKey)> {
    let rules = record.rules.iter().filter(|rule| rule.subject == SubjectKind::Unit);
    let mut units: Vec<(&Unit, SheetKey)> = rules
        .flat_map(|rule| {
            rule.units.iter().filter_map(|id| config.units.get(id)).map(|unit| {
                let (subject, ruleset) = (Subject::Unit(unit.id), rule.ruleset.clone());
                (unit, SheetKey { subject, period: record.period, ruleset })
            })
        })
        .filter(|(unit, _)| unit.league.as_deref() == Some(league))
        .collect();
    units.sort_by(|a, b| a.0.code.cmp(&b.0.code));
    units
}

/// Ranks of the period before, as published.
fn ranks_before(config: &Config, period: Period, league: &str) -> BTreeMap<UnitId, u32> {
    let before = period.previous().and_then(|before| config.publications.get(&(before, league.to_owned())));
    let rows = before.map(|publication| publication.ranking.rows.as_slice()).unwrap_or_default();
    rows.iter().filter_map(|row| Some((row.unit.parse().ok()?, row.rank?))).collect()
}
