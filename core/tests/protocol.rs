//! `PROTOCOL.md` says what the code does: its limits, numbers and example are read out of the document.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

use ed25519_dalek::SigningKey;
use xeploai_core::ids::{AssignmentId, DepartmentId, FrameHash, PersonId};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::evidence;
use xeploai_core::sheet::{Field, Place, SheetKey, Subject, Value};
use xeploai_core::sync::body::{self, Body, Change, ScoreChange};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::invitation::Invitation;
use xeploai_core::sync::stream::{self, Certificate, Header};
use xeploai_core::sync::verdict::{self, Reason};
use xeploai_core::sync::version::{self, Version};
use xeploai_core::sync::{
    Lane, PROTOCOL_VERSION, Scope, Status, bundle, content, epoch, message, snapshot, transfer,
};
use xeploai_core::view::Column;

const DOCUMENT: &str = include_str!("../PROTOCOL.md");

fn row(name: &str, value: impl std::fmt::Display) {
    let line = format!("| `{name}` | {value} |");
    assert!(DOCUMENT.contains(&line), "PROTOCOL.md lacks the line: {line}");
}

#[test]
fn limits_and_numbers_are_those_of_the_code() {
    row("PROTOCOL_VERSION", PROTOCOL_VERSION);
    row("BODY_BYTES_MAX", body::BODY_BYTES_MAX);
    row("CHANGES_MAX", body::CHANGES_MAX);
    row("REPLACES_MAX", body::REPLACES_MAX);
    row("TEXT_CHARS_MAX", body::TEXT_CHARS_MAX);
    row("DEVICE_NAME_MAX", stream::DEVICE_NAME_MAX);
    row("VERDICTS_MAX", verdict::VERDICTS_MAX);
    row("MESSAGE_BYTES_MAX", message::MESSAGE_BYTES_MAX);
    row("FRAMES_MAX", message::FRAMES_MAX);
    row("EXCEPTIONS_MAX", verdict::EXCEPTIONS_MAX);
    row("EPOCHS_MAX", epoch::EPOCHS_MAX);
    row("ENTRIES_MAX", snapshot::ENTRIES_MAX);
    row("SNAPSHOT_BYTES_MAX", snapshot::SNAPSHOT_BYTES_MAX);
    row("CURSOR_BYTES_MAX", message::CURSOR_BYTES_MAX);
    row("SLOTS", evidence::SLOTS);
    row("NAME_CHARS_MAX", evidence::NAME_CHARS_MAX);
    row("THUMBNAIL_BYTES_MAX", evidence::THUMBNAIL_BYTES_MAX);
    row("CONTENT_BYTES_MAX", content::CONTENT_BYTES_MAX);
    row("BLOCK_BYTES", content::BLOCK_BYTES);
    row("CONTENTS_MAX", transfer::CONTENTS_MAX);
    row("BLOCKS_BYTES", transfer::BLOCKS_BYTES);
    row("BLOCKS_MAX", message::BLOCKS_MAX);
    row("READERS_MAX", bundle::READERS_MAX);
    row("MESSAGES_MAX", bundle::MESSAGES_MAX);
    row("BUNDLE_BYTES_MAX", bundle::BUNDLE_BYTES_MAX);
    for (name, status) in [
        ("accepted", Status::Accepted),
        ("rejected", Status::Rejected),
        ("held", Status::Held),
        ("annulled", Status::Annulled),
        ("quarantined", Status::Quarantined),
        ("refused", Status::Refused),
    ] {
        row(name, status as u8);
    }
    for reason in Reason::ALL.into_iter().filter(|reason| *reason != Reason::None) {
        row(reason.code(), reason as u16);
    }
    for Version { number, since, meaning } in version::VERSIONS {
        let line = format!("| {number} | {since} | {meaning} |");
        assert!(DOCUMENT.contains(&line), "PROTOCOL.md lacks the line: {line}");
    }
}

#[test]
fn the_example_of_an_invitation_is_one() {
    let lines = |start: &str| DOCUMENT.lines().find(|line| line.starts_with(start)).unwrap();
    let shown = Invitation::parse(lines("XEPLOAI:HUB/")).unwrap();
    assert_eq!(shown.qr(), lines("XEPLOAI:HUB/"));
    assert_eq!(shown.typed()[0], lines("192.168.43.1 "));
}

/// The frame of the document's example.
fn example() -> (Frame, Certificate) {
    let (department, author) = (DepartmentId([0x11; 16]), PersonId([0x22; 16]));
    let (key, root) = (SigningKey::from_bytes(&[0x33; 32]), SigningKey::from_bytes(&[0x44; 32]));
    let public = key.verifying_key().to_bytes();
    let header = Header { department, author, key: public, nonce: [0x55; 16], device: "TS-01".into() };
    let certificate = Certificate::sign(header, &root);
    let assignment = AssignmentId([0x66; 16]);
    let sheet = SheetKey {
        subject: Subject::Post(assignment),
        period: Period::month(2022, 11).unwrap(),
        ruleset: RulesetId { code: "demo-a".into(), version: 1 },
    };
    let change = |criterion: u16, halves: i64| {
        Change::Score(ScoreChange {
            sheet: sheet.clone(),
            place: Place { criterion, column: Column::Own, field: Field::Points },
            value: Value::Points(Points(halves * 5_000)),
            replaces: vec![],
            minutes_before: 0,
        })
    };
    let changes = vec![change(1, 17), change(2, 18), change(3, 19)];
    let body = Body { counter: 1, sealed_at: 1_668_996_000, revision: 160, changes };
    let scope = Scope::assignment(assignment);
    let lane = Lane { stream: certificate.header.stream(), scope };
    let frame = Frame::seal(&key, department, lane, 1, FrameHash::default(), body.encode(scope).unwrap());
    (frame, certificate)
}

#[test]
fn the_example_is_what_the_code_makes_of_it() {
    let (frame, certificate) = example();
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let parts = [
        ("stream", hex(&frame.lane.stream.0)),
        ("body", hex(&frame.body)),
        ("signature", hex(&frame.signature)),
        ("frame hash", hex(&frame.hash().0)),
    ];
    for (name, value) in parts {
        assert!(DOCUMENT.contains(&value), "PROTOCOL.md: the example's {name} should be\n{value}");
    }
    assert!(frame.verify(&certificate).is_ok());
}
