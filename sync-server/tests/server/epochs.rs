//! A server that was restored: what was acknowledged since its backup comes back, with its verdicts, from the phones.

use xeploai_core::sync::Status;
use xeploai_core::sync::epoch::Epochs;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::verdict::{Reason, SignedVerdicts, Verdicts};
use xeploai_core::view::Column;
use xeploai_server::service::Service;

use crate::fixture::{Office, Phone, score, verdict};

fn epochs(office: &Office, answer: &Message) -> Epochs {
    let key = office.service.keys().department.verifying_key().to_bytes();
    answer.epochs.as_ref().expect("a new epoch is told").open(office.service.department(), &key).unwrap()
}

/// Copies the database as a backup does, with its log.
fn back_up(office: &Office) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(office.data()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Puts the backup in the place of the database and starts a server on it.
fn restore(office: Office, backup: &[(std::path::PathBuf, Vec<u8>)], start: bool) -> Office {
    let (folder, data) = (office.folder, office.service);
    drop(data);
    let place = folder.path().join("server");
    for entry in std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_file() {
            std::fs::remove_file(entry).unwrap();
        }
    }
    backup.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    let service = Service::open(&place).unwrap();
    if start {
        service.begin_epoch().unwrap();
    }
    Office { folder, service }
}

/// The batch of the highest rank that judges a frame.
fn batch_on(answer: &Message, frame: &Frame) -> SignedVerdicts {
    let judges = |signed: &&SignedVerdicts| said(signed).frames.iter().any(|it| it.frame == frame.hash());
    answer.verdicts.iter().filter(judges).max_by_key(|signed| said(signed).rank()).unwrap().clone()
}

fn said(signed: &SignedVerdicts) -> Verdicts {
    Verdicts::decode(&signed.bytes).unwrap()
}

fn write(phone: &mut Phone, office: &Office, criterion: u16) -> Frame {
    let sheet = office.sheet("TT-01");
    phone.write(&sheet, vec![score(&sheet, Column::Own, criterion, 5, &[])])
}

#[test]
fn case_03_what_was_acknowledged_after_the_backup_comes_back_with_its_verdict() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let before = write(&mut head, &office, 1);
    head.sync(&office, std::slice::from_ref(&before));
    let backup = back_up(&office);
    let after = write(&mut head, &office, 2);
    let acknowledged = batch_on(&head.sync(&office, std::slice::from_ref(&after)), &after);

    let office = restore(office, &backup, true);
    let told = head.page(&office, &[]);
    let epochs = epochs(&office, &told);
    let lost = said(&acknowledged);
    assert!(!epochs.covers(lost.epoch, lost.number), "the phone's receipt no longer stands");

    let offer =
        Message { frames: vec![after.clone()], verdicts: vec![acknowledged.clone()], ..head.message(&[]) };
    let answer = head.exchange(&office, &offer);
    let again = verdict(&office, &answer, &after).expect("a receipt of the present epoch");
    assert_eq!(again.whole, (Status::Accepted, Reason::None));
    let now = said(&batch_on(&answer, &after));
    assert!(epochs.covers(now.epoch, now.number));
    let sheet = office.service.sheet_of(&office.sheet("TT-01")).unwrap();
    assert_eq!(sheet.fields.len(), 2, "nothing of what was acknowledged is missing");
}

#[test]
fn an_earlier_verdict_is_adopted_and_not_judged_again() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let backup = back_up(&office);
    let frame = write(&mut head, &office, 1);
    let acknowledged = batch_on(&head.sync(&office, std::slice::from_ref(&frame)), &frame);
    let office = restore(office, &backup, true);
    // Judged now, it would be held: the period was locked in the meantime.
    office.service.lock_period(crate::fixture::november()).unwrap();
    let certificates = vec![head.certificate.clone()];
    let offer = Message {
        frames: vec![frame.clone()],
        verdicts: vec![acknowledged],
        certificates,
        ..head.message(&[])
    };
    let answer = head.exchange(&office, &offer);
    assert_eq!(verdict(&office, &answer, &frame).unwrap().of(0), (Status::Accepted, Reason::None));
}

#[test]
fn a_verdict_that_comes_before_its_frame_waits_for_it() {
    let office = Office::new();
    let (mut head, mut supervisor) = (office.phone("TT-01-00"), office.phone("SO-TD"));
    let backup = back_up(&office);
    let frame = write(&mut head, &office, 1);
    let acknowledged = batch_on(&head.sync(&office, std::slice::from_ref(&frame)), &frame);
    let office = restore(office, &backup, true);
    office.service.lock_period(crate::fixture::november()).unwrap();
    // Brought by somebody who does not have the frame; its author never heard of the verdict.
    supervisor.exchange(&office, &Message { verdicts: vec![acknowledged], ..supervisor.message(&[]) });
    let answer = head.exchange(&office, &head.message(std::slice::from_ref(&frame)));
    assert_eq!(verdict(&office, &answer, &frame).unwrap().of(0), (Status::Accepted, Reason::None));
}

