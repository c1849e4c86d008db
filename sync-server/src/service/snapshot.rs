//! Snapshots: made when a period is locked, one for each unit, and the signatures behind them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::{FrameHash, UnitId};
use xeploai_core::org::Config;
use xeploai_core::period::Period;
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ChangeId, SheetKey};
use xeploai_core::sync::Lane;
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::snapshot::{Entry, Snapshot};
use xeploai_core::sync::verdict::{FrameVerdict, Rank};

use super::Service;
use crate::error::ServerError;
use crate::storage::frames::{self, StoredFrame};
use crate::storage::snapshots;
use crate::storage::verdicts::{self, Decoded};

impl Service {
    /// Makes and keeps the snapshots of a period as of a cut; gives the root of the frames behind each unit's.
    pub(super) fn make_snapshots(
        &self,
        write: &Transaction<'_>,
        config: &Config,
        period: Period,
        cut: Rank,
    ) -> Result<Vec<(UnitId, [u8; 16])>, ServerError> {
        for (unit, keys) in sheets_by_unit(config, period) {
            self.make_snapshot(write, unit, period, &keys, cut)?;
        }
        self.roots_of(write, config, period)
    }

    /// Unit by unit the root of all frames that are about a period and have a verdict: what its result is made of.
    pub(super) fn roots_of(
        &self,
        read: &Connection,
        config: &Config,
        period: Period,
    ) -> Result<Vec<(UnitId, [u8; 16])>, ServerError> {
        let mut roots = Vec::new();
        for (unit, keys) in sheets_by_unit(config, period) {
            let mut judged = BTreeSet::new();
            for key in keys {
                for stored in frames::of_sheet(read, key.id(self.department))? {
                    if verdicts::batch_of(read, stored.position, None)?.is_some() {
                        judged.insert(stored.frame.hash());
                    }
                }
            }
            roots.push((unit, judged.into_iter().collect::<Root>().to_bytes()));
        }
        Ok(roots)
    }

    fn make_snapshot(
        &self,
        write: &Transaction<'_>,
        unit: UnitId,
        period: Period,
        keys: &[SheetKey],
        cut: Rank,
    ) -> Result<(), ServerError> {
        let (mut stored, mut kept) = (BTreeMap::<i64, StoredFrame>::new(), BTreeSet::new());
        for key in keys {
            kept.extend(standing_of(&self.sheet_at(write, key.clone(), Some(cut))?));
            let frames = frames::of_sheet(write, key.id(self.department))?;
            stored.extend(frames.into_iter().map(|it| (it.position, it)));
        }
        let covered = covered(write, &stored, cut, |frame| is_of(frame, period, keys))?;
        needed(&stored, |frame| covered.contains_key(&frame), &mut kept);
        let forked = forked_lanes(write, &stored)?;
        let entry = |StoredFrame { received_at, frame, .. }: &StoredFrame| {
            let hash = frame.hash();
            let judged = (covered.get(&hash)?.clone(), *received_at);
            let is_kept = |index| kept.contains(&ChangeId { frame: hash, index });
            Some(Entry::of(frame, forked.contains(&frame.lane), judged, is_kept))
        };
        let signed =
            stored.values().filter_map(entry).collect::<Result<Vec<_>, _>>().and_then(|mut entries| {
                entries.sort_by_key(|entry| (entry.lane, entry.number, entry.verdict.frame));
                Snapshot { unit, period, cut, entries }.sign(self.department, &self.keys.department)
            });
        // One that is too large is none: the period stays with its frames.
        if let Ok(signed) = signed {
            let snapshot = snapshots::insert(write, unit, period, verdicts::last(write)?, &signed)?;
            let covers = |it: &&StoredFrame| covered.contains_key(&it.frame.hash());
            stored.values().filter(covers).try_for_each(|it| frames::cover(write, it.position, snapshot))?;
        }
        Ok(())
    }
}

