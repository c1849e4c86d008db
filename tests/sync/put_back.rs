//! A server that was put back, behind its own back too, and two that run on copies of one disk: no number that was given
//! twice misleads anybody, and what each of them has said reaches the others.

use xeploai_core::ids::FrameHash;
use xeploai_core::org::{Document, PeriodRecord, PeriodRule};
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::Status;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::verdict::{FrameVerdict, Reason, SignedVerdicts, Verdicts};
use xeploai_core::view::{Column, Place};
use xeploai_server::service::Service;

use crate::closed::authority;
use crate::office::{Office, PERIOD, month, said};
use crate::phone::Phone;

const ACCEPTED: Option<(Status, Reason)> = Some((Status::Accepted, Reason::None));

fn write(phone: &Phone, person: &str, criterion: u16, text: &str) {
    phone.score(person, criterion, Column::Own, text).unwrap();
}

/// The one change of a frame.
fn only(frame: FrameHash) -> ChangeId {
    ChangeId { frame, index: 0 }
}

#[test]
fn a_reader_whose_cursor_is_of_a_longer_past_misses_no_frame_and_no_verdict() {
    let office = Office::new();
    let phones = month(&office);
    let (one, two) = (&phones[0], &phones[1]);
    let reader = office.phone("so-th", "máy");
    let backup = office.back_up();
    for text in ["1", "0,5"] {
        write(one, "tt-1-a", 4, text);
        one.sync();
    }
    reader.sync();
    office.restore_unnoticed(&backup);
    // The same numbers of batches, and then of frames, are given again.
    let taken_back = only(two.written()[0]);
    office.ask(|service| service.annul(&[taken_back], &authority())).unwrap();
    for text in ["2", "1,5"] {
        write(two, "tt-1-b", 4, text);
        two.sync();
    }
    reader.sync();
    assert_eq!(reader.own("tt-1-a", 4), Some(Points(5_000)));
    assert_eq!(reader.own("tt-1-b", 4), Some(Points(15_000)), "the frame under a number that he had");
    assert_eq!(reader.own("tt-1-b", 1), None, "the verdict under a number that he had");
    assert!(["tt-1-a", "tt-1-b", "tt-2-a"].iter().all(|person| reader.place(person) == Place::Received));
}

#[test]
fn a_receipt_under_a_number_that_was_given_twice_stands_no_longer_and_its_verdict_is_adopted() {
    let office = Office::new();
    let (one, two) = (office.phone("tt-1-a", "máy"), office.phone("tt-1-b", "máy"));
    let backup = office.back_up();
    write(&one, "tt-1-a", 1, "1");
    one.sync();
    office.restore_unnoticed(&backup);
    write(&two, "tt-1-b", 1, "2");
    two.sync();
    // Judged again, the lost frame would be held.
    office.lock();
    office.step(&one);
    assert_eq!(one.place("tt-1-a"), Place::Waiting);
    one.sync();
    assert_eq!(office.said(one.written()[0]), ACCEPTED);
    assert_eq!(one.place("tt-1-a"), Place::Received);
    two.sync();
    assert_eq!((office.said(two.written()[0]), two.place("tt-1-b")), (ACCEPTED, Place::Received));
}

#[test]
fn what_one_of_two_live_servers_judged_reaches_the_other_through_a_phone() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    hub.sync();
    let twin = office.twin();
    write(&phone, "tt-1-a", 1, "1");
    phone.meet(&hub);
    office.lock();
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Held);
    hub.sync_with(&twin);
    let frame = phone.written()[0];
    assert_eq!(said(&twin, frame), ACCEPTED, "there the period is open, and the epoch is a later one");

    hub.sync();
    assert_eq!(office.said(frame), ACCEPTED, "the word of the higher rank");
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    phone.sync_with(&twin);
    assert_eq!(said(&twin, frame), ACCEPTED);
    assert_eq!(phone.place("tt-1-a"), Place::Received);
}

/// A phone that has handed something over to a hub, which believes that the server knows the phone. The server was put
/// back to where it does not.
fn forgotten(office: &Office) -> (Phone, Phone) {
    let hub = office.supervisor();
    hub.sync();
    let backup = office.back_up();
    let phone = office.phone("tt-1-a", "máy");
    hub.sync();
    office.restore(&backup);
    write(&phone, "tt-1-a", 1, "1");
    phone.meet(&hub);
    (phone, hub)
}

#[test]
fn a_frame_whose_certificate_was_restored_away_goes_on_waiting_and_ends_received() {
    let office = Office::new();
    let (phone, hub) = forgotten(&office);
    office.step(&hub);
    assert_eq!(office.said(phone.written()[0]), None, "it lacks the certificate");
    phone.meet(&hub);
    assert_eq!((phone.own("tt-1-a", 1), phone.place("tt-1-a")), (Some(Points::whole(1)), Place::Carried));
    hub.sync();
    phone.meet(&hub);
    assert_eq!(phone.place("tt-1-a"), Place::Received);
}

#[test]
fn a_certificate_that_the_server_turns_out_to_lack_goes_along_in_the_same_sync() {
    let office = Office::new();
    let (phone, hub) = forgotten(&office);
    hub.sync();
    assert_eq!(office.said(phone.written()[0]), ACCEPTED);
}