#[test]
fn a_restart_without_a_restore_voids_nothing_and_skips_nothing() {
    let office = Office::new();
    let (mut head, mut supervisor) = (office.phone("TT-01-00"), office.phone("SO-TD"));
    let frame = write(&mut head, &office, 1);
    let receipt = batch_on(&head.sync(&office, std::slice::from_ref(&frame)), &frame);
    supervisor.sync(&office, &[]);
    office.service.begin_epoch().unwrap();
    let told = supervisor.page(&office, &[]);
    let receipt = said(&receipt);
    assert!(epochs(&office, &told).covers(receipt.epoch, receipt.number));
    assert!(told.frames.is_empty() && told.verdicts.is_empty(), "its cursor is of an ancestor, and good");
    assert!(supervisor.page(&office, &[]).epochs.is_none(), "told once");
}

#[test]
fn a_device_that_was_enrolled_after_the_backup_proves_itself_by_its_certificate() {
    let office = Office::new();
    let backup = back_up(&office);
    let mut head = office.phone("TT-01-00");
    let office = restore(office, &backup, true);
    let request = |phone: &Phone, message: &Message| {
        let channel = xeploai_core::sync::channel::Channel::between(
            &phone.key,
            &phone.server,
            phone.certificate.header.department,
        );
        message.request(phone.certificate.header.stream(), &channel.unwrap(), &Nothing)
    };
    let unknown = office.service.sync(&request(&head, &head.message(&[]))).unwrap_err();
    assert_eq!(unknown.view().code, "unknown_device");
    let frame = write(&mut head, &office, 1);
    let certificates = vec![head.certificate.clone()];
    let answer =
        head.exchange(&office, &Message { certificates, frames: vec![frame.clone()], ..head.message(&[]) });
    assert_eq!(verdict(&office, &answer, &frame).unwrap().of(0).0, Status::Accepted);
}

#[test]
fn case_03_a_cursor_that_is_ahead_proves_a_silent_restore_and_begins_an_epoch() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    head.sync(&office, &[]);
    let backup = back_up(&office);
    let frame = write(&mut head, &office, 1);
    head.sync(&office, std::slice::from_ref(&frame));
    // The volume was put back under a server that did not notice: the same epoch goes on.
    let office = restore(office, &backup, false);
    let told = head.page(&office, &[]);
    assert!(told.epochs.is_some(), "it noticed by the phone's cursor");
}

#[test]
fn case_03_two_live_servers_of_one_backup_never_give_one_number_two_meanings() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let backup = back_up(&office);
    let here = write(&mut head, &office, 1);
    let first = said(&batch_on(&head.sync(&office, std::slice::from_ref(&here)), &here)).rank();
    let office = restore(office, &backup, true);
    let there = write(&mut head, &office, 2);
    let answer = head.exchange(&office, &Message { frames: vec![there.clone()], ..head.message(&[]) });
    let second = said(&batch_on(&answer, &there)).rank();
    assert_ne!(first.epoch, second.epoch);
    assert_ne!(first.cmp(&second), std::cmp::Ordering::Equal);
}

/// A server that was put back to before a device was enrolled; the device, a frame of it, and a head who carries that.
fn without_certificate() -> (Office, Phone, Phone, Frame) {
    let office = Office::new();
    let backup = back_up(&office);
    let mut staff = office.phone("TT-01-01");
    let office = restore(office, &backup, true);
    let head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let frame = staff.write(&sheet, vec![score(&sheet, Column::Own, 1, 5, &[])]);
    (office, staff, head, frame)
}

#[test]
fn a_frame_that_came_before_its_certificate_is_judged_when_that_comes() {
    let (office, staff, mut head, frame) = without_certificate();
    let answer = head.sync(&office, std::slice::from_ref(&frame));
    let doubt = verdict(&office, &answer, &frame).unwrap();
    assert_eq!(doubt.whole, (Status::Quarantined, Reason::UnknownStream));
    let certificates = vec![staff.certificate.clone()];
    head.exchange(&office, &Message { certificates, ..head.message(&[]) });
    assert_eq!(office.service.sheet_of(&office.sheet("TT-01")).unwrap().fields.len(), 1);
}

#[test]
fn a_frame_in_quarantine_that_comes_again_with_its_certificate_is_one_frame() {
    let (office, staff, mut head, frame) = without_certificate();
    head.sync(&office, std::slice::from_ref(&frame));
    let (certificates, frames) = (vec![staff.certificate.clone()], vec![frame.clone()]);
    let answer = head.exchange(&office, &Message { certificates, frames, ..head.message(&[]) });
    assert_eq!(verdict(&office, &answer, &frame).map(|said| said.of(0).0), Some(Status::Accepted));
}

#[test]
fn what_was_named_briefly_and_is_lost_is_asked_for_in_full() {
    struct Everything;
    impl xeploai_core::sync::names::PeerHas for Everything {
        fn stream(&self, _: xeploai_core::ids::StreamId) -> bool {
            true
        }
        fn frame(&self, _: xeploai_core::ids::FrameHash) -> bool {
            true
        }
    }
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    write(&mut head, &office, 1);
    let second = write(&mut head, &office, 2);
    let channel =
        xeploai_core::sync::channel::Channel::between(&head.key, &head.server, office.service.department());
    let message = head.message(std::slice::from_ref(&second));
    let request = message.request(head.certificate.header.stream(), &channel.unwrap(), &Everything);
    let answer = office.service.sync(&request).unwrap();
    assert!(head.decode(&answer, &[second]).full);
}
