//! Inventories: what a replica holds, in 16 bytes; and, where two differ, which frames each of them lacks.
//!
//! Invariant: roots are equal when the sets of frames are, whatever the order in which they came. A cursor can be
//! wrong without being noticed; a root can't.
//!
//! Three levels, each asked for only when the one above differs: one root over all scopes that a reader may read, a
//! root for each scope, the frames of a scope. A scope holds some tens of frames, so there is no level between.

use std::collections::BTreeMap;

use super::Scope;
use super::wire::{Reader, WireError, Writer};
use crate::ids::FrameHash;

/// The set of frames of one scope: the sum of their hashes. Frames are named by 32 bytes of BLAKE3 over what was signed,
/// so a sum of their first halves names the set as well as 128 bits can, and adding one frame costs an addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Root(u128);

impl Root {
    /// Counts a frame in. The caller does so once for each frame.
    #[must_use]
    pub fn with(self, frame: FrameHash) -> Self {
        Self(self.0.wrapping_add(value(frame)))
    }

    /// Counts a set of other frames in.
    #[must_use]
    pub fn plus(self, others: Self) -> Self {
        Self(self.0.wrapping_add(others.0))
    }

    /// Counts a frame out.
    #[must_use]
    pub fn without(self, frame: FrameHash) -> Self {
        Self(self.0.wrapping_sub(value(frame)))
    }

    /// The root as it stands in a store and on the wire.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// Reads a root.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// Whether nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<FrameHash> for Root {
    fn from_iter<T: IntoIterator<Item = FrameHash>>(frames: T) -> Self {
        frames.into_iter().fold(Self::default(), Self::with)
    }
}

fn value(frame: FrameHash) -> u128 {
    let (half, _) = frame.0.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    u128::from_le_bytes(*half)
}

/// One root over all scopes that a reader may read.
pub fn whole(roots: &BTreeMap<Scope, Root>) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 inventory");
    for (scope, root) in roots.iter().filter(|(_, root)| !root.is_empty()) {
        hasher.update(&[scope.kind()]).update(&scope.id()).update(&root.to_bytes());
    }
    crate::ids::first16(&hasher)
}

/// Scopes in which two replicas differ, those that only one of them has included.
pub fn differing(mine: &BTreeMap<Scope, Root>, theirs: &BTreeMap<Scope, Root>) -> Vec<Scope> {
    let of = |roots: &BTreeMap<Scope, Root>, scope| roots.get(scope).copied().unwrap_or_default();
    let all: std::collections::BTreeSet<&Scope> = mine.keys().chain(theirs.keys()).collect();
    all.into_iter().filter(|scope| of(mine, scope) != of(theirs, scope)).copied().collect()
}

/// Most scopes in a message: a department of a thousand units.
pub const SCOPES_MAX: usize = 65_536;
pub(super) fn write_scope(writer: &mut Writer, scope: Scope) {
    writer.byte(scope.kind()).raw(&scope.id());
}

pub(super) fn read_scope(reader: &mut Reader<'_>) -> Result<Scope, WireError> {
    Ok(Scope::from_parts(reader.byte()?, reader.array()?))
}

pub(super) fn write_roots(writer: &mut Writer, roots: &BTreeMap<Scope, Root>) {
    writer.number(roots.len() as u64);
    for (scope, root) in roots {
        write_scope(writer, *scope);
        writer.raw(&root.to_bytes());
    }
}

pub(super) fn read_roots(reader: &mut Reader<'_>) -> Result<BTreeMap<Scope, Root>, WireError> {
    let mut roots = BTreeMap::new();
    for _ in 0..reader.at_most(SCOPES_MAX)? {
        roots.insert(read_scope(reader)?, Root::from_bytes(reader.array()?));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UnitId;
    use crate::mutation::{edits, mutated};
    use proptest::prelude::*;

    fn frames() -> impl Strategy<Value = Vec<FrameHash>> {
        proptest::collection::vec(any::<[u8; 32]>().prop_map(FrameHash), 0..20)
    }

    proptest! {
        #[test]
        fn a_root_names_a_set_whatever_the_order(frames in frames(), extra in any::<[u8; 32]>()) {
            let root: Root = frames.iter().copied().collect();
            let reversed: Root = frames.iter().rev().copied().collect();
            prop_assert_eq!(root, reversed);
            let more = root.with(FrameHash(extra));
            prop_assert_ne!(more, root);
            prop_assert_eq!(more.without(FrameHash(extra)), root);
        }

        #[test]
        fn scopes_differ_exactly_where_their_frames_do(mine in frames(), theirs in frames()) {
            let scope = |hash: &FrameHash| Scope::unit(UnitId([hash.0[31] % 4; 16]));
            let roots = |frames: &[FrameHash]| {
                let mut roots: BTreeMap<Scope, Root> = BTreeMap::new();
                for frame in frames {
                    let root = roots.entry(scope(frame)).or_default();
                    *root = root.with(*frame);
                }
                roots
            };
            let (a, b) = (roots(&mine), roots(&theirs));
            let differ = differing(&a, &b);
            prop_assert_eq!(&differ, &differing(&b, &a));
            prop_assert_eq!(differ.is_empty(), whole(&a) == whole(&b));
        }

        #[test]
        fn any_bytes_are_roots_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = read_roots(&mut Reader::new(&bytes));
        }
    }

    proptest! {
        #[test]
        fn mutated_roots_are_refused_or_come_back(edits in edits(), units in proptest::collection::vec(any::<u8>(), 0..6)) {
            let encoded = |roots: &BTreeMap<Scope, Root>| {
                let mut writer = Writer::new();
                write_roots(&mut writer, roots);
                writer.finish()
            };
            let root = |unit: &u8| (Scope::unit(UnitId([*unit; 16])), Root::from_bytes([*unit; 16]));
            let bytes = mutated(&encoded(&units.iter().map(root).collect()), &edits);
            if let Ok(roots) = read_roots(&mut Reader::new(&bytes)) {
                prop_assert_eq!(read_roots(&mut Reader::new(&encoded(&roots))), Ok(roots));
            }
        }
    }
}
