//! Records come back as they were written, and say who reads what.

use super::testing::*;
use super::*;
use crate::ids::{FrameHash, StreamId};
use crate::sheet::Subject;
use crate::sync::Scope;
use crate::sync::body::{BODY_BYTES_MAX, DocumentChange};
use crate::view::{Level, SuccessionKind};

fn cut(decision: u32) -> Cut {
    let roots = vec![(unit("tt"), [3; 16]), (unit("pvh"), [4; 16])];
    Cut { epoch: [1; 16], epoch_order: 2, number: 77, roots, decision }
}

fn decision(number: u32) -> Decision {
    let accepted = vec![(FrameHash([5; 32]), 3)];
    let (reason, by) = ("Quyết định 12".into(), "SO-GD".into());
    Decision { period: november(), accepted, reason, by, cut: cut(number) }
}

fn ruling() -> Ruling {
    let (reason, by) = ("Chấm nhầm người".into(), "SO-GD".into());
    Ruling { changes: vec![(FrameHash([5; 32]), 3)], annulled: true, reason, by, at: 1_669_000_000 }
}

fn statements() -> Vec<Document> {
    let scope = Scope::assignment(post("staff"));
    let tip = Tip { stream: StreamId([6; 32]), scope, number: 9, frame: FrameHash([7; 32]) };
    let (reason, by) = ("Mất máy".into(), "SO-GD".into());
    vec![
        Document::Succession(merger()),
        Document::Grant(Grant { scope, reader: person("other"), witness: false, revoked: false }),
        Document::Revocation(Revocation { device: [8; 32], tips: vec![tip], reason, by }),
        Document::Archive(Archive { epoch: [1; 16], number: 70, at: 1_669_000_000 }),
        Document::Period(PeriodRecord { cut: Some(cut(0)), ..period_record(november(), true) }),
        Document::Decision(decision(1)),
    ]
}

fn level_decision(subject: Subject) -> LevelDecision {
    LevelDecision {
        period: november(),
        subject,
        level: Some(Level::Httnv),
        outstanding: false,
        reason: "Theo tỷ lệ".into(),
        by: "SO-GD".into(),
        at: 1_669_000_000,
    }
}

fn merger() -> Succession {
    let (from, to) = (vec![unit("tt"), unit("pvh")], vec![unit("tt")]);
    Succession {
        kind: SuccessionKind::Merge, from, to, since: november(), basis: "Nghị quyết 202".into()
    }
}

