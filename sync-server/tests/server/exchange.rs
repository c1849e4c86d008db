//! Judging, merging and answering.

use std::collections::BTreeSet;

use xeploai_core::org::Document;
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::Status;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::verdict::{Reason, Verdicts};
use xeploai_core::view::Column;
use xeploai_server::error::ServerError;
use xeploai_server::storage::{frames, quarantine};

use crate::fixture::{Office, november, person, score, verdict};

fn code(error: ServerError) -> String {
    error.view().code
}

fn stored(office: &Office) -> i64 {
    office.service.storage().read(frames::last).unwrap()
}

#[test]
fn changes_are_judged_one_by_one_and_reach_the_others_who_may_read() {
    let office = Office::new();
    let (mut head, mut staff) = (office.phone("TT-01-00"), office.phone("TT-01-01"));
    let (mut other, mut supervisor) = (office.phone("TT-02-00"), office.phone("SO-TD"));
    let sheet = office.sheet("TT-01");
    let good = score(&sheet, Column::Own, 1, 20, &[]);
    let frame = head.write(
        &sheet,
        vec![good, score(&sheet, Column::Appraised, 1, 20, &[]), score(&sheet, Column::Own, 2, 9000, &[])],
    );
    let answer = head.sync(&office, std::slice::from_ref(&frame));
    let verdict_here = verdict(&office, &answer, &frame).expect("the answer names the frame");
    assert_eq!(verdict_here.of(0), (Status::Accepted, Reason::None));
    assert_eq!(verdict_here.of(1), (Status::Rejected, Reason::NotAllowed));
    assert_eq!(verdict_here.of(2), (Status::Rejected, Reason::BadPoints));
    assert!(!answer.frames.contains(&frame), "the sender has it");

    for phone in [&mut staff, &mut supervisor] {
        let answer = phone.sync(&office, &[]);
        assert!(answer.frames.contains(&frame));
        assert!(answer.certificates.contains(&head.certificate), "who wrote it comes with it");
        assert_eq!(verdict(&office, &answer, &frame), Some(verdict_here.clone()));
        let again = phone.sync(&office, &[]);
        assert_eq!((again.frames.len(), again.verdicts.len(), again.certificates.len()), (0, 0, 0));
    }
    let answer = other.sync(&office, &[]);
    assert!(!answer.frames.contains(&frame), "a unit's sheet is not for another unit's head");
    assert!(!answer.certificates.contains(&head.certificate));
}

#[test]
fn a_frame_in_anothers_scope_is_rejected_as_a_whole() {
    let office = Office::new();
    let mut stranger = office.phone("TT-02-00");
    let sheet = office.sheet("TT-01");
    let frame = stranger.write(&sheet, vec![score(&sheet, Column::Own, 1, 20, &[])]);
    let answer = stranger.sync(&office, std::slice::from_ref(&frame));
    let said = verdict(&office, &answer, &frame).expect("judged");
    assert_eq!(said.of(0), (Status::Rejected, Reason::NotAllowed));
}

fn quarantined(office: &Office, frame: &Frame) -> Option<Reason> {
    office.service.storage().read(|read| quarantine::get(read, frame.hash())).unwrap().map(|known| known.0)
}

#[test]
fn a_wrong_signature_is_quarantined_and_stops_nothing() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let mut forged = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 1, &[])]);
    forged.signature[0] ^= 1;
    let mut garbage = head.write(&sheet, vec![score(&sheet, Column::Own, 2, 1, &[])]);
    garbage.body = vec![0xff; 40];
    let good = head.write(&sheet, vec![score(&sheet, Column::Own, 3, 5, &[])]);
    let answer = head.sync(&office, &[forged.clone(), garbage.clone(), good.clone()]);
    assert!(verdict(&office, &answer, &good).is_some());
    for bad in [&forged, &garbage] {
        let said = verdict(&office, &answer, bad).expect("its carrier is told, and stops offering it");
        assert_eq!(said.whole, (Status::Quarantined, Reason::BadSignature));
    }
    let again = head.sync(&office, &[forged.clone()]);
    assert_eq!(again.verdicts.len(), 1, "told again, not judged again");
    assert_eq!(quarantined(&office, &forged), Some(Reason::BadSignature));
    assert_eq!(quarantined(&office, &good), None);
}

#[test]
fn an_unreadable_body_under_a_good_signature_is_quarantined_and_the_quota_holds() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let like = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 1, &[])]);
    let department = office.service.department();
    let unreadable = |number: u64| {
        let body = [&[1, 0xff][..], &number.to_le_bytes()].concat();
        Frame::seal(&head.key, department, like.lane, number, like.hash(), body)
    };
    let many: Vec<_> = (2..2 + quarantine::FRAMES_MAX as u64 + 20).map(unreadable).collect();
    let before = stored(&office);
    let answer = head.sync(&office, &many);
    assert_eq!(stored(&office), before);
    let carrier = head.certificate.header.stream();
    let used = office.service.storage().read(|read| quarantine::used(read, carrier)).unwrap();
    assert_eq!(used.0, quarantine::FRAMES_MAX);
    assert_eq!(quarantined(&office, &many[0]), Some(Reason::Unreadable));
    let refused = verdict(&office, &answer, many.last().unwrap()).unwrap();
    assert_eq!(
        refused.whole,
        (Status::Refused, Reason::QuotaUsed),
        "its hash is named, and the lane goes on"
    );
}

