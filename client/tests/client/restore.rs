//! Stores that were put back or copied, and processes that died between sealing and sending: no number of a lane gets
//! two meanings unnoticed, no branch is lost, and nothing written afterwards is dropped.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use xeploai_core::ids::StreamId;
use xeploai_core::sync::Lane;
use xeploai_core::sync::body::Change;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;

use crate::department::{HEAD, STAFF};
use crate::device::{Death, Device, Office};

/// Frames of a person at the department, and that no two of them share a number in a lane.
fn frames(office: &Office) -> Vec<Frame> {
    let frames = office.frames_of(STAFF);
    let mut meanings: BTreeMap<(Lane, u64), usize> = BTreeMap::new();
    frames.iter().for_each(|frame| *meanings.entry((frame.lane, frame.number)).or_default() += 1);
    assert!(meanings.values().all(|count| *count == 1), "a number with two meanings");
    frames
}

fn streams(frames: &[Frame]) -> Vec<StreamId> {
    let mut streams: Vec<StreamId> = frames.iter().map(|frame| frame.lane.stream).collect();
    streams.dedup();
    streams
}

/// Shows a device frames as a hub would that has met others before it.
fn meets_a_hub(device: &Device, office: &Office, shown: Vec<Frame>) {
    let department = office.department();
    let certificates = shown.iter().map(|frame| department.certificate_of(frame).clone()).collect();
    let hub = department.certificate_of(&department.frames_of(HEAD)[0]).clone();
    drop(department);
    let mut syncing = device.app().begin_sync(Some(&hub)).unwrap();
    let mut answer = Message { certificates, frames: shown, ..Message::default() };
    while syncing.ask().unwrap().is_some() {
        let bytes = std::mem::take(&mut answer).answer(&[], &Nothing);
        syncing.took(Ok(bytes)).unwrap();
    }
    assert!(syncing.end(Ok(())).unwrap().ok);
}

/// A device whose store was put back: three values sent, of which the backup holds the first.
fn restored(office: &std::sync::Arc<Office>) -> Device {
    let mut device = Device::of(office, "máy", STAFF);
    device.score("me", 1, "8");
    device.syncs();
    let backup = device.backup();
    for (criterion, text) in [(2, "9"), (3, "10")] {
        device.score("me", criterion, text);
        device.syncs();
    }
    device.restore(&backup);
    assert_eq!(device.value("me", 2), None, "the old state");
    device
}

#[test]
fn case_01_a_phone_put_back_to_an_old_backup_goes_on_in_a_new_stream_and_gets_its_own_frames_back() {
    let office = Office::new();
    let device = restored(&office);
    let head = Device::of(&office, "máy trưởng", HEAD);
    head.score("unit", 1, "1");
    head.syncs();
    let before = frames(&office);
    // Offline: it writes, and meets a hub before the server.
    office.is_down.store(true, Ordering::Relaxed);
    device.score("me", 4, "5");
    device.score("me", 2, "7");
    meets_a_hub(&device, &office, vec![]);
    office.is_down.store(false, Ordering::Relaxed);
    device.syncs();
    let after = frames(&office);
    assert_eq!(after[..before.len()], before[..], "the branch of before is kept");
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(
        (streams(&before).len(), streams(&after).len()),
        (1, 2),
        "what comes after is in a new stream"
    );
    let department = office.department();
    let renewed = department.certificate_of(&after[before.len()]);
    assert!(
        renewed.renewal.is_some() && renewed.header.key == department.certificate_of(&before[0]).header.key
    );
    drop(department);
    assert_eq!((device.value("me", 3), device.value("me", 4)), (Some("10".into()), Some("5".into())));
    assert_eq!(device.conflict(), ["7", "9"], "written without seeing each other: both are kept");
}

#[test]
fn case_01_with_its_keys_put_back_too_the_first_peer_ahead_tells() {
    let office = Office::new();
    let phone = Device::of(&office, "máy", STAFF);
    phone.score("me", 1, "8");
    phone.syncs();
    let old = phone.copy_of_everything("máy cũ");
    phone.score("me", 2, "9");
    phone.syncs();
    let head = Device::of(&office, "máy trưởng", HEAD);
    head.score("unit", 1, "1");
    head.syncs();
    drop(phone);
    let before = frames(&office);
    meets_a_hub(&old, &office, before.clone());
    assert_eq!(old.value("me", 2).as_deref(), Some("9"), "own frames come back from a hub");
    old.score("me", 4, "5");
    old.syncs();
    let after = frames(&office);
    assert_eq!((streams(&before).len(), streams(&after).len()), (1, 2));
    assert!(old.app().conflicts().unwrap().is_empty());
}

