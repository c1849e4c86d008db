//! Writing one field of a sheet.

use unicode_normalization::UnicodeNormalization;
use xeploai_core::ruleset::{Criterion, Rule};
use xeploai_core::scoring::{check_band, parse_points, parse_quantity};
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ChangeId, Field, Place, SheetKey, Token, Value};
use xeploai_core::sync::Status;
use xeploai_core::sync::body::{Change, ScoreChange, TEXT_CHARS_MAX};
use xeploai_core::sync::policy::judge;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::{Column, FieldName, ScoreRequest};

use super::sheet;
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::tables::accounts::Account;
use crate::tables::{frames, outbox};
use crate::transact::{Write, transact};

/// The field that a screen names.
pub(crate) fn field_of(name: FieldName) -> Field {
    match name {
        FieldName::Points => Field::Points,
        FieldName::Note => Field::Note,
        FieldName::Quantity { product, measure } => Field::Quantity(product, measure),
        FieldName::Minutes(part) => Field::Minutes(part),
    }
}

/// A write of one field: where, what, and the heads that were shown there.
pub(crate) type Edit = (Place, Value, Vec<ChangeId>);

/// Writes what was typed. Durable when this returns, by one transaction; the sheet is looked at only where it may be
/// that nothing was changed.
///
/// # Errors
/// When the input is not valid, the user may not write there, or the store fails. Nothing is changed then.
pub(crate) fn score(
    session: &mut Session<'_>,
    key: &SheetKey,
    request: &ScoreRequest,
) -> Result<(), ClientError> {
    let place = Place {
        criterion: request.criterion,
        column: request.column,
        field: field_of(request.field.clone()),
    };
    let value = parse(session, key, place, &request.text)?;
    check_percent(session, key, place, &value)?;
    let Token(shown) = request.token.parse().map_err(|_| Refused::BadToken)?;
    write(session, key, vec![(place, value, shown)])
}

/// Finds a criterion of a sheet's criteria set.
pub(crate) fn criterion<'a>(
    session: &'a Session<'_>,
    key: &SheetKey,
    number: u16,
) -> Result<&'a Criterion, ClientError> {
    let ruleset = session.config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
    Ok(ruleset.criterion(number).ok_or(Refused::NoSuchCriterion)?)
}

/// Refuses points that the percentage in the same column does not allow. A percentage that changes later makes the points
/// count no more; it does not take them back.
fn check_percent(
    session: &Session<'_>,
    key: &SheetKey,
    place: Place,
    value: &Value,
) -> Result<(), ClientError> {
    let (Field::Points, Value::Points(points)) = (place.field, value) else { return Ok(()) };
    let Rule::Banded { by, bands } = &criterion(session, key, place.criterion)?.rule else { return Ok(()) };
    let sheet = sheet::load(session, key.clone())?;
    let percent = match sheet.value(Place { criterion: *by, ..place }) {
        Some(Value::Points(percent)) => Some(*percent),
        _ => None,
    };
    Ok(check_band(bands, percent, *points)?)
}

/// What was typed in a place, as a value; nothing typed empties the field.
pub(crate) fn parse(
    session: &Session<'_>,
    key: &SheetKey,
    place: Place,
    text: &str,
) -> Result<Value, ClientError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Empty);
    }
    match place.field {
        Field::Points => {
            let criterion = criterion(session, key, place.criterion)?;
            Ok(Value::Points(parse_points(criterion, text)?))
        }
        Field::Quantity(..) => Ok(Value::Points(parse_quantity(text)?)),
        Field::Evidence(_) => Err(Refused::NoSuchCriterion.into()),
        Field::Note | Field::Minutes(_) => {
            let text: String = text.nfc().collect();
            let fits = text.chars().count() <= TEXT_CHARS_MAX;
            if fits { Ok(Value::Text(text)) } else { Err(Refused::TextTooLong.into()) }
        }
    }
}

/// Writes fields of one sheet in one transaction, each with the heads that were shown in it.
pub(crate) fn write(session: &mut Session<'_>, key: &SheetKey, edits: Vec<Edit>) -> Result<(), ClientError> {
    write_with(session, key, edits, |_| Ok(()))
}

