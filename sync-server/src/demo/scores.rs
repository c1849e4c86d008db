//! Made-up scores, written as devices write them: sealed frames of enrolled streams, judged like any others.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Criterion, Rule, Ruleset};
use xeploai_core::sheet::heads::Chain;
use xeploai_core::sheet::state::{Basis, FrameRecord, Sheet};
use xeploai_core::sheet::{ActKind, Field, Place, SheetKey, Value};
use xeploai_core::sync::body::{ActChange, Body, Change, ScoreChange};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::wire::WireError;
use xeploai_core::sync::{Lane, Scope};
use xeploai_core::view::{Column, Measure};

use super::dice::Dice;

/// Reasons for a lower score, as reviewers write them.
const REASONS: [&str; 6] = [
    "Nộp báo cáo chậm 2 ngày",
    "Thiếu minh chứng, đề nghị bổ sung",
    "Chưa đủ số buổi theo kế hoạch",
    "Một số tin, bài phải sửa nhiều lần",
    "Phối hợp với xã chưa kịp thời",
    "Hồ sơ lưu chưa đầy đủ",
];

/// A person's device of the demonstration.
pub(crate) struct Pen {
    key: SigningKey,
    certificate: Certificate,
    tips: BTreeMap<Scope, (u64, FrameHash)>,
}

/// What has been written so far: frames in order, and a counter that runs through all of them.
#[derive(Default)]
pub(crate) struct Papers {
    /// Frames, ready to be received.
    pub(crate) frames: Vec<Frame>,
    counter: u64,
}

impl Pen {
    /// A device of the demonstration, with its certificate.
    pub(crate) fn new(key: SigningKey, certificate: Certificate) -> Self {
        Self { key, certificate, tips: BTreeMap::new() }
    }

    /// The device's certificate.
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Seals one frame of changes to one sheet.
    pub(crate) fn write(
        &mut self,
        papers: &mut Papers,
        sheet: &SheetKey,
        at: i64,
        changes: Vec<Change>,
    ) -> Result<(), WireError> {
        let scope = sheet.scope();
        let (number, previous) = self.tips.get(&scope).copied().unwrap_or_default();
        papers.counter += 1;
        let body = Body { counter: papers.counter, sealed_at: at, revision: 0, changes };
        let lane = Lane { stream: self.certificate.header.stream(), scope };
        let department = self.certificate.header.department;
        let frame = Frame::seal(&self.key, department, lane, number + 1, previous, body.encode(scope)?);
        self.tips.insert(scope, (number + 1, frame.hash()));
        papers.frames.push(frame);
        Ok(())
    }

    /// Hands in or approves a sheet as it stands in `papers`.
    pub(crate) fn act(
        &mut self,
        papers: &mut Papers,
        sheet: &SheetKey,
        at: i64,
        kind: ActKind,
    ) -> Result<(), WireError> {
        let digest = papers.sheet(sheet)?.digest(kind).unwrap_or_default();
        let act = ActChange { sheet: sheet.clone(), kind, digest, reason: String::new(), minutes_before: 0 };
        self.write(papers, sheet, at, vec![Change::Act(act)])
    }
}

impl Papers {
    fn sheet(&self, key: &SheetKey) -> Result<Sheet, WireError> {
        let mut chain = Chain::default();
        let mut records = Vec::new();
        for frame in self.frames.iter().filter(|frame| frame.lane.scope == key.scope()) {
            let hash = frame.hash();
            chain.add(hash, frame.previous, frame.number);
            records.push(FrameRecord {
                hash,
                lane: frame.lane,
                author: PersonId::default(),
                body: frame.decode_body()?,
                verdict: None,
                received_at: None,
            });
        }
        Ok(Sheet::assemble(key.clone(), &records, None, &chain, Basis::Provisional))
    }
}

/// How well somebody did, in thousandths of the maximum.
#[derive(Clone, Copy)]
pub(crate) struct Quality(pub(crate) u64);

