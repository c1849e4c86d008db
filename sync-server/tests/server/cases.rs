//! Nasty cases that need raw frames: retries in parallel, one bad among many, late commits, what a later app writes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use xeploai_core::ids::FrameHash;
use xeploai_core::sheet::SheetKey;
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::sync::{Lane, Scope, Status};
use xeploai_core::view::Column;
use xeploai_server::storage::frames;

use crate::fixture::{Office, Phone, score, verdict};

fn stored(office: &Office) -> i64 {
    office.service.storage().read(frames::last).unwrap()
}

fn first(phone: &mut Phone, sheet: &SheetKey, points: i32) -> Frame {
    phone.write(sheet, vec![score(sheet, Column::Own, 1, points, &[])])
}

/// A head with forty frames that nobody has got yet.
fn head_with_frames(office: &Office) -> (Phone, Vec<Frame>) {
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let written = (0..40).map(|points| first(&mut head, &sheet, points % 20)).collect();
    (head, written)
}

#[test]
fn case_04_an_acknowledgement_lost_and_retried_twice_in_parallel_is_one_copy_and_one_receipt() {
    let office = Office::new();
    let (mut head, written) = head_with_frames(&office);
    let before = stored(&office);
    let request = head.request(&written);
    // The server does it, and nobody hears of it.
    drop(office.service.sync(&request).unwrap());
    let answers = std::thread::scope(|scope| {
        let ask = || office.service.sync(&request).unwrap();
        [scope.spawn(ask), scope.spawn(ask)].map(|retry| retry.join().unwrap())
    });
    assert_eq!(stored(&office), before + written.len() as i64, "one copy");
    let [one, two] = answers.map(|answer| head.decode(&answer, &written));
    for frame in &written {
        let said = verdict(&office, &one, frame);
        assert_eq!(said.as_ref().map(|said| said.of(0)), Some((Status::Accepted, Reason::None)));
        assert_eq!(verdict(&office, &two, frame), said, "the receipt is repeated");
    }
}

#[test]
fn case_04_two_first_tries_in_parallel_are_one_copy() {
    let office = Office::new();
    let (head, written) = head_with_frames(&office);
    let before = stored(&office);
    let request = head.request(&written);
    std::thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(|| office.service.sync(&request).unwrap())));
    });
    assert_eq!(stored(&office), before + written.len() as i64);
}

#[test]
fn case_06_one_change_invalid_among_a_thousand_leaves_999_accepted() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let points = |at| if at == 500 { 9000 } else { at % 20 };
    let changes = (0..1000).map(|at| score(&sheet, Column::Own, 1, points(at), &[])).collect();
    let frame = head.write(&sheet, changes);
    let answer = head.sync(&office, std::slice::from_ref(&frame));
    let said = verdict(&office, &answer, &frame).expect("judged");
    assert_eq!(said.exceptions, [(500, Status::Rejected, Reason::BadPoints)]);
    let accepted = (0..1000).filter(|at| said.of(*at).0 == Status::Accepted);
    assert_eq!(accepted.count(), 999);
}

#[test]
fn case_06_one_frame_unreadable_among_fifty_is_quarantined_and_49_are_judged() {
    let office = Office::new();
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let mut written: Vec<Frame> = (0..50).map(|points| first(&mut head, &sheet, points % 20)).collect();
    let Frame { lane, number, previous, .. } = written[20];
    let department = office.service.department();
    written[20] = Frame::seal(&head.key, department, lane, number, previous, vec![1, 0xff]);
    let answer = head.sync(&office, &written);
    let said = |frame: &Frame| verdict(&office, &answer, frame).map(|said| said.whole);
    assert_eq!(said(&written[20]), Some((Status::Quarantined, Reason::Unreadable)));
    let accepted = written.iter().filter(|frame| said(frame) == Some((Status::Accepted, Reason::None)));
    assert_eq!(accepted.count(), 49);
}

/// Hands 30 frames over, one after the other.
fn hand_over(office: &Office, phone: &mut Phone, unit: &str) -> Vec<Frame> {
    let sheet = office.sheet(unit);
    for points in 0..30 {
        let frame = first(phone, &sheet, points % 20);
        phone.page(office, &[frame]);
    }
    phone.frames.clone()
}

/// Reads page after page by the cursor alone, without a comparison: what came until a page was asked for after the end.
fn read_until(office: &Office, reader: &mut Phone, is_over: &AtomicBool) -> BTreeSet<FrameHash> {
    let mut came = BTreeSet::new();
    loop {
        let is_last = is_over.load(Ordering::SeqCst);
        let page = reader.page(office, &[]);
        came.extend(page.frames.iter().map(Frame::hash));
        if is_last && !page.more {
            return came;
        }
    }
}

#[test]
fn case_14_what_is_committed_while_a_reader_reads_is_never_behind_his_cursor() {
    let office = Office::new();
    let mut reader = office.phone("SO-TD");
    let units = [("TT-01-00", "TT-01"), ("TT-01-01", "TT-01"), ("TT-02-00", "TT-02")];
    let mut writers = units.map(|(person, unit)| (office.phone(person), unit));
    let is_over = AtomicBool::new(false);
    let (written, came) = std::thread::scope(|scope| {
        let (office, is_over) = (&office, &is_over);
        let writing = writers.each_mut().map(|(phone, unit)| scope.spawn(|| hand_over(office, phone, unit)));
        let reading = scope.spawn(|| read_until(office, &mut reader, is_over));
        let written: Vec<Frame> = writing.into_iter().flat_map(|it| it.join().unwrap()).collect();
        is_over.store(true, Ordering::SeqCst);
        (written, reading.join().unwrap())
    });
    assert_eq!(written.len(), 90);
    assert!(written.iter().all(|frame| came.contains(&frame.hash())));
}

/// A frame that a later version of the app has written into a unit's scope.
fn later(phone: &Phone, scope: Scope, body: Vec<u8>, number: u64, previous: FrameHash) -> Frame {
    let lane = Lane { stream: phone.certificate.header.stream(), scope };
    Frame::seal(&phone.key, phone.certificate.header.department, lane, number, previous, body)
}

#[test]
fn case_18_what_a_later_app_wrote_is_held_here_and_goes_on_to_readers_untouched() {
    let office = Office::new();
    let (mut head, mut reader) = (office.phone("TT-01-00"), office.phone("TT-01-01"));
    let scope = office.sheet("TT-01").scope();
    let known = score(&office.sheet("TT-01"), Column::Own, 1, 5, &[]);
    let mut section = Body { changes: vec![known], ..Body::default() }.encode(scope).unwrap();
    section.extend_from_slice(&[99, 3, 2, 0xca, 0xfe]);
    let one = later(&head, scope, section, 1, FrameHash::default());
    let two = later(&head, scope, vec![9, 0xca, 0xfe], 2, one.hash());
    let answer = head.sync(&office, &[one.clone(), two.clone()]);
    let said = |frame| verdict(&office, &answer, frame).expect("it has a receipt");
    assert_eq!(said(&one).of(0), (Status::Accepted, Reason::None), "what is known counts");
    assert_eq!(said(&one).of(1), (Status::Held, Reason::UnknownKind));
    assert_eq!(said(&two).whole, (Status::Held, Reason::FutureVersion));
    let came = reader.sync(&office, &[]).frames;
    assert!(came.contains(&one) && came.contains(&two), "byte for byte");
    let decoded = came.iter().find(|frame| **frame == one).unwrap().decode_body().unwrap();
    assert_eq!(decoded.changes[1..], [Change::Unknown, Change::Unknown]);
}