#[test]
fn case_01_what_was_written_before_the_restore_was_noticed_moves_with_what_it_replaces() {
    let office = Office::new();
    let device = restored(&office);
    // Of the value that the old state shows: one edit, not a conflict with it.
    device.score("me", 1, "7");
    device.syncs();
    device.syncs();
    assert_eq!(device.value("me", 1).as_deref(), Some("7"));
    assert!(device.app().conflicts().unwrap().is_empty());
    let sealed = frames(&office);
    let replaces = |frame: &Frame| match &frame.decode_body().unwrap().changes[0] {
        Change::Score(score) => score.replaces.clone(),
        _ => vec![],
    };
    let [replaced] = replaces(&sealed[3]).try_into().unwrap();
    assert_eq!(replaced.frame, sealed[0].hash(), "as it was shown, though in another stream now");
}

#[test]
fn case_01_a_store_that_lacks_a_whole_lane_is_noticed_by_it() {
    let office = Office::new();
    let mut device = Device::of(&office, "máy", STAFF);
    device.score("unit", 1, "1");
    device.syncs();
    let backup = device.backup();
    device.score("me", 1, "8");
    device.syncs();
    device.restore(&backup);
    device.score("unit", 2, "2");
    device.syncs();
    assert_eq!(streams(&frames(&office)).len(), 2, "the other lane says that the store is old");
}

#[test]
fn case_02_a_store_copied_to_a_second_phone_must_enrol_and_gets_its_own_stream() {
    let office = Office::new();
    let phone = Device::of(&office, "máy một", STAFF);
    phone.score("me", 1, "8");
    phone.syncs();
    phone.score("me", 2, "9");
    let copy = phone.copy_of_store("máy hai");
    assert!(copy.app().me().unwrap().is_none(), "nobody is enrolled here");
    assert_eq!(copy.app().sheet("me").unwrap_err().code(), "not_enrolled");
    copy.enrol(STAFF);
    copy.score("me", 3, "5");
    phone.score("me", 3, "6");
    copy.syncs();
    phone.syncs();
    copy.syncs();
    let frames = frames(&office);
    assert_eq!(streams(&frames).len(), 3, "{frames:?}: before, the copy, the phone again");
    let department = office.department();
    let keys = frames.iter().map(|frame| department.certificate_of(frame).header.key);
    assert_eq!(std::collections::BTreeSet::from_iter(keys).len(), 2, "each phone has its own key");
    drop(department);
    for device in [&phone, &copy] {
        assert_eq!(device.value("me", 2).as_deref(), Some("9"), "written once, sealed by both: one value");
        assert_eq!(device.conflict(), ["5", "6"], "what they wrote apart");
    }
}

#[test]
fn case_02_copied_with_its_key_file_it_is_found_as_a_fork_and_both_branches_are_kept() {
    let office = Office::new();
    let phone = Device::of(&office, "máy một", STAFF);
    phone.score("me", 1, "8");
    phone.syncs();
    let copy = phone.copy_of_everything("máy hai");
    phone.score("me", 2, "9");
    copy.score("me", 2, "10");
    phone.syncs();
    copy.syncs();
    let forked = office.frames_of(STAFF);
    assert_eq!((forked[1].number, forked[2].number), (2, 2), "one number, two frames");
    assert_eq!((forked[1].lane, forked[1].previous), (forked[2].lane, forked[2].previous));
    phone.syncs();
    for device in [&phone, &copy] {
        assert_eq!(device.conflict(), ["10", "9"], "both branches are kept and shown");
    }
    // From here on each goes on in a stream of its own.
    phone.score("me", 3, "5");
    copy.score("me", 4, "6");
    phone.syncs();
    copy.syncs();
    phone.syncs();
    let after = office.frames_of(STAFF);
    let [third, fourth] = &after[3..] else { panic!("two frames more") };
    assert_eq!((third.number, fourth.number), (1, 1));
    assert!(third.lane != fourth.lane && third.lane != forked[0].lane && fourth.lane != forked[0].lane);
    let both = |device: &Device| (device.value("me", 3), device.value("me", 4));
    assert_eq!((both(&phone), both(&copy)), ((Some("5".into()), Some("6".into())), both(&phone)));
}

