//! Short names: what both sides of an exchange hold is named by eight bytes instead of thirty-two.
//!
//! Invariant: a short name decides nothing. Whatever is taken for it is checked by a signature over the full name, so a
//! chance likeness, or a peer that has lost something, costs one more exchange "in full".

use super::Lane;
use super::wire::{Reader, WireError, Writer};
use crate::ids::{FrameHash, StreamId};

/// The first bytes of a hash: enough to name a frame or stream that both sides hold. Whatever is taken for it is checked
/// by its own signature, so a chance likeness costs an exchange and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Short(pub [u8; 8]);

impl Short {
    /// The short name of a hash.
    pub fn of(hash: &[u8; 32]) -> Self {
        let (start, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        Self(*start)
    }

    /// The least and the greatest hash with this beginning: a range of an index.
    pub fn range(self) -> ([u8; 32], [u8; 32]) {
        let (mut least, mut greatest) = ([0; 32], [0xff; 32]);
        least[..8].copy_from_slice(&self.0);
        greatest[..8].copy_from_slice(&self.0);
        (least, greatest)
    }
}

/// Where a frame stands, as somebody who holds it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its hash.
    pub hash: FrameHash,
    /// Its lane.
    pub lane: Lane,
    /// Its number in the lane.
    pub number: u64,
}

/// What the writer of a message may name briefly, because the reader has it.
pub trait PeerHas {
    /// Whether the reader has this stream's certificate.
    fn stream(&self, stream: StreamId) -> bool;
    /// Whether the reader has this frame.
    fn frame(&self, frame: FrameHash) -> bool;
}

/// What the reader of a message holds. A name that two things share is no name.
pub trait Known {
    /// The stream with this name.
    fn stream(&self, name: Short) -> Option<StreamId>;
    /// The frame with this name.
    fn frame(&self, name: Short) -> Option<Standing>;
}

/// Nothing is known of the other side: everything is named in full.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl PeerHas for Nothing {
    fn stream(&self, _: StreamId) -> bool {
        false
    }
    fn frame(&self, _: FrameHash) -> bool {
        false
    }
}

impl Known for Nothing {
    fn stream(&self, _: Short) -> Option<StreamId> {
        None
    }
    fn frame(&self, _: Short) -> Option<Standing> {
        None
    }
}

/// Most frames of one scope that are named in a message.
pub const NAMES_MAX: usize = 65_536;

pub(super) fn write_names(writer: &mut Writer, names: &[Short]) {
    writer.number(names.len() as u64);
    for name in names {
        writer.raw(&name.0);
    }
}

pub(super) fn read_names(reader: &mut Reader<'_>) -> Result<Vec<Short>, WireError> {
    let mut names = Vec::new();
    for _ in 0..reader.at_most(NAMES_MAX)? {
        names.push(Short(reader.array()?));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::{edits, mutated};
    use proptest::prelude::*;

    fn encoded(names: &[Short]) -> Vec<u8> {
        let mut writer = Writer::new();
        write_names(&mut writer, names);
        writer.finish()
    }

    proptest! {
        #[test]
        fn any_bytes_are_names_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = read_names(&mut Reader::new(&bytes));
        }

        #[test]
        fn mutated_names_are_refused_or_come_back(names in proptest::collection::vec(any::<[u8; 8]>(), 0..9), edits in edits()) {
            let names: Vec<Short> = names.into_iter().map(Short).collect();
            prop_assert_eq!(read_names(&mut Reader::new(&encoded(&names))), Ok(names.clone()));
            let bytes = mutated(&encoded(&names), &edits);
            let mut reader = Reader::new(&bytes);
            if let Ok(names) = read_names(&mut reader) {
                prop_assert_eq!(&encoded(&names)[..], &bytes[..bytes.len() - reader.remaining()]);
            }
        }
    }
}
