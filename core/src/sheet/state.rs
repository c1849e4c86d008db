//! What a sheet is, from the frames that touch it: fields with their heads, conflicts, answers, stage.
//!
//! Invariant: a pure function of frames, verdicts and the device's unsealed changes. Nothing is stored that could
//! drift from them.

use std::collections::{BTreeMap, BTreeSet};

use super::heads::{Chain, Write, heads};
use super::{ActKind, ChangeId, Digest, Field, Place, SheetKey, Value};
use crate::ids::{FrameHash, PersonId, first16};
use crate::scoring::Answers;
use crate::sync::body::{Body, Change};
use crate::sync::verdict::{FrameVerdict, Reason};
use crate::sync::{Lane, Status};
use crate::view::{Column, Stage};

/// A frame as a store gives it back, opened.
#[derive(Debug, Clone)]
pub struct FrameRecord {
    /// Hash.
    pub hash: FrameHash,
    /// Lane.
    pub lane: Lane,
    /// Author of its stream.
    pub author: PersonId,
    /// Body.
    pub body: Body,
    /// The server's verdict, once there is one.
    pub verdict: Option<FrameVerdict>,
    /// When the server received it, by the server's clock.
    pub received_at: Option<i64>,
}

impl FrameRecord {
    fn status(&self, index: u16) -> (Status, Reason) {
        self.verdict.as_ref().map_or((Status::Unjudged, Reason::None), |verdict| verdict.of(index))
    }
}

/// A change of this device that is not sealed yet.
#[derive(Debug, Clone)]
pub enum Pending {
    /// A write: place, value, heads shown.
    Score(Place, Value, Vec<ChangeId>),
    /// An act: kind, digest, reason.
    Act(ActKind, Digest, String),
}

/// Unsealed changes of one lane, in order, with the times of writing.
#[derive(Debug, Clone)]
pub struct Unsealed {
    /// The device's own lane.
    pub lane: Lane,
    /// Its author.
    pub author: PersonId,
    /// Changes, each with its claimed time.
    pub changes: Vec<(Pending, i64)>,
}

/// Who wrote something and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of the change; absent while unsealed.
    pub id: Option<ChangeId>,
    /// Lane.
    pub lane: Lane,
    /// Author.
    pub author: PersonId,
    /// Claimed time, Unix seconds.
    pub at: i64,
    /// Received by the server, by its clock.
    pub received_at: Option<i64>,
    /// Verdict.
    pub status: Status,
    /// Reason of the verdict.
    pub reason: Reason,
}

/// A value that stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The value.
    pub value: Value,
    /// Who, when, what became of it.
    pub origin: Origin,
    /// What it replaced.
    pub replaces: Vec<ChangeId>,
}

/// An act on the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActState {
    /// What.
    pub kind: ActKind,
    /// Reason.
    pub reason: String,
    /// Logical counter of its frame: orders acts, with their names.
    pub counter: u64,
    /// Whether the heads it saw are no longer the heads.
    pub outdated: bool,
    /// Who, when.
    pub origin: Origin,
}

/// A change that counts for nothing: rejected or held, with what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where; absent for an act.
    pub place: Option<Place>,
    /// Value; empty for an act.
    pub value: Value,
    /// Who, when, why.
    pub origin: Origin,
}

/// A sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What it is.
    pub key: SheetKey,
    /// Fields that have a value, each with its heads: the first one stands in while there are several.
    pub fields: BTreeMap<Place, Vec<Head>>,
    /// All sealed writes by id: what a conflict's values had before.
    pub history: BTreeMap<ChangeId, Value>,
    /// Acts that count, in order.
    pub acts: Vec<ActState>,
    /// What was not accepted.
    pub refusals: Vec<Refusal>,
}

/// Which verdicts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Accepted ones: the official state.
    Official,
    /// Those not judged yet too: what a device shows.
    Provisional,
}

impl Basis {
    fn counts(self, status: Status) -> bool {
        match self {
            Self::Official => status.is_official(),
            Self::Provisional => status.is_provisional(),
        }
    }
}

/// Parts of acts as they are collected, before their order is known.
type RawAct = (u64, Option<ChangeId>, ActKind, Digest, String, Origin);

