//! A sheet in the hands of two people: what stands, what conflicts, what an act still vouches for.

use super::*;
use crate::ids::{StreamId, UnitId};
use crate::period::Period;
use crate::points::Points;
use crate::ruleset::RulesetId;
use crate::sheet::Subject;
use crate::sheet::evidence::{Evidence, MediaType};
use crate::sync::Scope;
use crate::sync::body::{ActChange, ScoreChange};
use crate::sync::content::Content;

fn key() -> SheetKey {
    let ruleset = RulesetId { code: "demo-c".into(), version: 1 };
    SheetKey { subject: Subject::Unit(UnitId([4; 16])), period: Period::month(2022, 11).unwrap(), ruleset }
}

fn place(criterion: u16) -> Place {
    Place { criterion, column: Column::Own, field: Field::Points }
}

fn score(criterion: u16, points: i32, replaces: &[ChangeId]) -> Change {
    let value = Value::Points(Points::whole(points));
    let (sheet, replaces) = (key(), replaces.to_vec());
    Change::Score(ScoreChange { sheet, place: place(criterion), value, replaces, minutes_before: 3 })
}

fn act(kind: ActKind, digest: Digest) -> Change {
    Change::Act(ActChange { sheet: key(), kind, digest, reason: String::new(), minutes_before: 0 })
}

/// Frame `number` of an author, who has one lane.
fn frame(author: u8, number: u8, counter: u64, changes: Vec<Change>) -> FrameRecord {
    let hash = FrameHash([author * 16 + number; 32]);
    FrameRecord {
        hash,
        lane: Lane { stream: StreamId([author; 32]), scope: Scope::unit(UnitId([4; 16])) },
        author: PersonId([author; 16]),
        body: Body { counter, sealed_at: 1_000_000, revision: 0, changes },
        verdict: Some(FrameVerdict::accepted_but(hash, vec![])),
        received_at: Some(2_000_000),
    }
}

fn first(author: u8, number: u8) -> ChangeId {
    ChangeId { frame: FrameHash([author * 16 + number; 32]), index: 0 }
}

fn assemble(frames: &[FrameRecord], basis: Basis) -> Sheet {
    let mut chain = Chain::default();
    for frame in frames {
        let number = u64::from(frame.hash.0[0] % 16);
        let before = FrameHash([frame.hash.0[0].saturating_sub(1); 32]);
        chain.add(frame.hash, if number == 1 { FrameHash::default() } else { before }, number);
    }
    Sheet::assemble(key(), frames, None, &chain, basis)
}

#[test]
fn two_values_unseen_by_each_other_are_both_kept_until_a_person_settles() {
    let mut frames = vec![frame(1, 1, 1, vec![score(1, 8, &[])]), frame(2, 1, 1, vec![score(1, 9, &[])])];
    let sheet = assemble(&frames, Basis::Official);
    assert_eq!(sheet.conflicts(), [place(1)]);
    assert_eq!(sheet.fields[&place(1)].len(), 2);
    assert_eq!(
        sheet.answers(Column::Own).points.get(1),
        Some(Points::whole(8)),
        "the smallest change id stands in"
    );
    frames.push(frame(1, 2, 2, vec![score(1, 9, &[first(1, 1), first(2, 1)])]));
    assert!(assemble(&frames, Basis::Official).conflicts().is_empty());
}

#[test]
fn the_same_value_twice_is_no_conflict() {
    let frames = [frame(1, 1, 1, vec![score(1, 8, &[])]), frame(2, 1, 1, vec![score(1, 8, &[])])];
    assert!(assemble(&frames, Basis::Official).conflicts().is_empty());
}

#[test]
fn case_22_a_submission_vouches_for_what_it_saw_and_no_more() {
    let scored = frame(1, 1, 1, vec![score(1, 8, &[])]);
    let digest = assemble(std::slice::from_ref(&scored), Basis::Official).digest(ActKind::Submit).unwrap();
    let mut frames = vec![scored, frame(1, 2, 2, vec![act(ActKind::Submit, digest)])];
    assert_eq!(assemble(&frames, Basis::Official).stage(), Stage::Submitted);
    frames.push(frame(2, 1, 1, vec![score(2, 5, &[])]));
    assert_eq!(assemble(&frames, Basis::Official).stage(), Stage::Outdated, "edited unseen on another phone");
    frames.push(frame(1, 3, 3, vec![act(ActKind::Withdraw, digest)]));
    assert_eq!(assemble(&frames, Basis::Official).stage(), Stage::Draft);
}

#[test]
fn what_is_not_judged_counts_here_and_not_officially() {
    let mut frames = [frame(1, 1, 1, vec![score(1, 8, &[])])];
    frames[0].verdict = None;
    assert!(assemble(&frames, Basis::Official).fields.is_empty());
    let sheet = assemble(&frames, Basis::Provisional);
    assert!(sheet.waits());
    assert_eq!(sheet.answers(Column::Own).points.get(1), Some(Points::whole(8)));
}

