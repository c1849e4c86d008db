//! Writing one field of a sheet.

use unicode_normalization::UnicodeNormalization;
use xeploai_core::ids::SheetId;
use xeploai_core::ruleset::Criterion;
use xeploai_core::scoring::{parse_points, parse_quantity};
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ChangeId, Field, Place, SheetKey, Token, Value};
use xeploai_core::sync::Status;
use xeploai_core::sync::body::{Change, ScoreChange, TEXT_CHARS_MAX};
use xeploai_core::sync::policy::judge;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::{Column, FieldName, ScoreRequest};

use super::sheet;
use crate::app::Session;
use crate::error::{ClientError, Refused};
use crate::tables::{frames, outbox};
use crate::transact::transact;

/// The field that a screen names.
pub(crate) fn field_of(name: FieldName) -> Field {
    match name {
        FieldName::Points => Field::Points,
        FieldName::Note => Field::Note,
        FieldName::Quantity { product, measure } => Field::Quantity(product, measure),
    }
}

/// Writes what was typed.
///
/// # Errors
/// When the input is not valid, the user may not write there, or the store fails. Nothing is changed then.
pub(crate) fn score(
    session: &mut Session<'_>,
    id: SheetId,
    request: &ScoreRequest,
) -> Result<(), ClientError> {
    let key = sheet::key(session, id)?;
    let place = Place {
        criterion: request.criterion,
        column: request.column,
        field: field_of(request.field.clone()),
    };
    let value = parse(criterion(session, &key, place.criterion)?, place.field, &request.text)?;
    let Token(shown) = request.token.parse().map_err(|_| Refused::BadToken)?;
    write(session, &key, vec![(place, value, shown)])
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

/// What was typed, as a value; nothing typed empties the field.
pub(crate) fn parse(criterion: &Criterion, field: Field, text: &str) -> Result<Value, ClientError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Empty);
    }
    match field {
        Field::Points => Ok(Value::Points(parse_points(criterion, text)?)),
        Field::Quantity(..) => Ok(Value::Points(parse_quantity(text)?)),
        Field::Note => {
            let text: String = text.nfc().collect();
            let fits = text.chars().count() <= TEXT_CHARS_MAX;
            if fits { Ok(Value::Text(text)) } else { Err(Refused::TextTooLong.into()) }
        }
    }
}

/// Writes fields of one sheet in one transaction, each with the heads that were shown in it.
pub(crate) fn write(
    session: &mut Session<'_>,
    key: &SheetKey,
    writes: Vec<(Place, Value, Vec<ChangeId>)>,
) -> Result<(), ClientError> {
    let before = sheet::load(session, key.clone())?;
    for (place, value, _) in &writes {
        check(session, key, *place, value)?;
    }
    let (department, now) = (session.me.department, session.now);
    transact(session.connection, |write| {
        let id = frames::insert_sheet(write, department, key)?;
        for (place, value, shown) in writes {
            if !is_same(&before, place, &value) {
                outbox::put_score(write, (id, key), place, value, &shown, now)?;
            }
        }
        Ok(())
    })
}

/// Whether the field holds this value and nothing else, so that there is nothing to write.
fn is_same(sheet: &Sheet, place: Place, value: &Value) -> bool {
    match sheet.fields.get(&place).map(Vec::as_slice) {
        None => *value == Value::Empty,
        Some([head]) => head.value == *value,
        Some(_) => false,
    }
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
        (_, Reason::ReasonMissing) => Err(Refused::ReasonMissing.into()),
        (_, Reason::Unknown) => Err(Refused::NoSuchSheet.into()),
        _ => Err(Refused::NotAllowed.into()),
    }
}

/// Takes over the subject's own values wherever the user's column has none.
///
/// # Errors
/// When the user may not write the superior's column.
pub(crate) fn agree_all(session: &mut Session<'_>, id: SheetId) -> Result<(), ClientError> {
    let key = sheet::key(session, id)?;
    let sheet = sheet::load(session, key.clone())?;
    let column = crate::view::sheet::review_column(session, &key);
    let missing =
        sheet.fields.iter().filter(|(place, _)| place.column == Column::Own && place.field != Field::Note);
    let writes: Vec<_> = missing
        .filter_map(|(own, heads)| {
            let place = Place { column, ..*own };
            let answered = sheet.value(place).is_some_and(|value| *value != Value::Empty);
            let replaces = shown(&sheet, place);
            (!answered).then(|| (place, heads[0].value.clone(), replaces))
        })
        .collect();
    write(session, &key, writes)
}

/// Names of the heads of a field: what a screen that shows them sends back.
pub(crate) fn shown(sheet: &Sheet, place: Place) -> Vec<ChangeId> {
    let heads = sheet.fields.get(&place).map(Vec::as_slice).unwrap_or_default();
    heads.iter().filter_map(|head| head.origin.id).collect()
}
