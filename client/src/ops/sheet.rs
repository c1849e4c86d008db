//! Opening a sheet.

use xeploai_core::ids::SheetId;
use xeploai_core::sheet::state::{Basis, Sheet, Unsealed};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::Lane;
use xeploai_core::sync::policy::may_write;
use xeploai_core::view::{Column, SheetView};

use super::home;
use crate::app::Session;
use crate::error::{ClientError, Refused};
use crate::tables::{frames, outbox};

/// Every sheet known here: those that periods expect, and those that something was written on.
pub(crate) fn keys(session: &Session<'_>) -> Result<Vec<SheetKey>, ClientError> {
    let mut keys: Vec<SheetKey> =
        session.config.periods.keys().flat_map(|period| session.config.sheets(*period)).collect();
    keys.extend(frames::sheets(session.connection)?);
    keys.sort();
    keys.dedup();
    Ok(keys)
}

/// The id that a person or screen means.
pub(crate) fn find(session: &Session<'_>, text: &str) -> Result<SheetId, ClientError> {
    let department = session.me.department;
    let own = |wanted: fn(&Subject) -> bool| -> Result<SheetId, ClientError> {
        let period = home::open_period(session).ok_or(Refused::NoSuchSheet)?;
        let mine = |key: &SheetKey| {
            wanted(&key.subject) && may_write(&session.config, session.me.person, key, Column::Own)
        };
        let sheets = session.config.sheets(period);
        Ok(sheets.iter().find(|key| mine(key)).ok_or(Refused::NoSuchSheet)?.id(department))
    };
    match text {
        "me" => own(|subject| matches!(subject, Subject::Post(_))),
        "unit" => own(|subject| matches!(subject, Subject::Unit(_))),
        _ => {
            let ids = keys(session)?.into_iter().map(|key| key.id(department));
            let mut found = ids.filter(|id| !text.is_empty() && id.to_string().starts_with(text));
            match (found.next(), found.next()) {
                (Some(id), None) => Ok(id),
                _ => Err(Refused::NoSuchSheet.into()),
            }
        }
    }
}

/// The key of a sheet.
pub(crate) fn key(session: &Session<'_>, id: SheetId) -> Result<SheetKey, ClientError> {
    let found = keys(session)?.into_iter().find(|key| key.id(session.me.department) == id);
    Ok(found.ok_or(Refused::NoSuchSheet)?)
}

/// The sheet as this device sees it: what is not judged yet counts, marked as provisional.
pub(crate) fn load(session: &Session<'_>, key: SheetKey) -> Result<Sheet, ClientError> {
    let id = key.id(session.me.department);
    let own = Lane { stream: session.me.stream, scope: key.scope() };
    let records = frames::of_sheet(session.connection, id)?;
    let chain = frames::chain(session.connection, records.iter().map(|record| record.lane))?;
    let changes = outbox::of_sheet(session.connection, id)?;
    let unsealed = Unsealed { lane: own, author: session.me.person, changes };
    Ok(Sheet::assemble(key, &records, Some(&unsealed), &chain, Basis::Provisional))
}

/// The open sheet for a screen.
pub(crate) fn sheet(session: &Session<'_>, id: SheetId) -> Result<SheetView, ClientError> {
    let sheet = load(session, key(session, id)?)?;
    crate::view::sheet::view(session, &sheet)
}