#[test]
fn what_is_not_a_whole_message_changes_nothing() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let frame = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 20, &[])]);
    let whole = head.request(&[frame]);
    let before = stored(&office);
    let refused = |bytes: &[u8]| code(office.service.sync(bytes).unwrap_err());
    assert_eq!(refused(&whole[..whole.len() / 2]), "message_cut");
    assert_eq!(refused(b"<!doctype html><p>login</p>"), "not_a_message");
    assert_eq!(refused(b""), "message_cut");
    let stranger = Office::new();
    assert_eq!(code(stranger.service.sync(&whole).unwrap_err()), "unknown_device");
    let mut staff = office.phone("TT-01-01");
    std::mem::swap(&mut staff.key, &mut head.key);
    assert_eq!(refused(&staff.request(&[])), "bad_signature");
    assert_eq!(stored(&office), before);
}

#[test]
fn a_replay_is_idempotent_and_repeats_the_verdict() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let frame = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 20, &[])]);
    let request = head.request(std::slice::from_ref(&frame));
    let first = office.service.sync(&request).unwrap();
    let first = head.decode(&first, std::slice::from_ref(&frame));
    let after = stored(&office);
    let again = office.service.sync(&request).unwrap();
    let again = head.decode(&again, std::slice::from_ref(&frame));
    assert_eq!(stored(&office), after, "nothing is stored twice");
    let said = verdict(&office, &first, &frame);
    assert!(said.is_some());
    assert_eq!(verdict(&office, &again, &frame), said);
    // Even when the device has moved on: its cursor is past the batch.
    head.sync(&office, &[]);
    let late = head.sync(&office, std::slice::from_ref(&frame));
    assert_eq!(verdict(&office, &late, &frame), said);
    assert_eq!(stored(&office), after);
}

#[test]
fn two_phones_that_did_not_see_each_other_leave_a_conflict_until_one_settles() {
    let office = Office::new();
    let (mut head, mut staff) = (office.phone("TT-01-00"), office.phone("TT-01-01"));
    let sheet = office.sheet("TT-01");
    let one = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 20, &[])]);
    let two = staff.write(&sheet, vec![score(&sheet, Column::Own, 1, 25, &[])]);
    head.sync(&office, std::slice::from_ref(&one));
    staff.sync(&office, std::slice::from_ref(&two));
    assert_eq!(office.service.sheet_of(&sheet).unwrap().conflicts().len(), 1);
    let both: Vec<ChangeId> = [&one, &two].map(|frame| ChangeId { frame: frame.hash(), index: 0 }).to_vec();
    let settled = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 25, &both)]);
    head.sync(&office, std::slice::from_ref(&settled));
    assert!(office.service.sheet_of(&sheet).unwrap().conflicts().is_empty());
}

#[test]
fn case_14_changed_grants_lead_to_a_comparison_that_brings_what_is_newly_readable() {
    let office = Office::new();
    let (mut head, mut mover) = (office.phone("TT-01-00"), office.phone("TT-02-00"));
    let sheet = office.sheet("TT-01");
    let frame = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 20, &[])]);
    head.sync(&office, std::slice::from_ref(&frame));
    assert!(!mover.sync(&office, &[]).frames.contains(&frame));
    let [_, post] = person(office.service.department(), "TT-02-00", "TT-01", false, &[]);
    office.service.write_documents(&[post]).unwrap();
    let wanted = mover.sync(&office, &[]);
    assert!(wanted.root.is_some(), "the cursor is no longer good: compare");
    assert!(wanted.frames.contains(&frame), "the new grant is filled from its start");
    assert!(wanted.certificates.contains(&head.certificate));
    assert!(verdict(&office, &wanted, &frame).is_some(), "with what was said of it");
}

#[test]
fn many_frames_come_in_pages_and_none_is_left_out() {
    let office = Office::new();
    let (mut head, mut supervisor) = (office.phone("TT-01-00"), office.phone("SO-TD"));
    let sheet = office.sheet("TT-01");
    let frames: Vec<_> = (0..4200)
        .map(|turn| head.write(&sheet, vec![score(&sheet, Column::Own, 1, turn % 20, &[])]))
        .collect();
    frames.chunks(2100).for_each(|frames| drop(head.sync(&office, frames)));
    let first = supervisor.page(&office, &[]);
    assert!(first.more);
    let rest = supervisor.sync(&office, &[]);
    let came: BTreeSet<_> = first.frames.iter().chain(&rest.frames).map(|frame| frame.hash()).collect();
    assert!(frames.iter().all(|frame| came.contains(&frame.hash())));
    let batches = first.verdicts.iter().chain(&rest.verdicts);
    let judged: BTreeSet<_> = batches
        .flat_map(|signed| Verdicts::decode(&signed.bytes).unwrap().frames)
        .map(|it| it.frame)
        .collect();
    assert!(frames.iter().all(|frame| judged.contains(&frame.hash())));
}

#[test]
fn another_process_on_the_same_database_is_seen() {
    let office = Office::new();
    let mut supervisor = office.phone("SO-TD");
    supervisor.sync(&office, &[]);
    let console = xeploai_server::service::Service::open(&office.data()).unwrap();
    let mut record = office.service.config().unwrap().periods[&november()].clone();
    record.own_until = Some("2022-11-25".into());
    console.write_documents(&[Document::Period(record.clone())]).unwrap();
    assert_eq!(office.service.config().unwrap().periods[&november()], record);
    assert_eq!(supervisor.sync(&office, &[]).frames.len(), 1);
}
