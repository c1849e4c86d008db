//! A sheet, open.

use xeploai_core::classify::{Outside, rule_text, written_value};
use xeploai_core::ruleset::{Criterion, Rule};
use xeploai_core::scoring::exact::{round, shown};
use xeploai_core::scoring::{Plan, Product, Total, total};
use xeploai_core::sheet::state::{ActState, Head, Sheet};
use xeploai_core::sheet::{ActKind, Field, Place, SheetKey, Subject, Token, Value};
use xeploai_core::sync::policy::may_write;
use xeploai_core::view::{
    ActView, Action, CellView, Column, ColumnView, CriterionView, ExplainNode, ExplainScore, GroupView,
    Measure, QuantityView, ReplacedView, SheetView, Text, Threshold, WorkLineView,
};

use super::total::Scored;
use super::{actions, evidence, minutes, summary, written};
use crate::error::ClientError;
use crate::ops::{score, sheet};
use crate::session::Session;
use crate::tables::{frames, snapshots, streams};

/// The column that the user fills in as a reviewer of this sheet.
pub(crate) fn review_column(session: &Session<'_>, key: &SheetKey) -> Column {
    let may = |column| may_write(&session.config, session.me.person, key, column);
    match key.subject {
        Subject::Unit(_) if may(Column::Appraised) => Column::Appraised,
        _ if may(Column::Superior) => Column::Superior,
        _ => Column::Appraised,
    }
}

/// Everything that the sheet's screen shows.
pub(crate) fn view(session: &Session<'_>, sheet: &Sheet) -> Result<SheetView, ClientError> {
    let ruleset = summary::ruleset(session, &sheet.key)?;
    let scored = Scored::new(session, ruleset, sheet);
    let counted = scored.counted()?.total;
    let columns = column_totals(&scored)?;
    let before = last_period(session, &sheet.key)?;
    let group = |group: &xeploai_core::ruleset::Group| -> Result<GroupView, ClientError> {
        let criteria = group.criteria.iter().filter(|it| it.applies.to(&scored.position));
        let criteria = criteria.map(|it| criterion(session, &scored, &columns, before.as_ref(), it));
        Ok(GroupView {
            code: group.code.clone(),
            title: group.title.clone(),
            max: group.max,
            criteria: criteria.collect::<Result<_, _>>()?,
        })
    };
    let threshold =
        |it: &xeploai_core::ruleset::LevelFrom| Some(Threshold { level: it.level, from: it.from? });
    let mut thresholds: Vec<Threshold> = ruleset.levels.iter().filter_map(threshold).collect();
    thresholds.sort_by_key(|threshold| threshold.from);
    let groups: Vec<GroupView> = ruleset.groups.iter().map(group).collect::<Result<_, _>>()?;
    Ok(SheetView {
        summary: summary::summary(session, sheet)?,
        ruleset: ruleset.id().to_string(),
        trust: ruleset.trust.clone(),
        source: ruleset.source.clone(),
        thresholds,
        maximum: ruleset.maximum(),
        columns: self::columns(session, &scored, &counted)?,
        minutes: minutes::view(session, ruleset, sheet, &groups)?,
        groups,
        actions: actions::actions(session, sheet)?,
        acts: sheet.acts.iter().map(|it| act(session, it)).collect::<Result<_, _>>()?,
        explanation: explanation(session, &scored, &counted)?,
        replaced: replaced(session, &sheet.key),
    })
}

/// What stands in the place of a sheet that the open period no longer expects, because its criteria set was replaced.
fn replaced(session: &Session<'_>, key: &SheetKey) -> Option<ReplacedView> {
    let config = &session.config;
    if config.periods.get(&key.period)?.locked || config.expects(key) {
        return None;
    }
    let now = config.sheets(key.period).into_iter().find(|now| now.subject == key.subject)?;
    let (new, old) = (&now.ruleset, &key.ruleset);
    Some(ReplacedView {
        by: now.id(session.me.department).to_string(),
        notice: Text {
            vi: format!(
                "Kỳ này đã chuyển sang bộ tiêu chí {new}; phiếu này giữ bộ cũ {old}. Không có gì đã ghi bị mất, nhưng xếp loại \
                 theo phiếu mới: hãy mở phiếu mới và chấm ở đó."
            ),
            en: format!(
                "This period now uses criteria set {new}; this sheet keeps the former one, {old}. Nothing written is lost, but \
                 the new sheet is what counts: please open it and score there."
            ),
        },
    })
}

