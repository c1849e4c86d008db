//! Snapshots: the signed state of one unit's closed period, so that a new device need not read its whole past.
//!
//! Invariant: a snapshot says of each frame what a replica that holds the frame would compute from it: the same hash,
//! place, verdict and standing changes. It is marked "confirmed by the server", never removes what a device holds,
//! and gives way to the frames themselves.
//!
//! It covers a unit's own sheet and those of its people, and goes to readers who may read all of them; others get the
//! frames. Changes that were replaced or refused within the period are left out, except where somebody needs them: of a
//! field that a frame outside the snapshot writes or may write, and of a sheet that nothing else is kept of. Where none is
//! left out, the entry holds the frame's body byte for byte, and the author's signature alone turns it into the frame
//! again: see [`Entry::complete`].

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;

use super::body::{BODY_BYTES_MAX, Body, CHANGES_MAX, Change};
use super::frame::Frame;
use super::inventory::{read_scope, write_scope};
use super::stream::{Context, sign, verify};
use super::verdict::{FrameVerdict, Rank, VerdictError, Verdicts};
use super::wire::{Reader, WireError, Writer};
use super::{Lane, PROTOCOL_VERSION, Scope, columns};
use crate::ids::{DepartmentId, FrameHash, StreamId, UnitId};
use crate::period::Period;

/// Most frames in a snapshot.
pub const ENTRIES_MAX: usize = super::verdict::VERDICTS_MAX;
/// Longest snapshot, in bytes: with it a message stays below its limit.
pub const SNAPSHOT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A frame as a snapshot vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its lane.
    pub lane: Lane,
    /// Its number in the lane.
    pub number: u64,
    /// The frame before it; nothing when that is the one with the number before, of which the lane has only one.
    pub previous: Option<FrameHash>,
    /// What the server said of it, with its hash.
    pub verdict: FrameVerdict,
    /// When the server received it, by the server's clock, Unix seconds.
    pub received_at: i64,
    /// The changes that are left, by index; nothing when all are.
    pub kept: Option<Vec<u16>>,
    /// Its body, without the changes that are not left.
    pub body: Vec<u8>,
}

impl Entry {
    /// An entry for a frame. `stands` tells which changes are left in.
    ///
    /// # Errors
    /// When the body can't be read, or holds what this version does not know: such a frame stays a frame.
    pub fn of(
        frame: &Frame,
        lane_is_forked: bool,
        (verdict, received_at): (FrameVerdict, i64),
        stands: impl Fn(u16) -> bool,
    ) -> Result<Self, WireError> {
        let mut body = frame.decode_body()?;
        if body.changes.contains(&Change::Unknown) {
            return Err(WireError::Version);
        }
        let (count, all) = (body.changes.len(), std::mem::take(&mut body.changes));
        let mut kept = Vec::new();
        for (index, change) in all.into_iter().enumerate() {
            if stands(index as u16) {
                kept.push(index as u16);
                body.changes.push(change);
            }
        }
        let whole = kept.len() == count;
        Ok(Self {
            lane: frame.lane,
            number: frame.number,
            previous: lane_is_forked.then_some(frame.previous),
            verdict,
            received_at,
            body: if whole { frame.body.clone() } else { body.encode(frame.lane.scope)? },
            kept: (!whole).then_some(kept),
        })
    }

    /// The body, each change at its index; [`Change::Unknown`] stands where one was left out.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn open(&self) -> Result<Body, WireError> {
        let mut body = Body::decode(&self.body, self.lane.scope)?;
        if let Some(kept) = &self.kept {
            if kept.len() != body.changes.len() {
                return Err(WireError::Malformed("changes of a snapshot"));
            }
            let mut all = vec![Change::Unknown; kept.last().map_or(0, |last| usize::from(*last) + 1)];
            for (index, change) in kept.iter().zip(std::mem::take(&mut body.changes)) {
                if let Some(place) = all.get_mut(usize::from(*index)) {
                    *place = change;
                }
            }
            body.changes = all;
        }
        Ok(body)
    }

    /// The frame itself, from the author's signature; nothing when it does not give the hash that was vouched for, or
    /// changes were left out.
    pub fn complete(&self, before: FrameHash, signature: [u8; 64]) -> Option<Frame> {
        let previous = self.previous.unwrap_or(if self.number > 1 { before } else { FrameHash::default() });
        let frame =
            Frame { lane: self.lane, number: self.number, previous, body: self.body.clone(), signature };
        (self.kept.is_none() && frame.hash() == self.verdict.frame).then_some(frame)
    }
}

/// The state of a unit's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The unit.
    pub unit: UnitId,
    /// The period.
    pub period: Period,
    /// The last verdict that it takes into account.
    pub cut: Rank,
    /// Frame by frame, ordered by lane and number.
    pub entries: Vec<Entry>,
}

/// A snapshot with the server's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedSnapshot {
    /// The encoded [`Snapshot`], exactly as signed.
    pub bytes: Vec<u8>,
    /// The department's signature.
    pub signature: [u8; 64],
}

