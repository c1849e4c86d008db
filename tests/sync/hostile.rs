//! A hub that is not to be trusted: it forges, repeats, reorders, puts rubbish in the place of records, and withholds.

use xeploai_client::keys::KeyStore;
use xeploai_client::keys::file::FileKeys;
use xeploai_core::ids::FrameHash;
use xeploai_core::points::Points;
use xeploai_core::sync::epoch::{Epochs, SignedEpochs};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::verdict::{FrameVerdict, Verdicts};
use xeploai_core::view::{Column, Place, SyncReport};

use crate::office::Office;
use crate::phone::Phone;

/// Meets a hub that says this, whatever it is asked.
fn is_told(phone: &Phone, hub: &Phone, message: &Message) -> SyncReport {
    phone.meets(&hub.certificate(), |_| Ok(message.answer(&[], &Nothing)))
}

fn frame_of(phone: &Phone, hash: FrameHash) -> Frame {
    xeploai_client::tables::frames::get(&phone.store(), hash).unwrap().unwrap()
}

fn epochs_of(phone: &Phone) -> (SignedEpochs, Epochs) {
    let signed = xeploai_client::tables::epochs::signed(&phone.store()).unwrap().unwrap();
    let opened = Epochs::decode(&signed.bytes).unwrap();
    (signed, opened)
}

/// A phone with something that waits, and a hub.
fn pair(office: &Office) -> (Phone, Phone) {
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    hub.sync();
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    (phone, hub)
}

#[test]
fn case_15_withholding_gives_no_receipt_and_ends_nothing() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    assert!(is_told(&phone, &hub, &Message::default()).ok, "it says that it has all");
    assert_eq!(phone.place("tt-1-a"), Place::Waiting);
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
}

#[test]
fn case_15_a_hub_cannot_sign_receipts_or_epochs() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    is_told(&phone, &hub, &Message::default());
    let header = hub.certificate().header;
    let key = FileKeys::new(&hub.folder).key(&header.key).unwrap().unwrap();
    let (_, mut epochs) = epochs_of(&phone);
    let frames = vec![FrameVerdict::accepted_but(phone.written()[0], vec![])];
    let forged = Verdicts {
        epoch: epochs.epoch,
        epoch_order: epochs.order,
        number: 99,
        received_at: 0,
        frames,
        contents: Vec::new(),
    };
    epochs.order += 1;
    let (verdicts, epochs) =
        (vec![forged.sign(header.department, &key)], Some(epochs.sign(header.department, &key)));
    is_told(&phone, &hub, &Message { verdicts, epochs, ..Message::default() });
    assert_eq!(phone.place("tt-1-a"), Place::Waiting);
}

#[test]
fn case_15_what_the_server_once_said_of_its_epochs_takes_no_receipt_back() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    let (old, _) = epochs_of(&phone);
    let backup = office.back_up();
    office.restore(&backup);
    phone.sync();
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    let (_, present) = epochs_of(&phone);
    is_told(&phone, &hub, &Message { epochs: Some(old), ..Message::default() });
    assert_eq!(epochs_of(&phone).1, present);
    assert_eq!(phone.place("tt-1-a"), Place::Received);
}

#[test]
fn case_15_rubbish_under_real_names_and_numbers_is_not_kept() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    phone.meet(&hub);
    let real = frame_of(&phone, phone.written()[0]);
    let mut altered = real.clone();
    altered.number += 1;
    let mut garbage = real.clone();
    garbage.body = vec![7; 40];
    let key = FileKeys::new(&hub.folder).key(&hub.certificate().header.key).unwrap().unwrap();
    let department = hub.certificate().header.department;
    let foreign = Frame::seal(&key, department, real.lane, 2, real.hash(), real.body.clone());
    let frames = vec![altered, garbage, foreign];
    let before = phone.count("frames");
    is_told(&phone, &hub, &Message { frames: frames.clone(), ..Message::default() });
    assert_eq!(phone.count("frames"), before);
    let next = phone.score("tt-1-a", 2, Column::Own, "2");
    next.unwrap();
    let stream = phone.certificate().header.stream();
    phone.meet(&hub);
    assert_eq!(phone.certificate().header.stream(), stream, "and nobody takes the phone for a restored one");

    // The server sets apart what such a hub brings.
    let sent = frames.iter().map(Frame::hash).collect::<Vec<_>>();
    let carrier = hub.certificate().header.stream();
    let message = Message { frames, ..Message::default() };
    let received = office.ask(|service| service.receive(carrier, &message)).unwrap();
    assert_eq!((received.new, received.quarantined), (0, 3));
    assert!(sent.iter().all(|frame| office.said(*frame).is_none()));
}

#[test]
fn case_15_frames_that_are_reordered_and_repeated_are_kept_once_and_mean_the_same() {
    let office = Office::new();
    let hub = office.supervisor();
    let (writer, reader) = (office.phone("tt-1-a", "một"), office.phone("tt-1-a", "hai"));
    for value in ["1", "1,5", "2"] {
        writer.score("tt-1-a", 1, Column::Own, value).unwrap();
        writer.sync();
    }
    let mut frames: Vec<Frame> = writer.written().into_iter().map(|hash| frame_of(&writer, hash)).collect();
    frames.reverse();
    let certificates = vec![writer.certificate()];
    for _ in 0..2 {
        let message =
            Message { frames: frames.clone(), certificates: certificates.clone(), ..Message::default() };
        is_told(&reader, &hub, &message);
    }
    assert!(frames.iter().all(|frame| reader.holds(frame.hash())));
    assert_eq!(reader.own("tt-1-a", 1), Some(Points::whole(2)));
    assert!(reader.app.conflicts().unwrap().is_empty());
    let before = office.frames();
    reader.sync();
    assert_eq!(office.frames(), before, "the server has them, once");
    assert_eq!(reader.own("tt-1-a", 1), Some(Points::whole(2)));
}

#[test]
fn case_15_a_request_in_another_devices_name_is_refused() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    let report = phone.meets(&hub.certificate(), |mut request| {
        let last = request.len() - 1;
        request[last] ^= 1;
        hub.app.serve(&request)
    });
    assert_eq!(report.failure.unwrap().code, "not_a_message", "changed on its way");
    let other = office.phone("tt-2-a", "máy");
    let report = phone.meets(&other.certificate(), |request| hub.app.serve(&request));
    assert_eq!(report.failure.unwrap().code, "bad_signature", "made for another hub");
    assert!(!hub.holds(phone.written()[0]));
}
