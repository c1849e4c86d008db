//! Rights as they change: what the server makes of frames whose writers had not seen it, and who reads what then.

use xeploai_core::ids::{AssignmentId, PersonId, UnitId};
use xeploai_core::org::{Assignment, Document, Grant, Unit};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::sync::{Scope, Status};
use xeploai_core::view::Column;

use crate::fixture::{Office, Phone, person, score, verdict};

fn unit(office: &Office, code: &str) -> Unit {
    office.service.config().unwrap().units[&UnitId::of(office.service.department(), code)].clone()
}

/// A frame with a score of a unit's sheet, and what the server says of it.
fn said(office: &Office, phone: &mut Phone, column: Column, revision: u64) -> ((Status, Reason), Frame) {
    let sheet = office.sheet("TT-01");
    let frame = phone.write_seen(&sheet, vec![score(&sheet, column, 1, 20, &[])], revision);
    let answer = phone.sync(office, std::slice::from_ref(&frame));
    (verdict(office, &answer, &frame).expect("judged").of(0), frame)
}

fn revision(office: &Office) -> u64 {
    office.service.config().unwrap().revision
}

#[test]
fn a_writer_who_had_not_seen_his_removal_is_heard_and_who_had_is_not() {
    let office = Office::new();
    let mut supervisor = office.phone("SO-TD");
    let before = revision(&office);
    assert!(before > 0);
    assert_eq!(said(&office, &mut supervisor, Column::Appraised, before).0, (Status::Accepted, Reason::None));
    let record = Unit { supervisors: vec![], ..unit(&office, "TT-01") };
    office.service.write_documents([Document::Unit(record)]).unwrap();
    let after = revision(&office);
    assert_eq!(after, before + 1, "one frame of the server");
    let mut judged = |revision| said(&office, &mut supervisor, Column::Appraised, revision).0;
    assert_eq!(judged(before), (Status::Held, Reason::RightsChanged));
    assert_eq!(judged(after), (Status::Rejected, Reason::NotAllowed));
    assert_eq!(judged(0), (Status::Rejected, Reason::NotAllowed), "of a department that he had not seen");
    assert_eq!(judged(after + 1), (Status::Held, Reason::Unknown), "of frames that this server has lost");
}

#[test]
fn a_supervisor_reads_the_units_that_he_is_in_charge_of() {
    let office = Office::new();
    let (mut head, mut supervisor) = (office.phone("TT-01-00"), office.phone("SO-TD"));
    let (_, frame) = said(&office, &mut head, Column::Own, 0);
    assert!(supervisor.sync(&office, &[]).frames.contains(&frame));
    let record = Unit { supervisors: vec![], ..unit(&office, "TT-01") };
    office.service.write_documents([Document::Unit(record)]).unwrap();
    let (_, later) = said(&office, &mut head, Column::Own, 0);
    assert!(!supervisor.sync(&office, &[]).frames.contains(&later));
}

#[test]
fn a_grant_fills_the_scope_from_its_start_and_ends_when_it_is_taken_back() {
    let office = Office::new();
    let (mut head, mut other) = (office.phone("TT-01-00"), office.phone("TT-02-00"));
    let (_, frame) = said(&office, &mut head, Column::Own, 0);
    assert!(!other.sync(&office, &[]).frames.contains(&frame));
    let department = office.service.department();
    let scope = Scope::unit(UnitId::of(department, "TT-01"));
    let reader = PersonId::of(department, "TT-02-00");
    let grant = |revoked| Document::Grant(Grant { scope, reader, witness: false, revoked });
    office.service.write_documents([grant(false)]).unwrap();
    assert!(other.sync(&office, &[]).frames.contains(&frame));
    office.service.write_documents([grant(true)]).unwrap();
    let (_, later) = said(&office, &mut head, Column::Own, 0);
    assert!(!other.sync(&office, &[]).frames.contains(&later));
}

#[test]
fn case_13_who_moves_away_learns_that_his_post_has_ended() {
    let office = Office::new();
    let mut mover = office.phone("TT-01-01");
    mover.sync(&office, &[]);
    let department = office.service.department();
    let [_, post] = person(department, "TT-01-01", "TT-01", false, &[]);
    let Document::Assignment(post) = post else { panic!("a post") };
    let ended = Assignment { until: Some("2022-10".parse().unwrap()), ..post.clone() };
    let since = "2022-11".parse().unwrap();
    let unit = UnitId::of(department, "TT-02");
    let begun =
        Assignment { id: AssignmentId::of(post.person, unit, "2022-11"), unit, since, ..post.clone() };
    office.service.write_documents([ended.clone(), begun].map(Document::Assignment)).unwrap();
    let came = mover.sync(&office, &[]).frames;
    let ended = Document::Assignment(ended).to_change().unwrap();
    let told = came.iter().filter(|frame| frame.lane.scope == Scope::assignment(post.id));
    let mut changes = told.flat_map(|frame| frame.decode_body().unwrap().changes);
    assert!(changes.any(|change| change == xeploai_core::sync::body::Change::Document(ended.clone())));
    let old_unit = Scope::unit(UnitId::of(department, "TT-01"));
    let config = office.service.config().unwrap();
    assert!(!config.may_read(post.person, old_unit), "and no longer reads the unit");
}
