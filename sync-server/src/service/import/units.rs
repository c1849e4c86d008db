//! Units: `code,name,short_name,kind,league`.

use std::collections::BTreeSet;

use xeploai_core::ids::{DepartmentId, UnitId};
use xeploai_core::org::{Config, Document, Unit, UnitKind};

use super::table::Row;
use super::{Imported, Problem, Table, code, name};
use crate::error::ServerError;
use crate::service::Service;

/// Columns that a file of units needs.
const COLUMNS: [&str; 5] = ["code", "name", "short_name", "kind", "league"];

impl Service {
    /// Imports units; those that are there already get what the file says, and keep who may score for them.
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
    let unit = Unit {
        id,
        name: name(&row.get("name"), "name")?,
        short_name: name(&row.get("short_name"), "short_name")?,
        kind,
        league: league.map(|league| super::code(&league, "league")).transpose()?,
        scorers: config.units.get(&id).map(|unit| unit.scorers.clone()).unwrap_or_default(),
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
