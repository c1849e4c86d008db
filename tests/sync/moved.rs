//! The department changes while a phone is away: its person moves, its unit is merged, its criteria set is replaced.

use xeploai_core::ids::{AssignmentId, PersonId, UnitId};
use xeploai_core::org::{Assignment, Document, Grant, PeriodRecord, Unit};
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Ruleset, RulesetId};
use xeploai_core::sync::Scope;
use xeploai_core::view::{Column, Place};
use xeploai_server::service::Service;

use crate::office::{Office, PERIOD, post_of};

fn unit(office: &Office, code: &str) -> UnitId {
    UnitId::of(office.ask(Service::department), code)
}

#[test]
fn case_13_who_moves_while_offline_keeps_what_he_wrote_and_nobody_reads_more_than_before() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    let (old_head, new_head) = (office.phone("tt-1-gd", "máy"), office.phone("tt-2-gd", "máy"));
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    let person = PersonId::of(office.ask(Service::department), "tt-1-a");
    let post = post_of(office.ask(Service::department), "tt-1-a");
    let old = office.config().assignments[&post].clone();
    let (id, since) =
        (AssignmentId::of(person, unit(&office, "tt-2"), "2026-11"), "2026-11".parse().unwrap());
    let new = Assignment { id, unit: unit(&office, "tt-2"), since, ..old.clone() };
    let ended = Assignment { until: Some("2026-10".parse().unwrap()), ..old };
    office.write(&[ended, new].map(Document::Assignment));
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received, "of a month in which he held the post");
    old_head.sync();
    assert_eq!(old_head.own("tt-1-a", 1), Some(Points::whole(1)));
    new_head.sync();
    let codes = |sheets: Vec<xeploai_core::view::SheetSummary>| sheets.into_iter().map(|it| it.code);
    let mut read = codes(new_head.app.sheets(Some(PERIOD)).unwrap());
    assert!(read.all(|code| !code.starts_with("tt-1")), "the new head reads nothing of the old post");
    assert_eq!(new_head.count("frames WHERE scope_kind = 2"), 0);
}

#[test]
fn case_13_a_merged_unit_is_read_by_a_grant_alone_and_its_frames_stay_as_they_were() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    let reader = office.phone("tt-2-gd", "máy");
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    let merged = office.config().units[&unit(&office, "tt-1")].clone();
    let merged = Unit { merged_into: Some(unit(&office, "tt-2")), ..merged };
    office.write(&[Document::Unit(merged)]);
    phone.sync();
    reader.sync();
    assert_eq!(reader.count("frames WHERE scope_kind = 2"), 0, "a merger gives nobody a right to read");
    let department = office.ask(Service::department);
    let post = post_of(department, "tt-1-a");
    let grant = Grant {
        scope: Scope::assignment(post),
        reader: PersonId::of(department, "tt-2-gd"),
        witness: false,
        revoked: false,
    };
    office.write(&[Document::Grant(grant)]);
    reader.sync();
    let bytes = |phone: &crate::phone::Phone| -> Vec<(Vec<u8>, Vec<u8>)> {
        let store = phone.store();
        let query = "SELECT body, signature FROM frames WHERE scope_kind = 2 AND number = 1 ORDER BY hash";
        let mut query = store.prepare(query).unwrap();
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(bytes(&reader).len(), 1);
    assert_eq!(bytes(&reader), bytes(&phone), "not a byte of it was touched");
}

#[test]
fn case_11_a_draft_that_was_open_when_its_criteria_set_was_replaced_keeps_its_version() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    let draft = phone.sheet("tt-1-a").summary.id;
    assert_eq!(phone.sheet("tt-1-a").replaced, None);
    let id = |version| RulesetId { code: "bench".into(), version };
    let config = office.config();
    let mut set: serde_json::Value = serde_json::to_value(&*config.rulesets[&id(1)]).unwrap();
    set["version"] = 2.into();
    let mut period: PeriodRecord = config.periods[&PERIOD.parse().unwrap()].clone();
    period.rules.iter_mut().for_each(|rule| rule.ruleset = id(2));
    let set = Ruleset::parse(&set.to_string()).unwrap();
    office.write(&[Document::Ruleset(Box::new(set)), Document::Period(period)]);
    phone.score("tt-1-a", 2, Column::Own, "2").unwrap();
    phone.sync();
    let shown = phone.app.sheet(&draft).unwrap();
    assert_eq!(shown.summary.place, Place::Received, "it is not carried over, and not refused");
    assert_eq!(phone.own("tt-1-a", 2), Some(Points::whole(2)));
    let replaced = shown.replaced.expect("a notice");
    assert!(replaced.notice.en.contains("bench.2") && replaced.notice.en.contains("Nothing written is lost"));
    let sheets = phone.app.sheets(Some(PERIOD)).unwrap();
    let new =
        sheets.iter().find(|sheet| sheet.id == replaced.by && sheet.mine).expect("the new one beside it");
    assert_eq!(phone.app.sheet(&new.id).unwrap().replaced, None);
}
