//! Nothing that was not signed gets in, and nothing bad stops what is good.

use ed25519_dalek::SigningKey;

use super::*;
use crate::ids::UnitId;
use crate::sync::body::Change;
use crate::sync::names::Short;
use crate::sync::testing::{Author, DEPARTMENT, Replica, department_key, trust};
use crate::sync::verdict::{FrameVerdict, Rank};
use crate::sync::{Lane, Scope, Status};

fn plan(message: &Message) -> Plan {
    plan_incoming(message, &trust(), &Replica::default())
}

#[test]
fn case_06_one_bad_frame_among_fifty_leaves_forty_nine() {
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
fn a_device_of_a_visit_is_let_in_as_the_store_says_and_confirmed_once() {
    let (supervisor, new) = (Author::new(1), Author::new(2));
    let header = new.certificate.header.clone();
    let delegated = Certificate::delegate(header, supervisor.certificate, 0, &supervisor.key);
    let message = |certificate: &Certificate| Message {
        frames: vec![new.seal(1)],
        certificates: vec![certificate.clone()],
        ..Message::default()
    };
    let refused = plan(&message(&delegated));
    assert_eq!((refused.frames.len(), refused.unbelievable), (0, 1));
    assert_eq!(refused.doubtful[0].1, Reason::UnknownStream);

    let mut store = Replica { admitted: Some(new.certificate.header.author), ..Replica::default() };
    let taken = plan_incoming(&message(&delegated), &trust(), &store);
    assert_eq!((taken.frames.len(), &taken.certificates[..]), (1, std::slice::from_ref(&delegated)));
    store.take(&message(&delegated));
    let confirmed = plan_incoming(&message(&new.certificate), &trust(), &store).certificates;
    let own = std::slice::from_ref(&new.certificate);
    assert_eq!(confirmed, own, "the department's own word takes the place of the other");
    store.take(&message(&new.certificate));
    for known in [&new.certificate, &delegated] {
        assert!(plan_incoming(&message(known), &trust(), &store).certificates.is_empty());
    }
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
        contents: Vec::new(),
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
fn a_snapshot_or_epochs_that_another_has_signed_are_counted_and_not_believed() {
    let author = Author::new(1);
    let period = crate::period::Period::month(2022, 11).unwrap();
    let snapshot = Snapshot { unit: UnitId([1; 16]), period, cut: Rank::default(), entries: vec![] };
    let epochs = Epochs { epoch: [1; 16], order: 1, ended: vec![] };
    let signed = |key: &SigningKey| Message {
        snapshots: vec![snapshot.sign(DEPARTMENT, key).unwrap()],
        epochs: Some(epochs.sign(DEPARTMENT, key)),
        ..Message::default()
    };
    let (forged, own) = (plan(&signed(&author.key)), plan(&signed(&department_key())));
    assert_eq!((forged.unbelievable, forged.snapshots.len(), forged.epochs.is_some()), (2, 0, false));
    assert_eq!((own.unbelievable, own.snapshots.len(), own.epochs.is_some()), (0, 1, true));
}

#[test]
fn the_servers_time_is_a_batch_on_no_frame() {
    let frame = Author::new(1).seal(1);
    let batch = |number, frames| Verdicts {
        epoch: [1; 16],
        epoch_order: 1,
        number,
        received_at: 5,
        frames,
        contents: Vec::new(),
    };
    let on_a_frame = batch(1, vec![FrameVerdict::of_whole(frame.hash(), Status::Accepted, Reason::None)]);
    let verdicts = [on_a_frame, batch(2, vec![])].map(|it| it.sign(DEPARTMENT, &department_key()));
    let asked = plan(&Message { verdicts: verdicts.to_vec(), ..Message::default() });
    assert_eq!(asked.beacon().map(|it| (it.number, it.received_at)), Some((2, 5)));
    let unasked = plan(&Message { verdicts: verdicts[..1].to_vec(), ..Message::default() });
    assert!(unasked.beacon().is_none());
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

#[test]
fn case_15_what_a_hub_forges_reorders_or_replays_is_noticed_and_nothing_counts_twice() {
    let (author, hub) = (Author::new(1), Author::new(2));
    let genuine: Vec<Frame> = (0..6).map(|_| author.seal(1)).collect();
    let forgeries: Vec<Frame> = genuine
        .iter()
        .flat_map(|frame| {
            let body = hub.seal(1).body;
            let (number, previous) = (frame.number, frame.previous);
            [
                Frame { body: vec![1, 0xca, 0xfe], ..frame.clone() },
                Frame { number: number + 1, ..frame.clone() },
                Frame::seal(&hub.key, DEPARTMENT, frame.lane, number, previous, body),
            ]
        })
        .collect();
    let replayed = genuine.iter().rev().chain(&forgeries).chain(&genuine).cloned();
    let mut message = Message { frames: replayed.collect(), ..Message::default() };
    message.certificates = vec![author.certificate, hub.certificate];
    let mut replica = Replica::default();
    let plan = plan_incoming(&message, &trust(), &replica);
    assert_eq!(plan.frames.len(), genuine.len());
    assert!(plan.frames.iter().all(|signed| genuine.contains(&signed.frame)));
    assert_eq!(plan.doubtful.len(), forgeries.len(), "garbage under real numbers takes no frame's place");
    assert!(plan.doubtful.iter().all(|(_, why)| *why == Reason::BadSignature));
    replica.take(&message);
    assert!(plan_incoming(&message, &trust(), &replica).frames.is_empty(), "a replay brings nothing");
}

/// Frames as a later version may write them: a body, a section and a scope that this one does not know.
fn later(author: &Author) -> Vec<Frame> {
    let mut section = Body::default().encode(author.seal(1).lane.scope).unwrap();
    section.extend_from_slice(&[99, 3, 2, 0xca, 0xfe]);
    let lane = |scope| Lane { stream: author.stream(), scope };
    let unit = Scope::unit(UnitId([7; 16]));
    let first = Frame::seal(&author.key, DEPARTMENT, lane(unit), 1, FrameHash::default(), section.clone());
    let second = Frame::seal(&author.key, DEPARTMENT, lane(unit), 2, first.hash(), vec![9, 0xca, 0xfe]);
    let scope = Scope::from_parts(77, [7; 16]);
    let elsewhere = Frame::seal(&author.key, DEPARTMENT, lane(scope), 1, FrameHash::default(), section);
    vec![first, second, elsewhere]
}

#[test]
fn case_18_what_a_later_app_wrote_goes_on_through_an_older_one_untouched() {
    let author = Author::new(1);
    let frames = later(&author);
    let message =
        Message { frames: frames.clone(), certificates: vec![author.certificate], ..Message::default() };
    let mut old = Replica::default();
    old.take(&message);
    let changes = plan(&message).frames.into_iter().map(|signed| signed.body.map(|body| body.changes));
    let unknown = Some(vec![Change::Unknown; 2]);
    assert_eq!(changes.collect::<Vec<_>>(), [unknown.clone(), None, unknown]);
    let asked = Message {
        want: frames.iter().map(|frame| Short::of(&frame.hash().0)).collect(),
        ..Message::default()
    };
    let mut passed_on = old.answer(&asked).frames;
    passed_on.sort_by_key(|frame| frames.iter().position(|it| it == frame));
    assert_eq!(passed_on, frames, "byte for byte");
}
