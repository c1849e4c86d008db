//! Codes on a screen instead of a network: from a phone to the supervisor's camera, to the server, and receipts back. Pictures are
//! read by the app and by a reader that is nobody's of ours.

use std::path::Path;
use std::process::Command;

use xeploai_client::qr::{Codes, Collector, QrError, png, texts};
use xeploai_client::screen::{Screen, invitation};
use xeploai_client::{ClientError, Refused};
use xeploai_core::points::Points;
use xeploai_core::sync::Status;
use xeploai_core::sync::invitation::{Invitation, PORT};
use xeploai_core::view::{Column, Place, ReadView};

use crate::office::Office;
use crate::phone::Phone;

const CRITERIA: u16 = 30;
/// The people of both centres.
const PEOPLE: [&str; 4] = ["tt-1-a", "tt-1-b", "tt-2-a", "tt-2-b"];

/// A month as a person writes it.
fn month(phone: &Phone, person: &str) {
    let sheet = phone.sheet(person);
    for criterion in 1..=CRITERIA {
        let points = ["0,5", "1", "1,5", "2"][usize::from(criterion * 7 % 4)];
        phone.score_on(&sheet, criterion, Column::Own, points).unwrap();
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, ClientError>) -> QrError {
    match result {
        Err(ClientError::Qr(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What a camera reads of the picture of a part.
fn photographed(codes: &Codes, part: u32) -> String {
    let [text] = texts(&png(&codes.text(part)).unwrap()).unwrap().try_into().unwrap();
    text
}

/// What a reader of somebody else's reads in a picture.
fn read_by_zbar(folder: &Path, text: &str) -> String {
    let picture = folder.join("code.png");
    std::fs::write(&picture, png(text).unwrap()).unwrap();
    let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&picture).output();
    let output = output.expect("zbarimg: install zbar-tools");
    assert!(output.status.success(), "zbar finds no code");
    // Only the end of the line is its own: a text of ours may end with a space.
    String::from_utf8(output.stdout).unwrap().strip_suffix('\n').unwrap().to_owned()
}

/// A head who carries what people have written, and could not send.
fn carrying(office: &Office, people: &[&str]) -> Phone {
    let head = office.phone("tt-1-gd", "máy");
    for person in people {
        let phone = office.phone(person, "máy");
        month(&phone, person);
        assert!(phone.meet(&head).ok);
    }
    head
}

#[test]
fn a_month_of_30_criteria_is_one_code_from_a_screen_over_the_supervisor_to_the_server() {
    let office = Office::with_criteria(CRITERIA);
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    month(&phone, "tt-1-a");
    let (codes, shown) = phone.app.qr_codes(false).unwrap();
    assert!(!codes.is_series() && codes.bytes() <= 500, "{} bytes", codes.bytes());
    assert!(codes.drawn(0).size <= 17 + 4 * 18, "{} modules on a side", codes.drawn(0).size);
    println!("a month: {} bytes, {} modules on a side", codes.bytes(), codes.drawn(0).size);
    assert_eq!((shown.needed, shown.sheets), (1, 1));
    assert_eq!(phone.place("tt-1-a"), Place::Waiting, "what was shown is not received");

    supervisor.sync();
    let payload = Collector::default().take(&photographed(&codes, 0)).unwrap().payload.unwrap();
    let taken = supervisor.app.import_qr(std::slice::from_ref(&payload)).unwrap();
    assert_eq!(taken.sentence.vi, "Nhận 1 phiếu của 1 người.");
    assert_eq!(taken.people.len(), 1, "{taken:?}");
    assert_eq!(supervisor.own("tt-1-a", 1), Some(Points(20_000)), "read on the spot");
    let again = supervisor.app.import_qr(&[payload]).unwrap();
    assert_eq!((again.sheets, again.people), (0, taken.people), "twice changes nothing");

    supervisor.sync();
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted);
    assert_eq!(phone.sync().sent, u32::from(CRITERIA), "its author hears of it at his next sync");
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    assert_eq!(refused(phone.app.qr_codes(false).map(|(_, view)| view)), QrError::NothingWaits);
}

#[test]
fn what_a_head_carries_is_a_series_that_is_read_whichever_parts_are_missed() {
    let office = Office::with_criteria(CRITERIA);
    let (head, supervisor) = (carrying(&office, &PEOPLE), office.supervisor());
    let own = head.app.qr_codes(false).map(|(_, view)| view);
    assert_eq!(refused(own), QrError::NothingWaits, "of others only when he says so");
    let (codes, shown) = head.app.qr_codes(true).unwrap();
    assert!(codes.is_series() && shown.needed == codes.needed() && shown.sheets == 4, "{shown:?}");
    println!("four months: {} bytes, {} parts", codes.bytes(), codes.needed());
    let (same, _) = head.app.qr_codes(true).unwrap();
    assert_eq!(same.text(70_000), codes.text(70_000), "shown again, it is the same series");

    let mut collector = Collector::default();
    // The camera comes late, misses two of three, and sees some twice.
    let seen = (5..).step_by(3).flat_map(|part| [part, part]);
    let mut last = 0;
    let payload = seen
        .map(|part| collector.take(&photographed(&codes, part)).unwrap())
        .inspect(|progress| {
            assert!(progress.received >= last && progress.received <= progress.needed);
            last = progress.received;
        })
        .find_map(|progress| progress.payload)
        .unwrap();
    supervisor.sync();
    let taken = supervisor.app.import_qr(&[payload]).unwrap();
    assert_eq!(taken.sentence.vi, "Nhận 4 phiếu của 4 người.");
    assert_eq!(taken.people.len(), 4);
    supervisor.sync();
    let head_hears = head.sync();
    assert!(head_hears.ok && office.frames() > 4);
    assert_eq!(refused(head.app.qr_codes(true).map(|(_, view)| view)), QrError::NothingWaits);
}

#[test]
fn garbage_and_what_is_of_others_is_refused_and_nothing_of_it_taken() {
    let office = Office::with_criteria(CRITERIA);
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    month(&phone, "tt-1-a");
    let (codes, _) = phone.app.qr_codes(false).unwrap();
    let payload = Collector::default().take(&codes.text(0)).unwrap().payload.unwrap();
    for at in [0, 4, 9, payload.len() - 1] {
        let mut spoilt = payload.clone();
        spoilt[at] ^= 1;
        assert!(matches!(refused(supervisor.app.import_qr(&[spoilt])), QrError::Damaged | QrError::TooNew));
    }
    assert_eq!(refused(supervisor.app.import_qr(&[payload[..40].to_vec()])), QrError::Damaged);
    let foreign = Office::new().phone("tt-1-a", "máy");
    assert_eq!(refused(foreign.app.import_qr(&[payload])), QrError::OtherDepartment);
    assert!(phone.written().iter().all(|frame| !supervisor.holds(*frame)), "nothing of it was taken");

    let said = |text: &str| Collector::default().take(text).unwrap_err();
    let code = office.ask(|service| service.new_code("tt-1-b")).unwrap().code;
    assert_eq!(said(&format!("https://may-chu.test:8443/#{code}")), QrError::Enrolment);
    let addresses = vec![[192, 168, 43, 1].into()];
    let invitation = Invitation { addresses, port: PORT, key: [1; 5], secret: [2; 5] };
    assert_eq!(said(&invitation.qr()), QrError::Invitation);
}

#[test]
fn another_reader_reads_the_pictures_of_a_month_and_of_a_series() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::with_criteria(CRITERIA);
    let phone = office.phone("tt-1-a", "máy");
    month(&phone, "tt-1-a");
    let (one, _) = phone.app.qr_codes(false).unwrap();
    assert_eq!(read_by_zbar(folder.path(), &one.text(0)), one.text(0));
    let (series, _) = carrying(&office, &PEOPLE).app.qr_codes(true).unwrap();
    let mut collector = Collector::default();
    let read = (0..).step_by(2).map(|part| read_by_zbar(folder.path(), &series.text(part)));
    let whole = read.map(|text| collector.take(&text).unwrap()).find_map(|progress| progress.payload);
    assert_eq!(whole.map(|payload| payload.len()), Some(series.bytes()));
}

/// What a series shows from a part on, until enough of it was read.
fn read_on(screen: &Screen, codes: &Codes, from: u32) -> ReadView {
    let read = |part| screen.read(&[codes.text(part)]).unwrap();
    (from..).map(read).find(|read| read.taken.is_some()).unwrap()
}

#[test]
fn a_window_shows_codes_and_keeps_what_it_has_read_until_it_is_whole() {
    let office = Office::with_criteria(CRITERIA);
    let (phone, supervisor) = (office.phone(PEOPLE[3], "máy"), office.supervisor());
    let screen = Screen::new(phone.app.clone());
    assert_eq!(refused(screen.part(0)), QrError::NothingWaits, "before anything is shown");
    month(&phone, PEOPLE[3]);
    assert_eq!(screen.show().unwrap().needed, 1);
    let (one, _) = phone.app.qr_codes(false).unwrap();
    assert_eq!(screen.part(7).unwrap(), one.drawn(0), "one code has one drawing");

    let (series, _) = carrying(&office, &PEOPLE[..3]).app.qr_codes(true).unwrap();
    supervisor.sync();
    let reader = Screen::new(supervisor.app.clone());
    let first = reader.read(&[series.text(3), String::from("https://example.vn")]).unwrap();
    assert_eq!((first.received, first.needed, first.taken), (1, series.needed(), None));
    assert_eq!(first.refused.unwrap().code, QrError::Foreign.code());
    let between = reader.read(&[one.text(0)]).unwrap();
    assert_eq!(between.taken.unwrap().sentence.vi, "Nhận 1 phiếu của 1 người.");
    assert_eq!(refused(reader.read(&[String::from("XEPLOAI:QR/::")])), QrError::Damaged);
    assert_eq!(refused(reader.read(&[])), QrError::NoCode);
    let rest = read_on(&reader, &series, 4);
    assert_eq!(rest.received, rest.needed);
    assert_eq!(rest.taken.unwrap().sentence.vi, "Nhận 3 phiếu của 3 người.");
    let again = read_on(&reader, &series, 0).taken.unwrap();
    assert_eq!(again.sheets, 0, "read once more, it ends with a sentence too: {}", again.sentence.vi);
}

#[test]
fn what_could_not_be_taken_in_is_read_again() {
    let office = Office::with_criteria(CRITERIA);
    let (series, _) = carrying(&office, &PEOPLE).app.qr_codes(true).unwrap();
    let reader = Screen::new(Office::new().supervisor().app.clone());
    for _ in 0..2 {
        let mut parts = (0..).map(|part| reader.read(&[series.text(part)]));
        let end = parts.find(|read| !matches!(read, Ok(ReadView { taken: None, .. }))).unwrap();
        assert_eq!(refused(end), QrError::OtherDepartment);
    }
}

#[test]
fn the_invitation_of_a_hub_is_found_among_codes_and_nothing_else_is_taken_for_one() {
    let addresses = vec![[192, 168, 43, 1].into()];
    let hub = Invitation { addresses, port: PORT, key: [1; 5], secret: [2; 5] }.qr();
    let (records, other) = (Codes::new(vec![1]).unwrap().text(0), String::from("https://example.vn"));
    assert_eq!(invitation(&[other.clone(), records.clone(), hub.clone()]).unwrap(), hub);
    assert_eq!(refused(invitation(&[other.clone(), records])), QrError::Records);
    let neither = invitation(&[other]);
    assert!(matches!(neither, Err(ClientError::Refused(Refused::NoInvitation))), "{neither:?}");
}
