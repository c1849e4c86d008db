//! A visit's minutes on a sheet: what outdates a signature, and what they never change.

use proptest::prelude::*;

use super::*;
use crate::ids::{FrameHash, PersonId, StreamId, UnitId};
use crate::points::Points;
use crate::sheet::heads::Chain;
use crate::sheet::live::live;
use crate::sheet::state::{Basis, FrameRecord};
use crate::sheet::{ChangeId, SheetKey, Subject};
use crate::sync::body::{ActChange, Body, Change, ScoreChange};
use crate::sync::numbers::{field_from, field_number};
use crate::sync::{Lane, Scope};
use crate::view::Stage;

const UNIT: UnitId = UnitId([4; 16]);
const HEAD: u8 = 1;
const SUPERVISOR: u8 = 2;

fn key() -> SheetKey {
    let ruleset = "demo-c.1".parse().unwrap();
    SheetKey { subject: Subject::Unit(UNIT), period: "2022-11".parse().unwrap(), ruleset }
}

fn write(place: Place, value: Value, replaces: Vec<ChangeId>) -> Change {
    Change::Score(ScoreChange { sheet: key(), place, value, replaces, minutes_before: 0 })
}

fn scored(column: Column, points: i32) -> Change {
    let place = Place { criterion: 1, column, field: Field::Points };
    write(place, Value::Points(Points::whole(points)), vec![])
}

fn said(part: MinutesPart, text: &str) -> Change {
    write(part.place(), Value::Text(text.into()), vec![])
}

/// A unit's sheet as frames of one change each, in the order in which they were written.
#[derive(Default)]
struct Visit(Vec<FrameRecord>);

impl Visit {
    /// Scored by its head, appraised by the supervisor.
    fn begun() -> Self {
        let mut visit = Self::default();
        visit.add(HEAD, scored(Column::Own, 9));
        visit.acts(HEAD, ActKind::Submit);
        visit.add(SUPERVISOR, scored(Column::Appraised, 8));
        visit
    }

    fn add(&mut self, author: u8, change: Change) -> ChangeId {
        let hash = FrameHash([self.0.len() as u8 + 1; 32]);
        self.0.push(FrameRecord {
            hash,
            lane: Lane { stream: StreamId([author; 32]), scope: Scope::unit(UNIT) },
            author: PersonId([author; 16]),
            body: Body { counter: self.0.len() as u64, changes: vec![change], ..Body::default() },
            verdict: None,
            received_at: None,
        });
        ChangeId { frame: hash, index: 0 }
    }

    fn acts(&mut self, author: u8, kind: ActKind) {
        let digest = self.sheet().digest(kind).unwrap();
        let reason = String::new();
        self.add(author, Change::Act(ActChange { sheet: key(), kind, digest, reason, minutes_before: 0 }));
    }

    fn sheet(&self) -> Sheet {
        let mut chain = Chain::default();
        self.0.iter().for_each(|frame| chain.add(frame.hash, FrameHash::default(), 1));
        Sheet::assemble(key(), &self.0, None, &chain, Basis::Provisional)
    }

    fn signed(&self) -> (bool, bool) {
        let sheet = self.sheet();
        (sheet.is_signed(ActKind::SignForDelegation), sheet.is_signed(ActKind::SignForUnit))
    }
}

#[test]
fn both_sides_sign_in_any_order_and_the_minutes_name_what_was_checked() {
    for first in [HEAD, SUPERVISOR] {
        let mut visit = Visit::begun();
        visit.add(SUPERVISOR, said(MinutesPart::Delegation, "Bà Bình"));
        visit.add(HEAD, said(MinutesPart::Opinion, "Nhất trí"));
        let sides = [(HEAD, ActKind::SignForUnit), (SUPERVISOR, ActKind::SignForDelegation)];
        let (now, later): (Vec<_>, Vec<_>) = sides.into_iter().partition(|(who, _)| *who == first);
        now.into_iter().chain(later).for_each(|(who, kind)| visit.acts(who, kind));
        assert_eq!(visit.signed(), (true, true));
        assert_eq!(visit.sheet().checked(), BTreeSet::from([1]), "parts of the minutes are no items");
        assert_eq!(visit.sheet().signatures().len(), 2);
    }
}

