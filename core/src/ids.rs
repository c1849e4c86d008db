//! Names of things: newtypes, so that a unit is never mistaken for a person.
//!
//! Invariant: an id that two offline phones must agree on is derived (see [`crate::sheet`]), every other id is
//! given by whoever creates the thing. Ids print and parse as hyphenless lowercase hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An id was not hex or not of the right length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the expected length")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Reads an id from exactly [`Self::LEN`] bytes.
            ///
            /// # Errors
            /// When the slice has another length.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, InvalidId> {
                bytes.try_into().map(Self).map_err(|_| InvalidId)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| InvalidId)?;
                Self::from_slice(&bytes)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/// A department: the tenant, and the root of trust of its server.
    DepartmentId, 16);
id!(/// A unit: an office, a centre, the station, or the department itself.
    UnitId, 16);
id!(/// A person, known by staff code and never by name.
    PersonId, 16);
id!(/// One person's post in one unit; a move opens a new one.
    AssignmentId, 16);
id!(/// A sheet, derived from what it is about: see [`crate::sheet::SheetKey::id`].
    SheetId, 16);
id!(/// A stream: what one author writes with one device key. The hash of its header.
    StreamId, 32);
id!(/// A frame, by the hash of its signed bytes and signature.
    FrameHash, 32);

impl UnitId {
    /// The unit whose staff code is `code`, in `department`: derived, so that an import repeated is harmless.
    pub fn of(department: DepartmentId, code: &str) -> Self {
        Self(derive16("unit", department, code))
    }
}

impl PersonId {
    /// The person whose staff code is `code`, in `department`.
    pub fn of(department: DepartmentId, code: &str) -> Self {
        Self(derive16("person", department, code))
    }
}

impl AssignmentId {
    /// The post of `person` in `unit` that began in the month `since` (`YYYY-MM`).
    pub fn of(person: PersonId, unit: UnitId, since: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 assignment");
        hasher.update(&person.0).update(&unit.0).update(since.as_bytes());
        Self(first16(&hasher))
    }
}

fn derive16(kind: &str, department: DepartmentId, code: &str) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 derived id");
    hasher.update(&department.0).update(&[kind.len() as u8]).update(kind.as_bytes()).update(code.as_bytes());
    first16(&hasher)
}

/// The first 16 bytes of a finished hash.
pub(crate) fn first16(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut out = [0; 16];
    hasher.finalize_xof().fill(&mut out);
    out
}
