//! The first screen and lists of sheets.

use xeploai_core::ids::PersonId;
use xeploai_core::org::{Config, PeriodRecord};
use xeploai_core::period::Period;
use xeploai_core::sheet::SheetKey;
use xeploai_core::sync::policy::{may_act, may_write};
use xeploai_core::view::{Column, HomeView, Me, SheetSummary, Stage, Text};

use super::{sheet, sync};
use crate::error::ClientError;
use crate::session::Session;
use crate::tables::accounts::Account;
use crate::tables::streams;
use crate::view::summary;
use crate::view::written::called;

/// Who uses this device.
pub(crate) fn me(session: &Session<'_>) -> Result<Me, ClientError> {
    let own = streams::get(session.connection, session.me.stream)?;
    let delegation = own.and_then(|own| own.delegation);
    let enrolled_by = delegation.map(|by| called(session, &by.issuer));
    Ok(Me { enrolled_by, ..me_of(&session.config, &session.me) })
}

/// One of the people of this device; of those who do not use it now, who has enrolled them is left out.
pub(crate) fn me_of(config: &Config, account: &Account) -> Me {
    let person = config.people.get(&account.person);
    let post = config.assignments_of(account.person).into_iter().next();
    let sheets = config.periods.keys().flat_map(|period| config.sheets(*period));
    let reviews = sheets.into_iter().any(|key| is_reviewed_by(config, account.person, &key));
    Me {
        code: person.map(|person| person.code.clone()).unwrap_or_default(),
        name: person.map(|person| person.name.clone()).unwrap_or_default(),
        position: post.map_or(Text { vi: String::new(), en: String::new() }, |post| post.position.clone()),
        unit: post
            .and_then(|post| config.units.get(&post.unit))
            .map(|unit| unit.name.clone())
            .unwrap_or_default(),
        department: config.department.as_ref().map(|department| department.name.clone()).unwrap_or_default(),
        device: account.device.clone(),
        demonstration: config.department.as_ref().is_some_and(|department| department.demonstration),
        reviews,
        enrolled_by: None,
    }
}

/// Whether the user scores this sheet himself.
pub(crate) fn is_mine(session: &Session<'_>, key: &SheetKey) -> bool {
    may_write(&session.config, session.me.person, key, Column::Own)
}

/// Whether the user reviews this sheet.
pub(crate) fn reviews(session: &Session<'_>, key: &SheetKey) -> bool {
    is_reviewed_by(&session.config, session.me.person, key)
}

fn is_reviewed_by(config: &Config, person: PersonId, key: &SheetKey) -> bool {
    let act = xeploai_core::sheet::ActKind::Approve;
    may_act(config, person, key, act) || may_write(config, person, key, Column::Appraised)
}

/// The latest period that is not locked and in which the user is scored; else one in which he reviews; else any.
pub(crate) fn open_period(session: &Session<'_>) -> Option<Period> {
    let config = &session.config;
    let open: Vec<Period> =
        config.periods.values().rev().filter(|record| !record.locked).map(|record| record.period).collect();
    let with = |concerns: fn(&Session<'_>, &SheetKey) -> bool| {
        open.iter().copied().find(|period| config.sheets(*period).iter().any(|key| concerns(session, key)))
    };
    with(is_mine).or_else(|| with(reviews)).or_else(|| open.first().copied())
}

/// The user's sheets and those he reviews, in a period.
fn of_period(session: &Session<'_>, period: Period) -> Result<Vec<SheetSummary>, ClientError> {
    let keys = session.config.sheets(period);
    let concerns =
        |key: &SheetKey| sheet::is_known(session, key) && (is_mine(session, key) || reviews(session, key));
    let mut sheets = summaries(session, keys.into_iter().filter(concerns))?;
    sheets.sort_by_key(|sheet| (!sheet.mine, sheet.of_unit, sheet.code.clone()));
    Ok(sheets)
}

fn summaries(
    session: &Session<'_>,
    keys: impl Iterator<Item = SheetKey>,
) -> Result<Vec<SheetSummary>, ClientError> {
    keys.map(|key| summary::summary(session, &sheet::load(session, key)?)).collect()
}

/// Sheets of a period or of the open one.
pub(crate) fn sheets(session: &Session<'_>, period: Option<&str>) -> Result<Vec<SheetSummary>, ClientError> {
    let period = match period {
        Some(text) => text.parse().ok(),
        None => open_period(session),
    };
    period.map_or(Ok(Vec::new()), |period| of_period(session, period))
}

/// Every sheet that this device has written on or is to score.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<SheetSummary>, ClientError> {
    let keys = sheet::keys(session)?.into_iter();
    let concerns = |key: &SheetKey| is_mine(session, key) || reviews(session, key);
    summaries(session, keys.filter(concerns))
}

/// The first screen.
pub(crate) fn home(session: &Session<'_>) -> Result<HomeView, ClientError> {
    let open = open_period(session);
    let sheets = open.map_or(Ok(Vec::new()), |period| of_period(session, period))?;
    let to_review =
        sheets.iter().filter(|sheet| sheet.reviewing && sheet.stage == Stage::Submitted).count() as u32;
    let conflicts = sheets.iter().map(|sheet| sheet.conflicts).sum();
    let sync = sync::summary(session, &all(session)?)?;
    let period = open.and_then(|period| session.config.periods.get(&period)).map(PeriodRecord::view);
    let sheets = sheets.into_iter().filter(|sheet| sheet.mine).collect();
    Ok(HomeView { me: me(session)?, period, sheets, to_review, conflicts, sync })
}