impl Snapshot {
    /// Encodes and signs.
    ///
    /// # Errors
    /// [`WireError::TooLarge`] beyond a limit: the period then stays with its frames.
    pub fn sign(&self, department: DepartmentId, key: &SigningKey) -> Result<SignedSnapshot, WireError> {
        // An author numbers his frames as he likes.
        let numbered = |entry: &Entry| entry.number <= columns::NUMBER_MAX;
        if self.entries.len() > ENTRIES_MAX || !self.entries.iter().all(numbered) {
            return Err(WireError::TooLarge);
        }
        let mut writer = Writer::new();
        writer.byte(PROTOCOL_VERSION).raw(&self.unit.0).number(self.period.to_number());
        self.write_lanes(&mut writer);
        let column = |of: fn(&Entry) -> i64| self.entries.iter().map(of).collect::<Vec<_>>();
        columns::write(&mut writer, &column(|entry| entry.number as i64));
        columns::write(&mut writer, &column(|entry| entry.received_at));
        columns::write(&mut writer, &column(|entry| i64::from(entry.previous.is_some())));
        self.entries.iter().filter_map(|entry| entry.previous).for_each(|hash| {
            writer.raw(&hash.0);
        });
        let left = |entry: &Entry| entry.kept.as_ref().map_or(0, |kept| kept.len() as i64 + 1);
        columns::write(&mut writer, &column(left));
        let kept: Vec<i64> = self
            .entries
            .iter()
            .filter_map(|entry| entry.kept.as_ref())
            .flatten()
            .map(|it| (*it).into())
            .collect();
        columns::write(&mut writer, &kept);
        writer.bytes(&self.verdicts());
        self.entries.iter().for_each(|entry| {
            writer.bytes(&entry.body);
        });
        let bytes = writer.finish();
        if bytes.len() > SNAPSHOT_BYTES_MAX {
            return Err(WireError::TooLarge);
        }
        let signature = sign(key, Context::Snapshot, department, &bytes);
        Ok(SignedSnapshot { bytes, signature })
    }

    /// Streams and scopes once each, then which of them each entry's lane is.
    fn write_lanes(&self, writer: &mut Writer) {
        let streams: BTreeSet<StreamId> = self.entries.iter().map(|entry| entry.lane.stream).collect();
        let scopes: BTreeSet<Scope> = self.entries.iter().map(|entry| entry.lane.scope).collect();
        writer.number(streams.len() as u64);
        streams.iter().for_each(|stream| {
            writer.raw(&stream.0);
        });
        writer.number(scopes.len() as u64);
        scopes.iter().for_each(|scope| write_scope(writer, *scope));
        writer.number(self.entries.len() as u64);
        let at = |place: Option<usize>| place.unwrap_or_default() as i64;
        let (streams, scopes): (Vec<_>, Vec<_>) =
            (streams.into_iter().collect(), scopes.into_iter().collect());
        let column = |of: &dyn Fn(&Entry) -> i64| self.entries.iter().map(of).collect::<Vec<_>>();
        columns::write(writer, &column(&|entry| at(streams.binary_search(&entry.lane.stream).ok())));
        columns::write(writer, &column(&|entry| at(scopes.binary_search(&entry.lane.scope).ok())));
    }

    /// The verdicts as one batch.
    fn verdicts(&self) -> Vec<u8> {
        let frames = self.entries.iter().map(|entry| entry.verdict.clone()).collect();
        let Rank { epoch, epoch_order, number } = self.cut;
        Verdicts { epoch, epoch_order, number, received_at: 0, frames, contents: Vec::new() }.encode()
    }

    /// Reads a snapshot whose signature was checked when it came.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > SNAPSHOT_BYTES_MAX {
            return Err(WireError::TooLarge);
        }
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            PROTOCOL_VERSION => {}
            later if later > PROTOCOL_VERSION => return Err(WireError::Version),
            _ => return Err(WireError::Malformed("snapshot version")),
        }
        let unit = UnitId(reader.array()?);
        let period = Period::from_number(reader.number()?).map_err(|_| WireError::Malformed("period"))?;
        let lanes = read_lanes(&mut reader)?;
        let parts = Parts::read(&mut reader, lanes.len())?;
        let verdicts = Verdicts::decode(reader.bytes(SNAPSHOT_BYTES_MAX)?)?;
        if verdicts.frames.len() != lanes.len() {
            return Err(WireError::Malformed("verdicts of a snapshot"));
        }
        let cut = verdicts.rank();
        let mut entries = Vec::new();
        for ((lane, verdict), part) in lanes.into_iter().zip(verdicts.frames).zip(parts.0) {
            let body = reader.bytes(BODY_BYTES_MAX)?.to_vec();
            let (number, received_at, previous, kept) = part;
            entries.push(Entry { lane, number, previous, verdict, received_at, kept, body });
        }
        reader.finish()?;
        Ok(Self { unit, period, cut, entries })
    }
}

