//! Totals, levels and rankings, computed from accepted frames.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{Contestant, HashRow, change, rank, result_hash, tie_rule_text};
use xeploai_core::org::{Config, League, PeriodRecord, PeriodUnit};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::Ruleset;
use xeploai_core::scoring::{Answers, Counted, Total, count, total};
use xeploai_core::sheet::SheetKey;
use xeploai_core::sheet::state::{Basis, FrameRecord, Sheet};
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
        let sheet = self.sheet(connection, key)?;
        let columns: BTreeMap<_, _> =
            ruleset.columns.iter().map(|column| (*column, sheet.answers(*column))).collect();
        let counted = count(ruleset, &columns);
        let total = total(ruleset, &counted.answers, config.products_of(&sheet.key))?;
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
        let mut results = BTreeMap::new();
        for (unit, key) in &units {
            results.insert(unit.id, self.result_or_none(connection, config, key.clone())?);
        }
        let contestants = units.iter().map(|(unit, _)| Contestant {
            key: unit.id,
            order: unit.code.clone(),
            total: results.get(&unit.id).map(|result| result.total.clone()),
        });
        let known: BTreeMap<_, _> = units.iter().map(|(unit, _)| (unit.id, unit)).collect();
        let (mut rows, mut hashed) = (Vec::new(), Vec::new());
        for placed in rank(contestants.collect(), ruleset) {
            let (Some(unit), Some(result)) = (known.get(&placed.key), results.get(&placed.key)) else {
                continue;
            };
            let before = config.rank_before(unit.id, record.period, &league.code);
            rows.push(RankRow {
                change: change(before.ok().flatten(), placed.rank),
                reorganised: before.err(),
                ..row(unit, &result.total, placed.rank, placed.tied)
            });
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

fn row(unit: &PeriodUnit, total: &Total, rank: Option<u32>, tied: bool) -> RankRow {
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
        change: None,
        reorganised: None,
        past: Vec::new(),
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
