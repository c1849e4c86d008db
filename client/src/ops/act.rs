//! Handing in, withdrawing, approving, sending back.
//!
//! Invariant: what an act vouches for is sealed before the act is written, so that its digest names heads that
//! everybody can find.

use unicode_normalization::UnicodeNormalization;
use xeploai_core::sheet::{ActKind, SheetKey};
use xeploai_core::sync::body::{ActChange, Change, TEXT_CHARS_MAX};
use xeploai_core::sync::policy::{judge, may_write};
use xeploai_core::view::{Action, Column};

use super::score::refused;
use super::{seal, sheet};
use crate::error::{ClientError, Refused};
use crate::session::Session;
use crate::tables::{frames, outbox};
use crate::transact::transact;
use crate::view::{actions, minutes};

/// Hands the sheet in.
pub(crate) fn submit(session: &mut Session<'_>, key: &SheetKey) -> Result<(), ClientError> {
    act(session, key, Action::Submit, ActKind::Submit, "")
}

/// Takes the sheet back.
pub(crate) fn withdraw(session: &mut Session<'_>, key: &SheetKey) -> Result<(), ClientError> {
    act(session, key, Action::Withdraw, ActKind::Withdraw, "")
}

/// Approves the sheet.
pub(crate) fn approve(session: &mut Session<'_>, key: &SheetKey) -> Result<(), ClientError> {
    act(session, key, Action::Approve, ActKind::Approve, "")
}

/// Sends the sheet back.
pub(crate) fn return_sheet(
    session: &mut Session<'_>,
    key: &SheetKey,
    reason: &str,
) -> Result<(), ClientError> {
    act(session, key, Action::Return, ActKind::Return, reason)
}

/// Signs the minutes of a visit, for the side that the user writes.
pub(crate) fn sign_minutes(
    session: &mut Session<'_>,
    key: &SheetKey,
    seen: Option<&str>,
) -> Result<(), ClientError> {
    let stands = minutes::stamp(&sheet::load(session, key.clone())?);
    if seen.is_some_and(|seen| seen != stands) {
        return Err(Refused::BadToken.into());
    }
    let of_unit = may_write(&session.config, session.me.person, key, Column::Own);
    let (action, kind) = match of_unit {
        true => (Action::SignForUnit, ActKind::SignForUnit),
        false => (Action::SignForDelegation, ActKind::SignForDelegation),
    };
    act(session, key, action, kind, "")
}

fn act(
    session: &mut Session<'_>,
    key: &SheetKey,
    action: Action,
    kind: ActKind,
    reason: &str,
) -> Result<(), ClientError> {
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
    seal::seal_scope(session.connection, session.signer, key.scope())?;
    let sealed = sheet::load(session, key.clone())?;
    change.digest = sealed.digest(kind).ok_or(Refused::NotNow)?;
    let (id, author, now) = (key.id(session.me.department), session.me.person, session.now);
    transact(session.connection, |write| {
        frames::insert_sheet(write, id, key)?;
        outbox::put_act(write, (id, author), key.scope(), (kind, change.digest, &change.reason), now)
    })
}
