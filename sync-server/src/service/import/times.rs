//! Columns that say from when to when: a period's first or last month counts.

use xeploai_core::org::Membership;
use xeploai_core::period::Period;

use super::{Problem, code};

/// The first month of the period that a column names; nothing when it is empty.
pub(super) fn first(text: &str, column: &'static str) -> Result<Option<Period>, Problem> {
    Ok(months(text, column)?.map(|[first, _]| first))
}

/// As [`first`], the last month.
pub(super) fn last(text: &str, column: &'static str) -> Result<Option<Period>, Problem> {
    Ok(months(text, column)?.map(|[_, last]| last))
}

fn months(text: &str, column: &'static str) -> Result<Option<[Period; 2]>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(|period: Period| Some(period.months())).map_err(|_| Problem::BadPeriod(column))
}

/// Checks that nothing ends before it begins.
pub(super) fn in_order(
    since: Option<Period>,
    until: Option<Period>,
    column: &'static str,
) -> Result<(), Problem> {
    let ends_first = since.zip(until).is_some_and(|(since, until)| until < since);
    if ends_first { Err(Problem::EndsBeforeItBegins(column)) } else { Ok(()) }
}

/// Leagues for a time: `code:since:until` with `|` between them, later parts may be left out or empty.
pub(super) fn memberships(text: &str) -> Result<Vec<Membership>, Problem> {
    let named = text.split('|').map(str::trim).filter(|league| !league.is_empty());
    named.map(membership).collect()
}

fn membership(text: &str) -> Result<Membership, Problem> {
    let mut parts = text.split(':').map(str::trim);
    let [league, since, until] = [(); 3].map(|()| parts.next().unwrap_or_default());
    if parts.next().is_some() {
        return Err(Problem::BadLeagues);
    }
    let league = code(league, "leagues")?;
    let (since, until) = (first(since, "leagues")?, last(until, "leagues")?);
    in_order(since, until, "leagues")?;
    Ok(Membership { league, since, until })
}
