//! Who may write what: one pure function, asked by the server when it judges and by a device before it saves.
//!
//! Invariant: default deny. Nobody scores himself as superior or appraiser.

use super::Status;
use super::body::Change;
use super::stream::Header;
use super::verdict::Reason;
use crate::ids::PersonId;
use crate::org::{Config, Role};
use crate::ruleset::Criterion;
use crate::scoring::{check_points, check_quantity};
use crate::sheet::{ActKind, Field, Place, SheetKey, Subject, Value};
use crate::view::{Column, CriterionKind};

/// Judges a change by `author`.
pub fn judge(config: &Config, author: PersonId, change: &Change) -> (Status, Reason) {
    let judged = match change {
        Change::Unknown => Err((Status::Held, Reason::UnknownKind)),
        Change::Witness(_) => allowed(config.has_role(author, Role::Supervisor)),
        Change::Document(_) if author == Header::SERVER => Ok(()),
        Change::Document(_) => Err((Status::Rejected, Reason::DocumentNotByServer)),
        Change::Score(score) => judge_sheet(config, &score.sheet)
            .and_then(|()| allowed(may_write(config, author, score.sheet.subject, score.place.column)))
            .and_then(|()| judge_value(config, &score.sheet, score.place, &score.value)),
        Change::Act(act) => judge_sheet(config, &act.sheet)
            .and_then(|()| allowed(may_act(config, author, act.sheet.subject, act.kind)))
            .and_then(|()| {
                let missing = act.kind == ActKind::Return && act.reason.trim().is_empty();
                if missing { Err((Status::Rejected, Reason::ReasonMissing)) } else { Ok(()) }
            }),
    };
    match judged {
        Ok(()) => (Status::Accepted, Reason::None),
        Err(verdict) => verdict,
    }
}

/// Judges the changes of a frame; gives those that are not accepted.
pub fn judge_frame(
    config: &Config,
    author: PersonId,
    _scope: super::Scope,
    changes: &[Change],
) -> Vec<(u16, Status, Reason)> {
    let judged = changes.iter().enumerate().map(|(index, change)| {
        let (status, reason) = judge(config, author, change);
        (index as u16, status, reason)
    });
    judged.filter(|judged| judged.1 != Status::Accepted).collect()
}

fn allowed(allowed: bool) -> Result<(), (Status, Reason)> {
    if allowed { Ok(()) } else { Err((Status::Rejected, Reason::NotAllowed)) }
}

fn judge_sheet(config: &Config, sheet: &SheetKey) -> Result<(), (Status, Reason)> {
    if !config.rulesets.contains_key(&sheet.ruleset) || !config.expects(sheet) {
        return Err((Status::Held, Reason::Unknown));
    }
    match config.periods.get(&sheet.period) {
        Some(period) if !period.locked => Ok(()),
        _ => Err((Status::Held, Reason::PeriodLocked)),
    }
}

/// Whether `person` may write a column of the sheets of `subject`.
pub fn may_write(config: &Config, person: PersonId, subject: Subject, column: Column) -> bool {
    let supervisor = || config.has_role(person, Role::Supervisor);
    let own = match subject {
        Subject::Post(post) => match config.assignments.get(&post) {
            Some(post) => post.person,
            None => return false,
        },
        Subject::Unit(_) => PersonId::default(),
    };
    match (subject, column) {
        (Subject::Post(_), Column::Own) => own == person,
        (Subject::Post(_), _) if own == person => false,
        (Subject::Post(_), Column::Superior) => is_superior(config, person, own, subject),
        (Subject::Post(_), Column::Appraised) => supervisor(),
        (Subject::Unit(unit), Column::Own) => {
            let named = |unit: &crate::org::Unit| unit.scorers.contains(&person);
            config.heads(person, unit) || config.units.get(&unit).is_some_and(named)
        }
        (Subject::Unit(unit), _) if config.heads(person, unit) => false,
        (Subject::Unit(_), Column::Superior) => config.has_role(person, Role::Director),
        (Subject::Unit(_), Column::Appraised) => supervisor(),
    }
}

/// A head is scored by the director, everybody else by the head of his unit.
fn is_superior(config: &Config, person: PersonId, own: PersonId, subject: Subject) -> bool {
    let Some(unit) = config.unit_of(subject) else { return false };
    let superior = if config.heads(own, unit.id) { config.has_role(person, Role::Director) } else { false };
    superior || (!config.heads(own, unit.id) && config.heads(person, unit.id))
}

/// Whether `person` may do `act` to the sheets of `subject`.
pub fn may_act(config: &Config, person: PersonId, subject: Subject, act: ActKind) -> bool {
    match act {
        ActKind::Submit | ActKind::Withdraw => may_write(config, person, subject, Column::Own),
        ActKind::Approve | ActKind::Return => {
            let by_supervisor =
                matches!(subject, Subject::Unit(_)) && may_write(config, person, subject, Column::Appraised);
            by_supervisor || may_write(config, person, subject, Column::Superior)
        }
        ActKind::Adopt | ActKind::Retract => may_write(config, person, subject, Column::Own),
    }
}

fn judge_value(
    config: &Config,
    sheet: &SheetKey,
    place: Place,
    value: &Value,
) -> Result<(), (Status, Reason)> {
    let criterion =
        config.rulesets.get(&sheet.ruleset).and_then(|ruleset| ruleset.criterion(place.criterion));
    let Some(criterion) = criterion else { return Err((Status::Rejected, Reason::NoSuchCriterion)) };
    let fits = match (place.field, value) {
        (Field::Note, Value::Text(_) | Value::Empty) => true,
        (Field::Points, Value::Points(_) | Value::Empty) => criterion.kind() != CriterionKind::Work,
        (Field::Quantity(product, _), Value::Points(_) | Value::Empty) => {
            let known = config.products_of(sheet.subject).iter().any(|known| known.number == product);
            known && criterion.kind() == CriterionKind::Work
        }
        _ => false,
    };
    if !fits {
        return Err((Status::Rejected, Reason::NoSuchCriterion));
    }
    if is_in_range(criterion, place.field, value) {
        Ok(())
    } else {
        Err((Status::Rejected, Reason::BadPoints))
    }
}

fn is_in_range(criterion: &Criterion, field: Field, value: &Value) -> bool {
    match (field, value) {
        (Field::Points, Value::Points(points)) => check_points(criterion, *points).is_ok(),
        (Field::Quantity(..), Value::Points(points)) => check_quantity(*points).is_ok(),
        _ => true,
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
