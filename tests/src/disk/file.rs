//! One file: what its program sees, what would be left after a power cut, and which sectors differ.
//!
//! Invariant: outside the dirty sectors and the difference in length, both contents are the same.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes that reach the medium together or not at all.
pub(super) const SECTOR: usize = 512;

/// Decides what survives a power cut, sector by sector.
#[derive(Debug)]
pub(super) struct Luck<'a> {
    pub(super) rng: &'a mut fastrand::Rng,
    /// Chances of survival, in quarters: 0 loses everything, 4 keeps everything.
    pub(super) quarters: u8,
}

impl Luck<'_> {
    pub(super) fn survives(&mut self) -> bool {
        self.rng.u8(0..4) < self.quarters
    }
}

/// Two contents of one file.
#[derive(Debug, Default)]
pub(super) struct File {
    seen: Vec<u8>,
    durable: Arc<Vec<u8>>,
    dirty: BTreeSet<usize>,
}

impl File {
    /// A file that is wholly on the medium.
    pub(super) fn durable(content: Arc<Vec<u8>>) -> Self {
        Self { seen: content.to_vec(), durable: content, dirty: BTreeSet::new() }
    }

    /// What a power cut can't take.
    pub(super) fn image(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.durable)
    }

    /// What its program sees.
    pub(super) fn seen(&self) -> Arc<Vec<u8>> {
        Arc::new(self.seen.clone())
    }

    pub(super) fn len(&self) -> usize {
        self.seen.len()
    }

    /// Copies what is there from `offset` on; the count may be less than the buffer holds.
    pub(super) fn read(&self, offset: usize, buffer: &mut [u8]) -> usize {
        let rest = self.seen.get(offset..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        count
    }

    pub(super) fn write(&mut self, offset: usize, data: &[u8]) {
        let end = offset + data.len();
        // A gap before the data is new as well.
        self.touch(offset.min(self.seen.len()), end);
        if self.seen.len() < end {
            self.seen.resize(end, 0);
        }
        self.seen[offset..end].copy_from_slice(data);
    }

    pub(super) fn resize(&mut self, len: usize) {
        let old = self.seen.len();
        self.touch(old.min(len), old.max(len));
        self.seen.resize(len, 0);
    }

    fn touch(&mut self, start: usize, end: usize) {
        self.dirty.extend(start / SECTOR..end.div_ceil(SECTOR));
    }

    /// Brings everything to the medium.
    pub(super) fn sync(&mut self) {
        let durable = Arc::make_mut(&mut self.durable);
        durable.resize(self.seen.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            copy_sector(&self.seen, durable, sector);
        }
    }

    /// The power goes: without luck the file is as at its last sync, with luck it is a mixture of then and now.
    pub(super) fn crash(&mut self, luck: Option<&mut Luck<'_>>) {
        if let Some(luck) = luck {
            self.mix(luck);
        }
        self.dirty.clear();
        self.seen.clone_from(&self.durable);
    }

    fn mix(&mut self, luck: &mut Luck<'_>) {
        let durable = Arc::make_mut(&mut self.durable);
        if self.seen.len() < durable.len() && luck.survives() {
            durable.truncate(self.seen.len());
        }
        for sector in &self.dirty {
            if luck.survives() {
                copy_sector(&self.seen, durable, *sector);
            }
        }
        // The length may get there without the data: such a gap reads as zeros.
        if durable.len() < self.seen.len() && luck.survives() {
            durable.resize(self.seen.len(), 0);
        }
    }
}

fn copy_sector(from: &[u8], to: &mut Vec<u8>, sector: usize) {
    let start = sector * SECTOR;
    let end = (start + SECTOR).min(from.len());
    // Sectors beyond the end are those of a truncation.
    if start < end {
        if to.len() < end {
            to.resize(end, 0);
        }
        to[start..end].copy_from_slice(&from[start..end]);
    }
}
