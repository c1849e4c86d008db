//! From a unit's rank down to the signed scores.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{explain, written_value};
use xeploai_core::clock;
use xeploai_core::ids::{FrameHash, UnitId};
use xeploai_core::org::Config;
use xeploai_core::period::Period;
use xeploai_core::ruleset::Criterion;
use xeploai_core::scoring::{Plan, Total};
use xeploai_core::sheet::state::Origin;
use xeploai_core::sheet::{Field, Place, Value};
use xeploai_core::view::{self, ExplainNode, ExplainScore, RankingView, Text, Written};

use super::Service;
use super::scored::Scored;
use crate::error::{Refused, ServerError};
use crate::storage::{frames, streams};

impl Service {
    /// Explains a unit's total and level.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`], [`Refused::NoSuchUnit`]; else when the store or the rules fail.
    pub fn explain_unit(&self, period: Period, unit: UnitId) -> Result<ExplainNode, ServerError> {
        self.storage.read(|read| self.explain_in(read, period, unit))
    }

    fn explain_in(
        &self,
        connection: &Connection,
        period: Period,
        unit: UnitId,
    ) -> Result<ExplainNode, ServerError> {
        let config = self.config_in(connection)?;
        let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
        let leagues = record.leagues.iter().flat_map(|league| record.members(&config.units, &league.code));
        let (_, key) = { leagues }.find(|(found, _)| found.id == unit).ok_or(Refused::NoSuchUnit)?;
        let outside = self.outside_of(connection, &config, &key)?;
        let scored = self.scored(connection, &config, key)?;
        let total = scored.assess(outside)?.total;
        let mut leaves: BTreeMap<u16, Vec<ExplainScore>> = BTreeMap::new();
        for criterion in scored.terms().ruleset.criteria() {
            let scores = self.scores(connection, &config, (&scored, &total), criterion)?;
            leaves.insert(criterion.number, scores);
        }
        let scores = |criterion: u16| leaves.get(&criterion).cloned().unwrap_or_default();
        let level = explain(&Plan::new(scored.terms())?, &scored.columns, outside, &scores)?;
        let rankings = self.rank_in(connection, &config, period)?;
        Ok(ranked(&rankings, unit, level))
    }

    /// The signed scores of one criterion, each signature checked again now.
    fn scores(
        &self,
        connection: &Connection,
        config: &Config,
        (scored, total): (&Scored<'_>, &Total),
        criterion: &Criterion,
    ) -> Result<Vec<ExplainScore>, ServerError> {
        let sheet = &scored.sheet;
        let mut scores = Vec::new();
        let here =
            sheet.fields.iter().filter(|(at, _)| at.criterion == criterion.number && at.field.is_answer());
        for (place, heads) in here {
            let note =
                sheet.value(Place { field: Field::Note, ..*place }).map(Value::to_string).unwrap_or_default();
            for head in heads.iter().filter(|head| head.value != Value::Empty) {
                let frame = head.origin.id.map(|id| id.frame);
                scores.push(ExplainScore {
                    column: place.column,
                    value: written_value(&criterion.rule, place.field, &head.value),
                    note: note.clone(),
                    written: written(connection, config, &head.origin)?,
                    counts: total.columns.get(&criterion.number) == Some(&place.column),
                    frame: frame.map(|frame| frame.to_string()),
                    signature_fits: frame
                        .map(|frame| fits(connection, frame))
                        .transpose()?
                        .unwrap_or_default(),
                    by_server: false,
                });
            }
        }
        Ok(scores)
    }
}

/// The unit's ranks above its level, one for each league that it is in.
fn ranked(rankings: &[RankingView], unit: UnitId, level: ExplainNode) -> ExplainNode {
    let mut node = level;
    for ranking in rankings.iter().rev() {
        let Some(row) = ranking.rows.iter().find(|row| row.unit.parse() == Ok(unit)) else { continue };
        let (rank, of) = (row.rank, ranking.rows.len());
        let shared = if row.tied { (", đồng hạng", ", shared") } else { ("", "") };
        let value = match rank {
            Some(rank) => Text {
                vi: format!("Hạng {rank} trên {of}{}", shared.0),
                en: format!("Rank {rank} of {of}{}", shared.1),
            },
            None => Text { vi: "Chưa có hạng".into(), en: "No rank yet".into() },
        };
        let (name, title) = (&row.name, &ranking.title);
        node = ExplainNode {
            title: Text { vi: format!("{name} · {}", title.vi), en: format!("{name} · {}", title.en) },
            value,
            rule: Some(ranking.tie_rule.clone()),
            level: None,
            source: None,
            scores: Vec::new(),
            children: vec![node],
        };
    }
    node
}

fn fits(connection: &Connection, frame: FrameHash) -> Result<bool, ServerError> {
    let Some(position) = frames::position_of(connection, frame)? else { return Ok(false) };
    let Some(stored) = frames::get(connection, position)? else { return Ok(false) };
    let stream = streams::get(connection, stored.frame.lane.stream)?;
    Ok(stream.is_some_and(|stream| stored.frame.verify(&stream.certificate).is_ok()))
}

fn written(connection: &Connection, config: &Config, origin: &Origin) -> Result<Written, ServerError> {
    let person = config.people.get(&origin.author);
    let post = config.assignments_of(origin.author).into_iter().next();
    let stream = streams::get(connection, origin.lane.stream)?;
    Ok(Written {
        author: person.map(|person| person.name.clone()).unwrap_or_default(),
        code: person.map(|person| person.code.clone()).unwrap_or_default(),
        position: post.map_or(Text { vi: String::new(), en: String::new() }, |post| post.position.clone()),
        device: stream.map(|stream| stream.certificate.header.device).unwrap_or_default(),
        at: origin.at,
        clock_wrong: clock::was_wrong(origin.at, origin.received_at),
        received: origin.received_at,
        place: view::Place::Received,
    })
}