fn sheets_by_unit(config: &Config, period: Period) -> BTreeMap<UnitId, Vec<SheetKey>> {
    let mut sheets: BTreeMap<UnitId, Vec<SheetKey>> = BTreeMap::new();
    for key in config.sheets(period) {
        let unit = config.unit_of(key.subject).map(|unit| unit.id);
        sheets.entry(unit.unwrap_or_default()).or_default().push(key);
    }
    sheets
}

/// The changes that a snapshot keeps: heads, acts, and what was refused.
fn standing_of(sheet: &Sheet) -> Vec<ChangeId> {
    let heads = sheet.fields.values().flatten().map(|head| &head.origin);
    let acts = sheet.acts.iter().map(|act| &act.origin);
    let refusals = sheet.refusals.iter().map(|refusal| &refusal.origin);
    heads.chain(acts).chain(refusals).filter_map(|origin| origin.id).collect()
}

/// The verdicts on the frames that a snapshot stands in for: those judged by its cut and about its sheets alone.
fn covered(
    write: &Transaction<'_>,
    stored: &BTreeMap<i64, StoredFrame>,
    cut: Rank,
    is_of: impl Fn(&Frame) -> bool,
) -> Result<BTreeMap<FrameHash, FrameVerdict>, ServerError> {
    let (mut decoded, mut covered) = (Decoded::at(Some(cut)), BTreeMap::new());
    for StoredFrame { position, frame, .. } in stored.values().filter(|stored| is_of(&stored.frame)) {
        let hash = frame.hash();
        if let Some((verdict, _)) = decoded.of(write, *position, hash)? {
            covered.insert(hash, verdict);
        }
    }
    Ok(covered)
}

/// Adds the changes that do not stand and that readers need: all of a field that a frame outside the snapshot writes or may
/// write, for they tell what replaced it; and all of a sheet that nothing else is kept of, for they tell that there is one.
fn needed(
    stored: &BTreeMap<i64, StoredFrame>,
    is_covered: impl Fn(FrameHash) -> bool,
    kept: &mut BTreeSet<ChangeId>,
) {
    let changes = |frame: &Frame| frame.decode_body().map(|body| body.changes).unwrap_or_default();
    let named = |frame: &Frame| {
        let hash = frame.hash();
        let named =
            (0..).zip(changes(frame)).map(|(index, change)| (ChangeId { frame: hash, index }, change));
        named.collect::<Vec<_>>()
    };
    let all: Vec<(ChangeId, Change)> = stored.values().flat_map(|stored| named(&stored.frame)).collect();
    let (mut open, mut known) = (BTreeSet::new(), BTreeSet::new());
    for (id, change) in &all {
        if kept.contains(id) {
            known.extend(change.sheet());
        }
        if let Change::Score(score) = change
            && (!is_covered(id.frame) || score.replaces.iter().any(|replaced| !is_covered(replaced.frame)))
        {
            open.insert((&score.sheet, score.place));
        }
    }
    let is_needed = |change: &Change| match change {
        Change::Score(score) if open.contains(&(&score.sheet, score.place)) => true,
        change => change.sheet().is_some_and(|sheet| !known.contains(sheet)),
    };
    kept.extend(all.iter().filter(|(_, change)| is_needed(change)).map(|(id, _)| *id));
}

/// Whether a frame is about these sheets alone, so that a snapshot can stand in for it.
fn is_of(frame: &Frame, period: Period, keys: &[SheetKey]) -> bool {
    let Ok(Body { changes, .. }) = frame.decode_body() else { return false };
    let known = |key: &SheetKey| key.period == period && keys.contains(key);
    !changes.is_empty() && changes.iter().all(|change| change.sheet().is_some_and(known))
}

/// Lanes in which a number has two meanings.
fn forked_lanes(
    write: &Transaction<'_>,
    stored: &BTreeMap<i64, StoredFrame>,
) -> Result<BTreeSet<Lane>, ServerError> {
    let lanes: BTreeSet<Lane> = stored.values().map(|stored| stored.frame.lane).collect();
    let mut forked = BTreeSet::new();
    for lane in lanes {
        if frames::is_forked(write, lane)? {
            forked.insert(lane);
        }
    }
    Ok(forked)
}
