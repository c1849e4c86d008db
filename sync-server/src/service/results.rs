//! Rankings, and the results behind them: as they stand, and as they are published.

use rusqlite::{Connection, Transaction};
use xeploai_core::classify::{PublishedResult, ResultRow, change, tie_rule_text};
use xeploai_core::org::{Config, League, PeriodRecord, PeriodUnit};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{LevelFrom, Ruleset};
use xeploai_core::view::{PeriodView, RankRow, RankingView, Threshold};

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::results;

impl Service {
    /// The rankings of a period, league by league, each with the earlier ones beside it. Those of a locked one are what was
    /// published, never recomputed.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`]; else when the store or the rules fail.
    pub fn rank(&self, period: Period) -> Result<Vec<RankingView>, ServerError> {
        self.storage.read(|read| {
            let config = self.config_in(read)?;
            let mut rankings = self.rank_in(read, &config, period)?;
            rankings.iter_mut().for_each(|ranking| config.add_past(ranking));
            Ok(rankings)
        })
    }

    /// As [`Self::rank`], in a snapshot or transaction.
    pub(crate) fn rank_in(
        &self,
        connection: &Connection,
        config: &Config,
        period: Period,
    ) -> Result<Vec<RankingView>, ServerError> {
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        let mut rankings = Vec::with_capacity(record.leagues.len());
        for league in &record.leagues {
            match config.publications.get(&(period, league.code.clone())) {
                Some(publication) if record.locked => rankings.push(publication.ranking.clone()),
                _ => {
                    let result = self.result_of(connection, config, record, league)?;
                    rankings.extend(ranking(config, record, league, &result)?);
                }
            }
        }
        Ok(rankings)
    }

    /// Computes the rankings of a period from what counts now, to be published: each with its hash, and with its file kept,
    /// so that whoever has the hash can compute it again.
    pub(super) fn publish(
        &self,
        write: &Transaction<'_>,
        config: &Config,
        period: Period,
    ) -> Result<Vec<RankingView>, ServerError> {
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        let mut rankings = Vec::with_capacity(record.leagues.len());
        for league in &record.leagues {
            let result = self.result_of(write, config, record, league)?;
            let Some(ranking) = ranking(config, record, league, &result)? else { continue };
            let hash = result.hash()?;
            results::put(write, hash, &result.canonical()?)?;
            rankings.push(RankingView {
                period: PeriodView { locked: true, ..record.view() },
                published: true,
                published_at: Some(self.now()),
                result_hash: Some(data_encoding::HEXLOWER.encode(&hash)),
                ..ranking
            });
        }
        Ok(rankings)
    }

    /// A league's result with everything that it is computed from.
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
            let scored = self.scored_or_empty(connection, config, key.clone())?;
            facts.push((unit.code.clone(), key.ruleset, scored.facts(people)));
        }
        let period = record.period.to_string();
        Ok(PublishedResult::compute(&period, &league.code, &config.rulesets, facts)?)
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

/// A result as a ranking that is not published yet; nothing of a league without units.
fn ranking(
    config: &Config,
    record: &PeriodRecord,
    league: &League,
    result: &PublishedResult,
) -> Result<Option<RankingView>, ServerError> {
    let units = record.members(&config.units, &league.code);
    let Some((_, first)) = units.first() else { return Ok(None) };
    let ruleset = config.rulesets.get(&first.ruleset).ok_or(Refused::NoSuchSheet)?;
    let mut placed: Vec<&ResultRow> = result.rows.iter().collect();
    placed.sort_by_key(|row| (row.rank.is_none(), row.rank, &row.unit));
    let rows = placed.into_iter().filter_map(|row| {
        let (unit, _) = units.iter().find(|(unit, _)| unit.code == row.unit)?;
        let before = config.rank_before(unit.id, record.period, &league.code);
        Some(RankRow {
            change: change(before.as_ref().ok().copied().flatten(), row.rank),
            reorganised: before.err(),
            ..self::row(unit, row)
        })
    });
    Ok(Some(RankingView {
        period: record.view(),
        league: league.code.clone(),
        title: league.title.clone(),
        published: false,
        published_at: None,
        result_hash: None,
        tie_rule: tie_rule_text(ruleset),
        thresholds: thresholds(ruleset),
        maximum: ruleset.maximum(),
        trust: ruleset.trust.clone(),
        rows: rows.collect(),
    }))
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
