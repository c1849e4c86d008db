//! Which of several sheets of one subject and period counts: they differ in the version of their criteria set.
//!
//! Invariant: a pure function of the sheets. A draft keeps the version that it was begun with; nothing is carried over from
//! one version to another, and none of them is ever dropped.

use super::state::Sheet;
use super::{ActKind, Value};

/// What counts of a subject's sheets of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live<T> {
    /// Nobody has written anything that stands.
    None,
    /// One sheet, by its place in the list.
    One(T),
    /// Several were written on, and nobody has said which one counts: a conflict of sheets. All of them, in order.
    Several(Vec<T>),
}

/// Finds the sheet that counts: the only one that somebody has written on, or the one that was adopted last by
/// somebody who had seen it as it is. Sheets are ordered by their key, so that every replica lists them alike.
pub fn live(sheets: &[Sheet]) -> Live<usize> {
    let written: Vec<usize> = (0..sheets.len()).filter(|at| is_written(&sheets[*at])).collect();
    match written.as_slice() {
        [] => Live::None,
        [only] => Live::One(*only),
        _ => {
            let adopted = |at: &usize| adoption(&sheets[*at]).map(|order| (order, *at));
            match written.iter().filter_map(adopted).max() {
                Some((_, at)) => Live::One(at),
                None => Live::Several(written),
            }
        }
    }
}

/// Whether a value or an act stands on it, and it was not retracted as it is.
fn is_written(sheet: &Sheet) -> bool {
    let scored = sheet.fields.iter().filter(|(place, _)| !place.field.is_minutes());
    let values = scored.flat_map(|(_, heads)| heads).any(|head| head.value != Value::Empty);
    let retracted = sheet.stage() == crate::view::Stage::Retracted;
    values && !retracted
}

/// The last adoption that still stands, by what orders acts everywhere alike: counter of its frame, then its name.
fn adoption(sheet: &Sheet) -> Option<(u64, Option<super::ChangeId>)> {
    let adoptions = sheet.acts.iter().filter(|act| act.kind == ActKind::Adopt && !act.outdated);
    adoptions.map(|act| (act.counter, act.origin.id)).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FrameHash, PersonId, StreamId, UnitId};
    use crate::period::Period;
    use crate::points::Points;
    use crate::ruleset::RulesetId;
    use crate::sheet::heads::Chain;
    use crate::sheet::state::{Basis, FrameRecord};
    use crate::sheet::{Field, Place, SheetKey, Subject};
    use crate::sync::body::{ActChange, Body, Change, ScoreChange};
    use crate::sync::{Lane, Scope};
    use crate::view::Column;

    fn key(version: u32) -> SheetKey {
        let ruleset = RulesetId { code: "demo-c".into(), version };
        SheetKey {
            subject: Subject::Unit(UnitId([4; 16])),
            period: Period::month(2022, 11).unwrap(),
            ruleset,
        }
    }

    fn record(number: u8, change: Change) -> FrameRecord {
        FrameRecord {
            hash: FrameHash([number; 32]),
            lane: Lane { stream: StreamId([1; 32]), scope: Scope::unit(UnitId([4; 16])) },
            author: PersonId([1; 16]),
            body: Body { counter: number.into(), changes: vec![change], ..Body::default() },
            verdict: None,
            received_at: None,
        }
    }

    fn score(version: u32) -> Change {
        let place = Place { criterion: 1, column: Column::Own, field: Field::Points };
        let value = Value::Points(Points::whole(5));
        Change::Score(ScoreChange { sheet: key(version), place, value, replaces: vec![], minutes_before: 0 })
    }

    fn sheet(version: u32, frames: &[FrameRecord]) -> Sheet {
        Sheet::assemble(key(version), frames, None, &Chain::default(), Basis::Provisional)
    }

    fn act(version: u32, kind: ActKind, frames: &[FrameRecord]) -> Change {
        let digest = sheet(version, frames).digest(kind).unwrap();
        Change::Act(ActChange { sheet: key(version), kind, digest, reason: "x".into(), minutes_before: 0 })
    }

    fn live_of(frames: &[FrameRecord]) -> Live<usize> {
        live(&[sheet(1, frames), sheet(2, frames)])
    }

    #[test]
    fn case_11_two_versions_that_were_written_on_are_a_conflict_until_one_is_adopted() {
        let mut frames = vec![record(1, score(1))];
        assert_eq!(live_of(&[]), Live::None);
        assert_eq!(live_of(&frames), Live::One(0), "a draft keeps its version");
        frames.push(record(2, score(2)));
        assert_eq!(live_of(&frames), Live::Several(vec![0, 1]));
        frames.push(record(3, act(2, ActKind::Adopt, &frames)));
        assert_eq!(live_of(&frames), Live::One(1));
        frames.push(record(4, act(1, ActKind::Adopt, &frames)));
        assert_eq!(live_of(&frames), Live::One(0), "the last word counts");
    }

    #[test]
    fn a_retracted_sheet_leaves_the_other_and_comes_back_when_somebody_had_edited_it() {
        let mut frames = vec![record(1, score(1)), record(2, score(2))];
        frames.push(record(3, act(1, ActKind::Retract, &frames)));
        assert_eq!(live_of(&frames), Live::One(1));
        let mut other = record(4, score(1));
        other.lane.stream = StreamId([2; 32]);
        frames.push(other);
        assert_eq!(sheet(1, &frames).stage(), crate::view::Stage::RetractedEdited);
        assert_eq!(live_of(&frames), Live::Several(vec![0, 1]));
    }
}
