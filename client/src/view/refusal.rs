//! What the server did not take.

use xeploai_core::sheet::Field;
use xeploai_core::sheet::state::{Refusal, Sheet};
use xeploai_core::view::{ErrorView, RejectedView, Text};

use super::summary;
use crate::error::ClientError;
use crate::ops::{home, sheet};
use crate::session::Session;

/// The user's own refused changes that he has not written over since.
pub(crate) fn standing<'a>(session: &Session<'_>, sheet: &'a Sheet) -> Vec<&'a Refusal> {
    let own = |refusal: &&Refusal| refusal.origin.author == session.me.person;
    let overwritten = |refusal: &Refusal| {
        let heads = refusal.place.and_then(|place| sheet.fields.get(&place));
        let later = |head: &xeploai_core::sheet::state::Head| {
            head.origin.author == refusal.origin.author && head.origin.at >= refusal.origin.at
        };
        heads.is_some_and(|heads| heads.iter().any(later))
    };
    sheet.refusals.iter().filter(own).filter(|refusal| !overwritten(refusal)).collect()
}

/// All of them, on every sheet of the user.
pub(crate) fn refusals(session: &Session<'_>) -> Result<Vec<RejectedView>, ClientError> {
    let mut found = Vec::new();
    for key in sheet::keys(session)? {
        if !home::is_mine(session, &key) && !home::reviews(session, &key) {
            continue;
        }
        let sheet = sheet::load(session, key)?;
        for refusal in standing(session, &sheet) {
            found.push(view(session, &sheet, refusal)?);
        }
    }
    Ok(found)
}

fn view(session: &Session<'_>, sheet: &Sheet, refusal: &Refusal) -> Result<RejectedView, ClientError> {
    let ruleset = summary::ruleset(session, &sheet.key)?;
    let label = refusal.place.and_then(|place| match place.field {
        Field::Minutes(part) => Some(part.name().vi),
        _ => ruleset.criterion(place.criterion).map(|criterion| criterion.label.clone()),
    });
    let reason = refusal.origin.reason;
    let (vi, en) = reason.sentence();
    Ok(RejectedView {
        sheet: summary::summary(session, sheet)?,
        label: label.unwrap_or_default(),
        value: refusal.value.to_string(),
        reason: ErrorView { code: reason.code().into(), message: Text { vi: vi.into(), en: en.into() } },
    })
}