#[test]
fn every_record_comes_back_and_keeps_its_id() {
    let mut numbers = Vec::new();
    let last = [Document::Ruling(ruling()), Document::Level(level_decision(Subject::Post(post("staff"))))];
    for document in documents().into_iter().chain(statements()).chain(last) {
        let change = document.to_change().unwrap();
        assert_eq!(Document::from_change(&change).unwrap(), Some(document));
        numbers.push(change.kind);
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(
        numbers,
        [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15],
        "numbers are on the wire and never reused"
    );
}

#[test]
fn a_record_of_today_s_form_and_of_before_reads_alike() {
    let unit = r#"{"id":"00000000000000000000000000000001","code":"TT","name":"T","short_name":"T","kind":"centre","league":null}"#;
    let unit: Unit = serde_json::from_str(unit).unwrap();
    assert_eq!((unit.leader, unit.until, unit.supervisors.len()), (None, None, 0));
    let written = serde_json::to_string(&unit).unwrap();
    assert!(
        !written.contains("leader") && !written.contains("merged_into"),
        "what is not said costs nothing"
    );
    let grant =
        Grant { scope: Scope::CONFIGURATION, reader: person("other"), witness: false, revoked: false };
    let json = serde_json::to_string(&grant).unwrap();
    assert!(json.contains(r#""scope":"0:00000000000000000000000000000000""#), "{json}");
    for wrong in ["", "0", "x:00", "0:00", "300:00000000000000000000000000000000"] {
        let wrong = json.replace("0:00000000000000000000000000000000", wrong);
        assert!(serde_json::from_str::<Grant>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn ids_follow_what_a_statement_is_about() {
    let id = |document: Document| document.to_change().unwrap().id;
    let grant = |revoked| {
        let scope = Scope::unit(unit("tt"));
        id(Document::Grant(Grant { scope, reader: person("other"), witness: false, revoked }))
    };
    assert_eq!(grant(false), grant(true), "taking back replaces");
    let other_order = Succession { from: vec![unit("pvh"), unit("tt")], ..merger() };
    assert_eq!(id(Document::Succession(merger())), id(Document::Succession(other_order)));
    let later = Succession { since: "2022-12".parse().unwrap(), ..merger() };
    assert_ne!(id(Document::Succession(merger())), id(Document::Succession(later)));
    assert_ne!(id(Document::Decision(decision(1))), id(Document::Decision(decision(2))));
}

#[test]
fn the_cut_of_a_period_is_its_last_decision_s() {
    let mut config = config();
    assert_eq!(config.cut(november()), None);
    let mut seen = Vec::new();
    for document in statements().into_iter().chain([Document::Decision(decision(2))]) {
        config.apply(document);
        seen.extend(config.cut(november()).map(|cut| cut.decision));
    }
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn an_archive_statement_takes_nothing_back() {
    let mut config = config();
    for (number, expected) in [(70, 70), (90, 90), (80, 90)] {
        config.apply(Document::Archive(Archive { epoch: [1; 16], number, at: 0 }));
        assert_eq!(config.archives[&[1; 16]].number, expected);
    }
}

#[test]
fn the_end_of_a_post_is_told_to_its_holder_too() {
    let so = unit("so");
    let scopes = |code| Document::Assignment(assignment(code)).scopes(so);
    assert_eq!(scopes("staff"), [Scope::unit(unit("tt"))]);
    assert_eq!(scopes("ex-head"), [Scope::unit(unit("tt")), Scope::assignment(post("ex-head"))]);
    assert!(config().may_read(person("ex-head"), Scope::assignment(post("ex-head"))));
    assert!(!config().may_read(person("ex-head"), Scope::unit(unit("tt"))));
    assert_eq!(scopes("officer"), [Scope::CONFIGURATION]);
}

#[test]
fn posts_are_found_by_person_and_unit_after_every_change() {
    let mut posts = config().assignments;
    let people = |posts: &Posts, of| posts.of_unit(unit(of)).map(|post| post.person).collect::<Vec<_>>();
    assert!(people(&posts, "tt").contains(&person("staff")));
    posts.insert(Assignment { unit: unit("pvh"), ..assignment("staff") });
    assert!(!people(&posts, "tt").contains(&person("staff")));
    assert_eq!(people(&posts, "pvh").iter().filter(|it| **it == person("staff")).count(), 1);
    assert_eq!(posts.of_person(person("staff")).count(), 1);
}

/// Who reads what, `x`: whom the scope is for. Columns: common records of a unit, then posts.
const READERS: &str = "
scope            tt so pvh staff deputy head officer director boss other mover
director         x  x  x   x     x      x    x       x        x    x     x
leader           x  x  -   x     x      x    x       x        -    -     x
idle-leader      -  x  -   -     -      -    -       -        -    -     -
synthesis        x  x  x   x     x      x    x       x        x    x     x
supervisor       x  x  -   x     x      x    x       x        -    -     x
idle-supervisor  -  x  -   -     -      -    -       -        -    -     -
officer          -  x  -   -     -      -    x       -        -    -     -
head             x  -  -   x     x      x    -       -        -    -     x
deputy           x  -  -   x     x      x    -       -        -    -     x
scorer           x  -  -   -     -      -    -       -        -    -     -
staff            x  -  -   x     -      -    -       -        -    -     -
ex-head          -  -  -   -     -      -    -       -        -    -     -
mover            -  -  x   -     -      -    -       -        -    -     x
boss             -  -  x   -     -      -    -       -        x    x     -
other            -  -  x   -     -      -    -       -        -    x     -
stranger         -  -  -   -     -      -    -       -        -    -     -
";

fn rows(table: &'static str) -> Vec<Vec<&'static str>> {
    table.trim().lines().map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn who_may_read_is_whom_the_scope_is_for() {
    let (config, table) = (config(), rows(READERS));
    for row in &table[1..] {
        for (name, expected) in table[0][1..].iter().zip(&row[1..]) {
            let scope = match *name {
                "tt" | "so" | "pvh" => Scope::unit(unit(name)),
                code => Scope::assignment(post(code)),
            };
            assert_eq!(config.may_read(person(row[0]), scope), *expected == "x", "{} reads {name}", row[0]);
        }
        assert!(config.may_read(person(row[0]), Scope::CONFIGURATION));
        let nobody_s = Scope::from_parts(9, [0; 16]);
        assert!(!config.may_read(person(row[0]), nobody_s), "a scope that nobody knows: default deny");
    }
    assert_eq!(table.len(), PEOPLE.len() + 2, "everybody and a stranger");
}

#[test]
fn a_grant_adds_one_scope_until_it_is_taken_back() {
    let scope = Scope::assignment(post("mover"));
    let grant = |revoked| Document::Grant(Grant { scope, reader: person("boss"), witness: false, revoked });
    let granted = with([grant(false)]);
    assert!(granted.may_read(person("boss"), scope));
    assert!(!granted.may_read(person("boss"), Scope::unit(unit("tt"))), "not the unit beside it");
    assert!(!with([grant(false), grant(true)]).may_read(person("boss"), scope));
}

#[test]
fn the_revision_is_the_highest_counter_of_the_server_s_frames() {
    let mut history = History::default();
    history.push(3, 100, documents());
    history.push(7, 200, vec![]);
    history.push(8, 150, vec![Document::Period(period_record(november(), true))]);
    assert_eq!(history.latest().revision, 8);
    let at = |revision| history.at_revision(revision);
    assert_eq!((at(2).revision, at(3).revision, at(6).revision, at(99).revision), (0, 3, 3, 8));
    assert!(at(2).units.is_empty() && !at(7).is_locked(november()) && at(8).is_locked(november()));
    let as_of = |at| history.at_time(at).revision;
    assert_eq!((as_of(99), as_of(100)), (0, 3));
    assert_eq!(as_of(150), 8, "the clock went back: the later frame counts as in force");
}

#[test]
fn a_quarter_and_a_year_count_the_posts_of_their_months() {
    let post = Assignment { since: month("2022-05"), until: Some(month("2022-07")), ..assignment("staff") };
    let counts = |period| post.is_in(month(period));
    assert!(counts("2022-Q2") && counts("2022-Q3") && counts("2022") && counts("2022-07"));
    assert!(!counts("2022-Q1") && !counts("2022-Q4") && !counts("2021") && !counts("2022-08"));
}

#[test]
fn a_decided_level_is_read_by_whoever_may_read_the_sheet_and_the_last_one_counts() {
    let (someone, tt) = (Subject::Post(post("staff")), Subject::Unit(unit("tt")));
    let scopes = |subject| Document::Level(level_decision(subject)).scopes(unit("so"));
    assert_eq!(scopes(someone), [Scope::assignment(post("staff"))]);
    assert_eq!(scopes(tt), [Scope::unit(unit("tt"))]);
    let mut config = Config::default();
    config.apply(Document::Level(level_decision(someone)));
    config.apply(Document::Level(LevelDecision { level: None, ..level_decision(someone) }));
    assert_eq!(config.levels[&(november(), someone)].level, None);
    assert!(!config.levels.contains_key(&(november(), tt)));
}

#[test]
fn a_set_with_rules_of_a_later_version_is_not_known_and_stops_nothing_else() {
    let set = crate::scoring::testing::set("demo-c");
    let change = Document::Ruleset(Box::new(set)).to_change().unwrap();
    let later = |json: String| Document::from_change(&DocumentChange { json, ..change.clone() });
    let unknown = change.json.replace(r#""kind":"points""#, r#""kind":"magic""#);
    assert_eq!(later(unknown).unwrap(), None);
    assert!(later("{".into()).is_err(), "what is no record at all is an error");
}

#[test]
fn a_set_of_five_hundred_criteria_fits_a_frame() {
    let mut definition: crate::ruleset::Definition = crate::scoring::testing::set("demo-c").into();
    let one = definition.groups[0].criteria[0].clone();
    let numbered = |number: u16| crate::ruleset::Criterion {
        number,
        label: format!("I.{number}"),
        max: crate::points::Points::whole(1).exact(),
        step: crate::points::Points::whole(1),
        ..one.clone()
    };
    definition.groups.truncate(1);
    definition.groups[0].criteria = (1..=500).map(numbered).collect();
    definition.groups[0].max = crate::points::Points::whole(500);
    definition.total_cap = None;
    definition.tie_keys.truncate(1);
    let document = Document::Ruleset(Box::new(definition.try_into().unwrap()));
    let change = document.to_change().unwrap();
    assert!(change.json.len() < BODY_BYTES_MAX / 2, "{} bytes", change.json.len());
    assert_eq!(Document::from_change(&change).unwrap(), Some(document));
}
