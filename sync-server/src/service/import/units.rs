//! Units: `code,name,short_name,kind,league`, and as the file has them `since,until,leagues` (first and last period; leagues
//! for a time, as `code:since:until` with `|` between them) and `scorers,deputies,leader,supervisors`: staff codes with `|`
//! between them. A column that is not there changes nothing, an empty one names nobody. People are imported after
//! units, so who is in charge comes with a second file of units.

use std::collections::BTreeSet;

use xeploai_core::ids::{DepartmentId, PersonId, UnitId};
use xeploai_core::org::{Config, Document, Membership, Role, Unit, UnitKind};
use xeploai_core::period::Period;

use super::table::Row;
use super::{Imported, Problem, Table, code, name};
use crate::error::ServerError;
use crate::service::Service;

/// Columns that a file of units needs.
const COLUMNS: [&str; 5] = ["code", "name", "short_name", "kind", "league"];

impl Service {
    /// Imports units; those that are there already get what the file says, and keep what it doesn't speak of.
    ///
    /// # Errors
    /// When the file is no CSV or lacks a column, or the database fails; then nothing is imported.
    pub fn import_units(&self, bytes: &[u8]) -> Result<Imported, ServerError> {
        let table = Table::read(bytes, &COLUMNS)?;
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let (mut report, mut documents) = (Imported::default(), Vec::new());
            let mut seen = BTreeSet::new();
            let mut department = config.department_unit().map(|unit| unit.id);
            for (line, row) in table.rows() {
                match unit(row, &config, self.department, &mut seen, &mut department) {
                    Ok(unit) => documents.push(Document::Unit(unit)),
                    Err(problem) => report.rejected.push(problem.at(line)),
                }
            }
            report.imported = documents.len();
            self.write_documents_in(write, &documents)?;
            Ok(report)
        })
    }
}

fn unit(
    row: Option<Row<'_>>,
    config: &Config,
    department: DepartmentId,
    seen: &mut BTreeSet<String>,
    department_unit: &mut Option<UnitId>,
) -> Result<Unit, Problem> {
    let row = row.ok_or(Problem::BadRow)?;
    let code = code(&row.get("code"), "code")?;
    let id = UnitId::of(department, &code);
    let kind = match row.get("kind").to_lowercase().as_str() {
        "department" => UnitKind::Department,
        "office" => UnitKind::Office,
        "centre" => UnitKind::Centre,
        "station" => UnitKind::Station,
        "" => return Err(Problem::Empty("kind")),
        _ => return Err(Problem::BadKind),
    };
    let league = Some(row.get("league")).filter(|league| !league.is_empty());
    let before = config.units.get(&id);
    let in_charge = InCharge { config, department, unit: id };
    let kept = |named: fn(&Unit) -> &Vec<PersonId>| before.map(named).cloned().unwrap_or_default();
    let (since, until) = lasting(row, before)?;
    let unit = Unit {
        id,
        name: name(&row.get("name"), "name")?,
        short_name: name(&row.get("short_name"), "short_name")?,
        kind,
        league: league.map(|league| super::code(&league, "league")).transpose()?,
        leagues: match row.optional("leagues") {
            Some(text) => memberships(&text)?,
            None => before.map(|unit| unit.leagues.clone()).unwrap_or_default(),
        },
        scorers: match row.optional("scorers") {
            Some(codes) => in_charge.of_unit(&codes, "scorers")?,
            None => kept(|unit| &unit.scorers),
        },
        deputies: match row.optional("deputies") {
            Some(codes) => in_charge.of_unit(&codes, "deputies")?,
            None => kept(|unit| &unit.deputies),
        },
        leader: match row.optional("leader") {
            Some(code) => in_charge.leader(&code)?,
            None => before.and_then(|unit| unit.leader),
        },
        supervisors: match row.optional("supervisors") {
            Some(codes) => in_charge.supervisors(&codes)?,
            None => kept(|unit| &unit.supervisors),
        },
        merged_into: before.and_then(|unit| unit.merged_into),
        since,
        until,
        code,
    };
    // Last, so that a row that is refused for another reason takes no code.
    if kind == UnitKind::Department {
        if department_unit.is_some_and(|known| known != id) {
            return Err(Problem::SecondDepartment);
        }
        *department_unit = Some(id);
    }
    if seen.insert(unit.code.clone()) { Ok(unit) } else { Err(Problem::DoubledCode) }
}

/// The first and the last month of a unit.
fn lasting(row: Row<'_>, before: Option<&Unit>) -> Result<(Option<Period>, Option<Period>), Problem> {
    let since = match row.optional("since") {
        Some(text) => month(&text, 0, "since")?,
        None => before.and_then(|unit| unit.since),
    };
    let until = match row.optional("until") {
        Some(text) => month(&text, 1, "until")?,
        None => before.and_then(|unit| unit.until),
    };
    in_order(since, until, "until")?;
    Ok((since, until))
}

/// The first (0) or last (1) month of a period that a column names; nothing when it is empty.
fn month(text: &str, which: usize, column: &'static str) -> Result<Option<Period>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let period: Period = text.parse().map_err(|_| Problem::BadPeriod(column))?;
            Ok(Some(period.months()[which]))
        }
    }
}

fn in_order(since: Option<Period>, until: Option<Period>, column: &'static str) -> Result<(), Problem> {
    let ends_first = since.zip(until).is_some_and(|(since, until)| until < since);
    if ends_first { Err(Problem::EndsBeforeItBegins(column)) } else { Ok(()) }
}

fn memberships(text: &str) -> Result<Vec<Membership>, Problem> {
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
    let (since, until) = (month(since, 0, "leagues")?, month(until, 1, "leagues")?);
    in_order(since, until, "leagues")?;
    Ok(Membership { league, since, until })
}

/// Who is named as in charge of a unit: known people, with the post or role that it needs. What a row names wrongly
/// would give no right, and nobody would see why.
struct InCharge<'a> {
    config: &'a Config,
    department: DepartmentId,
    unit: UnitId,
}

impl InCharge<'_> {
    fn people(&self, codes: &str, column: &'static str) -> Result<Vec<PersonId>, Problem> {
        let codes = codes.split('|').map(str::trim).filter(|code| !code.is_empty());
        let known = |code: &str| {
            let id = PersonId::of(self.department, code);
            self.config.people.contains_key(&id).then_some(id).ok_or(Problem::NoSuchPerson(column))
        };
        codes.map(known).collect()
    }

    fn of_unit(&self, codes: &str, column: &'static str) -> Result<Vec<PersonId>, Problem> {
        let people = self.people(codes, column)?;
        let here = people.iter().all(|person| self.config.assignments.holds(*person, self.unit));
        if here { Ok(people) } else { Err(Problem::NotOfUnit(column)) }
    }

    fn leader(&self, code: &str) -> Result<Option<PersonId>, Problem> {
        match self.people(code, "leader")?[..] {
            [] => Ok(None),
            [person] if self.has(person, &[Role::Director, Role::Leader]) => Ok(Some(person)),
            _ => Err(Problem::NoLeader),
        }
    }

    fn supervisors(&self, codes: &str) -> Result<Vec<PersonId>, Problem> {
        let people = self.people(codes, "supervisors")?;
        let all = people.iter().all(|person| self.has(*person, &[Role::Supervisor]));
        if all { Ok(people) } else { Err(Problem::NoSupervisor) }
    }

    fn has(&self, person: PersonId, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.config.has_role(person, *role))
    }
}