impl Sheet {
    /// Makes a sheet from the frames that touch it (others are passed over) and the device's unsealed changes to it, of
    /// each of its people.
    pub fn assemble<'a>(
        key: SheetKey,
        frames: &[FrameRecord],
        unsealed: impl IntoIterator<Item = &'a Unsealed>,
        chain: &Chain,
        basis: Basis,
    ) -> Self {
        let mut writes: BTreeMap<Place, Vec<(Write, Origin)>> = BTreeMap::new();
        let mut acts: Vec<RawAct> = Vec::new();
        collect_sealed(&key, frames, &mut writes, &mut acts);
        for unsealed in unsealed {
            collect_unsealed(unsealed, &mut writes, &mut acts);
        }
        let mut sheet = Self {
            key,
            fields: BTreeMap::new(),
            history: BTreeMap::new(),
            acts: Vec::new(),
            refusals: Vec::new(),
        };
        for (place, writes) in writes {
            sheet.add_field(place, writes, chain, basis);
        }
        sheet.add_acts(acts, basis);
        sheet
    }

    fn add_field(&mut self, place: Place, writes: Vec<(Write, Origin)>, chain: &Chain, basis: Basis) {
        let (plain, origins): (Vec<Write>, Vec<Origin>) = writes.into_iter().unzip();
        let standing = heads(&plain, chain, |status| basis.counts(status));
        let found: Vec<Head> = standing
            .iter()
            .map(|&index| Head {
                value: plain[index].value.clone(),
                origin: origins[index].clone(),
                replaces: plain[index].replaces.clone(),
            })
            .collect();
        for (write, origin) in plain.into_iter().zip(origins) {
            if let Some(id) = write.id {
                self.history.insert(id, write.value.clone());
            }
            if write.status.is_refusal() {
                self.refusals.push(Refusal { place: Some(place), value: write.value, origin });
            }
        }
        if !found.is_empty() {
            self.fields.insert(place, found);
        }
    }

    fn add_acts(&mut self, mut acts: Vec<RawAct>, basis: Basis) {
        acts.sort_by_key(|act| (act.1.is_none(), act.0, act.1));
        acts.dedup_by_key(|act| (act.1, act.5.at));
        for (counter, _, kind, digest, reason, origin) in acts {
            if basis.counts(origin.status) {
                let outdated = self.digest(kind) != Some(digest);
                self.acts.push(ActState { kind, reason, counter, outdated, origin });
            } else {
                self.refusals.push(Refusal { place: None, value: Value::Empty, origin });
            }
        }
    }

    /// Hash of the heads that an act vouches for; nothing while one of them is unsealed and has no name yet.
    pub fn digest(&self, kind: ActKind) -> Option<Digest> {
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 digest of heads");
        for (place, heads) in self.fields.iter().filter(|(place, _)| kind.vouches_for(**place)) {
            hasher.update(&place.criterion.to_le_bytes()).update(&[place.column as u8]);
            hasher.update(format!("{:?}", place.field).as_bytes()).update(&[heads.len() as u8]);
            for head in heads {
                let id = head.origin.id?;
                hasher.update(&id.frame.0).update(&id.index.to_le_bytes());
            }
        }
        Some(first16(&hasher))
    }

    /// How far the sheet is, from its acts.
    pub fn stage(&self) -> Stage {
        let after = |act: &ActState| match act.kind {
            // Adopting one of two sheets, or signing what a visit has found, says nothing of how far it is.
            ActKind::Adopt | ActKind::SignForDelegation | ActKind::SignForUnit => None,
            ActKind::Withdraw => Some(Stage::Draft),
            ActKind::Return => Some(Stage::Returned),
            ActKind::Retract if act.outdated => Some(Stage::RetractedEdited),
            ActKind::Retract => Some(Stage::Retracted),
            ActKind::Submit | ActKind::Approve if act.outdated => Some(Stage::Outdated),
            ActKind::Submit => Some(Stage::Submitted),
            ActKind::Approve => Some(Stage::Approved),
        };
        self.acts.iter().rev().find_map(after).unwrap_or(Stage::Draft)
    }

    /// The value that stands in a field.
    pub fn value(&self, place: Place) -> Option<&Value> {
        self.fields.get(&place).map(|heads| &heads[0].value)
    }

    /// Fields whose heads have different values, where that is one too many.
    pub fn conflicts(&self) -> Vec<Place> {
        let differs = |heads: &Vec<Head>| heads.iter().any(|head| head.value != heads[0].value);
        let fields = self.fields.iter().filter(|(place, _)| !place.field.is_list());
        fields.filter(|(_, heads)| differs(heads)).map(|(place, _)| *place).collect()
    }

    /// The answers of a column: what stands in its fields, emptied ones left out.
    pub fn answers(&self, column: Column) -> Answers {
        self.answers_with(column, |heads| &heads[0].value)
    }

    /// The answers of a column with a choice among the heads of each field.
    pub fn answers_with(&self, column: Column, choose: impl Fn(&[Head]) -> &Value) -> Answers {
        let mut answers = Answers::default();
        for (place, heads) in self.fields.iter().filter(|(place, _)| place.column == column) {
            match (place.field, choose(heads)) {
                (Field::Points, Value::Points(points)) => {
                    answers.points.insert(place.criterion, *points);
                }
                (Field::Note, Value::Text(_)) => {
                    answers.noted.insert(place.criterion);
                }
                (Field::Evidence(_), _) if heads.iter().any(|head| head.value != Value::Empty) => {
                    answers.noted.insert(place.criterion);
                }
                (Field::Quantity(product, measure), Value::Points(value)) => {
                    answers.quantities.insert((place.criterion, product, measure), *value);
                }
                _ => {}
            }
        }
        answers
    }

    /// Whether something on the sheet has no verdict yet, or none that is a receipt any more.
    pub fn waits(&self) -> bool {
        self.waiting().next().is_some()
    }

    /// What has no verdict yet, or none that is a receipt any more.
    pub fn waiting(&self) -> impl Iterator<Item = &Origin> {
        let heads = self.fields.values().flatten().map(|head| &head.origin);
        let origins = heads.chain(self.acts.iter().map(|act| &act.origin));
        origins.filter(|origin| origin.status == Status::Unjudged || origin.received_at.is_none())
    }
}