#[test]
fn a_rejected_value_stands_nowhere_and_is_shown_with_its_reason() {
    let mut frames = [frame(1, 1, 1, vec![score(1, 8, &[]), score(2, 99, &[])])];
    let exceptions = vec![(1, Status::Rejected, Reason::BadPoints)];
    frames[0].verdict = Some(FrameVerdict::accepted_but(frames[0].hash, exceptions));
    let sheet = assemble(&frames, Basis::Provisional);
    assert!(sheet.value(place(2)).is_none(), "one bad change never stops the good one");
    assert!(sheet.value(place(1)).is_some());
    assert_eq!(sheet.refusals.len(), 1);
    assert_eq!(sheet.refusals[0].origin.reason, Reason::BadPoints);
}

#[test]
fn unsealed_writes_have_no_digest_and_no_name() {
    let lane = Lane { stream: StreamId([1; 32]), scope: Scope::unit(UnitId([4; 16])) };
    let pending = Pending::Score(place(1), Value::Points(Points::whole(3)), vec![]);
    let unsealed = Unsealed { lane, author: PersonId([1; 16]), changes: vec![(pending, 77)] };
    let sheet = Sheet::assemble(key(), &[], Some(&unsealed), &Chain::default(), Basis::Provisional);
    assert_eq!(sheet.digest(ActKind::Submit), None);
    assert_eq!(sheet.fields[&place(1)][0].origin.at, 77);
    assert!(sheet.waits());
}

#[test]
fn the_time_of_a_change_is_what_its_device_claimed() {
    let sheet = assemble(&[frame(1, 1, 1, vec![score(1, 8, &[])])], Basis::Official);
    assert_eq!(sheet.fields[&place(1)][0].origin.at, 1_000_000 - 180);
    assert_eq!(sheet.fields[&place(1)][0].origin.received_at, Some(2_000_000));
}

#[test]
fn case_24_what_names_another_field_or_a_frame_that_nobody_has_replaces_nothing() {
    let (other_field, never_seen) = (first(1, 1), first(7, 7));
    let foreign = score(2, 5, &[other_field, never_seen]);
    let frames = [frame(1, 1, 1, vec![score(1, 8, &[])]), frame(2, 1, 1, vec![foreign])];
    let sheet = assemble(&frames, Basis::Official);
    let value = |criterion| sheet.value(place(criterion)).cloned();
    assert_eq!(value(1), Some(Value::Points(Points::whole(8))), "of another field: void");
    assert_eq!(value(2), Some(Value::Points(Points::whole(5))), "of a frame that was never seen: harmless");
}

#[test]
fn case_24_a_reference_to_what_comes_later_counts_when_it_has_come() {
    let late = frame(1, 1, 1, vec![score(1, 8, &[])]);
    let forward = frame(2, 1, 1, vec![score(1, 9, &[first(1, 1)])]);
    let nine = Some(Value::Points(Points::whole(9)));
    for frames in [vec![forward.clone()], vec![forward.clone(), late.clone()], vec![late, forward]] {
        let sheet = assemble(&frames, Basis::Official);
        assert_eq!(sheet.value(place(1)).cloned(), nine);
        assert!(sheet.conflicts().is_empty());
    }
}

#[test]
fn evidence_of_two_is_a_list_and_no_conflict_and_counts_as_what_a_criterion_asks_for() {
    let piece = |byte, replaces: &[ChangeId]| {
        let content = Content { hash: [byte; 32], size: 9 };
        let evidence = Evidence { content, media: MediaType::Pdf, name: "a".into(), thumbnail: None };
        let value = Value::Evidence(Box::new(evidence));
        let place = Place { field: Field::Evidence(0), ..place(5) };
        let (sheet, replaces) = (key(), replaces.to_vec());
        ScoreChange { sheet, place, value, replaces, minutes_before: 0 }
    };
    let mut frames = vec![
        frame(1, 1, 1, vec![Change::Score(piece(1, &[]))]),
        frame(2, 1, 1, vec![Change::Score(piece(2, &[]))]),
    ];
    let sheet = assemble(&frames, Basis::Official);
    let slot = Place { field: Field::Evidence(0), ..place(5) };
    assert_eq!((sheet.fields[&slot].len(), sheet.conflicts()), (2, vec![]));
    assert!(sheet.answers(Column::Own).noted.contains(&5));

    let gone = ScoreChange { value: Value::Empty, ..piece(1, &[first(1, 1), first(2, 1)]) };
    frames.push(frame(3, 1, 2, vec![Change::Score(gone)]));
    let sheet = assemble(&frames, Basis::Official);
    assert_eq!(sheet.value(slot), Some(&Value::Empty));
    assert!(!sheet.answers(Column::Own).noted.contains(&5));
}
