//! Snapshots: made when a period is locked, one for each unit, and the signatures behind them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::UnitId;
use xeploai_core::org::Config;
use xeploai_core::period::Period;
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ChangeId, SheetKey};
use xeploai_core::sync::Lane;
use xeploai_core::sync::body::Body;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::snapshot::{Entry, Snapshot};
use xeploai_core::sync::verdict::Rank;

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
        let (mut stored, mut standing) = (BTreeMap::<i64, StoredFrame>::new(), BTreeSet::new());
        for key in keys {
            let frames = frames::of_sheet(write, key.id(self.department))?;
            let mut left = standing_of(&self.sheet_at(write, key.clone(), Some(cut))?);
            if left.is_empty() {
                left = written_on(&frames, key);
            }
            standing.extend(left);
            stored.extend(frames.into_iter().map(|it| (it.position, it)));
        }
        let mut decoded = Decoded::at(Some(cut));
        let (mut entries, mut covered) = (Vec::new(), Vec::new());
        let forked = forked_lanes(write, &stored)?;
        for (position, StoredFrame { received_at, frame, .. }) in &stored {
            let hash = frame.hash();
            let Some((verdict, _)) = decoded.of(write, *position, hash)? else { continue };
            if !is_of(frame, period, keys) {
                continue;
            }
            let stands = |index| standing.contains(&ChangeId { frame: hash, index });
            let entry = Entry::of(frame, forked.contains(&frame.lane), (verdict, *received_at), stands);
            // What this version can't read whole stays a frame.
            if let Ok(entry) = entry {
                entries.push(entry);
                covered.push(*position);
            }
        }
        entries.sort_by_key(|entry| (entry.lane, entry.number, entry.verdict.frame));
        let signed = Snapshot { unit, period, cut, entries }.sign(self.department, &self.keys.department);
        // One that is too large is none: the period stays with its frames.
        if let Ok(signed) = signed {
            let snapshot = snapshots::insert(write, unit, period, verdicts::last(write)?, &signed)?;
            covered.iter().try_for_each(|position| frames::cover(write, *position, snapshot))?;
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

/// Every change of a sheet. Where nothing stands they stay, refused as they are: without them a reader would not know that
/// there is such a sheet.
fn written_on(frames: &[StoredFrame], key: &SheetKey) -> Vec<ChangeId> {
    let of_frame = |frame: &Frame| {
        let (hash, changes) =
            (frame.hash(), frame.decode_body().map(|body| body.changes).unwrap_or_default());
        let indexed = (0u16..).zip(changes).filter(|(_, change)| change.sheet() == Some(key));
        indexed.map(|(index, _)| ChangeId { frame: hash, index }).collect::<Vec<_>>()
    };
    frames.iter().flat_map(|stored| of_frame(&stored.frame)).collect()
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