fn read_lanes(reader: &mut Reader<'_>) -> Result<Vec<Lane>, WireError> {
    let (mut streams, mut scopes) = (Vec::new(), Vec::new());
    for _ in 0..reader.at_most(ENTRIES_MAX)? {
        streams.push(StreamId(reader.array()?));
    }
    for _ in 0..reader.at_most(ENTRIES_MAX)? {
        scopes.push(read_scope(reader)?);
    }
    let count = reader.at_most(ENTRIES_MAX)?;
    let (of_stream, of_scope) = (columns::read(reader, count)?, columns::read(reader, count)?);
    let lane = |(stream, scope): (i64, i64)| {
        let stream = usize::try_from(stream).ok().and_then(|at| streams.get(at));
        let scope = usize::try_from(scope).ok().and_then(|at| scopes.get(at));
        match (stream, scope) {
            (Some(stream), Some(scope)) => Ok(Lane { stream: *stream, scope: *scope }),
            _ => Err(WireError::Malformed("lane of a snapshot")),
        }
    };
    of_stream.into_iter().zip(of_scope).map(lane).collect()
}

/// Number, time of receipt, previous frame and what is left of an entry.
type Part = (u64, i64, Option<FrameHash>, Option<Vec<u16>>);

struct Parts(Vec<Part>);

impl Parts {
    fn read(reader: &mut Reader<'_>, count: usize) -> Result<Self, WireError> {
        let (numbers, received) = (columns::read(reader, count)?, columns::read(reader, count)?);
        let mut previous = Vec::new();
        for named in columns::read(reader, count)? {
            previous.push(if named == 1 { Some(FrameHash(reader.array()?)) } else { None });
        }
        let left = columns::read(reader, count)?;
        let lengths: Vec<Option<usize>> = left
            .iter()
            .map(|left| usize::try_from(*left).ok().and_then(|left| left.checked_sub(1)))
            .collect();
        let total = lengths.iter().flatten().try_fold(0usize, |sum, length| {
            sum.checked_add(*length).filter(|sum| *length <= CHANGES_MAX && *sum <= SNAPSHOT_BYTES_MAX)
        });
        let kept = columns::read_as(reader, total.ok_or(WireError::TooLarge)?, index)?;
        let mut rest = kept.into_iter();
        let mut parts = Vec::new();
        for (at, length) in lengths.into_iter().enumerate() {
            let number = u64::try_from(numbers[at]).ok().filter(|number| *number > 0);
            let kept = length.map(|length| rising(rest.by_ref().take(length))).transpose()?;
            parts.push((number.ok_or(WireError::Malformed("number"))?, received[at], previous[at], kept));
        }
        Ok(Self(parts))
    }
}

/// Index of a change.
fn index(value: i64) -> Result<u16, WireError> {
    let index = u16::try_from(value).ok().filter(|index| usize::from(*index) < CHANGES_MAX);
    index.ok_or(WireError::Malformed("index"))
}

/// Indexes of changes, each above the one before.
fn rising(indexes: impl Iterator<Item = u16>) -> Result<Vec<u16>, WireError> {
    let indexes: Vec<u16> = indexes.collect();
    let rise = indexes.is_sorted_by(|before, after| before < after);
    rise.then_some(indexes).ok_or(WireError::Malformed("index"))
}

impl SignedSnapshot {
    /// The snapshot, when the department has signed it.
    ///
    /// # Errors
    /// When the signature does not fit or the bytes are malformed.
    pub fn open(
        &self,
        department: DepartmentId,
        department_key: &[u8; 32],
    ) -> Result<Snapshot, VerdictError> {
        verify(department_key, Context::Snapshot, department, &self.bytes, &self.signature)?;
        Ok(Snapshot::decode(&self.bytes)?)
    }

    /// Appends it.
    pub fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.bytes).raw(&self.signature);
    }

    /// Takes what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When the bytes are cut or over the limit.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { bytes: reader.bytes(SNAPSHOT_BYTES_MAX)?.to_vec(), signature: reader.array()? })
    }
}

/// Signatures of the frames of a snapshot, in its order, those of frames with changes left out excepted: those frames
/// travel whole. They turn "confirmed by the server" into "signed by its author".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Unit of the snapshot.
    pub unit: UnitId,
    /// Period of the snapshot.
    pub period: Period,
    /// One signature for each whole entry.
    pub signatures: Vec<[u8; 64]>,
}

impl Proof {
    /// Appends it.
    pub fn write(&self, writer: &mut Writer) {
        writer.raw(&self.unit.0).number(self.period.to_number()).number(self.signatures.len() as u64);
        self.signatures.iter().for_each(|signature| {
            writer.raw(signature);
        });
    }

    /// Takes what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When the bytes are cut, malformed or over the limit.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let unit = UnitId(reader.array()?);
        let period = Period::from_number(reader.number()?).map_err(|_| WireError::Malformed("period"))?;
        let mut signatures = Vec::new();
        for _ in 0..reader.at_most(ENTRIES_MAX)? {
            signatures.push(reader.array()?);
        }
        Ok(Self { unit, period, signatures })
    }
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
