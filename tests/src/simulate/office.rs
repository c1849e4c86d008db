//! The department that is played: two centres with a head and staff, a leader, a supervisor and a synthesis officer; two
//! months to score.

use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use xeploai_core::org::{
    Assignment, Department, Document, League, PeriodRecord, PeriodRule, Person, Role, Unit, UnitKind,
};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{Definition, Ruleset, SubjectKind, shipped};
use xeploai_core::sync::Scope;
use xeploai_core::view::Text;

/// Staff code of the synthesis officer, who reads everything and writes nothing.
pub(super) const READER: &str = "so-th";
/// Staff code of the supervisor in charge of both centres.
pub(super) const SUPERVISOR: &str = "so-td";
/// Codes of the centres.
pub(super) const CENTRES: [&str; 2] = ["tt-1", "tt-2"];
/// The months that are scored.
pub(super) const MONTHS: [u8; 2] = [9, 10];

/// Everybody: code, unit, whether its head, role.
const PEOPLE: [(&str, &str, bool, Option<Role>); 9] = [
    ("so-gd", "so", true, Some(Role::Leader)),
    (SUPERVISOR, "so", false, Some(Role::Supervisor)),
    (READER, "so", false, Some(Role::Synthesis)),
    ("tt-1-gd", "tt-1", true, None),
    ("tt-1-a", "tt-1", false, None),
    ("tt-1-b", "tt-1", false, None),
    ("tt-2-gd", "tt-2", true, None),
    ("tt-2-a", "tt-2", false, None),
    ("tt-2-b", "tt-2", false, None),
];

/// The phones: the device's name, and the people who share it.
pub(super) const PHONES: [(&str, &[&str]); 7] = [
    ("máy 1", &["tt-1-a"]),
    ("máy 2", &["tt-1-a"]),
    ("máy tính bảng", &["tt-1-b", "tt-1-gd"]),
    ("máy 4", &["tt-1-gd"]),
    ("máy 5", &["tt-2-a", "tt-2-gd"]),
    ("máy kiểm tra", &[SUPERVISOR]),
    ("máy tổng hợp", &[READER]),
];

fn text(vi: &str) -> Text {
    Text { vi: vi.to_owned(), en: vi.to_owned() }
}

/// A month of 2026.
pub(super) fn month(month: u8) -> Period {
    Period::month(2026, month).unwrap_or_else(|_| unreachable!("a month of the calendar"))
}

/// A person's record, with or without the role that he begins with.
pub(super) fn person(department: DepartmentId, code: &str, with_role: bool) -> Option<Document> {
    let (code, unit, _, role) = PEOPLE.iter().find(|it| it.0 == code)?;
    let roles = role.iter().copied().filter(|_| with_role).collect();
    let record =
        Person { id: PersonId::of(department, code), code: (*code).into(), name: (*code).into(), roles };
    Some(Document::Person(record, UnitId::of(department, unit)))
}

/// A post since a month.
pub(super) fn post(department: DepartmentId, code: &str, unit: &str, since: &str, head: bool) -> Assignment {
    let (person, unit) = (PersonId::of(department, code), UnitId::of(department, unit));
    Assignment {
        id: AssignmentId::of(person, unit, since),
        person,
        unit,
        position: text("Viên chức"),
        task_group: None,
        head,
        since: since.parse().unwrap_or_else(|_| month(1)),
        until: None,
    }
}

/// The staff codes of everybody.
pub(super) fn codes() -> [&'static str; PEOPLE.len()] {
    PEOPLE.map(|(code, ..)| code)
}

/// Whether another device may give somebody a scope: the configuration, his own posts, the units he works in. Who is moved
/// is moved as the department does it here.
pub(super) fn may_have(department: DepartmentId, code: &str, scope: Scope) -> bool {
    let begins = PEOPLE.iter().filter(|it| it.0 == code).map(|it| (it.1, "2020-01"));
    let moved = [("tt-2", "2026-10")].into_iter().filter(|_| code == "tt-1-b");
    let is_his = |(unit, since): (&str, &str)| {
        let post = post(department, code, unit, since, false);
        scope == Scope::unit(post.unit) || scope == Scope::assignment(post.id)
    };
    scope == Scope::CONFIGURATION || begins.chain(moved).any(is_his)
}

/// A unit, with or without its supervisor in charge.
pub(super) fn unit(department: DepartmentId, code: &str, supervised: bool) -> Unit {
    let centre = CENTRES.contains(&code);
    let named = |code: &str, wanted: bool| wanted.then(|| PersonId::of(department, code));
    Unit {
        id: UnitId::of(department, code),
        code: code.into(),
        name: code.into(),
        short_name: code.into(),
        kind: if centre { UnitKind::Centre } else { UnitKind::Department },
        league: centre.then(|| "centres".to_owned()),
        leagues: Vec::new(),
        scorers: named(&format!("{code}-b"), centre).into_iter().collect(),
        deputies: Vec::new(),
        leader: named("so-gd", centre),
        supervisors: named(SUPERVISOR, centre && supervised).into_iter().collect(),
        merged_into: None,
        since: None,
        until: None,
    }
}

/// The criteria sets that are used: of people, of units.
pub(super) fn rulesets() -> Vec<Ruleset> {
    let wanted = |set: &Ruleset| ["demo-unit-staff", "demo-c"].contains(&set.code.as_str());
    shipped().unwrap_or_default().into_iter().filter(wanted).collect()
}

/// An open period by these sets.
pub(super) fn period(department: DepartmentId, number: u8, sets: &[Ruleset]) -> PeriodRecord {
    let units: Vec<UnitId> = CENTRES.iter().map(|code| UnitId::of(department, code)).collect();
    let rule = |set: &Ruleset| PeriodRule::new(units.clone(), set.subject, set.id());
    PeriodRecord::open(
        month(number),
        sets.iter().map(rule).collect(),
        vec![League { code: "centres".into(), title: text("Trung tâm") }],
    )
}

/// A later version of the set by which people are scored: drafts that were begun keep the earlier one.
pub(super) fn later_version(sets: &[Ruleset]) -> Vec<Ruleset> {
    let later = |set: &Ruleset| match set.subject {
        SubjectKind::Person => {
            let mut definition = Definition::from(set.clone());
            definition.version += 1;
            Ruleset::try_from(definition).ok()
        }
        SubjectKind::Unit => Some(set.clone()),
    };
    sets.iter().filter_map(later).collect()
}

/// Everything that a new department is told.
pub(super) fn documents(department: DepartmentId) -> Vec<Document> {
    let named = Department { id: department, name: "Sở thử".into(), demonstration: true };
    let mut documents = vec![Document::Department(named)];
    for code in ["so", CENTRES[0], CENTRES[1]] {
        documents.push(Document::Unit(unit(department, code, true)));
    }
    for (code, unit, head, _) in PEOPLE {
        documents.extend(person(department, code, true));
        documents.push(Document::Assignment(post(department, code, unit, "2020-01", head)));
    }
    let sets = rulesets();
    documents.extend(sets.iter().map(|set| Document::Ruleset(Box::new(set.clone()))));
    documents.extend(MONTHS.map(|number| Document::Period(period(department, number, &sets))));
    documents
}
