//! Snapshots: made when a period is locked, one for each unit, and the signatures behind them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::{FrameHash, UnitId};
use xeploai_core::org::Config;
use xeploai_core::period::Period;
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ChangeId, SheetKey};
use xeploai_core::sync::Lane;
use xeploai_core::sync::body::Change;
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
        let forked = forked_lanes(write, &stored)?;
        let frames: Vec<Opened> = stored.into_values().map(Opened::from).collect();
        let covered = covered(write, &frames, cut, |sheet| sheet.period == period && keys.contains(sheet))?;
        needed(&frames, &covered, &mut kept);
        let entry = |Opened { hash, stored, .. }: &Opened| {
            let judged = (covered.get(hash)?.clone(), stored.received_at);
            let is_kept = |index| kept.contains(&ChangeId { frame: *hash, index });
            Some(Entry::of(&stored.frame, forked.contains(&stored.frame.lane), judged, is_kept))
        };
        let signed =
            frames.iter().filter_map(entry).collect::<Result<Vec<_>, _>>().and_then(|mut entries| {
                entries.sort_by_key(|entry| (entry.lane, entry.number, entry.verdict.frame));
                Snapshot { unit, period, cut, entries }.sign(self.department, &self.keys.department)
            });
        // One that is too large is none: the period stays with its frames.
        if let Ok(signed) = signed {
            let snapshot = snapshots::insert(write, unit, period, verdicts::last(write)?, &signed)?;
            let covers = |it: &&Opened| covered.contains_key(&it.hash);
            let mut positions = frames.iter().filter(covers).map(|it| it.stored.position);
            positions.try_for_each(|position| frames::cover(write, position, snapshot))?;
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

/// A frame and what it says; nothing when its body can't be read.
struct Opened {
    hash: FrameHash,
    stored: StoredFrame,
    changes: Vec<Change>,
}

impl From<StoredFrame> for Opened {
    fn from(stored: StoredFrame) -> Self {
        let changes = stored.frame.decode_body().map(|body| body.changes).unwrap_or_default();
        Self { hash: stored.frame.hash(), stored, changes }
    }
}

impl Opened {
    /// Its changes by name.
    fn named(&self) -> impl Iterator<Item = (ChangeId, &Change)> {
        (0..).map(|index| ChangeId { frame: self.hash, index }).zip(&self.changes)
    }
}

/// The verdicts on the frames that a snapshot stands in for: those judged by its cut and about its sheets alone.
fn covered(
    write: &Transaction<'_>,
    frames: &[Opened],
    cut: Rank,
    is_of: impl Fn(&SheetKey) -> bool,
) -> Result<BTreeMap<FrameHash, FrameVerdict>, ServerError> {
    let (mut decoded, mut covered) = (Decoded::at(Some(cut)), BTreeMap::new());
    for Opened { hash, stored, changes } in frames {
        let is_of_it = !changes.is_empty() && changes.iter().all(|it| it.sheet().is_some_and(&is_of));
        if is_of_it && let Some((verdict, _)) = decoded.of(write, stored.position, *hash)? {
            covered.insert(*hash, verdict);
        }
    }
    Ok(covered)
}

/// Adds the changes that do not stand and that readers need: all of a field that a frame outside the snapshot writes or may
/// write, for they tell what replaced it; and all of a sheet that nothing else is kept of, for they tell that there is one.
fn needed(frames: &[Opened], covered: &BTreeMap<FrameHash, FrameVerdict>, kept: &mut BTreeSet<ChangeId>) {
    let is_outside = |id: &ChangeId| !covered.contains_key(&id.frame);
    let (mut open, mut known) = (BTreeSet::new(), BTreeSet::new());
    for (id, change) in frames.iter().flat_map(Opened::named) {
        if kept.contains(&id) {
            known.extend(change.sheet());
        }
        if let Change::Score(score) = change
            && (is_outside(&id) || score.replaces.iter().any(is_outside))
        {
            open.insert((&score.sheet, score.place));
        }
    }
    let is_needed = |change: &Change| match change {
        Change::Score(score) if open.contains(&(&score.sheet, score.place)) => true,
        change => change.sheet().is_some_and(|sheet| !known.contains(sheet)),
    };
    kept.extend(
        frames.iter().flat_map(Opened::named).filter(|(_, change)| is_needed(change)).map(|(id, _)| id),
    );
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
