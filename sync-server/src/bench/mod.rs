//! A department made of a benchmark's workload: its units, staff, heads, criteria and months, and well-known enrolment
//! codes, so that a client that knows the workload can play every device.
//!
//! Invariant: everything else is as in a real department: keys, epochs, signatures, the policy, durable commits.

mod fill;

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use xeploai_core::org::{Assignment, Document, PeriodRecord, PeriodRule, Person, Role, Unit, UnitKind};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{Ruleset, SubjectKind};
use xeploai_core::view::Text;

pub use fill::fill;

use crate::service::Service;

/// Staff code of the department's synthesis officer, who reads everything.
pub const READER: &str = "so-th";
/// Names under which the officer's further devices have their codes.
const DEVICES: [&str; 2] = ["1", "2"];
/// Since when everybody has his post.
const SINCE: &str = "2020-01";

/// A line of the workload, as far as the department needs it.
#[derive(Deserialize)]
struct Row {
    unit: String,
    period: String,
    subject: String,
    criterion: String,
    reviewer: String,
}

/// The workload, line by line.
fn rows<T: DeserializeOwned>(workload: &Path) -> Result<impl Iterator<Item = Result<T>>> {
    let file = std::fs::File::open(workload).with_context(|| workload.display().to_string())?;
    Ok(std::io::BufReader::new(file).lines().map(|line| Ok(serde_json::from_str(&line?)?)))
}

/// Units with their staff and heads, months, and how many criteria there are.
#[derive(Default)]
struct Cast {
    units: BTreeMap<String, (BTreeSet<String>, String)>,
    periods: BTreeSet<Period>,
    criteria: usize,
}

impl Cast {
    fn of(workload: &Path) -> Result<Self> {
        let (mut cast, mut criteria) = (Self::default(), BTreeSet::new());
        for row in rows::<Row>(workload)? {
            let row = row?;
            let unit = cast.units.entry(row.unit).or_default();
            unit.0.insert(row.subject);
            unit.1 = row.reviewer;
            cast.periods.insert(row.period.parse().context("a month")?);
            criteria.insert(row.criterion);
        }
        cast.criteria = criteria.len();
        Ok(cast)
    }
}

/// The enrolment code of a person in a benchmark: anybody can compute it, so such a department is good for nothing else.
pub fn code(person: &str) -> String {
    let hash = blake3::derive_key("xeploai 2026 benchmark code", person.as_bytes());
    hash[..16].iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// Number of a criterion of the workload, `tc07`.
fn criterion(code: &str) -> u16 {
    code.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_default()
}

/// The criteria of the workload: the maximum goes round from two to six points, in steps of a half.
///
/// # Errors
/// When the set is refused, which would be a fault of this program.
fn ruleset(criteria: usize) -> Result<Ruleset> {
    let text = |text: &str| serde_json::json!({"vi": text, "en": text});
    let maximum = |at: usize| 2 + at % 5;
    let list: Vec<_> = (0..criteria)
        .map(|at| {
            serde_json::json!({
                "number": at + 1, "label": format!("tc{:02}", at + 1), "title": text("Tiêu chí"),
                "max": maximum(at).to_string(), "step": "0.5", "rule": {"kind": "points"},
            })
        })
        .collect();
    let sum: usize = (0..criteria).map(maximum).sum();
    let levels = [("HTXSNV", 9), ("HTTNV", 7), ("HTNV", 5), ("KHTNV", 0)]
        .map(|(level, tenths)| serde_json::json!({"level": level, "from": (sum * tenths / 10).to_string()}));
    let definition = serde_json::json!({
        "code": "bench", "version": 1, "title": text("Đo tốc độ"), "source": text("Đo tốc độ"),
        "trust": "demonstration", "subject": "person", "columns": ["own", "superior"],
        "counting": ["superior"], "rounding": {"decimals": 2, "mode": "half_up", "classify_on": "rounded"},
        "tie_keys": ["total"], "levels": levels,
        "groups": [{"code": "I", "title": text("Nhóm"), "max": sum.to_string(), "criteria": list}],
    });
    Ok(Ruleset::parse(&definition.to_string())?)
}

fn unit(department: DepartmentId, code: &str, kind: UnitKind) -> Document {
    let (id, name) = (UnitId::of(department, code), code.to_owned());
    let (short_name, code) = (name.clone(), name.clone());
    Document::Unit(Unit {
        id,
        code,
        name,
        short_name,
        kind,
        league: None,
        leagues: Vec::new(),
        scorers: vec![],
        deputies: vec![],
        leader: None,
        supervisors: vec![],
        until: None,
        merged_into: None,
        since: None,
    })
}

fn person(
    department: DepartmentId,
    code: &str,
    unit: UnitId,
    head: bool,
    roles: Vec<Role>,
) -> Result<[Document; 2]> {
    let (id, since) = (PersonId::of(department, code), SINCE.parse::<Period>()?);
    let position = Text { vi: "Viên chức".into(), en: "Officer".into() };
    let post = Assignment {
        id: AssignmentId::of(id, unit, SINCE),
        person: id,
        unit,
        position,
        task_group: None,
        head,
        since,
        until: None,
    };
    let person = Person { id, code: code.into(), name: format!("Người {code}"), roles };
    Ok([Document::Person(person, unit), Document::Assignment(post)])
}

/// Fills a new department.
///
/// # Errors
/// When the workload can't be read or the database fails.
pub fn install(service: &Service, workload: &Path) -> Result<()> {
    let (cast, department) = (Cast::of(workload)?, service.department());
    let ruleset = ruleset(cast.criteria)?;
    let mut documents = vec![self::unit(department, "SO", UnitKind::Department)];
    documents.extend(person(department, READER, UnitId::of(department, "SO"), false, vec![Role::Synthesis])?);
    let mut codes = vec![READER.to_owned()];
    for (unit, (staff, head)) in &cast.units {
        documents.push(self::unit(department, unit, UnitKind::Centre));
        let id = UnitId::of(department, unit);
        for member in staff {
            documents.extend(person(department, member, id, false, vec![])?);
        }
        documents.extend(person(department, head, id, true, vec![])?);
        codes.extend(staff.iter().cloned().chain([head.clone()]));
    }
    let units: Vec<UnitId> = cast.units.keys().map(|unit| UnitId::of(department, unit)).collect();
    let rule = PeriodRule { units, subject: SubjectKind::Person, ruleset: ruleset.id() };
    documents.push(Document::Ruleset(Box::new(ruleset)));
    for period in cast.periods {
        documents.push(Document::Period(PeriodRecord::open(period, vec![rule.clone()], vec![])));
    }
    service.write_documents(&documents)?;
    let codes = codes.iter().map(|person| (person.as_str(), code(person)));
    service.put_codes(codes.chain(DEVICES.map(|device| (READER, code(device)))))?;
    Ok(())
}