/// As [`write()`], with something else in the same transaction.
pub(crate) fn write_with(
    session: &mut Session<'_>,
    key: &SheetKey,
    edits: Vec<Edit>,
    with: impl FnOnce(&Write<'_>) -> Result<(), ClientError>,
) -> Result<(), ClientError> {
    for (place, value, _) in &edits {
        check(session, key, *place, value)?;
    }
    let (me, now) = (&session.me, session.now);
    transact(session.connection, |write| {
        with(write)?;
        edits.into_iter().try_for_each(|edit| put(write, me, key, edit, now))
    })
}

/// Writes one field, unless it holds this value already.
fn put(
    write: &Write<'_>,
    me: &Account,
    key: &SheetKey,
    (place, value, shown): Edit,
    now: i64,
) -> Result<(), ClientError> {
    let id = key.id(me.department);
    let mut replaces = match outbox::score(write, (id, me.person), place)? {
        // What waits here says the same, of the same heads.
        Some((waiting, replaces)) if waiting == value && shown.iter().all(|id| replaces.contains(id)) => {
            return Ok(());
        }
        Some((_, replaces)) => replaces,
        None if is_same(write, me, key, place, &value, &shown)? => return Ok(()),
        None => {
            frames::insert_sheet(write, id, key)?;
            Vec::new()
        }
    };
    for id in shown {
        if !replaces.contains(&id) {
            replaces.push(id);
        }
    }
    outbox::put_score(write, (id, me.person), key.scope(), (place, value, replaces), now)
}

/// Whether a field of which nothing of the author waits holds this value and nothing else, so that there is nothing to
/// write. What was shown says whether that can be, and spares the reading of the sheet where it can't.
fn is_same(
    write: &Write<'_>,
    me: &Account,
    key: &SheetKey,
    place: Place,
    value: &Value,
    shown: &[ChangeId],
) -> Result<bool, ClientError> {
    let may_be = match shown {
        [] => *value == Value::Empty,
        [one] => frames::value(write, *one, key, place)?.as_ref() == Some(value),
        _ => false,
    };
    if !may_be {
        return Ok(false);
    }
    let sheet = sheet::load_from(write, me.department, key.clone())?;
    Ok(match sheet.fields.get(&place).map(Vec::as_slice) {
        None => *value == Value::Empty,
        Some([head]) => head.value == *value,
        Some(_) => false,
    })
}

/// Asks the policy that the server will ask too.
fn check(session: &Session<'_>, key: &SheetKey, place: Place, value: &Value) -> Result<(), ClientError> {
    let change = Change::Score(ScoreChange {
        sheet: key.clone(),
        place,
        value: value.clone(),
        replaces: Vec::new(),
        minutes_before: 0,
    });
    refused(judge(&session.config, session.me.person, &change))
}

/// A verdict that the server would give, as this device's refusal.
pub(crate) fn refused((status, reason): (Status, Reason)) -> Result<(), ClientError> {
    match (status, reason) {
        (Status::Accepted, _) => Ok(()),
        (_, Reason::PeriodLocked) => Err(Refused::PeriodLocked.into()),
        (_, Reason::NoSuchCriterion) => Err(Refused::NoSuchCriterion.into()),
        (_, Reason::BadEvidence) => Err(Refused::EvidenceTooLarge.into()),
        (_, Reason::ReasonMissing) => Err(Refused::ReasonMissing.into()),
        (_, Reason::Unknown) => Err(Refused::NoSuchSheet.into()),
        _ => Err(Refused::NotAllowed.into()),
    }
}

/// Takes over the subject's own values wherever the user's column has none and may have one.
///
/// # Errors
/// When the user may not write the superior's column.
pub(crate) fn agree_all(session: &mut Session<'_>, key: &SheetKey) -> Result<(), ClientError> {
    let sheet = sheet::load(session, key.clone())?;
    let column = crate::view::sheet::review_column(session, key);
    let takes = |number| criterion(session, key, number).is_ok_and(|it| it.takes(column));
    let missing = sheet.fields.iter().filter(|(place, _)| {
        place.column == Column::Own && place.field.is_answer() && takes(place.criterion)
    });
    let edits: Vec<Edit> = missing
        .filter_map(|(own, heads)| {
            let place = Place { column, ..*own };
            let answered = sheet.value(place).is_some_and(|value| *value != Value::Empty);
            let replaces = shown(&sheet, place);
            (!answered).then(|| (place, heads[0].value.clone(), replaces))
        })
        .collect();
    write(session, key, edits)
}

/// Names of the heads of a field: what a screen that shows them sends back.
pub(crate) fn shown(sheet: &Sheet, place: Place) -> Vec<ChangeId> {
    let heads = sheet.fields.get(&place).map(Vec::as_slice).unwrap_or_default();
    heads.iter().filter_map(|head| head.origin.id).collect()
}
