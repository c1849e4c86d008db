//! Opening a sheet.

use rusqlite::Connection;
use xeploai_core::ids::{DepartmentId, SheetId};
use xeploai_core::sheet::state::{Basis, Sheet, Unsealed};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::Lane;
use xeploai_core::view::SheetView;

use super::home;
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::tables::{frames, outbox};

/// Every sheet known here that the user may read: those that periods expect, and those that something was written on. What
/// this device only carries for others is none of his; one whose criteria set is not here yet waits for it, and stops no
/// other.
pub(crate) fn keys(session: &Session<'_>) -> Result<Vec<SheetKey>, ClientError> {
    let mut keys: Vec<SheetKey> = session.sheets().values().cloned().collect();
    keys.extend(frames::sheets(session.connection)?);
    keys.sort();
    keys.dedup();
    keys.retain(|key| is_known(session, key) && session.config.may_read(session.me.person, key.scope()));
    Ok(keys)
}

/// Whether the criteria set of a sheet is here: without it nothing of the sheet can be shown.
pub(crate) fn is_known(session: &Session<'_>, key: &SheetKey) -> bool {
    session.config.rulesets.contains_key(&key.ruleset)
}

/// The sheet that a person or screen means: by id, by a unique beginning of it, or by word.
pub(crate) fn find(session: &Session<'_>, text: &str) -> Result<SheetKey, ClientError> {
    let own = |wanted: fn(&Subject) -> bool| -> Result<SheetKey, ClientError> {
        let period = home::open_period(session).ok_or(Refused::NoSuchSheet)?;
        let mine = |key: &SheetKey| wanted(&key.subject) && home::is_mine(session, key);
        let sheets = session.config.sheets(period);
        Ok(sheets.into_iter().find(mine).ok_or(Refused::NoSuchSheet)?)
    };
    match text {
        "me" => own(|subject| matches!(subject, Subject::Post(_))),
        "unit" => own(|subject| matches!(subject, Subject::Unit(_))),
        _ => match text.parse() {
            Ok(id) => key(session, id),
            Err(_) => beginning(session, text),
        },
    }
}

/// The one sheet whose id begins like this.
fn beginning(session: &Session<'_>, text: &str) -> Result<SheetKey, ClientError> {
    let begins = |key: &SheetKey| {
        !text.is_empty() && key.id(session.me.department).to_string().starts_with(&text.to_lowercase())
    };
    let mut found = keys(session)?.into_iter().filter(begins);
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(Refused::NoSuchSheet.into()),
    }
}

/// The key of a sheet. A keystroke asks for it: no sheet is hashed for that.
pub(crate) fn key(session: &Session<'_>, id: SheetId) -> Result<SheetKey, ClientError> {
    let key = match frames::sheet(session.connection, id)? {
        Some(key) => Some(key),
        None => session.sheets().get(&id).cloned(),
    };
    let readable = key.filter(|key| session.config.may_read(session.me.person, key.scope()));
    Ok(readable.ok_or(Refused::NoSuchSheet)?)
}

/// The sheet as this device sees it: what is not judged yet counts, marked as provisional.
pub(crate) fn load(session: &Session<'_>, key: SheetKey) -> Result<Sheet, ClientError> {
    load_from(session.connection, session.me.department, key)
}

/// As [`load`], inside a transaction.
pub(crate) fn load_from(
    connection: &Connection,
    department: DepartmentId,
    key: SheetKey,
) -> Result<Sheet, ClientError> {
    let (id, scope) = (key.id(department), key.scope());
    let records = frames::of_sheet(connection, id)?;
    let chain = frames::chain(connection, records.iter().map(|record| record.lane))?;
    let unsealed: Vec<Unsealed> = outbox::of_sheet(connection, id)?
        .into_iter()
        .map(|(author, stream, changes)| Unsealed { lane: Lane { stream, scope }, author, changes })
        .collect();
    Ok(Sheet::assemble(key, &records, &unsealed, &chain, Basis::Provisional))
}

/// The open sheet for a screen.
pub(crate) fn sheet(session: &Session<'_>, key: SheetKey) -> Result<SheetView, ClientError> {
    crate::view::sheet::view(session, &load(session, key)?)
}
