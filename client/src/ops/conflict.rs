//! Conflicts: fields in which two people, or two devices of one person, wrote without seeing each other.

use std::collections::BTreeSet;

use xeploai_core::ids::SheetId;
use xeploai_core::points::Points;
use xeploai_core::sheet::state::{Head, Sheet};
use xeploai_core::sheet::{Field, Place, SheetKey, Token, Value};
use xeploai_core::sync::policy::may_write;
use xeploai_core::view::{ConflictValue, ConflictView, FieldName};

use super::{home, score, sheet};
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::view::{summary, written};

/// Every conflict on the sheets of the user and on those that he reviews.
pub(crate) fn conflicts(session: &Session<'_>) -> Result<Vec<ConflictView>, ClientError> {
    let mut found = Vec::new();
    for key in sheet::keys(session)? {
        if home::is_mine(session, &key) || home::reviews(session, &key) {
            let sheet = sheet::load(session, key)?;
            for place in sheet.conflicts() {
                found.push(view(session, &sheet, place)?);
            }
        }
    }
    Ok(found)
}

/// Settles a conflict; the token must name every value that stands now.
pub(crate) fn resolve(
    session: &mut Session<'_>,
    id: &str,
    value: &str,
    token: &str,
) -> Result<(), ClientError> {
    let (key, place) = locate(session, id)?;
    let current = sheet::load(session, key.clone())?;
    if !current.conflicts().contains(&place) {
        return Err(Refused::NoSuchConflict.into());
    }
    let Token(shown) = token.parse().map_err(|_| Refused::BadToken)?;
    if score::shown(&current, place).iter().any(|head| !shown.contains(head)) {
        return Err(Refused::BadToken.into());
    }
    let value = score::parse(session, &key, place, value)?;
    score::write(session, &key, vec![(place, value, shown)])
}

fn id_of(session: &Session<'_>, key: &SheetKey, place: Place) -> String {
    let field = match place.field {
        Field::Points => "points".to_owned(),
        Field::Note => "note".to_owned(),
        Field::Quantity(product, measure) => format!("{product}-{measure:?}").to_lowercase(),
        Field::Minutes(part) => format!("{part:?}").to_lowercase(),
        Field::Evidence(slot) => format!("evidence-{slot}"),
    };
    let column = format!("{:?}", place.column).to_lowercase();
    format!("{}.{}.{column}.{field}", key.id(session.me.department), place.criterion)
}

fn locate(session: &Session<'_>, id: &str) -> Result<(SheetKey, Place), ClientError> {
    let (sheet, _) = id.split_once('.').ok_or(Refused::NoSuchConflict)?;
    let key = sheet::key(session, sheet.parse().map_err(|_| Refused::NoSuchConflict)?)?;
    let sheet = sheet::load(session, key.clone())?;
    let place = sheet.fields.keys().copied().find(|place| id_of(session, &key, *place) == id);
    Ok((key, place.ok_or(Refused::NoSuchConflict)?))
}

fn view(session: &Session<'_>, sheet: &Sheet, place: Place) -> Result<ConflictView, ClientError> {
    let (label, title, max, step) = match place.field {
        // Of no criterion: it has a name of its own.
        Field::Minutes(part) => (String::new(), part.name(), Points::ZERO, Points::ZERO),
        _ => {
            let criterion = score::criterion(session, &sheet.key, place.criterion)?;
            (criterion.label.clone(), criterion.title.clone(), criterion.most(), criterion.step)
        }
    };
    let heads = sheet.fields.get(&place).map(Vec::as_slice).unwrap_or_default();
    let field = match place.field {
        Field::Points => FieldName::Points,
        Field::Note => FieldName::Note,
        Field::Quantity(product, measure) => FieldName::Quantity { product, measure },
        Field::Minutes(part) => FieldName::Minutes(part),
        // A list is no conflict.
        Field::Evidence(_) => return Err(Refused::NoSuchConflict.into()),
    };
    Ok(ConflictView {
        id: id_of(session, &sheet.key, place),
        sheet: summary::summary(session, sheet)?,
        criterion: place.criterion,
        label,
        title,
        column: place.column,
        field,
        max,
        step,
        before: before(sheet, heads),
        values: heads
            .iter()
            .map(|head| conflict_value(session, sheet, place, head))
            .collect::<Result<_, _>>()?,
        token: Token(score::shown(sheet, place)).to_string(),
        may_settle: may_write(&session.config, session.me.person, &sheet.key, place.column),
    })
}

/// The value that all of them replaced, if there is one.
fn before(sheet: &Sheet, heads: &[Head]) -> Option<String> {
    let (first, rest) = heads.split_first()?;
    let common = first.replaces.iter().find(|id| rest.iter().all(|head| head.replaces.contains(id)))?;
    sheet.history.get(common).map(Value::to_string)
}

/// A value with the note that the same author wrote beside it.
fn conflict_value(
    session: &Session<'_>,
    sheet: &Sheet,
    place: Place,
    head: &Head,
) -> Result<ConflictValue, ClientError> {
    let notes =
        sheet.fields.get(&Place { field: Field::Note, ..place }).map(Vec::as_slice).unwrap_or_default();
    let note = match place.field {
        Field::Points => notes.iter().find(|note| note.origin.author == head.origin.author),
        Field::Note | Field::Quantity(..) | Field::Minutes(_) | Field::Evidence(_) => None,
    };
    Ok(ConflictValue {
        value: head.value.to_string(),
        note: note.map(|note| note.value.to_string()).unwrap_or_default(),
        written: written::written(session, &head.origin)?,
    })
}

/// How many fields of some sheets have more than one value, of those that the user sees.
pub(crate) fn of_sheets(session: &Session<'_>, sheets: &BTreeSet<SheetId>) -> Result<u32, ClientError> {
    let mut count = 0;
    for key in sheets.iter().filter_map(|id| session.sheets().get(id)) {
        if home::is_mine(session, key) || home::reviews(session, key) {
            count += sheet::load(session, key.clone())?.conflicts().len() as u32;
        }
    }
    Ok(count)
}