#[test]
fn whatever_is_written_later_by_either_side_outdates_both_signatures() {
    let later = [
        (HEAD, said(MinutesPart::Opinion, "Bảo lưu ý kiến")),
        (SUPERVISOR, said(MinutesPart::Remarks, "Thiếu minh chứng")),
        (HEAD, scored(Column::Own, 7)),
        (SUPERVISOR, scored(Column::Appraised, 7)),
    ];
    for (author, change) in later {
        let mut visit = Visit::begun();
        visit.acts(SUPERVISOR, ActKind::SignForDelegation);
        visit.acts(HEAD, ActKind::SignForUnit);
        visit.add(author, change);
        assert_eq!(visit.signed(), (false, false));
        visit.acts(HEAD, ActKind::SignForUnit);
        assert_eq!(visit.signed(), (false, true), "who signs again signs for himself");
        let last = visit.sheet().signatures().iter().map(|act| act.outdated).collect::<Vec<_>>();
        assert_eq!(last, [true, false], "one of each person: the last");
    }
}

#[test]
fn what_the_superior_writes_is_no_part_of_the_minutes() {
    let mut visit = Visit::begun();
    visit.acts(SUPERVISOR, ActKind::SignForDelegation);
    visit.add(3, scored(Column::Superior, 8));
    assert_eq!(visit.signed(), (true, false));
}

#[test]
fn two_opinions_unseen_by_each_other_are_both_kept() {
    let mut visit = Visit::begun();
    let opinion = MinutesPart::Opinion.place();
    let one = visit.add(HEAD, said(MinutesPart::Opinion, "Nhất trí"));
    let two = visit.add(5, said(MinutesPart::Opinion, "Không nhất trí"));
    assert_eq!(visit.sheet().conflicts(), [opinion]);
    visit.add(HEAD, write(opinion, Value::Text("Nhất trí một phần".into()), vec![one, two]));
    assert!(visit.sheet().conflicts().is_empty());
}

#[test]
fn a_sheet_of_which_there_are_minutes_alone_is_not_written_on() {
    let mut visit = Visit::default();
    visit.add(SUPERVISOR, said(MinutesPart::Place, "Trụ sở"));
    assert_eq!(live(&[visit.sheet()]), crate::sheet::live::Live::None);
}

#[test]
fn each_part_has_a_number_and_a_place_of_its_own() {
    let places: BTreeSet<Place> = MinutesPart::ALL.into_iter().map(MinutesPart::place).collect();
    assert_eq!(places.len(), MinutesPart::ALL.len());
    for (part, number) in MinutesPart::ALL.into_iter().zip(1..) {
        assert_eq!(field_number(Field::Minutes(part)), -number);
        assert_eq!(field_from(-number), Ok(Field::Minutes(part)));
    }
    for unknown in [-8, -16, i64::MIN] {
        assert!(field_from(unknown).is_err(), "{unknown}");
    }
}

fn any_of_the_minutes() -> impl Strategy<Value = (u8, Result<MinutesPart, ActKind>)> {
    let kinds = vec![ActKind::SignForDelegation, ActKind::SignForUnit];
    let what = prop_oneof![
        proptest::sample::select(MinutesPart::ALL.to_vec()).prop_map(Ok),
        proptest::sample::select(kinds).prop_map(Err),
    ];
    (1..4u8, what)
}

proptest! {
    #[test]
    fn minutes_change_nothing_that_is_computed_from_a_sheet(
        written in proptest::collection::vec(any_of_the_minutes(), 0..12),
    ) {
        let mut visit = Visit::begun();
        let before = visit.sheet();
        for (author, what) in written {
            match what {
                Ok(part) => drop(visit.add(author, said(part, "Đã kiểm tra"))),
                Err(kind) => visit.acts(author, kind),
            }
        }
        let after = visit.sheet();
        for column in [Column::Own, Column::Superior, Column::Appraised] {
            prop_assert_eq!(before.answers(column), after.answers(column));
        }
        for kind in ActKind::ALL.into_iter().filter(|kind| !kind.signs_minutes()) {
            prop_assert_eq!(before.digest(kind), after.digest(kind));
        }
        prop_assert_eq!(after.stage(), Stage::Submitted);
        prop_assert_eq!(before.checked(), after.checked());
        prop_assert_eq!(live(&[before]), live(&[after]));
    }
}
