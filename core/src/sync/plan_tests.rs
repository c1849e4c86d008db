//! Nothing that was not signed gets in, and nothing bad stops what is good.

use super::*;
use crate::sync::Status;
use crate::sync::testing::{Author, DEPARTMENT, Replica, department_key, trust};
use crate::sync::verdict::FrameVerdict;

fn plan(message: &Message) -> Plan {
    plan_incoming(message, &trust(), &Replica::default())
}

#[test]
fn one_bad_frame_among_fifty_leaves_forty_nine() {
    let author = Author::new(1);
    let mut frames: Vec<Frame> = (0..50).map(|_| author.seal(1)).collect();
    frames[20].signature[5] ^= 1;
    let plan = plan(&Message { frames, certificates: vec![author.certificate], ..Message::default() });
    assert_eq!((plan.frames.len(), plan.doubtful.len()), (49, 1));
    assert_eq!(plan.doubtful[0].1, Reason::BadSignature);
}

#[test]
fn a_frame_is_doubted_for_its_own_reason() {
    let (author, stranger) = (Author::new(1), Author::new(2));
    let good = author.seal(1);
    let sealed = |body: Vec<u8>| Frame::seal(&author.key, DEPARTMENT, good.lane, 2, good.hash(), body);
    let unreadable = sealed(vec![1, 0xff]);
    let future = sealed(vec![super::super::PROTOCOL_VERSION + 1, 1, 2, 3]);
    let unknown = stranger.seal(1);
    let frames = vec![unreadable.clone(), future.clone(), unknown.clone(), good.clone(), good.clone()];
    let plan =
        plan(&Message { frames, certificates: vec![author.certificate.clone()], ..Message::default() });
    let kept: Vec<_> = plan.frames.iter().map(|signed| (signed.hash, signed.body.is_some())).collect();
    assert_eq!(kept, [(future.hash(), false), (good.hash(), true)], "a later version is kept, twice is once");
    let doubts: Vec<_> = plan.doubtful.iter().map(|(frame, why)| (frame.hash(), *why)).collect();
    let expected = [(unknown.hash(), Reason::UnknownStream), (unreadable.hash(), Reason::Unreadable)];
    assert_eq!(doubts, expected);
}

#[test]
fn a_certificate_or_verdict_that_another_has_signed_is_not_believed() {
    let author = Author::new(1);
    let frame = author.seal(1);
    let verdicts = Verdicts {
        epoch: [1; 16],
        epoch_order: 1,
        number: 1,
        received_at: 0,
        frames: vec![FrameVerdict::of_whole(frame.hash(), Status::Accepted, Reason::None)],
    };
    let forged = Certificate::sign(author.certificate.header.clone(), &author.key);
    let message = Message {
        certificates: vec![forged],
        verdicts: vec![verdicts.sign(DEPARTMENT, &author.key), verdicts.sign(DEPARTMENT, &department_key())],
        frames: vec![frame],
        ..Message::default()
    };
    let plan = plan(&message);
    assert_eq!(plan.unbelievable, 2);
    assert_eq!(plan.verdicts.len(), 1, "the department's own");
    assert!(plan.certificates.is_empty() && plan.frames.is_empty());
    assert_eq!(plan.doubtful.len(), 1);
}

#[test]
fn what_is_here_already_is_only_named() {
    let author = Author::new(1);
    let mut replica = Replica::default();
    let hash = replica.write(&author, 1);
    let frames = replica.frames.values().cloned().collect();
    let message = Message { frames, certificates: vec![author.certificate], ..Message::default() };
    let plan = plan_incoming(&message, &trust(), &replica);
    assert_eq!(plan.known, [hash]);
    assert!(plan.frames.is_empty() && plan.certificates.is_empty());
}

#[test]
fn many_threads_say_what_one_does() {
    let author = Author::new(1);
    let mut frames: Vec<Frame> = (0..200).map(|_| author.seal(1)).collect();
    for at in [0, 49, 50, 51, 199] {
        frames[at].signature[0] ^= 1;
    }
    let bad: Vec<_> = [0, 49, 50, 51, 199].map(|at| frames[at].hash()).to_vec();
    let plan = plan(&Message { frames, certificates: vec![author.certificate], ..Message::default() });
    assert_eq!(plan.frames.len(), 195);
    assert_eq!(plan.doubtful.iter().map(|(frame, _)| frame.hash()).collect::<Vec<_>>(), bad);
}