fn collect_sealed(
    key: &SheetKey,
    frames: &[FrameRecord],
    writes: &mut BTreeMap<Place, Vec<(Write, Origin)>>,
    acts: &mut Vec<RawAct>,
) {
    let mut seen = BTreeSet::new();
    for frame in frames.iter().filter(|frame| seen.insert(frame.hash)) {
        for (index, change) in frame.body.changes.iter().enumerate() {
            let id = ChangeId { frame: frame.hash, index: index as u16 };
            let origin = |minutes_before| {
                let (status, reason) = frame.status(id.index);
                Origin {
                    id: Some(id),
                    lane: frame.lane,
                    author: frame.author,
                    at: frame.body.time_of(minutes_before),
                    received_at: frame.received_at,
                    status,
                    reason,
                }
            };
            match change {
                Change::Score(score) if score.sheet == *key => {
                    let origin = origin(score.minutes_before);
                    let write = write_of(&origin, &score.value, &score.replaces, frame.body.counter);
                    writes.entry(score.place).or_default().push((write, origin));
                }
                Change::Act(act) if act.sheet == *key => {
                    let origin = origin(act.minutes_before);
                    acts.push((
                        frame.body.counter,
                        Some(id),
                        act.kind,
                        act.digest,
                        act.reason.clone(),
                        origin,
                    ));
                }
                _ => {}
            }
        }
    }
}

fn collect_unsealed(
    unsealed: &Unsealed,
    writes: &mut BTreeMap<Place, Vec<(Write, Origin)>>,
    acts: &mut Vec<RawAct>,
) {
    for (pending, at) in &unsealed.changes {
        let origin = Origin {
            id: None,
            lane: unsealed.lane,
            author: unsealed.author,
            at: *at,
            received_at: None,
            status: Status::Unjudged,
            reason: Reason::None,
        };
        match pending {
            Pending::Score(place, value, replaces) => {
                let write = write_of(&origin, value, replaces, u64::MAX);
                writes.entry(*place).or_default().push((write, origin));
            }
            Pending::Act(kind, digest, reason) => {
                acts.push((u64::MAX, None, *kind, *digest, reason.clone(), origin));
            }
        }
    }
}

fn write_of(origin: &Origin, value: &Value, replaces: &[ChangeId], counter: u64) -> Write {
    Write {
        id: origin.id,
        lane: origin.lane,
        status: origin.status,
        value: value.clone(),
        replaces: replaces.to_vec(),
        at: origin.at,
        counter,
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
