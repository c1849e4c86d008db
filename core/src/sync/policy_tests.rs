//! Every person against every column of every kind of sheet: who is named may write, everybody else may not.

use super::*;
use crate::ids::{AssignmentId, DepartmentId, UnitId};
use crate::org::{Assignment, Document, League, PeriodRecord, PeriodRule, Person, Unit, UnitKind};
use crate::period::Period;
use crate::points::Points;
use crate::ruleset::{SubjectKind, shipped};
use crate::sync::body::{ActChange, DocumentChange, ScoreChange};
use crate::view::Text;

const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);
/// Code, unit, head of it, role in the department.
const PEOPLE: [(&str, &str, bool, Option<Role>); 9] = [
    ("director", "so", true, Some(Role::Director)),
    ("synthesis", "so", false, Some(Role::Synthesis)),
    ("supervisor", "so", false, Some(Role::Supervisor)),
    ("officer", "so", false, None),
    ("head", "tt", true, None),
    ("scorer", "tt", false, None),
    ("staff", "tt", false, None),
    ("other-head", "pvh", true, None),
    ("other-staff", "pvh", false, None),
];

fn text() -> Text {
    Text { vi: String::new(), en: String::new() }
}

fn period() -> Period {
    Period::month(2022, 11).unwrap()
}

fn person(code: &str) -> PersonId {
    PersonId::of(DEPARTMENT, code)
}

fn unit(code: &str) -> UnitId {
    UnitId::of(DEPARTMENT, code)
}

fn post(code: &str) -> AssignmentId {
    let (_, of, ..) = PEOPLE.iter().find(|(known, ..)| *known == code).unwrap();
    AssignmentId::of(person(code), unit(of), "2022-01")
}

fn config() -> Config {
    let mut config = Config::default();
    for (code, kind) in [("so", UnitKind::Department), ("tt", UnitKind::Centre), ("pvh", UnitKind::Office)] {
        let scorers = if code == "tt" { vec![person("scorer")] } else { vec![] };
        let (id, name) = (unit(code), code.to_owned());
        let (code, short_name) = (name.clone(), name.clone());
        config.apply(Document::Unit(Unit { id, code, name, short_name, kind, league: None, scorers }));
    }
    for (code, of, head, role) in PEOPLE {
        let (id, roles) = (person(code), role.into_iter().collect());
        config.apply(Document::Person(Person { id, code: code.into(), name: code.into(), roles }, unit(of)));
        let since = Period::month(2022, 1).unwrap();
        let post = Assignment {
            id: post(code),
            person: id,
            unit: unit(of),
            position: text(),
            head,
            since,
            until: None,
        };
        config.apply(Document::Assignment(post));
    }
    let rulesets = shipped().unwrap();
    let all = vec![unit("so"), unit("tt"), unit("pvh")];
    let rule = |subject, code: &str| {
        let ruleset = rulesets.iter().find(|set| set.code == code).unwrap().id();
        PeriodRule { units: all.clone(), subject, ruleset }
    };
    let rules = vec![rule(SubjectKind::Unit, "demo-c"), rule(SubjectKind::Person, "demo-a")];
    config.apply(Document::Period(PeriodRecord {
        period: period(),
        locked: false,
        rules,
        leagues: Vec::<League>::new(),
        own_until: None,
        superior_until: None,
        classified_on: None,
        published_on: None,
    }));
    for ruleset in rulesets {
        config.apply(Document::Ruleset(Box::new(ruleset)));
    }
    config
}

fn of_person(code: &str) -> Subject {
    Subject::Post(post(code))
}

/// Who may write a column of the sheets of a subject.
fn writers(subject: Subject, column: Column) -> Vec<&'static str> {
    let config = config();
    PEOPLE
        .iter()
        .map(|(code, ..)| *code)
        .filter(|code| may_write(&config, person(code), subject, column))
        .collect()
}

#[test]
fn who_may_write_is_exactly_who_is_named() {
    let centre = Subject::Unit(unit("tt"));
    let table: [(Subject, [&[&str]; 3]); 6] = [
        (of_person("staff"), [&["staff"], &["head"], &["supervisor"]]),
        (of_person("head"), [&["head"], &["director"], &["supervisor"]]),
        (of_person("officer"), [&["officer"], &["director"], &["supervisor"]]),
        (of_person("supervisor"), [&["supervisor"], &["director"], &[]]),
        (of_person("director"), [&["director"], &[], &["supervisor"]]),
        (centre, [&["head", "scorer"], &["director"], &["supervisor"]]),
    ];
    for (subject, columns) in table {
        for (column, expected) in [Column::Own, Column::Superior, Column::Appraised].into_iter().zip(columns)
        {
            assert_eq!(writers(subject, column), expected, "{subject:?} {column:?}");
        }
    }
}

