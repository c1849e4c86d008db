//! A sheet in one line.

use xeploai_core::org::PeriodRecord;
use xeploai_core::ruleset::Ruleset;
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{PeriodView, Place, SheetSummary};

use super::total::Scored;
use super::{refusal, written};
use crate::error::{ClientError, Refused};
use crate::ops::{home, sync};
use crate::session::Session;

/// The criteria set of a sheet.
pub(crate) fn ruleset<'a>(session: &'a Session<'_>, key: &SheetKey) -> Result<&'a Ruleset, ClientError> {
    Ok(session.config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?)
}

/// Name and code of the subject.
fn subject(session: &Session<'_>, key: &SheetKey) -> (String, String) {
    match key.subject {
        Subject::Post(post) => {
            session.config.holder(post).map(|it| (it.name.clone(), it.code.clone())).unwrap_or_default()
        }
        Subject::Unit(unit) => {
            let unit = session.config.unit_in(key.period, unit);
            unit.map(|it| (it.name.clone(), it.code.clone())).unwrap_or_default()
        }
    }
}

/// The line.
pub(crate) fn summary(session: &Session<'_>, sheet: &Sheet) -> Result<SheetSummary, ClientError> {
    let (key, config) = (&sheet.key, &session.config);
    let ruleset = ruleset(session, key)?;
    let (name, code) = subject(session, key);
    let unit = config.unit_of(key.subject).and_then(|unit| config.unit_in(key.period, unit.id));
    let period =
        config.periods.get(&key.period).map(PeriodRecord::view).unwrap_or_else(|| unknown_period(key));
    let place = place(session, sheet)?;
    let carried = match place {
        Place::Carried => written::carried(session, sheet.waiting())?,
        _ => None,
    };
    Ok(SheetSummary {
        id: key.id(session.me.department).to_string(),
        of_unit: matches!(key.subject, Subject::Unit(_)),
        subject: name,
        code,
        unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
        period,
        title: ruleset.title.clone(),
        place,
        carried,
        stage: sheet.stage(),
        total: Scored::new(session, ruleset, sheet).of_sheet()?,
        mine: home::is_mine(session, key),
        reviewing: home::reviews(session, key),
        conflicts: sheet.conflicts().len() as u32,
    })
}

fn unknown_period(key: &SheetKey) -> PeriodView {
    PeriodView {
        id: key.period.to_string(),
        locked: false,
        own_until: None,
        superior_until: None,
        classified_on: None,
        published_on: None,
    }
}

/// Where the sheet is: the most urgent of what its changes say.
fn place(session: &Session<'_>, sheet: &Sheet) -> Result<Place, ClientError> {
    let refused = refusal::standing(session, sheet);
    Ok(if sheet.fields.is_empty() && sheet.acts.is_empty() && refused.is_empty() {
        Place::Empty
    } else if !sheet.conflicts().is_empty() {
        Place::Conflict
    } else if refused.iter().any(|refusal| refusal.origin.status == xeploai_core::sync::Status::Rejected) {
        Place::Rejected
    } else if written::is_carried(session, sheet.waiting())? {
        Place::Carried
    } else if sheet.waits() {
        match sync::last_failure(session)? {
            // No network is not a fault: the record waits.
            Some(failure) if failure.code != Refused::Unreachable.code() => Place::Failed,
            _ => Place::Waiting,
        }
    } else if refused.is_empty() {
        Place::Received
    } else {
        Place::Held
    })
}
