//! A small department in which every role and post is filled, some by people who have too many of them.

use std::sync::LazyLock;

use super::*;
use crate::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use crate::period::Period;
use crate::ruleset::{Ruleset, RulesetId, SubjectKind, shipped};
use crate::sheet::{SheetKey, Subject};
use crate::view::{SuccessionKind, Text};

pub(crate) const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

/// Code, unit, whether its head, roles, first and last month of the post.
type Member = (&'static str, &'static str, bool, &'static [Role], &'static str, Option<&'static str>);

/// Everybody. The period of the tests is November 2022; the server and a stranger without a record are none of them.
pub(crate) const PEOPLE: [Member; 15] = [
    ("director", "so", true, &[Role::Director], "2022-01", None),
    // Deputy of the department's head, and in charge of tt.
    ("leader", "so", false, &[Role::Leader], "2022-01", None),
    ("idle-leader", "so", false, &[Role::Leader], "2022-01", None),
    ("synthesis", "so", false, &[Role::Synthesis], "2022-01", None),
    // In charge of tt and of the department's own people.
    ("supervisor", "so", false, &[Role::Supervisor], "2022-01", None),
    ("idle-supervisor", "so", false, &[Role::Supervisor], "2022-01", None),
    ("officer", "so", false, &[], "2022-01", None),
    ("head", "tt", true, &[], "2022-11", None),
    ("deputy", "tt", false, &[], "2022-01", None),
    ("scorer", "tt", false, &[], "2022-01", None),
    ("staff", "tt", false, &[], "2022-01", None),
    // Headed tt until October.
    ("ex-head", "tt", true, &[], "2022-01", Some("2022-10")),
    // Still named as deputy and scorer of tt, which he left for pvh.
    ("mover", "tt", false, &[], "2022-01", Some("2022-10")),
    // Heads pvh, and is named as its leader, deputy, scorer and supervisor in charge.
    ("boss", "pvh", true, &[Role::Leader, Role::Supervisor], "2022-01", None),
    ("other", "pvh", false, &[], "2022-01", None),
];

pub(crate) fn month(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn november() -> Period {
    month("2022-11")
}

pub(crate) fn person(code: &str) -> PersonId {
    PersonId::of(DEPARTMENT, code)
}

pub(crate) fn unit(code: &str) -> UnitId {
    UnitId::of(DEPARTMENT, code)
}

/// The post of somebody in [`PEOPLE`].
pub(crate) fn post(code: &str) -> AssignmentId {
    let (_, of, _, _, since, _) = PEOPLE.iter().find(|(known, ..)| *known == code).unwrap();
    AssignmentId::of(person(code), unit(of), since)
}

/// The subject of somebody's sheets, or of a unit's.
pub(crate) fn subject(code: &str) -> Subject {
    if ["so", "tt", "pvh"].contains(&code) { Subject::Unit(unit(code)) } else { Subject::Post(post(code)) }
}

/// The shipped sets, read once.
pub(crate) static SHIPPED: LazyLock<Vec<Ruleset>> = LazyLock::new(|| shipped().unwrap());

pub(crate) fn ruleset(code: &str) -> RulesetId {
    SHIPPED.iter().find(|set| set.code == code).unwrap().id()
}

/// A sheet of the set that scores its subject.
pub(crate) fn sheet(code: &str, period: Period) -> SheetKey {
    let subject = subject(code);
    let ruleset = ruleset(if matches!(subject, Subject::Unit(_)) { "demo-c" } else { "demo-a" });
    SheetKey { subject, period, ruleset }
}

pub(crate) fn text() -> Text {
    Text { vi: String::new(), en: String::new() }
}

pub(crate) fn unit_record(code: &str) -> Unit {
    let people = |codes: &[&str]| codes.iter().map(|code| person(code)).collect::<Vec<_>>();
    let (kind, scorers, deputies, leader, supervisors) = match code {
        "so" => (UnitKind::Department, people(&[]), people(&["leader"]), None, people(&["supervisor"])),
        "tt" => (
            UnitKind::Centre,
            people(&["scorer", "mover"]),
            people(&["deputy", "mover"]),
            Some(person("leader")),
            people(&["supervisor"]),
        ),
        _ => {
            (UnitKind::Office, people(&["boss"]), people(&["boss"]), Some(person("boss")), people(&["boss"]))
        }
    };
    Unit {
        id: unit(code),
        code: code.into(),
        name: code.into(),
        short_name: code.into(),
        kind,
        league: None,
        leagues: Vec::new(),
        scorers,
        deputies,
        leader,
        supervisors,
        merged_into: None,
        since: None,
        until: None,
    }
}

pub(crate) fn assignment(code: &str) -> Assignment {
    let (_, of, head, _, since, until) = PEOPLE.iter().find(|(known, ..)| *known == code).unwrap();
    Assignment {
        id: post(code),
        person: person(code),
        unit: unit(of),
        position: text(),
        task_group: None,
        head: *head,
        since: month(since),
        until: until.map(month),
    }
}

pub(crate) fn person_record(code: &str, roles: &[Role]) -> Document {
    let (_, of, ..) = PEOPLE.iter().find(|(known, ..)| *known == code).unwrap();
    let person = Person { id: person(code), code: code.into(), name: code.into(), roles: roles.to_vec() };
    Document::Person(person, unit(of))
}

pub(crate) fn period_record(period: Period, locked: bool) -> PeriodRecord {
    let all = vec![unit("so"), unit("tt"), unit("pvh")];
    let rule = |subject, code| PeriodRule { units: all.clone(), subject, ruleset: ruleset(code) };
    let rules = vec![rule(SubjectKind::Unit, "demo-c"), rule(SubjectKind::Person, "demo-a")];
    PeriodRecord { locked, ..PeriodRecord::open(period, rules, vec![]) }
}

/// The documents of the department, its periods open.
pub(crate) fn documents() -> Vec<Document> {
    let mut documents: Vec<_> =
        ["so", "tt", "pvh"].map(|code| Document::Unit(unit_record(code))).into_iter().collect();
    for (code, _, _, roles, ..) in PEOPLE {
        documents.push(person_record(code, roles));
        documents.push(Document::Assignment(assignment(code)));
    }
    documents.push(Document::Assignment(moved()));
    documents.extend(SHIPPED.iter().map(|set| Document::Ruleset(Box::new(set.clone()))));
    documents.extend(["2022-10", "2022-11"].map(|it| Document::Period(period_record(month(it), false))));
    documents
}

/// The post that the mover holds now.
pub(crate) fn moved() -> Assignment {
    let id = AssignmentId::of(person("mover"), unit("pvh"), "2022-11");
    Assignment { id, unit: unit("pvh"), since: november(), until: None, ..assignment("mover") }
}

/// The department as everybody knows it.
pub(crate) fn config() -> Config {
    with([])
}

/// The department after these documents.
pub(crate) fn with(changes: impl IntoIterator<Item = Document>) -> Config {
    let mut config = Config::default();
    documents().into_iter().chain(changes).for_each(|document| config.apply(document));
    config
}

/// A unit that lasts from a month to a month.
pub(crate) fn lasting(code: &str, since: Option<&str>, until: Option<&str>) -> Unit {
    Unit {
        id: unit(code),
        code: code.into(),
        since: since.map(month),
        until: until.map(month),
        ..unit_record("tt")
    }
}

pub(crate) fn succession(kind: SuccessionKind, from: &[&str], to: &[&str], since: &str) -> Succession {
    let ids = |codes: &[&str]| codes.iter().map(|code| unit(code)).collect();
    Succession { kind, from: ids(from), to: ids(to), since: month(since), basis: "NQ 1".into() }
}
