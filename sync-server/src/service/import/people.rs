//! People and their posts: `code,name,unit,position,head,roles`, and as the file has it `task_group`: the group of similar
//! tasks that a quota looks at; without one, those with the same position.

use std::collections::BTreeSet;

use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use xeploai_core::org::{Assignment, Config, Document, Person, Role};
use xeploai_core::period::Period;
use xeploai_core::view::Text;

use super::table::Row;
use super::{Imported, Problem, Table, code, name};
use crate::error::ServerError;
use crate::service::Service;

/// Columns that a file of people needs.
const COLUMNS: [&str; 6] = ["code", "name", "unit", "position", "head", "roles"];

/// What a row says, checked.
struct PersonRow {
    person: Person,
    unit: UnitId,
    position: String,
    task_group: Option<String>,
    head: bool,
}

impl Service {
    /// Imports people; a person who is in another unit now moves: the post there ends, a new one begins.
    ///
    /// # Errors
    /// When the file is no CSV or lacks a column, or the database fails; then nothing is imported.
    pub fn import_people(&self, bytes: &[u8]) -> Result<Imported, ServerError> {
        let table = Table::read(bytes, &COLUMNS)?;
        let month = self.month()?;
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let since = begin(&config, month);
            let (mut report, mut documents) = (Imported::default(), Vec::new());
            let mut seen = BTreeSet::new();
            for (line, row) in table.rows() {
                match person(row, &config, self.department, &mut seen) {
                    Ok(row) => {
                        report.imported += 1;
                        documents.extend(posts(&config, &row, since));
                        documents.push(Document::Person(row.person, row.unit));
                    }
                    Err(problem) => report.rejected.push(problem.at(line)),
                }
            }
            self.write_documents_in(write, &documents)?;
            Ok(report)
        })
    }

    /// The month that this server's clock is in, in Vietnam.
    fn month(&self) -> Result<Period, ServerError> {
        let fault = |_| ServerError::Key("the clock is out of range".into());
        let now = jiff::Timestamp::from_second(self.now()).map_err(fault)?;
        let today = jiff::tz::TimeZone::fixed(jiff::tz::offset(7)).to_datetime(now).date();
        let fault = |_| ServerError::Key("the clock is out of range".into());
        Period::month(today.year().unsigned_abs(), today.month().unsigned_abs()).map_err(fault)
    }
}

/// When a new post begins: in the first month that is still open, so that it has a sheet there; else now.
fn begin(config: &Config, month: Period) -> Period {
    let open = config.periods.values().filter(|record| !record.locked).map(|record| record.period);
    open.filter(|period| period.is_like(month)).min().map_or(month, |open| open.min(month))
}

fn person(
    row: Option<Row<'_>>,
    config: &Config,
    department: DepartmentId,
    seen: &mut BTreeSet<String>,
) -> Result<PersonRow, Problem> {
    let row = row.ok_or(Problem::BadRow)?;
    let code = code(&row.get("code"), "code")?;
    let unit = UnitId::of(department, &super::code(&row.get("unit"), "unit")?);
    if !config.units.contains_key(&unit) {
        return Err(Problem::NoSuchUnit);
    }
    let head = match row.get("head").to_lowercase().as_str() {
        "1" | "x" | "true" | "có" => true,
        "" | "0" | "false" | "không" => false,
        _ => return Err(Problem::BadHead),
    };
    let named = row.get("roles").to_lowercase();
    let roles = named.split('|').map(str::trim).filter(|role| !role.is_empty()).map(role);
    let person = Person {
        id: PersonId::of(department, &code),
        name: name(&row.get("name"), "name")?,
        roles: roles.collect::<Result<_, _>>()?,
        code,
    };
    let position = name(&row.get("position"), "position")?;
    let task_group = row.optional("task_group").filter(|group| !group.is_empty());
    let task_group = task_group.map(|group| name(&group, "task_group")).transpose()?;
    // Last, so that a row that is refused for another reason takes no code.
    if !seen.insert(person.code.clone()) {
        return Err(Problem::DoubledCode);
    }
    Ok(PersonRow { person, unit, position, task_group, head })
}

fn role(name: &str) -> Result<Role, Problem> {
    match name {
        "director" => Ok(Role::Director),
        "leader" => Ok(Role::Leader),
        "synthesis" => Ok(Role::Synthesis),
        "supervisor" => Ok(Role::Supervisor),
        _ => Err(Problem::BadRole),
    }
}

/// The post that a row says, and the ends of those that it replaces.
fn posts(config: &Config, row: &PersonRow, since: Period) -> Vec<Document> {
    let held = config.assignments_of(row.person.id).into_iter().filter(|post| post.until.is_none());
    let (here, elsewhere): (Vec<&Assignment>, Vec<&Assignment>) =
        held.partition(|post| post.unit == row.unit);
    let mut documents: Vec<Document> = elsewhere
        .into_iter()
        .map(|post| Document::Assignment(Assignment { until: since.previous(), ..post.clone() }))
        .collect();
    let begun = here.first().map(|post| (post.id, post.since));
    let new = || (AssignmentId::of(row.person.id, row.unit, &since.to_string()), since);
    let (id, since) = begun.unwrap_or_else(new);
    let position = Text { vi: row.position.clone(), en: row.position.clone() };
    documents.push(Document::Assignment(Assignment {
        id,
        person: row.person.id,
        unit: row.unit,
        position,
        task_group: row.task_group.clone(),
        head: row.head,
        since,
        until: None,
    }));
    documents
}