fn columns(
    session: &Session<'_>,
    scored: &Scored<'_>,
    counted: &Total,
) -> Result<Vec<ColumnView>, ClientError> {
    let (sheet, ruleset) = (scored.sheet, scored.ruleset);
    let locked = session.config.periods.get(&sheet.key.period).is_none_or(|period| period.locked);
    let column = |column: &Column| -> Result<ColumnView, ClientError> {
        let may = may_write(&session.config, session.me.person, &sheet.key, *column);
        Ok(ColumnView {
            column: *column,
            editable: may && !locked,
            counts: counted.columns.values().any(|counts| counts == column),
            total: scored.of_column(*column)?,
        })
    };
    ruleset.columns.iter().map(column).collect()
}

/// What each column comes to by itself, column by column.
fn column_totals(scored: &Scored<'_>) -> Result<Vec<(Column, Total)>, ClientError> {
    let (plan, columns) = (Plan::new(scored.terms())?, scored.columns());
    let of = |column: &Column| Ok((*column, total(&plan, &columns, &[*column])?));
    scored.ruleset.columns.iter().map(of).collect()
}

/// What counted on the same subject's sheet of the period before, if this device has it: for reference only.
fn last_period(session: &Session<'_>, key: &SheetKey) -> Result<Option<Total>, ClientError> {
    let Some(period) = key.period.previous() else { return Ok(None) };
    let before = SheetKey { period, ..key.clone() };
    if !session.config.expects(&before) {
        return Ok(None);
    }
    let ruleset = summary::ruleset(session, &before)?;
    let sheet = sheet::load(session, before)?;
    Ok(Some(Scored::new(session, ruleset, &sheet).counted()?.total))
}

fn criterion(
    session: &Session<'_>,
    scored: &Scored<'_>,
    columns: &[(Column, Total)],
    before: Option<&Total>,
    criterion: &Criterion,
) -> Result<CriterionView, ClientError> {
    let cells = columns.iter().map(|(column, total)| cell(session, scored, criterion, *column, total));
    let counted_before = before.and_then(|total| total.points.get(&criterion.number));
    let is_work = criterion.kind() == xeploai_core::view::CriterionKind::Work;
    let products = scored.products.iter().filter(|_| is_work);
    Ok(CriterionView {
        number: criterion.number,
        label: criterion.label.clone(),
        title: criterion.title.clone(),
        kind: criterion.kind(),
        max: shown(criterion.max),
        most: criterion.most(),
        step: criterion.step,
        unit: match &criterion.rule {
            Rule::Figure { unit, .. } => Some(unit.clone()),
            _ => None,
        },
        rule: rule_text(criterion, &scored.position),
        evidence: criterion.evidence,
        required: scored.ruleset.requires(criterion),
        cells: cells.collect::<Result<_, _>>()?,
        last_period: counted_before.map(|exact| round(*exact, scored.ruleset.rounding)).transpose()?,
        lines: products.map(|product| line(scored, criterion, product)).collect(),
    })
}

