//! Snapshots come back, give the frames again with their signatures, and refuse any other bytes.

use super::*;
use crate::ids::{AssignmentId, PersonId};
use crate::mutation::{edits, mutated};
use crate::points::Points;
use crate::ruleset::RulesetId;
use crate::sheet::{Field, Place, SheetKey, Subject, Value};
use crate::sync::Status;
use crate::sync::body::ScoreChange;
use crate::sync::stream::{Certificate, Header};
use crate::sync::verdict::Reason;
use crate::view::Column;
use proptest::prelude::*;

const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

fn key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn stream() -> StreamId {
    let key = key().verifying_key().to_bytes();
    let header = Header {
        department: DEPARTMENT,
        author: PersonId([2; 16]),
        key,
        nonce: [3; 16],
        device: "Máy".into(),
    };
    Certificate::sign(header, &SigningKey::from_bytes(&[6; 32])).header.stream()
}

fn period() -> Period {
    Period::month(2022, 11).unwrap()
}

fn frame(post: u8, number: u64, previous: FrameHash, points: &[i32]) -> Frame {
    let scope = Scope::assignment(AssignmentId([post; 16]));
    let sheet = SheetKey {
        subject: Subject::Post(AssignmentId([post; 16])),
        period: period(),
        ruleset: RulesetId { code: "demo-a".into(), version: 1 },
    };
    let change = |(at, points): (usize, &i32)| {
        Change::Score(ScoreChange {
            sheet: sheet.clone(),
            place: Place { criterion: at as u16 + 1, column: Column::Own, field: Field::Points },
            value: Value::Points(Points::whole(*points)),
            replaces: vec![],
            minutes_before: 0,
        })
    };
    let changes = points.iter().enumerate().map(change).collect();
    let body = Body { counter: number, sealed_at: 1_669_000_000, revision: 4, changes };
    let lane = Lane { stream: stream(), scope };
    Frame::seal(&key(), DEPARTMENT, lane, number, previous, body.encode(scope).unwrap())
}

/// Two posts, two frames each; in the second frame of each the change `dropped` was replaced later.
fn frames() -> Vec<Frame> {
    let mut frames = Vec::new();
    for post in [7, 8] {
        let first = frame(post, 1, FrameHash::default(), &[8, 9, 10]);
        let second = frame(post, 2, first.hash(), &[7, 6, 5]);
        frames.extend([first, second]);
    }
    frames
}

fn snapshot(dropped: Option<u16>) -> Snapshot {
    let entry = |frame: &Frame| {
        let verdict =
            FrameVerdict::accepted_but(frame.hash(), vec![(1, Status::Rejected, Reason::BadPoints)]);
        let stands = |index| frame.number == 1 || Some(index) != dropped;
        Entry::of(frame, false, (verdict, 1_669_000_100), stands).unwrap()
    };
    let entries = frames().iter().map(entry).collect();
    let cut = Rank { epoch_order: 1, epoch: [4; 16], number: 9 };
    Snapshot { unit: UnitId([3; 16]), period: period(), cut, entries }
}

fn signed(dropped: Option<u16>) -> SignedSnapshot {
    snapshot(dropped).sign(DEPARTMENT, &key()).unwrap()
}

#[test]
fn a_snapshot_comes_back_when_the_department_has_signed_it() {
    let public = key().verifying_key().to_bytes();
    for dropped in [None, Some(0), Some(2)] {
        let mut signed = signed(dropped);
        assert_eq!(signed.open(DEPARTMENT, &public), Ok(snapshot(dropped)));
        signed.bytes[40] ^= 1;
        assert!(signed.open(DEPARTMENT, &public).is_err());
    }
}

#[test]
fn the_signatures_turn_a_snapshot_into_the_frames_again() {
    let mut before = FrameHash::default();
    for (entry, frame) in snapshot(None).entries.iter().zip(frames()) {
        assert_eq!(entry.complete(before, frame.signature), Some(frame.clone()));
        assert_eq!(entry.complete(before, [1; 64]), None, "not with another signature");
        assert_eq!(entry.complete(FrameHash([9; 32]), frame.signature).is_some(), frame.number == 1);
        before = frame.hash();
    }
}

#[test]
fn a_change_that_was_left_out_leaves_the_others_their_indexes() {
    let snapshot = snapshot(Some(1));
    let body = snapshot.entries[1].open().unwrap();
    assert_eq!(body.changes.len(), 3);
    assert_eq!(body.changes[1], Change::Unknown);
    assert_eq!(body.changes[2], frames()[1].decode_body().unwrap().changes[2]);
    assert_eq!(snapshot.entries[1].complete(frames()[0].hash(), frames()[1].signature), None);
}

#[test]
fn a_proof_comes_back() {
    let signatures = frames().iter().map(|frame| frame.signature).collect();
    let proof = Proof { unit: UnitId([3; 16]), period: period(), signatures };
    let mut writer = Writer::new();
    proof.write(&mut writer);
    assert_eq!(Proof::read(&mut Reader::new(&writer.finish())), Ok(proof));
}

#[test]
fn a_number_that_a_column_can_t_hold_leaves_the_period_with_its_frames() {
    for (number, fits) in [(1 << 61, true), ((1 << 61) + 1, false), (u64::MAX, false)] {
        let mut snapshot = snapshot(None);
        snapshot.entries[3].number = number;
        match snapshot.sign(DEPARTMENT, &key()) {
            Ok(signed) => {
                assert!(fits, "{number}");
                assert_eq!(Snapshot::decode(&signed.bytes), Ok(snapshot), "{number}");
            }
            Err(fault) => assert_eq!((fault, fits), (WireError::TooLarge, false)),
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_snapshot_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Snapshot::decode(&bytes);
        let _ = Proof::read(&mut Reader::new(&bytes));
    }

    #[test]
    fn a_mutated_snapshot_is_refused_or_comes_back(edits in edits(), thin in any::<bool>()) {
        let bytes = mutated(&signed(thin.then_some(1)).bytes, &edits);
        if let Ok(snapshot) = Snapshot::decode(&bytes) {
            for entry in &snapshot.entries {
                let _ = entry.open();
            }
            if let Ok(signed) = snapshot.sign(DEPARTMENT, &key()) {
                prop_assert_eq!(Snapshot::decode(&signed.bytes), Ok(snapshot));
            }
        }
    }

    #[test]
    fn a_mutated_proof_is_refused_or_comes_back(edits in edits(), signatures in 0usize..4) {
        let proof = Proof { unit: UnitId([3; 16]), period: period(), signatures: vec![[7; 64]; signatures] };
        let encoded = |proof: &Proof| {
            let mut writer = Writer::new();
            proof.write(&mut writer);
            writer.finish()
        };
        let bytes = mutated(&encoded(&proof), &edits);
        let mut reader = Reader::new(&bytes);
        if let Ok(read) = Proof::read(&mut reader) {
            prop_assert_eq!(&encoded(&read)[..], &bytes[..bytes.len() - reader.remaining()]);
        }
    }
}