/// What a copy of the server, in a later epoch, says that it could not believe.
fn refused_by_a_copy(office: &Office, frame: FrameHash) -> SignedVerdicts {
    let frames = vec![FrameVerdict::of_whole(frame, Status::Refused, Reason::QuotaUsed)];
    let batch = Verdicts {
        epoch: [9; 16],
        epoch_order: 900,
        number: 1,
        received_at: 1,
        frames,
        contents: Vec::new(),
    };
    office.ask(|service| batch.sign(service.department(), &service.keys().department))
}

fn is_told(phone: &Phone, hub: &Phone, verdicts: Vec<SignedVerdicts>) {
    let answer = Message { verdicts, ..Message::default() }.answer(&[], &Nothing);
    assert!(phone.meets(&hub.certificate(), |_| Ok(answer.clone())).ok);
}

#[test]
fn that_a_copy_could_not_believe_a_frame_says_nothing_where_another_kept_it() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    write(&phone, "tt-1-a", 1, "1");
    phone.sync();
    let frame = phone.written()[0];
    let doubt = refused_by_a_copy(&office, frame);
    is_told(&phone, &hub, vec![doubt.clone()]);
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    let report = phone.sync();
    assert_eq!((report.sent, report.came), (0, 0), "it is counted: the roots are equal");

    let message = Message { verdicts: vec![doubt], ..Message::default() };
    let carrier = phone.certificate().header.stream();
    let again = office.ask(|service| service.receive(carrier, &message)).unwrap();
    assert!(!again.restored, "the phone has shown it to the server");
    assert_eq!(office.said(frame), ACCEPTED);
}

#[test]
fn what_no_server_has_kept_is_shown_to_its_author_as_not_taken() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    write(&phone, "tt-1-a", 1, "1");
    phone.meet(&hub);
    is_told(&phone, &hub, vec![refused_by_a_copy(&office, phone.written()[0])]);
    let [refused] = phone.app.sync_status().unwrap().rejected.try_into().unwrap();
    assert_eq!((refused.value.as_str(), refused.reason.code.as_str()), ("1", Reason::QuotaUsed.code()));
}

/// A head who has written for his centre and may read it no longer: no comparison with the server is about what he wrote there.
fn former_head(office: &Office) -> Phone {
    let head = office.phone("tt-1-gd", "máy");
    head.score("tt-1-a", 1, Column::Superior, "1").unwrap();
    office.end_post("tt-1-gd", "2026-09");
    head
}

/// What the server has lost of him is there again, with what it had said, after one sync.
fn hands_over_again(office: &Office, head: &Phone, said: Option<(Status, Reason)>) {
    let frame = head.written()[0];
    assert!(said.is_some() && office.said(frame).is_none(), "the server has had it, and has lost it");
    head.sync();
    assert_eq!(office.said(frame), said);
}

#[test]
fn a_receipt_from_before_the_server_was_put_back_to_an_earlier_epoch_falls_in_the_same_sync() {
    let office = Office::new();
    let (head, other) = (former_head(&office), office.phone("tt-2-a", "máy"));
    let backup = office.back_up();
    head.sync();
    let said = office.said(head.written()[0]);
    office.ask(Service::begin_epoch).unwrap();
    head.sync();
    office.restore_unnoticed(&backup);
    // The number of his receipt is given again.
    write(&other, "tt-2-a", 1, "1");
    other.sync();
    hands_over_again(&office, &head, said);
}

#[test]
fn a_receipt_that_a_hub_brought_is_shown_to_the_server_which_may_have_been_put_back_since() {
    let office = Office::new();
    let (head, hub) = (former_head(&office), office.phone("tt-1-a", "máy"));
    let backup = office.back_up();
    head.meet(&hub);
    hub.sync();
    head.meet(&hub);
    let said = office.said(head.written()[0]);
    office.restore_unnoticed(&backup);
    hands_over_again(&office, &head, said);
}

#[test]
fn another_epoch_that_one_person_of_a_device_hears_of_puts_the_others_cursors_in_doubt() {
    let office = Office::new();
    let tablet = office.phone("tt-1-a", "máy chung");
    let code = office.ask(|service| service.new_code("tt-1-b")).unwrap().code;
    tablet.app.enrol(&format!("http://127.0.0.1:9/#{code}"), "máy chung").unwrap();
    tablet.sync();
    let twin = office.twin();
    tablet.app.switch("tt-1-a").unwrap();
    tablet.sync_with(&twin);
    tablet.app.switch("tt-1-b").unwrap();
    write(&tablet, "tt-1-b", 1, "1");
    tablet.sync();
    assert_eq!(tablet.place("tt-1-b"), Place::Received);
}

#[test]
fn a_sheet_whose_criteria_set_is_not_here_yet_stops_no_other() {
    let office = Office::new();
    let phone = office.phone("tt-1-a", "máy");
    write(&phone, "tt-1-a", 1, "1");
    let config = office.config();
    let open = config.periods[&PERIOD.parse().unwrap()].clone();
    let ruleset = RulesetId { code: "later".into(), version: 1 };
    let rules =
        open.rules.iter().cloned().map(|rule| PeriodRule { ruleset: ruleset.clone(), ..rule }).collect();
    office.write(&[Document::Period(PeriodRecord { period: "2026-11".parse().unwrap(), rules, ..open })]);
    assert_eq!(phone.sync().sent, 1);
    assert!(phone.app.sheets(Some("2026-11")).unwrap().is_empty());
    assert!(phone.app.home().is_ok());
    let items = phone.app.sync_status().unwrap().items;
    assert_eq!(items.into_iter().map(|sheet| sheet.place).collect::<Vec<_>>(), [Place::Received]);
}
