//! Units: `code,name,short_name,kind,league`, and as the file has them `since,until,leagues` (first and last period; leagues
//! for a time, as `code:since:until` with `|` between them) and `scorers,deputies,leader,supervisors`: staff codes with `|`
//! between them. A column that is not there changes nothing, an empty one names nobody. People are imported after
//! units, so who is in charge comes with a second file of units.

use std::collections::BTreeSet;

use xeploai_core::ids::{DepartmentId, PersonId, UnitId};
use xeploai_core::org::{Config, Document, Role, Unit, UnitKind};

use super::table::Row;
use super::{Imported, Problem, Table, code, name, times};
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
    let league = Some(row.get("league")).filter(|league| !league.is_empty());
    let before = config.units.get(&id);
    let in_charge = InCharge { config, department, unit: id };
    let of_unit = |column, kept: Option<Vec<PersonId>>| {
        said(row.optional(column), |codes| in_charge.of_unit(codes, column), kept)
    };
    let unit = Unit {
        id,
        name: name(&row.get("name"), "name")?,
        short_name: name(&row.get("short_name"), "short_name")?,
        kind: kind(&row.get("kind"))?,
        league: league.map(|league| super::code(&league, "league")).transpose()?,
        leagues: said(row.optional("leagues"), times::memberships, before.map(|it| it.leagues.clone()))?,
        scorers: of_unit("scorers", before.map(|it| it.scorers.clone()))?,
        deputies: of_unit("deputies", before.map(|it| it.deputies.clone()))?,
        leader: said(row.optional("leader"), |code| in_charge.leader(code), before.map(|it| it.leader))?,
        supervisors: said(
            row.optional("supervisors"),
            |codes| in_charge.supervisors(codes),
            before.map(|it| it.supervisors.clone()),
        )?,
        merged_into: before.and_then(|unit| unit.merged_into),
        since: said(row.optional("since"), |text| times::first(text, "since"), before.map(|it| it.since))?,
        until: said(row.optional("until"), |text| times::last(text, "until"), before.map(|it| it.until))?,
        code,
    };
    times::in_order(unit.since, unit.until, "until")?;
    // Last, so that a row that is refused for another reason takes no code.
    if unit.kind == UnitKind::Department && *department_unit.get_or_insert(id) != id {
        return Err(Problem::SecondDepartment);
    }
    if seen.insert(unit.code.clone()) { Ok(unit) } else { Err(Problem::DoubledCode) }
}

/// What a column says, or what is kept when the file has no such column.
fn said<T: Default>(
    column: Option<String>,
    read: impl FnOnce(&str) -> Result<T, Problem>,
    kept: Option<T>,
) -> Result<T, Problem> {
    column.map_or_else(|| Ok(kept.unwrap_or_default()), |text| read(&text))
}

fn kind(text: &str) -> Result<UnitKind, Problem> {
    match text.to_lowercase().as_str() {
        "department" => Ok(UnitKind::Department),
        "office" => Ok(UnitKind::Office),
        "centre" => Ok(UnitKind::Centre),
        "station" => Ok(UnitKind::Station),
        "" => Err(Problem::Empty("kind")),
        _ => Err(Problem::BadKind),
    }
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
