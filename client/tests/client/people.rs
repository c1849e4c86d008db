//! Several people on one device: nobody's writes wait for him, and no key signs another's.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use xeploai_core::ids::{DepartmentId, PersonId};
use xeploai_core::sync::body::Change;
use xeploai_core::sync::frame::Frame;

use crate::department::{Department, HEAD, STAFF, person};
use crate::device::{Device, Office};

/// Values that a frame writes.
fn values(frame: &Frame) -> Vec<String> {
    let score = |change| match change {
        Change::Score(score) => Some(score.value.to_string()),
        _ => None,
    };
    frame.decode_body().unwrap().changes.into_iter().filter_map(score).collect()
}

/// Values that a person's frames have brought to the department, whose signatures it has checked.
fn received(office: &Office, code: &str) -> Vec<String> {
    office.frames_of(code).iter().flat_map(values).collect()
}

fn shared(office: &std::sync::Arc<Office>) -> Device {
    let device = Device::of(office, "máy chung", STAFF);
    device.enrol(HEAD);
    device.app().switch(STAFF).unwrap();
    device
}

#[test]
fn case_16_a_s_unsent_scores_are_sent_by_b_signed_by_a_though_the_app_was_killed_in_between() {
    for killed_before_the_switch in [true, false] {
        let office = Office::new();
        let mut device = shared(&office);
        device.score("me", 1, "8,5");
        device.score("me", 2, "9");
        if killed_before_the_switch {
            device.kill();
            device.app().switch(HEAD).unwrap();
        } else {
            device.app().switch(HEAD).unwrap();
            device.kill();
        }
        assert_eq!(device.app().me().unwrap().unwrap().code, HEAD);
        device.score("me", 3, "2");
        device.syncs();
        assert_eq!(received(&office, STAFF), ["8.5", "9"], "killed before: {killed_before_the_switch}");
        assert_eq!(received(&office, HEAD), ["2"]);
        device.app().switch(STAFF).unwrap();
        let place = device.app().sheet("me").unwrap().summary.place;
        assert_eq!(place, xeploai_core::view::Place::Received, "and A sees it");
    }
}

#[test]
fn what_waits_when_the_app_is_opened_is_sealed_whoever_is_active() {
    let office = Office::new();
    let mut device = shared(&office);
    device.score("me", 1, "8");
    let head = device.typed("unit", 1, "3");
    device.write(HEAD, &head).unwrap();
    assert_eq!(device.unsealed(), 2);
    device.kill();
    assert_eq!(device.unsealed(), 0);
    device.syncs();
    assert_eq!((received(&office, STAFF), received(&office, HEAD)), (vec!["8".into()], vec!["3".into()]));
}

#[test]
fn two_people_s_writes_of_one_field_are_two_and_each_is_signed_by_its_own() {
    let office = Office::new();
    let device = shared(&office);
    // Both may fill in the centre's sheet; both saw the field empty.
    let (staff, head) = (device.typed("unit", 1, "3"), device.typed("unit", 1, "4"));
    device.write(STAFF, &staff).unwrap();
    device.write(HEAD, &head).unwrap();
    assert_eq!(device.unsealed(), 2, "nobody's write collapses into another's");
    assert_eq!(device.conflict(), ["3", "4"], "both are shown before anything is sealed");
    device.syncs();
    assert_eq!(device.conflict(), ["3", "4"]);
    assert_eq!((received(&office, STAFF), received(&office, HEAD)), (vec!["3".into()], vec!["4".into()]));
}

#[test]
fn what_b_saw_of_a_s_before_he_wrote_over_it_is_no_conflict() {
    let office = Office::new();
    let device = shared(&office);
    device.score("unit", 1, "3");
    device.app().switch(HEAD).unwrap();
    assert_eq!(device.value("unit", 1).as_deref(), Some("3"), "A's value, not sent yet");
    device.score("unit", 1, "4");
    assert!(device.app().conflicts().unwrap().is_empty());
    device.syncs();
    assert_eq!(device.value("unit", 1).as_deref(), Some("4"));
    assert!(device.app().conflicts().unwrap().is_empty());
}

