//! Where a device left off. Opaque outside: whatever is not exactly ours stands for nothing.
//!
//! Invariant: a cursor is good for one reader, under the grants that it was given, in an epoch that this server descends
//! from, and where the same stands at its places as when it was given. When it is not, nothing is skipped: the device is
//! asked to compare what it has, and where the past differs verdicts are told again.

use xeploai_core::ids::StreamId;
use xeploai_core::sync::wire::{Reader, Writer};

/// Length of each of the three checks at the end: of the epoch, of what stands at the places, and of the grants. They find
/// out mistakes and not forgers: whoever forges a cursor cheats himself.
const CHECK_BYTES: usize = 3;

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
    /// Given in the epoch with this order by a copy of this server, or before it was put back: other things stand here.
    Elsewhere(u32),
    /// Of no epoch of this server.
    Foreign,
}

impl Seal<'_> {
    fn checks(&self, epoch: [u8; 16], bytes: &[u8], standing: [u8; 32]) -> [[u8; CHECK_BYTES]; 3] {
        let mut hasher = blake3::Hasher::new_keyed(self.secret);
        hasher.update(&self.stream.0).update(&epoch).update(bytes);
        let mut checks = [[0; CHECK_BYTES]; 3];
        hasher.finalize_xof().fill(&mut checks[0]);
        hasher.update(&standing).finalize_xof().fill(&mut checks[1]);
        hasher.update(&self.grants).finalize_xof().fill(&mut checks[2]);
        checks
    }

    /// The bytes that a device keeps; `standing` names what stands at the places.
    pub(super) fn encode(
        &self,
        (epoch, order): ([u8; 16], u32),
        cursor: Cursor,
        standing: [u8; 32],
    ) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.number(order.into());
        for place in [cursor.stream, cursor.position, cursor.batch, cursor.snapshot, cursor.through] {
            writer.number(place.unsigned_abs());
        }
        let mut bytes = writer.finish();
        let checks = self.checks(epoch, &bytes, standing);
        bytes.extend_from_slice(checks.as_flattened());
        bytes
    }

    /// What the bytes say. `epoch_of` gives the epoch with an order, if it is of this server's past and went on nowhere
    /// else; `standing` names what stands at places now.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        epoch_of: impl Fn(u32) -> Option<[u8; 16]>,
        standing: impl Fn(Cursor) -> [u8; 32],
    ) -> Given {
        if bytes.is_empty() {
            return Given::Nothing;
        }
        let read = || {
            let (said, checks) = bytes.split_last_chunk::<{ 3 * CHECK_BYTES }>()?;
            let mut reader = Reader::new(said);
            let order = u32::try_from(reader.number().ok()?).ok()?;
            let mut place = || reader.number().ok().and_then(|place| i64::try_from(place).ok());
            let (stream, position, batch) = (place()?, place()?, place()?);
            let cursor = Cursor { stream, position, batch, snapshot: place()?, through: place()? };
            reader.finish().ok()?;
            let ours = self.checks(epoch_of(order)?, said, standing(cursor));
            let fits: Vec<bool> =
                ours.iter().zip(checks.chunks(CHECK_BYTES)).map(|(ours, check)| ours == check).collect();
            match fits[..] {
                [true, true, true] => Some(Given::Good(order, cursor)),
                [true, true, false] => Some(Given::Stale(cursor)),
                [true, false, _] => Some(Given::Elsewhere(order)),
                _ => None,
            }
        };
        read().unwrap_or(Given::Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_one_reader_one_epoch_one_past_and_one_set_of_grants() {
        let seal = Seal { secret: &[1; 32], stream: StreamId([2; 32]), grants: [3; 8] };
        let here = Cursor { stream: 40, position: 700, batch: 3, snapshot: 1, through: 2 };
        let bytes = seal.encode(([5; 16], 4), here, [7; 32]);
        assert!(bytes.len() <= 18, "{}", bytes.len());
        let epoch_of = |order| (order == 4).then_some([5; 16]);
        let standing = |_| [7; 32];
        assert_eq!(seal.decode(&bytes, epoch_of, standing), Given::Good(4, here));
        assert_eq!(seal.decode(&bytes, epoch_of, |_| [8; 32]), Given::Elsewhere(4), "other things stand there");
        assert_eq!(seal.decode(&bytes, |_| Some([6; 16]), standing), Given::Foreign, "of a copy of this server");
        assert_eq!(seal.decode(&bytes, |_| None, standing), Given::Foreign, "of an epoch that was lost");
        for other in [Seal { secret: &[9; 32], ..seal }, Seal { stream: StreamId([9; 32]), ..seal }] {
            assert_eq!(other.decode(&bytes, epoch_of, standing), Given::Foreign);
        }
        assert_eq!(Seal { grants: [9; 8], ..seal }.decode(&bytes, epoch_of, standing), Given::Stale(here));
        assert_eq!(seal.decode(&[], epoch_of, standing), Given::Nothing);
        assert_eq!(seal.decode(&bytes[..6], epoch_of, standing), Given::Foreign);
    }
}
