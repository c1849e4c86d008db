//! Files instead of a network: from a phone to the supervisor, to the server, and receipts back.

use xeploai_client::opened::Opened;
use xeploai_client::{App, ClientError, Refused};
use xeploai_core::points::Points;
use xeploai_core::sync::Status;
use xeploai_core::sync::bundle::BundleError;
use xeploai_core::view::{Column, Place};
use xeploai_server::error::ServerError;
use xeploai_server::service::Service;

use crate::office::{Office, SUPERVISOR};
use crate::phone::Phone;

fn refused(phone: &Phone, file: &[u8]) -> BundleError {
    match phone.app.import_bundle(file) {
        Err(ClientError::Bundle(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_goes_over_the_supervisor_to_the_server_and_one_with_receipts_comes_back() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    supervisor.sync();
    // They have met once, so that each knows the other's device.
    assert!(phone.meet(&supervisor).ok);
    phone.score_three("tt-1-a");
    let (file, made) = phone.app.export_bundle(None).unwrap();
    assert_eq!((made.sheets, made.people.len()), (1, 1), "{made:?}");
    assert_eq!(phone.place("tt-1-a"), Place::Waiting, "a file that lies somewhere is no receipt");

    let taken = supervisor.app.import_bundle(&file).unwrap();
    assert_eq!(taken.sentence.vi, "Nhận 1 phiếu của 1 người.");
    assert_eq!(supervisor.own("tt-1-a", 1), Some(Points(15_000)), "read on the spot");
    let again = supervisor.app.import_bundle(&file).unwrap();
    assert_eq!(
        (again.sheets, again.sentence.vi.as_str()),
        (0, "Không có gì mới: những gì trong đó đã có trên máy này."),
        "twice changes nothing"
    );

    supervisor.sync();
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted);
    let (back, made) = supervisor.app.export_bundle(Some("tt-1-a")).unwrap();
    assert_eq!(made.people.len(), 1);
    let received = phone.app.import_bundle(&back).unwrap();
    assert_eq!(received.sent, 3, "the server's receipt, in a file");
    assert_eq!(received.sentence.vi, "Máy chủ đã nhận 3 thay đổi của máy này.");
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    assert_eq!(phone.app.import_bundle(&back).unwrap().sent, 0, "counted once");
}

#[test]
fn receipts_of_an_epoch_that_the_reader_has_not_heard_of_stand_all_the_same() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    phone.sync();
    phone.score_three("tt-1-a");
    let (file, _) = phone.app.export_bundle(None).unwrap();
    office.ask(Service::begin_epoch).unwrap();
    supervisor.app.import_bundle(&file).unwrap();
    supervisor.sync();
    let (back, _) = supervisor.app.export_bundle(Some("tt-1-a")).unwrap();
    assert_eq!(phone.app.import_bundle(&back).unwrap().sent, 3);
    assert_eq!(phone.place("tt-1-a"), Place::Received, "the server was started anew meanwhile");
}

#[test]
fn nothing_that_waits_makes_no_file_and_more_than_a_page_makes_one_whole() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    phone.sync();
    assert_eq!(phone.app.export_bundle(None).unwrap_err().code(), Refused::NothingWaits.code());
    // Each hand-over seals a frame of its own.
    for round in 0..40 {
        phone.score("tt-1-a", 1, Column::Own, if round % 2 == 0 { "1" } else { "1,5" }).unwrap();
        phone.app.export_bundle(None).unwrap();
    }
    let (file, _) = phone.app.export_bundle(None).unwrap();
    supervisor.app.import_bundle(&file).unwrap();
    assert_eq!(phone.written().len(), 40);
    assert!(phone.written().iter().all(|frame| supervisor.holds(*frame)));
}

#[test]
fn the_server_takes_the_same_file_in_itself() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    phone.score_three("tt-1-a");
    let (file, made) = phone.app.export_bundle(None).unwrap();
    assert!(made.people.is_empty(), "it has met nobody: for the server alone");
    let taken = office.ask(|service| service.import_bundle(&file)).unwrap();
    assert_eq!((taken.new, taken.quarantined), (1, 0));
    assert_eq!(office.ask(|service| service.import_bundle(&file)).unwrap().new, 0);
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted);
    assert_eq!(phone.sync().sent, 3, "its author hears of it at his next sync");
}

