//! A phone as a hub: it carries what others hand it to the server, brings receipts back, and gives nobody more than is his.

use xeploai_client::keys::KeyStore;
use xeploai_client::keys::file::FileKeys;
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::points::Points;
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::{Nothing, Short};
use xeploai_core::sync::{Scope, Status, frame::Frame};
use xeploai_core::view::{Column, Place};
use xeploai_server::service::{Authority, Service};

use crate::office::{Office, month, post_of};
use crate::phone::Phone;

/// Asks a hub what an app never asks, with the asker's own key.
fn asks(asker: &Phone, hub: &Phone, message: &Message) -> Message {
    let (own, peer) = (asker.certificate().header, hub.certificate().header);
    let key = FileKeys::new(&asker.folder).key(&own.key).unwrap().unwrap();
    let channel = Channel::between(&key, &peer.key, own.department).unwrap();
    let answer = hub.app.serve(&message.request(own.stream(), &channel, &Nothing)).unwrap();
    let sent: Vec<FrameHash> = message.frames.iter().map(Frame::hash).collect();
    Message::decode_answer(&answer, &sent, &Nothing).unwrap()
}

fn post(office: &Office, person: &str) -> Scope {
    Scope::assignment(post_of(office.ask(Service::department), person))
}

#[test]
fn a_hub_carries_a_phones_month_and_brings_its_receipts_back() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    hub.sync();
    for criterion in 1..=3 {
        phone.score("tt-1-a", criterion, Column::Own, "1,5").unwrap();
    }
    phone.meet(&hub);
    let month = phone.written();
    assert_eq!(phone.place("tt-1-a"), Place::Carried, "handed over is not received");
    assert!(month.iter().all(|frame| office.said(*frame).is_none()));
    assert_eq!(
        hub.own("tt-1-a", 1),
        Some(Points(15_000)),
        "he is in charge of the unit, and reads it at once"
    );

    hub.sync();
    for frame in &month {
        assert_eq!(office.said(*frame).unwrap().0, Status::Accepted, "as if its author had brought it");
    }
    assert_eq!(phone.place("tt-1-a"), Place::Carried);
    let report = phone.meet(&hub);
    assert_eq!(report.sent, 3, "the server's receipt, over the hub");
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    let head = office.phone("tt-1-gd", "máy");
    assert!((1..=3).all(|criterion| head.own("tt-1-a", criterion) == Some(Points(15_000))));
}

#[test]
fn what_a_hub_took_is_offered_to_the_server_all_the_same() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.meet(&hub);
    let report = phone.sync();
    assert_eq!((report.sent, phone.place("tt-1-a")), (1, Place::Received));
    let before = office.ask(|service| service.config().unwrap().revision);
    hub.sync();
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted, "brought twice, judged once");
    assert_eq!(office.ask(|service| service.config().unwrap().revision), before);
}

#[test]
fn a_hub_gives_what_its_own_person_has_just_written() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.phone("tt-1-gd", "máy"));
    hub.score("tt-1-a", 1, Column::Superior, "1").unwrap();
    let report = phone.meet(&hub);
    let shown = crate::phone::cell(&phone.sheet("tt-1-a"), 1, Column::Superior).points;
    assert_eq!(shown, Some(Points::whole(1)));
    assert_eq!(
        report.sentence.vi, "Xong: máy này nhận 1 thay đổi.",
        "and does not get it back as handed over"
    );
}

#[test]
fn a_hub_gives_a_phone_its_own_persons_records_and_no_others() {
    let office = Office::new();
    let hub = office.supervisor();
    let stale = office.phone("tt-1-a", "máy cũ");
    let phones = month(&office);
    hub.sync();
    let (own, other) = (phones[0].written()[0], phones[1].written()[0]);
    assert!(hub.holds(own) && hub.holds(other));
    stale.meet(&hub);
    assert!(stale.holds(own) && !stale.holds(other));
    assert_eq!(stale.place("tt-1-a"), Place::Received, "with the server's receipt");

    let others = post(&office, "tt-1-b");
    let roots = [Scope::CONFIGURATION, others, post(&office, "tt-1-a")];
    let roots = Some(roots.into_iter().map(|scope| (scope, Root::default())).collect());
    let answer = asks(&stale, &hub, &Message { roots, ..Message::default() });
    assert!(!answer.have.is_empty() && answer.have.iter().all(|(scope, _)| *scope != others));
    let want = vec![Short::of(&other.0), Short::of(&own.0)];
    let answer = asks(&stale, &hub, &Message { want, ..Message::default() });
    assert_eq!(answer.frames.iter().map(Frame::hash).collect::<Vec<_>>(), [own], "whatever he asks for");
}