#[test]
fn a_stream_renewed_twice_is_believed_and_its_certificate_has_not_grown() {
    let office = Office::new();
    let mut device = restored(&office);
    let old = device.backup();
    device.score("me", 4, "5");
    device.syncs();
    device.restore(&old);
    device.score("me", 5, "5");
    device.syncs();
    device.score("me", 5, "4");
    device.syncs();
    let frames = frames(&office);
    let department = office.department();
    let sizes: Vec<usize> =
        frames.iter().map(|frame| department.certificate_of(frame).encode().len()).collect();
    assert_eq!(streams(&frames).len(), 3);
    assert_eq!(sizes.iter().max(), Some(&(sizes[0] + 16 + 64)));
}

#[test]
fn a_crash_between_sealing_and_raising_lets_nothing_out_and_opens_no_stream() {
    let office = Office::new();
    let mut device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    device.keys.dies(Death::BeforeRaising);
    assert!(!device.sync().ok);
    assert!(frames(&office).is_empty(), "no byte before the mark");
    device.kill();
    device.keys.dies(Death::Never);
    device.score("me", 2, "9");
    device.syncs();
    let frames = frames(&office);
    assert_eq!(
        (frames.len(), streams(&frames).len()),
        (2, 1),
        "a store ahead of its marks is not a restored one"
    );
    assert_eq!(device.keys.raises(), 1, "one for all");
}

#[test]
fn a_crash_between_raising_and_sending_sends_the_next_time() {
    let office = Office::new();
    let mut device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    device.keys.dies(Death::AfterRaising);
    assert!(!device.sync().ok);
    assert!(frames(&office).is_empty());
    device.kill();
    device.keys.dies(Death::Never);
    device.syncs();
    device.score("me", 1, "9");
    device.syncs();
    let frames = frames(&office);
    assert_eq!((frames.len(), streams(&frames).len()), (2, 1));
}

#[test]
fn a_mark_whose_frame_is_gone_is_a_number_that_is_never_used_again() {
    let office = Office::new();
    let mut device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    let before = device.backup();
    // A disk that lied: sealed, marked, about to go, and then the seal is gone.
    device.keys.dies(Death::AfterRaising);
    assert!(!device.sync().ok);
    device.restore(&before);
    device.keys.dies(Death::Never);
    device.syncs();
    let [frame] = frames(&office).try_into().unwrap();
    assert!(office.department().certificate_of(&frame).renewal.is_some(), "it may have left: a new stream");
    assert_eq!(device.value("me", 1).as_deref(), Some("8"), "nothing written is lost");
}

#[test]
fn put_back_to_before_a_seal_that_never_left_the_number_has_one_meaning() {
    let office = Office::new();
    let mut device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    let before = device.backup();
    device.keys.dies(Death::BeforeRaising);
    assert!(!device.sync().ok);
    // Opened again later, it seals the same write at another time: another frame with the same number.
    device.wait(3_600);
    device.restore(&before);
    device.keys.dies(Death::Never);
    device.syncs();
    let [frame] = frames(&office).try_into().unwrap();
    assert_eq!(frame.number, 1);
    assert!(office.department().certificate_of(&frame).renewal.is_none(), "nobody has seen the other one");
}

#[test]
fn an_answer_that_was_lost_is_no_restore() {
    let office = Office::new();
    let mut device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    office.loses_answers.store(true, Ordering::Relaxed);
    assert!(!device.sync().ok);
    device.kill();
    office.loses_answers.store(false, Ordering::Relaxed);
    device.syncs();
    device.score("me", 1, "9");
    device.syncs();
    let frames = frames(&office);
    assert_eq!(
        (frames.len(), streams(&frames).len()),
        (2, 1),
        "own frames that are here already say nothing"
    );
}

#[test]
fn marks_of_all_lanes_are_raised_at_once() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    device.score("unit", 1, "3");
    device.syncs();
    assert_eq!((frames(&office).len(), device.keys.raises()), (2, 1));
    device.syncs();
    assert_eq!(device.keys.raises(), 1, "nothing leaves: nothing is raised");
}