#[test]
fn nobody_else_reads_a_file_and_what_is_spoilt_is_refused_whole() {
    let office = Office::new();
    let (phone, supervisor, other) =
        (office.phone("tt-1-a", "máy"), office.supervisor(), office.phone("tt-2-a", "máy"));
    assert!(phone.meet(&supervisor).ok);
    phone.score_three("tt-1-a");
    let (file, _) = phone.app.export_bundle(None).unwrap();
    assert_eq!(refused(&other, &file), BundleError::NotForReader);
    assert_eq!(refused(&supervisor, &file[..file.len() - 1]), BundleError::Cut);
    assert_eq!(refused(&supervisor, b"PK\x03\x04"), BundleError::NotABundle);
    let mut spoilt = file.clone();
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 1;
    assert_eq!(refused(&supervisor, &spoilt), BundleError::Altered);
    let at_server = office.ask(|service| service.import_bundle(&spoilt)).unwrap_err();
    assert!(matches!(at_server, ServerError::Bundle(BundleError::Altered)), "{at_server}");
    assert!(phone.written().iter().all(|frame| !supervisor.holds(*frame)), "nothing of it was taken");
    let foreign = Office::new();
    assert_eq!(refused(&foreign.phone("tt-1-a", "máy"), &file), BundleError::OtherDepartment);
}

#[test]
fn who_may_not_read_all_of_it_is_no_reader_of_it() {
    let office = Office::new();
    let (staff, head, supervisor) =
        (office.phone("tt-1-a", "máy"), office.phone("tt-1-gd", "máy"), office.supervisor());
    assert!(head.meet(&supervisor).ok);
    staff.score_three("tt-1-a");
    let stranger = office.phone("tt-2-a", "máy");
    stranger.score_three("tt-2-a");
    assert!(staff.meet(&head).ok);
    let (_, made) = head.app.export_bundle(None).unwrap();
    assert_eq!(made.people.len(), 1, "the head carries what the supervisor of the unit may read");
    assert!(stranger.meet(&head).ok);
    let (file, made) = head.app.export_bundle(None).unwrap();
    assert!(made.people.is_empty(), "what is of another unit as well is for the server alone");
    assert_eq!(refused(&supervisor, &file), BundleError::NotForReader);
    assert_eq!(office.ask(|service| service.import_bundle(&file)).unwrap().new, 2);
}

#[test]
fn a_file_for_somebody_whose_device_was_never_met_is_refused() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    let unknown = |code: &str| phone.app.export_bundle(Some(code)).unwrap_err().code();
    assert_eq!(unknown(SUPERVISOR), Refused::UnknownReader.code(), "enrolled since the last sync");
    assert_eq!(unknown("nobody"), Refused::UnknownReader.code());
    assert_eq!(
        supervisor.app.export_bundle(Some("tt-1-a")).unwrap().1.people.len(),
        1,
        "the server has told"
    );
}

#[test]
fn files_that_the_system_opens_are_taken_in_or_refused_one_after_the_other() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    assert!(phone.meet(&supervisor).ok);
    phone.score_three("tt-1-a");
    let folder = tempfile::tempdir().unwrap();
    let [whole, other, endless] = ["a.xlb", "b.xlb", "c.xlb"].map(|name| folder.path().join(name));
    std::fs::write(&whole, phone.app.export_bundle(None).unwrap().0).unwrap();
    std::fs::write(&other, b"PK\x03\x04").unwrap();
    std::fs::write(&endless, std::fs::read(&whole).unwrap()).unwrap();
    std::fs::File::options().write(true).open(&endless).unwrap().set_len(1 << 40).unwrap();

    let opened = Opened::default();
    opened.add([folder.path().join("moved.xlb"), other, folder.path().to_owned(), endless, whole]);
    let next = || opened.next(&supervisor.app).unwrap();
    let refusals = [(); 4].map(|()| next().unwrap().unwrap_err().code);
    assert_eq!(refusals, ["file_unreadable", "not_a_bundle", "file_unreadable", "bundle_altered"]);
    assert_eq!(next().unwrap().unwrap().sentence.vi, "Nhận 1 phiếu của 1 người.");
    assert!(next().is_none());
}

#[test]
fn a_file_that_is_opened_before_anybody_is_enrolled_waits() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    assert!(phone.meet(&supervisor).ok);
    phone.score_three("tt-1-a");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.xlb");
    std::fs::write(&file, phone.app.export_bundle(None).unwrap().0).unwrap();
    let nobody = App::open(&folder.path().join("store")).unwrap();
    let opened = Opened::default();
    opened.add([file]);
    for _ in 0..2 {
        assert_eq!(opened.next(&nobody).unwrap_err().code(), Refused::NotEnrolled.code());
    }
    assert!(opened.next(&supervisor.app).unwrap().is_some_and(|taken| taken.is_ok()));
}