fn heads_at(sheet: &Sheet, place: Place) -> &[Head] {
    sheet.fields.get(&place).map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn token(sheet: &Sheet, place: Place) -> String {
    Token(score::shown(sheet, place)).to_string()
}

fn cell(
    session: &Session<'_>,
    scored: &Scored<'_>,
    criterion: &Criterion,
    column: Column,
    total: &Total,
) -> Result<CellView, ClientError> {
    let sheet = scored.sheet;
    let place = |field| Place { criterion: criterion.number, column, field };
    let (points, note) = (place(Field::Points), place(Field::Note));
    let exact = total.points.get(&criterion.number).filter(|_| criterion.has_points());
    let latest = sheet
        .fields
        .iter()
        .filter(|(at, _)| at.criterion == criterion.number && at.column == column && at.field.is_answer());
    let latest = latest.flat_map(|(_, heads)| heads).max_by_key(|head| head.origin.at);
    let written = latest.filter(|head| {
        head.value != Value::Empty || criterion.kind() == xeploai_core::view::CriterionKind::Work
    });
    Ok(CellView {
        column,
        takes: criterion.takes(column),
        points: exact.map(|exact| round(*exact, scored.ruleset.rounding)).transpose()?,
        entered: match sheet.value(points) {
            Some(Value::Points(entered)) => Some(*entered),
            _ => None,
        },
        token: token(sheet, points),
        note: sheet.value(note).map(Value::to_string).unwrap_or_default(),
        note_token: token(sheet, note),
        written: written.map(|head| written::written(session, &head.origin)).transpose()?,
        conflict: sheet.conflicts().iter().any(|at| at.criterion == criterion.number && at.column == column),
        evidence: evidence::views(session, sheet, criterion.number, column)?,
    })
}

fn line(scored: &Scored<'_>, criterion: &Criterion, product: &Product) -> WorkLineView {
    let sheet = scored.sheet;
    let quantity = |column: Column, measure: Measure| {
        let place =
            Place { criterion: criterion.number, column, field: Field::Quantity(product.number, measure) };
        QuantityView {
            column,
            measure,
            value: match sheet.value(place) {
                Some(Value::Points(value)) => Some(*value),
                _ => None,
            },
            token: token(sheet, place),
            conflict: sheet.conflicts().contains(&place),
        }
    };
    let (columns, measures) = (scored.ruleset.columns.iter(), criterion.quantities());
    let entered = columns.flat_map(|column| measures.iter().map(|measure| quantity(*column, *measure)));
    WorkLineView {
        product: product.number,
        title: product.title.clone(),
        measure_unit: product.measure_unit.clone(),
        coefficient: product.coefficient,
        quantities: entered.collect(),
    }
}

pub(crate) fn act(session: &Session<'_>, act: &ActState) -> Result<ActView, ClientError> {
    let action = match act.kind {
        ActKind::Submit => Action::Submit,
        ActKind::Withdraw => Action::Withdraw,
        ActKind::Approve => Action::Approve,
        ActKind::Return => Action::Return,
        ActKind::Adopt => Action::Adopt,
        ActKind::Retract => Action::Retract,
        ActKind::SignForDelegation => Action::SignForDelegation,
        ActKind::SignForUnit => Action::SignForUnit,
    };
    let by = written::written(session, &act.origin)?;
    Ok(ActView { action, by, reason: act.reason.clone(), outdated: act.outdated })
}

fn explanation(
    session: &Session<'_>,
    scored: &Scored<'_>,
    counted: &Total,
) -> Result<ExplainNode, ClientError> {
    let scores = |criterion: u16| {
        let criterion = scored.terms().ruleset.criterion(criterion);
        criterion
            .and_then(|criterion| leaf_scores(session, scored.sheet, counted, criterion).ok())
            .unwrap_or_default()
    };
    let plan = Plan::new(scored.terms())?;
    Ok(xeploai_core::classify::explain(&plan, &scored.columns(), Outside::default(), &scores)?)
}

/// The signed scores of one criterion, each signature checked again here.
fn leaf_scores(
    session: &Session<'_>,
    sheet: &Sheet,
    counted: &Total,
    criterion: &Criterion,
) -> Result<Vec<ExplainScore>, ClientError> {
    let mut scores = Vec::new();
    let places = sheet
        .fields
        .iter()
        .filter(|(place, _)| place.criterion == criterion.number && place.field.is_answer());
    for (place, heads) in places {
        for head in heads.iter().filter(|head| head.value != Value::Empty) {
            let frame = head.origin.id.map(|id| id.frame);
            let note = Place { field: Field::Note, ..*place };
            scores.push(ExplainScore {
                column: place.column,
                value: written_value(&criterion.rule, place.field, &head.value),
                note: heads_at(sheet, note).first().map(|head| head.value.to_string()).unwrap_or_default(),
                written: written::written(session, &head.origin)?,
                counts: counted.columns.get(&criterion.number) == Some(&place.column),
                frame: frame.map(|frame| frame.to_string()),
                signature_fits: frame
                    .map(|frame| signature_fits(session, frame))
                    .transpose()?
                    .unwrap_or_default(),
                by_server: frame.map(|frame| is_by_server(session, frame)).transpose()?.unwrap_or_default(),
            });
        }
    }
    Ok(scores)
}

/// Whether all that this device has of a frame is the server's signed state.
fn is_by_server(session: &Session<'_>, hash: xeploai_core::ids::FrameHash) -> Result<bool, ClientError> {
    Ok(!frames::holds(session.connection, hash)? && snapshots::holds(session.connection, hash)?)
}

fn signature_fits(session: &Session<'_>, hash: xeploai_core::ids::FrameHash) -> Result<bool, ClientError> {
    let Some(frame) = frames::get(session.connection, hash)? else { return Ok(false) };
    let certificate = streams::get(session.connection, frame.lane.stream)?;
    Ok(certificate.is_some_and(|certificate| frame.verify(&certificate).is_ok()))
}
