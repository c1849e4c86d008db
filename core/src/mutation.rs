//! Changes to valid bytes, for tests: what a broken or hostile sender makes of something that was almost right.
//!
//! Invariant: a mutation depends on nothing but its own values, so that a failure is replayed from them.

use proptest::prelude::*;
use proptest::sample::Index;

/// One change at one place.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// Another byte stands there.
    Set(Index, u8),
    /// A byte was put in before it.
    Insert(Index, u8),
    /// It is gone.
    Remove(Index),
    /// Everything from there on is gone.
    Cut(Index),
    /// What stands there reads as the longest number there is.
    Huge(Index),
}

/// A few changes, one after the other.
pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        1 => any::<Index>().prop_map(Edit::Remove),
        1 => any::<Index>().prop_map(Edit::Cut),
        1 => any::<Index>().prop_map(Edit::Huge),
    ];
    proptest::collection::vec(edit, 1..4)
}

/// The bytes after the changes.
pub(crate) fn mutated(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits {
        if bytes.is_empty() {
            break;
        }
        let len = bytes.len();
        match edit {
            Edit::Set(at, byte) => bytes[at.index(len)] = *byte,
            Edit::Insert(at, byte) => bytes.insert(at.index(len), *byte),
            Edit::Remove(at) => drop(bytes.remove(at.index(len))),
            Edit::Cut(at) => bytes.truncate(at.index(len)),
            Edit::Huge(at) => {
                let at = at.index(len);
                bytes.splice(at..=at, [[0xff; 9].as_slice(), &[0x01]].concat());
            }
        }
    }
    bytes
}

/// A text after the changes; what is no longer UTF-8 is replaced.
pub(crate) fn mutated_text(text: &str, edits: &[Edit]) -> String {
    String::from_utf8_lossy(&mutated(text.as_bytes(), edits)).into_owned()
}
