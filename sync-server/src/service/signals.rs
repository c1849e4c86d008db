//! Fairness signals of a period, from its sheets. They inform; they change no score.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{CHANGE_POINTS, FigureName, Signal, SignalKind, SignalRow, Standing, signals};
use xeploai_core::ids::{PersonId, UnitId};
use xeploai_core::org::{Config, PeriodRecord};
use xeploai_core::points::Points;
use xeploai_core::ruleset::Rounding;
use xeploai_core::scoring::exact::shown;
use xeploai_core::scoring::{Plan, total};
use xeploai_core::sheet::{SheetKey, Subject, Value};
use xeploai_core::view::{Column, SignalView, Text};

use super::Service;
use super::classification::{Classified, named};
use crate::error::ServerError;

/// What the units together are called, as their people are by the unit's code.
const AMONG_UNITS: &str = "các đơn vị";
/// Days end in Việt Nam.
const OFFSET_HOURS: i8 = 7;

/// What the signals look at, of one subject.
pub(super) fn row(
    service: &Service,
    (connection, config, record): (&Connection, &Config, &PeriodRecord),
    unit: UnitId,
    classified: &Classified<'_>,
) -> Result<SignalRow, ServerError> {
    let key = classified.key();
    let plan = Plan::new(classified.scored.terms())?;
    let of = |column: Column| -> Result<Option<Points>, ServerError> {
        if !plan.terms().ruleset.columns.contains(&column) {
            return Ok(None);
        }
        Ok(total(&plan, &classified.scored.columns, &[column])?.total)
    };
    let name = |person: PersonId| config.people.get(&person).map(|person| person.name.clone());
    let by = |column: Column| scorer(classified, column).and_then(name);
    let entry_ends = record.own_until.as_deref().and_then(end_of_day);
    Ok(SignalRow {
        unit: match key.subject {
            Subject::Post(_) => config.units.get(&unit).map(|unit| unit.code.clone()).unwrap_or_default(),
            // Units are compared with each other, not with their people.
            Subject::Unit(_) => AMONG_UNITS.to_owned(),
        },
        subject: named(config, key.subject).0,
        level: classified.level(config),
        total: classified.total.total,
        own: of(Column::Own)?,
        superior: of(Column::Superior)?,
        appraised: of(Column::Appraised)?,
        superior_by: by(Column::Superior),
        appraised_by: by(Column::Appraised),
        entered_at: if entry_ends.is_some() { entered(classified) } else { Vec::new() },
        entry_ends: entry_ends.unwrap_or_default(),
        before: before(service, connection, config, key)?,
    })
}

/// Who wrote most of a column.
fn scorer(classified: &Classified<'_>, column: Column) -> Option<PersonId> {
    let mut counts: BTreeMap<PersonId, usize> = BTreeMap::new();
    let fields = classified.scored.sheet.fields.iter();
    let theirs = fields.filter(|(place, _)| place.column == column && place.field.is_answer());
    for head in theirs.flat_map(|(_, heads)| heads).filter(|head| head.value != Value::Empty) {
        *counts.entry(head.origin.author).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(person, count)| (*count, std::cmp::Reverse(*person))).map(|(it, _)| it)
}

/// When the subject's own scores were entered, as its devices claimed.
fn entered(classified: &Classified<'_>) -> Vec<i64> {
    let fields = classified.scored.sheet.fields.iter();
    let own = fields.filter(|(place, _)| place.column == Column::Own && place.field.is_answer());
    own.flat_map(|(_, heads)| heads).map(|head| head.origin.at).collect()
}

fn end_of_day(day: &str) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(OFFSET_HOURS));
    let next = zone.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
    Some(next.as_second() - 1)
}

/// What the subject reached in the period before, under the same criteria set.
fn before(
    service: &Service,
    connection: &Connection,
    config: &Config,
    key: &SheetKey,
) -> Result<BTreeMap<xeploai_core::period::Period, Standing>, ServerError> {
    let Some(period) = key.period.previous() else { return Ok(BTreeMap::new()) };
    let before = SheetKey { period, ..key.clone() };
    if !config.expects(&before) {
        return Ok(BTreeMap::new());
    }
    let scored = service.scored_or_empty(connection, config, before)?;
    let assessment = scored.assess(xeploai_core::classify::Outside::default())?;
    let standing = Standing { total: assessment.total.total, level: assessment.outcome.level() };
    Ok(BTreeMap::from([(period, standing)]))
}

/// The signals over all rows, for the console.
pub(super) fn views(rows: &[SignalRow]) -> Result<Vec<SignalView>, ServerError> {
    let signals = signals(rows, CHANGE_POINTS, Rounding::SHOWN)?;
    // Of a subject only what has moved: a line for everybody who stayed where he was helps nobody.
    let told = |signal: &Signal| signal.kind != SignalKind::Change || signal.prompt.is_some();
    Ok(signals.into_iter().filter(told).map(view).collect())
}

fn view(signal: Signal) -> SignalView {
    let (figure, unit) = match signal.kind {
        SignalKind::TopShare | SignalKind::LateEntry => (FigureName::Share, "%"),
        SignalKind::Spread => (FigureName::Range, ""),
        SignalKind::OwnSuperiorGap | SignalKind::SuperiorAppraisedGap => (FigureName::MeanGap, ""),
        SignalKind::Change | SignalKind::Severity => (FigureName::Difference, ""),
    };
    let found = signal.figures.iter().find(|(name, _)| *name == figure).map(|(_, value)| shown(*value));
    let value = match found {
        Some(value) => Text {
            vi: format!("{}{unit}", xeploai_core::points::vietnamese(value)),
            en: format!("{value}{unit}"),
        },
        None => Text { vi: "chưa đủ để tính".into(), en: "too few".into() },
    };
    SignalView {
        name: signal.kind.name(),
        about: signal.of,
        value,
        formula: signal.kind.formula(),
        source: signal.kind.source(),
        sentence: signal.text,
        noticeable: signal.prompt.is_some(),
    }
}
