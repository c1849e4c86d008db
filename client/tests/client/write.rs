//! One field, written: durable when it returns, cheap, and nothing where nothing was changed.

use xeploai_core::ids::FrameHash;
use xeploai_core::sheet::{ChangeId, Token};
use xeploai_core::view::{FieldName, ScoreRequest, Stage};

use crate::department::{HEAD, STAFF};
use crate::device::{Device, Office, criterion_of};

/// Bytes of one page in the write-ahead log, with its header.
const LOGGED_PAGE: u64 = 4096 + 24;

fn log(device: &Device) -> u64 {
    std::fs::metadata(device.folder().join("xeploai.db-wal")).unwrap().len()
}

/// Whether a write changes the store.
fn is_written(device: &Device, code: &str, request: &ScoreRequest) -> bool {
    let before = log(device);
    device.write(code, request).unwrap();
    log(device) != before
}

#[test]
fn what_write_said_is_there_after_a_kill_and_is_what_score_would_have_shown() {
    let office = Office::new();
    let (mut one, two) = (Device::of(&office, "một", STAFF), Device::of(&office, "hai", STAFF));
    for (criterion, text) in [(1, "8"), (2, "9,5"), (1, "7"), (3, ""), (2, "")] {
        one.write(STAFF, &one.typed("me", criterion, text)).unwrap();
        one.kill();
        two.score("me", criterion, text);
    }
    let shown = |device: &Device| (1..=3).map(|criterion| device.value("me", criterion)).collect::<Vec<_>>();
    assert_eq!(shown(&one), shown(&two));
    assert_eq!(shown(&one), [Some("7".into()), None, None]);
}

#[test]
fn a_write_touches_one_page() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    for criterion in 1..=9 {
        device.write(STAFF, &device.typed("me", criterion, "1")).unwrap();
    }
    for round in 2..12 {
        let request = device.typed("me", 1, &round.to_string());
        let before = log(&device);
        device.write(STAFF, &request).unwrap();
        assert_eq!(log(&device) - before, LOGGED_PAGE, "one page, one sync");
    }
    device.write(STAFF, &device.typed("me", 1, "")).unwrap();
}

#[test]
fn what_is_typed_as_it_stood_writes_nothing() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let typed = |text: &str| device.typed("me", 1, text);
    assert!(!is_written(&device, STAFF, &typed("")), "empty as before");
    assert!(is_written(&device, STAFF, &typed("8")));
    assert!(!is_written(&device, STAFF, &typed("8,0")), "as it waits");
    device.syncs();
    assert!(!is_written(&device, STAFF, &typed("8")), "as it was received");
    assert!(is_written(&device, STAFF, &typed("9")));
    assert!(is_written(&device, STAFF, &typed("")));
    assert!(!is_written(&device, STAFF, &typed("")), "emptied already");
}

#[test]
fn a_value_typed_again_does_not_ask_for_a_submission_again() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let view = device.app().sheet("me").unwrap();
    for criterion in view.groups.iter().flat_map(|group| &group.criteria) {
        device.score("me", criterion.number, "2,5");
    }
    device.app().submit("me").unwrap();
    device.syncs();
    device.score("me", 1, "2,5");
    assert_eq!(device.app().sheet("me").unwrap().summary.stage, Stage::Submitted);
    device.score("me", 1, "3");
    assert_eq!(device.app().sheet("me").unwrap().summary.stage, Stage::Outdated);
}

#[test]
fn a_field_that_was_sealed_while_its_screen_was_open_can_be_emptied() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    device.score("me", 1, "8");
    // The screen shows a write that has no name yet; a sync gives it one.
    let request = device.typed("me", 1, "");
    assert_eq!(request.token, "");
    device.syncs();
    device.write(STAFF, &request).unwrap();
    assert_eq!(device.value("me", 1), None);
    assert!(device.app().conflicts().unwrap().is_empty(), "one's own later write replaces the earlier one");
}

#[test]
fn case_21_the_same_value_is_written_when_another_one_has_come_meanwhile() {
    let office = Office::new();
    let (one, two) = (Device::of(&office, "một", STAFF), Device::of(&office, "hai", HEAD));
    one.score("unit", 1, "3");
    one.syncs();
    let request = one.typed("unit", 1, "3");
    two.syncs();
    two.score("unit", 1, "4");
    two.syncs();
    one.syncs();
    one.write(STAFF, &request).unwrap();
    assert_eq!(one.conflict(), ["3", "4"], "who says it again says it against the other");
}

#[test]
fn what_another_process_wrote_or_received_counts_at_the_next_keystroke() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let other = device.second_process();
    device.score("me", 1, "8");
    other.app().score(&device.typed("me", 1, "7")).unwrap();
    assert_eq!(device.value("me", 1).as_deref(), Some("7"));
    assert_eq!(device.unsealed(), 1, "the same field of the same author");
    device.syncs();
    let request = device.typed("me", 1, "6");
    office.department().lock();
    assert!(other.app().sync().unwrap().ok);
    assert_eq!(device.write(STAFF, &request).unwrap_err().code(), "period_locked");
    assert_eq!(device.value(&request.sheet, 1).as_deref(), Some("7"));
}

#[test]
fn a_sheet_is_found_by_its_id_in_any_case_or_by_a_beginning_of_it() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let id = device.app().sheet("me").unwrap().summary.id;
    for name in [id.clone(), id.to_uppercase(), id[..9].to_owned(), id[..9].to_uppercase()] {
        assert_eq!(device.app().sheet(&name).unwrap().summary.id, id, "{name}");
    }
    for name in ["", "zz", &"0".repeat(32), &id[..31].replace(|_: char| true, "f")] {
        assert_eq!(device.app().sheet(name).unwrap_err().code(), "no_such_sheet", "{name}");
    }
}

#[test]
fn more_heads_than_a_frame_can_name_stop_no_write() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let shown = (0..200).map(|index| ChangeId { frame: FrameHash([index as u8; 32]), index }).collect();
    let request = ScoreRequest { token: Token(shown).to_string(), ..device.typed("me", 1, "8") };
    device.write(STAFF, &request).unwrap();
    device.syncs();
    assert_eq!((device.unsealed(), device.value("me", 1).as_deref()), (0, Some("8")));
}

#[test]
fn a_long_day_of_notes_is_sealed_in_as_many_frames_as_it_needs() {
    let office = Office::new();
    let device = Device::of(&office, "máy", STAFF);
    let view = device.app().sheet("me").unwrap();
    let numbers: Vec<u16> =
        view.groups.iter().flat_map(|group| &group.criteria).map(|criterion| criterion.number).collect();
    let text = "ặ".repeat(4_000);
    for number in &numbers {
        let note = ScoreRequest { field: FieldName::Note, ..device.typed("me", *number, &text) };
        device.write(STAFF, &note).unwrap();
    }
    device.syncs();
    assert!(office.frames_of(STAFF).len() > 1);
    let view = device.app().sheet("me").unwrap();
    assert!(numbers.iter().all(|number| criterion_of(&view, *number).cells[0].note == text));
}
