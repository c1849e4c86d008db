//! Handing in, withdrawing, approving, sending back.
//!
//! Invariant: what an act vouches for is sealed before the act is written, so that its digest names heads that
//! everybody can find.

use unicode_normalization::UnicodeNormalization;
use xeploai_core::ids::SheetId;
use xeploai_core::sheet::ActKind;
use xeploai_core::sync::body::{ActChange, Change, TEXT_CHARS_MAX};
use xeploai_core::sync::policy::judge;
use xeploai_core::view::Action;

use super::score::refused;
use super::{seal, sheet};
use crate::app::Session;
use crate::error::{ClientError, Refused};
use crate::tables::outbox;
use crate::transact::transact;
use crate::view::actions;

/// Hands the sheet in.
pub(crate) fn submit(session: &mut Session<'_>, id: SheetId) -> Result<(), ClientError> {
    act(session, id, Action::Submit, ActKind::Submit, "")
}

/// Takes the sheet back.
pub(crate) fn withdraw(session: &mut Session<'_>, id: SheetId) -> Result<(), ClientError> {
    act(session, id, Action::Withdraw, ActKind::Withdraw, "")
}

/// Approves the sheet.
pub(crate) fn approve(session: &mut Session<'_>, id: SheetId) -> Result<(), ClientError> {
    act(session, id, Action::Approve, ActKind::Approve, "")
}

/// Sends the sheet back.
pub(crate) fn return_sheet(session: &mut Session<'_>, id: SheetId, reason: &str) -> Result<(), ClientError> {
    act(session, id, Action::Return, ActKind::Return, reason)
}

fn act(
    session: &mut Session<'_>,
    id: SheetId,
    action: Action,
    kind: ActKind,
    reason: &str,
) -> Result<(), ClientError> {
    let key = sheet::key(session, id)?;
    let reason: String = reason.trim().nfc().collect();
    if reason.chars().count() > TEXT_CHARS_MAX {
        return Err(Refused::TextTooLong.into());
    }
    let mut change = ActChange { sheet: key.clone(), kind, digest: [0; 16], reason, minutes_before: 0 };
    refused(judge(&session.config, session.me.person, &Change::Act(change.clone())))?;
    let before = sheet::load(session, key.clone())?;
    let offered = actions::actions(session, &before)?;
    if !offered.iter().any(|offered| offered.action == action && offered.blocked.is_none()) {
        return Err(Refused::NotNow.into());
    }
    seal::seal_scope(session, key.scope())?;
    let sealed = sheet::load(session, key.clone())?;
    change.digest = sealed.digest(kind.columns()).ok_or(Refused::NotNow)?;
    let now = session.now;
    transact(session.connection, |write| {
        let id = crate::tables::frames::insert_sheet(write, session.me.department, &key)?;
        outbox::put_act(write, (id, &key), kind, change.digest, &change.reason, now)
    })
}
