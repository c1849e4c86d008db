//! Where a device left off. Opaque outside: whatever is not exactly ours stands for nothing.
//!
//! Invariant: a cursor is good for one reader, under the grants that it was given, in an epoch that this server descends
//! from. When it is not, nothing is skipped: the device is asked to compare what it has, and verdicts are told again.

use xeploai_core::ids::StreamId;
use xeploai_core::sync::wire::{Reader, Writer};

use crate::storage::epochs::Past;

/// Length of each of the two checks at the end: of the epoch, and of the grants.
const CHECK_BYTES: usize = 4;

/// A place in the orders of devices, snapshots, frames and batches of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cursor {
    /// The last device, in the order in which they came, whose certificate was.
    pub(super) stream: i64,
    /// Position of the last frame that was looked at for this reader.
    pub(super) position: i64,
    /// The last batch of verdicts that was.
    pub(super) batch: i64,
    /// How many snapshots were, in their order; all of them when it is `through`.
    pub(super) snapshot: i64,
    /// Snapshots up to this one stand in for their frames.
    pub(super) through: i64,
}

/// Whom a cursor is for.
#[derive(Clone, Copy)]
pub(super) struct Seal<'a> {
    /// Known to the server alone.
    pub(super) secret: &'a [u8; 32],
    /// The reader's stream.
    pub(super) stream: StreamId,
    /// Names the reader's grants.
    pub(super) grants: [u8; 8],
}

/// What the bytes of a cursor say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// The device begins.
    Nothing,
    /// Good, given in the epoch with this order.
    Good(u32, Cursor),
    /// Given in this server's past, under other grants.
    Stale(Cursor),
    /// Not of this server's past: its places say nothing here.
    Foreign,
}

impl Seal<'_> {
    /// One check of the place in an epoch of this server, and one of the grants too.
    fn checks(&self, epoch: [u8; 16], bytes: &[u8]) -> [[u8; CHECK_BYTES]; 2] {
        let mut hasher = blake3::Hasher::new_keyed(self.secret);
        hasher.update(&self.stream.0).update(&epoch).update(bytes);
        let mut checks = [[0; CHECK_BYTES]; 2];
        hasher.finalize_xof().fill(&mut checks[0]);
        hasher.update(&self.grants).finalize_xof().fill(&mut checks[1]);
        checks
    }

    /// The bytes that a device keeps.
    pub(super) fn encode(&self, (epoch, order): ([u8; 16], u32), cursor: Cursor) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.number(order.into());
        for place in [cursor.stream, cursor.position, cursor.batch, cursor.snapshot, cursor.through] {
            writer.number(place.unsigned_abs());
        }
        let mut bytes = writer.finish();
        let checks = self.checks(epoch, &bytes);
        bytes.extend_from_slice(checks.as_flattened());
        bytes
    }

    /// What the bytes say; `past` gives the epoch with an order, if it is of this server's past and went on nowhere else.
    /// A place beyond the end of its epoch is of another past: this server was put back to before it.
    pub(super) fn decode(&self, bytes: &[u8], past: impl Fn(u32) -> Option<Past>) -> Given {
        if bytes.is_empty() {
            return Given::Nothing;
        }
        let read = || {
            let (said, under) = bytes.split_last_chunk::<CHECK_BYTES>()?;
            let (said, here) = said.split_last_chunk::<CHECK_BYTES>()?;
            let mut reader = Reader::new(said);
            let order = u32::try_from(reader.number().ok()?).ok()?;
            let mut place = || reader.number().ok().and_then(|place| i64::try_from(place).ok());
            let (stream, position, batch) = (place()?, place()?, place()?);
            let cursor = Cursor { stream, position, batch, snapshot: place()?, through: place()? };
            reader.finish().ok()?;
            let past = past(order)?;
            let reached = past.ended_at.unwrap_or([i64::MAX; 4]);
            let places = [cursor.stream, cursor.position, cursor.batch, cursor.through];
            if places.iter().zip(reached).any(|(place, reached)| *place > reached) {
                return None;
            }
            let checks = self.checks(past.epoch, said);
            match (checks[0] == *here, checks[1] == *under) {
                (true, true) => Some(Given::Good(order, cursor)),
                (true, false) => Some(Given::Stale(cursor)),
                (false, _) => None,
            }
        };
        read().unwrap_or(Given::Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_one_reader_one_epoch_and_one_set_of_grants() {
        let seal = Seal { secret: &[1; 32], stream: StreamId([2; 32]), grants: [3; 8] };
        let here = Cursor { stream: 40, position: 700, batch: 3, snapshot: 1, through: 2 };
        let bytes = seal.encode(([5; 16], 4), here);
        assert!(bytes.len() <= 17, "{}", bytes.len());
        let present = |epoch| Past { epoch, ended_at: None };
        let epoch_of = |order| (order == 4).then_some(present([5; 16]));
        assert_eq!(seal.decode(&bytes, epoch_of), Given::Good(4, here));
        assert_eq!(
            seal.decode(&bytes, |_| Some(present([6; 16]))),
            Given::Foreign,
            "of a copy of this server"
        );
        let ended = |batch| move |_| Some(Past { epoch: [5; 16], ended_at: Some([40, 700, batch, 2]) });
        assert_eq!(seal.decode(&bytes, ended(3)), Given::Good(4, here));
        assert_eq!(seal.decode(&bytes, ended(2)), Given::Foreign, "of a longer past than this server's");
        assert_eq!(seal.decode(&bytes, |_| None), Given::Foreign, "of an epoch that was lost");
        for other in [Seal { secret: &[9; 32], ..seal }, Seal { stream: StreamId([9; 32]), ..seal }] {
            assert_eq!(other.decode(&bytes, epoch_of), Given::Foreign);
        }
        assert_eq!(Seal { grants: [9; 8], ..seal }.decode(&bytes, epoch_of), Given::Stale(here));
        assert_eq!(seal.decode(&[], epoch_of), Given::Nothing);
        assert_eq!(seal.decode(&bytes[..6], epoch_of), Given::Foreign);
    }
}