#[test]
fn the_device_goes_to_its_own_people_alone() {
    let office = Office::new();
    let device = shared(&office);
    let codes = || device.app().people().unwrap().into_iter().map(|me| me.code).collect::<Vec<_>>();
    assert_eq!(codes(), [STAFF, HEAD], "the active one first");
    for stranger in ["TT-03", "", "x", &person("TT-03").to_string()] {
        assert_eq!(device.app().switch(stranger).unwrap_err().code(), "no_such_person", "{stranger}");
        assert_eq!(codes(), [STAFF, HEAD]);
    }
    assert_eq!(device.app().switch(&person(HEAD).to_string()).unwrap().code, HEAD, "by id too");
    assert_eq!(codes(), [HEAD, STAFF]);
    let request = device.typed("unit", 1, "3");
    assert_eq!(device.write("TT-03", &request).unwrap_err().code(), "not_enrolled");
}

#[test]
fn each_person_reads_from_where_he_left_off() {
    let office = Office::new();
    let device = Device::of(&office, "máy chung", STAFF);
    let elsewhere = Device::of(&office, "máy khác", HEAD);
    elsewhere.score("unit", 1, "4");
    elsewhere.syncs();
    device.syncs();
    let cursors = || -> BTreeSet<Vec<u8>> {
        let store = device.store();
        let mut query = store.prepare("SELECT cursor FROM accounts").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let staffs = cursors();
    device.enrol(HEAD);
    device.score("unit", 2, "1");
    device.syncs();
    assert!(cursors().is_superset(&staffs), "one person's sync moves no other's cursor");
    assert_eq!(cursors().len(), 2);
}

#[test]
fn without_his_key_a_person_is_nobody_and_stops_nobody() {
    let office = Office::new();
    let device = shared(&office);
    device.score("me", 1, "8");
    let mut copy = device.copy_of_store("bản sao");
    assert!(copy.app().me().unwrap().is_none());
    assert!(copy.app().people().unwrap().is_empty());
    copy.enrol(HEAD);
    assert_eq!(copy.app().people().unwrap().len(), 1);
    copy.score("me", 3, "2");
    copy.syncs();
    copy.restart();
    assert_eq!(copy.unsealed(), 1, "what A wrote waits for A's key");
    assert_eq!((received(&office, STAFF).len(), received(&office, HEAD)), (0, vec!["2".into()]));
    copy.enrol(STAFF);
    copy.syncs();
    assert_eq!(received(&office, STAFF), ["8"], "signed with the key that A has on this device");
}

#[test]
fn who_enrols_again_goes_on_in_a_new_stream_and_loses_nothing() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    device.enrol(STAFF);
    device.score("me", 2, "9");
    device.syncs();
    assert_eq!(received(&office, STAFF), ["8", "9"]);
    let keys: BTreeSet<[u8; 32]> = {
        let department = office.department();
        let frames = department.frames_of(STAFF);
        frames.iter().map(|frame| department.certificate_of(frame).header.key).collect()
    };
    assert_eq!(keys.len(), 2, "what was written before is signed with the key of before");
    assert_eq!(device.app().people().unwrap().len(), 1);
}

#[test]
fn an_enrolment_whose_answer_was_lost_is_asked_for_again_with_the_same_key() {
    let office = Office::new();
    let mut device = Device::new(&office, "máy");
    office.loses_answers.store(true, Ordering::Relaxed);
    assert_eq!(device.try_enrol(STAFF).unwrap_err().code(), "answer_cut");
    device.kill();
    assert!(device.app().me().unwrap().is_none());
    office.loses_answers.store(false, Ordering::Relaxed);
    device.enrol(STAFF);
    device.score("me", 1, "8");
    device.enrol(HEAD);
    device.score("me", 1, "9");
    device.syncs();
    let department = office.department();
    let stream = |code| department.certificate_of(&department.frames_of(code)[0]).header.clone();
    assert_ne!(stream(STAFF).key, stream(HEAD).key, "a key is of one person");
    let enrolled = department.enrolled(STAFF);
    assert_eq!(enrolled.len(), 1, "one device, one stream");
}

#[test]
fn a_device_is_of_one_department() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let elsewhere = Office::with(Department::of(DepartmentId([2; 16])));
    let visitor = device.moved_to(&elsewhere);
    assert_eq!(visitor.try_enrol(HEAD).unwrap_err().code(), "other_department");
    let codes: Vec<PersonId> = visitor.app().person_ids().unwrap().into_values().collect();
    assert_eq!(codes, [person(STAFF)], "nothing has changed");
    assert_eq!(visitor.app().me().unwrap().unwrap().code, STAFF);
}
