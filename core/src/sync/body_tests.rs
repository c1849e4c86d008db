//! Bodies come back, stay small, keep their limits, and refuse any other bytes.

use super::*;
use crate::mutation::{edits, mutated};
use crate::sheet::Field;
use crate::sheet::evidence::{MediaType, SLOTS};
use crate::sync::content::Content;
use crate::view::{Column, Measure, MinutesPart};
use proptest::prelude::*;

fn assignment() -> AssignmentId {
    AssignmentId([7; 16])
}

fn sheet(month: u8) -> SheetKey {
    SheetKey {
        subject: Subject::Post(assignment()),
        period: Period::month(2022, month).unwrap(),
        ruleset: RulesetId { code: "demo-a".into(), version: 1 },
    }
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let content = || (any::<[u8; 32]>(), any::<u32>()).prop_map(|(hash, size)| Content { hash, size });
    let media = prop::sample::select(&MediaType::ALL[..]);
    (content(), media, "\\PC{0,120}", proptest::option::of(content()))
        .prop_map(|(content, media, name, thumbnail)| Evidence { content, media, name, thumbnail })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let value = prop_oneof![
        Just(Value::Empty),
        (-Points::LIMIT.0..=Points::LIMIT.0).prop_map(|points| Value::Points(Points(points))),
        "\\PC{0,60}".prop_map(Value::Text),
        evidence().prop_map(|evidence| Value::Evidence(Box::new(evidence))),
    ];
    let measure = proptest::sample::select(vec![
        Measure::Assigned,
        Measure::OnTime,
        Measure::Faults,
        Measure::ExcusedDelays,
    ]);
    let field = prop_oneof![
        Just(Field::Points),
        Just(Field::Note),
        proptest::sample::select(MinutesPart::ALL.to_vec()).prop_map(Field::Minutes),
        (0..SLOTS).prop_map(Field::Evidence),
        (any::<u16>(), measure).prop_map(|(product, measure)| Field::Quantity(product, measure)),
    ];
    let replaces = proptest::collection::vec((0u8..4, 0u16..1000), 0..4);
    let score = (1u8..=12, any::<u16>(), 0i64..3, field, value, replaces, any::<u32>());
    let score = score.prop_map(|(month, criterion, column, field, value, replaces, minutes_before)| {
        let place = Place { criterion, column: column_from(column).unwrap(), field };
        let id = |(frame, index)| ChangeId { frame: FrameHash([frame; 32]), index };
        let replaces = replaces.into_iter().map(id).collect();
        Change::Score(ScoreChange { sheet: sheet(month), place, value, replaces, minutes_before })
    });
    let act = (1u8..=12, 0..ActKind::ALL.len(), any::<[u8; 16]>(), "\\PC{0,30}", any::<u32>());
    let act = act.prop_map(|(month, kind, digest, reason, minutes_before)| {
        Change::Act(ActChange {
            sheet: sheet(month),
            kind: ActKind::ALL[kind],
            digest,
            reason,
            minutes_before,
        })
    });
    let document = (any::<u16>(), any::<[u8; 16]>(), "\\PC{0,60}")
        .prop_map(|(kind, id, json)| Change::Document(DocumentChange { kind, id, json }));
    use proptest::collection::vec as many;
    let hashes = many(any::<u8>().prop_map(|frame| FrameHash([frame; 32])), 0..5);
    let witness = (hashes, any::<u64>(), any::<i64>(), any::<[u8; 8]>(), any::<Option<u64>>());
    let witness = witness.prop_map(|(frames, batch, beacon_at, boot, elapsed_s)| {
        Change::Witness(WitnessChange { frames, epoch: [9; 16], batch, beacon_at, boot, elapsed_s })
    });
    (many(score, 0..40), many(act, 0..5), many(document, 0..3), many(witness, 0..3))
        .prop_map(|(scores, acts, documents, witnesses)| [scores, acts, documents, witnesses].concat())
}

/// A person's month: thirty criteria in order, points in halves, as first written.
fn month(criteria: u16) -> Body {
    let change = |criterion: u16| {
        Change::Score(ScoreChange {
            sheet: sheet(11),
            place: Place { criterion, column: Column::Own, field: Field::Points },
            value: Value::Points(Points(i64::from(criterion * 7 % 20) * 5_000)),
            replaces: Vec::new(),
            minutes_before: u32::from(criterion / 4),
        })
    };
    Body {
        counter: 12,
        sealed_at: 1_669_000_000,
        revision: 160,
        changes: (1..=criteria).map(change).collect(),
    }
}

#[test]
fn a_month_of_thirty_criteria_is_small() {
    let bytes = month(30).encode(Scope::assignment(assignment())).unwrap();
    // sync.md: a frame with header reference, previous hash (32) and signature (64) in one QR code of 300 bytes.
    assert!(bytes.len() <= 300 - 32 - 32 - 64, "{} bytes", bytes.len());
}

#[test]
fn a_sheet_of_another_scope_is_not_encoded() {
    let other = Scope::assignment(AssignmentId([1; 16]));
    assert_eq!(month(1).encode(other), Err(WireError::Malformed("sheet")));
}

#[test]
fn limits_hold() {
    let scope = Scope::assignment(assignment());
    assert_eq!(month(1025).encode(scope), Err(WireError::TooLarge));
    let mut long = month(1);
    let Some(Change::Score(score)) = long.changes.first_mut() else { panic!("a score") };
    score.value = Value::Text("ạ".repeat(TEXT_CHARS_MAX + 1));
    assert_eq!(long.encode(scope), Err(WireError::TooLarge));
    assert_eq!(Body::decode(&vec![0; BODY_BYTES_MAX + 1], scope), Err(WireError::TooLarge));
}

