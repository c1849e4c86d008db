//! Verdicts come back, rank, name frames briefly, and refuse any other bytes.

use super::*;
use crate::mutation::{edits, mutated};
use proptest::prelude::*;

const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

fn key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn batch(frames: Vec<FrameVerdict>) -> Verdicts {
    Verdicts {
        epoch: [4; 16],
        epoch_order: 2,
        number: 300,
        received_at: 1_669_000_000,
        frames,
        contents: Vec::new(),
    }
}

fn verdicts() -> impl Strategy<Value = Verdicts> {
    let status = prop::sample::select(&Status::ALL[..]);
    let reason = prop::sample::select(&Reason::ALL[..]);
    let exception = (any::<u16>(), status.clone(), reason.clone());
    let frame = (any::<[u8; 32]>(), status, reason, proptest::collection::vec(exception, 0..4)).prop_map(
        |(hash, status, reason, exceptions)| FrameVerdict {
            frame: FrameHash(hash),
            whole: (status, reason),
            exceptions,
        },
    );
    proptest::collection::vec(frame, 0..12).prop_map(batch)
}

#[test]
fn sixty_frames_that_the_reader_has_cost_a_signature_and_forty_bytes() {
    let hashes: Vec<FrameHash> = (0..60).map(|at| FrameHash([at; 32])).collect();
    let frames = hashes.iter().map(|hash| FrameVerdict::accepted_but(*hash, vec![])).collect();
    let signed = batch(frames).sign(DEPARTMENT, &key());
    let mut writer = Writer::new();
    signed.write(&mut writer, &|hash| hashes.iter().position(|known| *known == hash));
    assert!(writer.len() <= 64 + 42, "{}", writer.len());
}

#[test]
fn case_23_the_higher_rank_counts_and_epochs_of_one_order_are_told_apart() {
    let rank = |epoch_order, epoch, number| Rank { epoch_order, epoch: [epoch; 16], number };
    assert!(rank(2, 1, 1) > rank(1, 9, 900), "a later epoch");
    assert!(rank(1, 1, 8) > rank(1, 1, 7), "a later batch");
    assert_ne!(
        rank(2, 1, 5).cmp(&rank(2, 2, 5)),
        std::cmp::Ordering::Equal,
        "two live servers of one backup"
    );
}

#[test]
fn reasons_come_back_and_those_of_a_later_version_read_as_unknown() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_number(reason as u64), reason);
    }
    assert_eq!(Reason::from_number(9999), Reason::Unknown);
}

proptest! {
    #[test]
    fn a_batch_comes_back_signed_with_and_without_context(verdicts in verdicts(), listed in any::<u16>()) {
        let signed = verdicts.sign(DEPARTMENT, &key());
        prop_assert_eq!(Verdicts::decode(&signed.bytes), Ok(verdicts.clone()));
        let listed: Vec<FrameHash> = verdicts.frames.iter().enumerate()
            .filter(|(at, _)| listed & 1 << at != 0).map(|(_, it)| it.frame).collect();
        let mut writer = Writer::new();
        signed.write(&mut writer, &|hash| listed.iter().position(|known| *known == hash));
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        let back = SignedVerdicts::read(&mut reader, &listed).unwrap();
        prop_assert_eq!(reader.finish(), Ok(()));
        prop_assert_eq!(&back, &signed);
        prop_assert!(back.open(DEPARTMENT, &key().verifying_key().to_bytes()).is_ok());
        prop_assert!(back.open(DepartmentId([2; 16]), &key().verifying_key().to_bytes()).is_err());
    }

    #[test]
    fn any_bytes_are_verdicts_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Verdicts::decode(&bytes);
        let _ = SignedVerdicts::read(&mut Reader::new(&bytes), &[FrameHash([1; 32])]);
    }

    #[test]
    fn mutated_verdicts_are_refused_or_come_back(verdicts in verdicts(), edits in edits()) {
        let signed = verdicts.sign(DEPARTMENT, &key());
        if let Ok(read) = Verdicts::decode(&mutated(&signed.bytes, &edits)) {
            prop_assert_eq!(Verdicts::decode(&read.encode()), Ok(read));
        }
        let known: Vec<FrameHash> = verdicts.frames.iter().map(|verdict| verdict.frame).collect();
        let mut writer = Writer::new();
        signed.write(&mut writer, &|hash| known.iter().position(|known| *known == hash));
        let bytes = mutated(&writer.finish(), &edits);
        if let Ok(read) = SignedVerdicts::read(&mut Reader::new(&bytes), &known) {
            let fits = read.open(DEPARTMENT, &key().verifying_key().to_bytes()).is_ok();
            prop_assert_eq!(fits, read == signed);
        }
    }
}