#[test]
fn a_head_hands_over_what_he_wrote_on_others_and_gets_nothing_of_theirs() {
    let office = Office::new();
    let (hub, head) = (office.supervisor(), office.phone("tt-1-gd", "máy"));
    let phones = month(&office);
    hub.sync();
    let of_staff = phones[0].written()[0];
    head.score("tt-1-a", 1, Column::Superior, "1").unwrap();
    head.meet(&hub);
    assert!(!head.holds(of_staff), "that is the server's to give");
    assert_eq!(head.place("tt-1-a"), Place::Carried, "the statement on his own frame is for him");
    hub.sync();
    assert_eq!(office.said(head.written()[0]).unwrap().0, Status::Accepted);
}

#[test]
fn who_carries_a_record_that_he_may_not_read_sees_nothing_of_it() {
    let office = Office::new();
    let (phone, colleague) = (office.phone("tt-1-a", "máy"), office.phone("tt-1-b", "máy"));
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.meet(&colleague);
    let frame = phone.written()[0];
    assert!(colleague.holds(frame));
    assert_eq!(colleague.try_sheet("tt-1-a").unwrap_err().code(), "no_such_sheet");
    assert!(colleague.app.sync_status().unwrap().items.iter().all(|sheet| sheet.code != "tt-1-a"));
    assert_eq!(phone.place("tt-1-a"), Place::Waiting, "a colleague is no witness");
    colleague.sync();
    assert_eq!(office.said(frame).unwrap().0, Status::Accepted);
}

#[test]
fn case_20_unsent_work_of_a_disabled_account_is_handed_to_a_peer_before_its_phone_is_reset() {
    let office = Office::new();
    let (phone, peer) = (office.phone("tt-1-a", "máy cũ"), office.phone("tt-1-b", "máy"));
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.score("tt-1-a", 2, Column::Own, "2").unwrap();
    phone.meet(&peer);
    std::fs::remove_dir_all(&phone.folder).unwrap();
    drop(phone);
    peer.sync();
    let again = office.phone("tt-1-a", "máy mới");
    assert_eq!(again.own("tt-1-a", 1), Some(Points(15_000)));
    assert_eq!(again.own("tt-1-a", 2), Some(Points::whole(2)));
}

#[test]
fn case_01_a_restored_phone_that_meets_a_hub_first_gets_its_branch_back_and_goes_on_in_a_new_stream() {
    let office = Office::new();
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    hub.sync();
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    phone.meet(&hub);
    let backup = phone.back_up();
    phone.score("tt-1-a", 2, Column::Own, "2").unwrap();
    phone.meet(&hub);
    let [_, lost] = phone.written()[..] else { panic!("two frames") };

    // Everything is put back, what the keys remember included: the phone itself can't know.
    let phone = office.put_back(phone, &backup);
    let before = phone.certificate().header.stream();
    phone.score("tt-1-a", 3, Column::Own, "3").unwrap();
    phone.meet(&hub);
    assert!(phone.holds(lost), "its own frame comes back");
    assert_eq!(phone.own("tt-1-a", 2), Some(Points::whole(2)));
    phone.score("tt-1-a", 4, Column::Own, "4").unwrap();
    phone.meet(&hub);
    assert_ne!(phone.certificate().header.stream(), before, "no third meaning for a number");

    hub.sync();
    assert_eq!(phone.written().len(), 4);
    for frame in phone.written() {
        assert_eq!(office.said(frame).unwrap().0, Status::Accepted, "both branches stand");
    }
    let head = office.phone("tt-1-gd", "máy");
    assert_eq!(
        (1..=4).map(|it| head.own("tt-1-a", it)).collect::<Vec<_>>(),
        (1..=4).map(|it| Some(Points::whole(it))).collect::<Vec<_>>()
    );
}

#[test]
fn a_device_that_is_out_is_taken_from_and_told_nothing() {
    let office = Office::new();
    let (stolen, hub) = (office.phone("tt-1-a", "bị mất"), office.supervisor());
    let person = PersonId::of(office.ask(Service::department), "tt-1-a");
    let authority = Authority { by: "Chuyên viên tổng hợp".into(), reason: "Mất máy".into() };
    office.ask(|service| service.revoke(person, "bị mất", &authority)).unwrap();
    hub.sync();
    stolen.score("tt-1-a", 1, Column::Own, "1").unwrap();
    let report = stolen.meets(&hub.certificate(), |request| hub.app.serve(&request));
    assert_eq!(report.failure.unwrap().code, "device_revoked");
    assert!(hub.holds(stolen.written()[0]), "kept, for a person to decide");
}