/// Own scores on every criterion: near the quality, never below zero or above the maximum.
pub(crate) fn own_scores(
    ruleset: &Ruleset,
    sheet: &SheetKey,
    quality: Quality,
    dice: &mut Dice,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for criterion in ruleset.criteria() {
        match &criterion.rule {
            Rule::ConvertedWork { .. } => changes.extend(quantities(sheet, criterion, quality, dice)),
            Rule::Points | Rule::Bonus => {
                let bonus = criterion.rule == Rule::Bonus;
                let share = if bonus { quality.0 / 3 } else { quality.0 } + dice.below(80);
                changes.push(score(sheet, criterion, Column::Own, share_of(criterion, share)));
            }
            // Yes, all of it, or as often as it takes: what only gates look at stays unanswered.
            rule if ruleset.requires(criterion) => {
                let figure = match rule {
                    Rule::TwoLevel { .. } | Rule::PassFail => Points::whole(1),
                    Rule::Figure { most, .. } => Points::whole(100).min(*most),
                    _ => Points::whole(2),
                };
                changes.push(score(sheet, criterion, Column::Own, figure));
            }
            _ => {}
        }
    }
    changes
}

/// A reviewer's scores: mostly what the subject wrote, here and there a step less, with the reason.
pub(crate) fn reviewed(
    ruleset: &Ruleset,
    sheet: &SheetKey,
    own: &[Change],
    column: Column,
    dice: &mut Dice,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for change in own {
        let Change::Score(own) = change else { continue };
        let Some(criterion) = ruleset.criterion(own.place.criterion) else { continue };
        let mut value = own.value.clone();
        let lower = dice.below(5) == 0 && own.place.field == Field::Points && criterion.rule == Rule::Points;
        if let (true, Value::Points(points)) = (lower, &value) {
            value = Value::Points(Points((points.0 - criterion.step.0).max(0)));
            let place = Place { criterion: criterion.number, column, field: Field::Note };
            changes.push(change_of(sheet, place, Value::Text(dice.pick(&REASONS).to_owned())));
        }
        changes.push(change_of(sheet, Place { column, ..own.place }, value));
    }
    changes
}

/// A share of the maximum, in thousandths, rounded down to the step.
fn share_of(criterion: &Criterion, thousandths: u64) -> Points {
    let share = thousandths.min(1000) as i64;
    let exact = criterion.most().0 / 1000 * share;
    let step = criterion.step.0.max(1);
    Points(exact / step * step)
}

/// Quantities of converted work: of what was assigned some is not done, faulty or late, the less the better the quality.
fn quantities(sheet: &SheetKey, criterion: &Criterion, quality: Quality, dice: &mut Dice) -> Vec<Change> {
    let mut changes = Vec::new();
    for product in 1..=super::PRODUCTS {
        let mut misses = || u64::from(dice.below(1000) >= quality.0);
        let (undone, faults, delays) = (misses(), misses(), misses());
        let (bad, late) = (misses(), misses());
        let assigned = 4 + dice.below(8);
        let completed = assigned - undone;
        let figures = [
            (Measure::Assigned, assigned),
            (Measure::Completed, completed),
            (Measure::QualityOk, completed - bad),
            (Measure::OnTime, completed - late),
            (Measure::Faults, faults),
            (Measure::Delays, delays),
            (Measure::ExcusedFaults, 0),
            (Measure::ExcusedDelays, delays * dice.below(2)),
        ];
        let asked = criterion.quantities();
        for (measure, figure) in figures.into_iter().filter(|(measure, _)| asked.contains(measure)) {
            let field = Field::Quantity(product, measure);
            let place = Place { criterion: criterion.number, column: Column::Own, field };
            changes.push(change_of(sheet, place, Value::Points(Points::whole(figure as i32))));
        }
    }
    changes
}

fn score(sheet: &SheetKey, criterion: &Criterion, column: Column, points: Points) -> Change {
    let place = Place { criterion: criterion.number, column, field: Field::Points };
    change_of(sheet, place, Value::Points(points))
}

/// One written field.
pub(super) fn change_of(sheet: &SheetKey, place: Place, value: Value) -> Change {
    let sheet = sheet.clone();
    Change::Score(ScoreChange { sheet, place, value, replaces: Vec::new(), minutes_before: 0 })
}