#[test]
fn a_section_of_a_later_version_keeps_its_indexes() {
    let scope = Scope::assignment(assignment());
    let mut bytes = month(2).encode(scope).unwrap();
    let mut later = Writer::new();
    later.section(99, &[3, 1, 2, 3, 4]);
    bytes.extend(later.finish());
    let body = Body::decode(&bytes, scope).unwrap();
    assert_eq!(body.changes.len(), 2 + 3, "its three changes are counted");
    assert_eq!(body.changes[2..], [Change::Unknown, Change::Unknown, Change::Unknown]);
}

/// The section of two scores whose points, in the finest scale, are these.
fn two_scores(points: [i64; 2]) -> Vec<u8> {
    let mut section = Writer::new();
    section.number(2).number(1).number(sheet(11).period.to_number()).text("a").number(1);
    // Sheet, criterion, column, field, minutes, replaces, kind of value.
    (0..7).for_each(|_| columns::write(&mut section, &[0; 2]));
    section.byte(5);
    columns::write(&mut section, &points);
    section.finish()
}

fn body_of(sections: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut body = Writer::new();
    body.byte(PROTOCOL_VERSION).raw(&[0; 4]);
    for (kind, bytes) in sections {
        body.section(*kind, bytes);
    }
    body.finish()
}

#[test]
fn points_beyond_any_limit_are_refused_the_least_number_too() {
    let scope = Scope::assignment(assignment());
    let read = |points| Body::decode(&body_of(&[(SECTION_SCORES, two_scores(points))]), scope);
    assert!(read([0, -Points::LIMIT.0]).is_ok());
    assert_eq!(read([0, Points::LIMIT.0 + 1]), Err(WireError::Malformed("points")));
    assert_eq!(read([-(1 << 62), i64::MIN]), Err(WireError::Malformed("points")));
}

#[test]
fn sections_stand_in_one_order_so_that_what_is_read_can_be_written_again() {
    let scope = Scope::assignment(assignment());
    let scores = || (SECTION_SCORES, two_scores([1, 2]));
    let none = |kind| (kind, vec![0]);
    assert!(Body::decode(&body_of(&[none(99), scores(), none(SECTION_DOCUMENTS), none(98)]), scope).is_ok());
    for sections in [[none(SECTION_DOCUMENTS), scores()], [scores(), scores()]] {
        assert_eq!(Body::decode(&body_of(&sections), scope), Err(WireError::Malformed("order of sections")));
    }
}

#[test]
fn what_would_not_be_read_again_is_not_encoded() {
    let scope = Scope::assignment(assignment());
    let with = |at: usize, edit: &dyn Fn(&mut ScoreChange)| {
        let mut body = month(30);
        let Some(Change::Score(score)) = body.changes.get_mut(at) else { panic!("a score") };
        edit(score);
        body.encode(scope)
    };
    for beyond in [Points::LIMIT.0 + 1, i64::MIN] {
        let encoded = with(3, &|score| score.value = Value::Points(Points(beyond)));
        assert_eq!(encoded, Err(WireError::Malformed("points")));
    }
    let id = |frame: usize| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&frame.to_le_bytes());
        ChangeId { frame: FrameHash(hash), index: 0 }
    };
    let late = with(3, &|score| score.replaces = vec![ChangeId { index: CHANGES_MAX as u16, ..id(1) }]);
    assert_eq!(late, Err(WireError::TooLarge), "no frame has a change at that index");
    let mut many = month(CHANGES_MAX as u16);
    for (at, change) in many.changes.iter_mut().enumerate() {
        let Change::Score(score) = change else { panic!("a score") };
        score.replaces = if at == 0 { vec![id(at), id(CHANGES_MAX)] } else { vec![id(at)] };
    }
    assert_eq!(many.encode(scope), Err(WireError::TooLarge), "more frames than are read");
}

proptest! {
    #[test]
    fn a_body_comes_back(changes in changes(), counter in any::<u64>(), sealed_at in any::<i64>(), revision in any::<u64>()) {
        let scope = Scope::assignment(assignment());
        let body = Body { counter, sealed_at, revision, changes };
        let bytes = body.encode(scope).unwrap();
        prop_assert_eq!(Body::decode(&bytes, scope), Ok(body));
    }

    #[test]
    fn any_bytes_are_a_body_or_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), unit in any::<bool>()) {
        let scope = if unit { Scope::unit(UnitId([1; 16])) } else { Scope::assignment(assignment()) };
        let _ = Body::decode(&bytes, scope);
        if let Some(first) = bytes.first_mut() {
            *first = PROTOCOL_VERSION;
        }
        let _ = Body::decode(&bytes, scope);
    }

    #[test]
    fn a_mutated_body_is_refused_or_comes_back(changes in changes(), edits in edits()) {
        let scope = Scope::assignment(assignment());
        let bytes = Body { changes, ..Body::default() }.encode(scope).unwrap();
        if let Ok(body) = Body::decode(&mutated(&bytes, &edits), scope)
            && !body.changes.contains(&Change::Unknown)
        {
            let again = body.encode(scope).unwrap();
            prop_assert_eq!(Body::decode(&again, scope), Ok(body));
        }
    }
}