fn sheet(subject: Subject, code: &str) -> SheetKey {
    let ruleset = shipped().unwrap().into_iter().find(|set| set.code == code).unwrap().id();
    SheetKey { subject, period: period(), ruleset }
}

fn score(sheet: SheetKey, criterion: u16, field: Field, value: Value) -> Change {
    let place = Place { criterion, column: Column::Own, field };
    Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 })
}

fn points(points: i32) -> Value {
    Value::Points(Points::whole(points))
}

fn verdict(code: &str, change: &Change) -> (Status, Reason) {
    judge(&config(), person(code), change)
}

#[test]
fn a_value_must_fit_its_field() {
    let own = || sheet(of_person("staff"), "demo-a");
    let cases = [
        (score(own(), 1, Field::Points, points(20)), (Status::Accepted, Reason::None)),
        (score(own(), 1, Field::Points, Value::Empty), (Status::Accepted, Reason::None)),
        (score(own(), 1, Field::Points, points(21)), (Status::Rejected, Reason::BadPoints)),
        (score(own(), 1, Field::Points, points(-1)), (Status::Rejected, Reason::BadPoints)),
        (score(own(), 1, Field::Points, Value::Points(Points(1))), (Status::Rejected, Reason::BadPoints)),
        (
            score(own(), 1, Field::Points, Value::Text("8".into())),
            (Status::Rejected, Reason::NoSuchCriterion),
        ),
        (score(own(), 1, Field::Note, points(1)), (Status::Rejected, Reason::NoSuchCriterion)),
        (score(own(), 999, Field::Points, points(1)), (Status::Rejected, Reason::NoSuchCriterion)),
    ];
    for (change, expected) in cases {
        assert_eq!(verdict("staff", &change), expected, "{change:?}");
    }
    let theirs = score(own(), 1, Field::Points, points(1));
    assert_eq!(verdict("other-staff", &theirs), (Status::Rejected, Reason::NotAllowed));
}

#[test]
fn what_is_not_known_or_locked_is_held_not_lost() {
    let unknown = score(sheet(of_person("staff"), "nd335-staff"), 1, Field::Points, points(1));
    assert_eq!(
        verdict("staff", &unknown),
        (Status::Held, Reason::Unknown),
        "the period scores them by another set"
    );
    let mut config = config();
    config.periods.get_mut(&period()).unwrap().locked = true;
    let late = score(sheet(of_person("staff"), "demo-a"), 1, Field::Points, points(1));
    assert_eq!(judge(&config, person("staff"), &late), (Status::Held, Reason::PeriodLocked));
    assert_eq!(judge(&config, person("staff"), &Change::Unknown), (Status::Held, Reason::UnknownKind));
}

#[test]
fn a_return_needs_a_reason_and_documents_need_the_server() {
    let act = |kind, reason: &str| {
        let sheet = sheet(of_person("staff"), "demo-a");
        Change::Act(ActChange { sheet, kind, digest: [0; 16], reason: reason.into(), minutes_before: 0 })
    };
    assert_eq!(verdict("head", &act(ActKind::Return, " ")), (Status::Rejected, Reason::ReasonMissing));
    assert_eq!(verdict("head", &act(ActKind::Return, "thiếu minh chứng")).0, Status::Accepted);
    assert_eq!(verdict("staff", &act(ActKind::Approve, "")), (Status::Rejected, Reason::NotAllowed));
    assert_eq!(verdict("staff", &act(ActKind::Submit, "")).0, Status::Accepted);
    let document = Change::Document(DocumentChange { kind: 1, id: [0; 16], json: "{}".into() });
    assert_eq!(verdict("director", &document), (Status::Rejected, Reason::DocumentNotByServer));
    assert_eq!(judge(&config(), Header::SERVER, &document).0, Status::Accepted);
}

#[test]
fn who_may_read_is_whom_the_scope_is_for() {
    let config = config();
    let readers = |scope| {
        let may = |code: &&str| config.may_read(person(code), scope);
        PEOPLE.iter().map(|(code, ..)| *code).filter(may).collect::<Vec<_>>()
    };
    let above = ["director", "synthesis", "supervisor"];
    let scope = crate::sync::Scope::assignment(post("staff"));
    assert_eq!(readers(scope), [&above[..], &["head", "staff"]].concat(), "a person's sheets");
    let scope = crate::sync::Scope::unit(unit("tt"));
    assert_eq!(readers(scope), [&above[..], &["head", "scorer", "staff"]].concat(), "a unit's sheet");
    assert_eq!(readers(crate::sync::Scope::CONFIGURATION).len(), PEOPLE.len());
    assert!(
        readers(crate::sync::Scope::from_parts(9, [0; 16])).is_empty(),
        "a scope that nobody knows: default deny"
    );
}
