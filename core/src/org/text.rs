//! How bytes stand in a document: as hex, since a document is JSON.
//!
//! Invariant: one value has one text, so that a record that is written again has the same bytes.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

use crate::sync::Scope;

fn bytes<E: Error, const N: usize>(text: &str) -> Result<[u8; N], E> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).map_err(E::custom)?;
    bytes.try_into().map_err(|_| E::custom("not of the expected length"))
}

/// An array of bytes.
pub(super) mod hex {
    use super::*;

    pub(in crate::org) fn serialize<S: Serializer, const N: usize>(
        value: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&data_encoding::HEXLOWER.encode(value))
    }

    pub(in crate::org) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        bytes(&String::deserialize(deserializer)?)
    }
}

/// Root hashes by unit.
pub(super) mod roots {
    use super::*;
    use crate::ids::UnitId;

    pub(in crate::org) fn serialize<S: Serializer>(
        value: &[(UnitId, [u8; 16])],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(|(unit, root)| (unit, data_encoding::HEXLOWER.encode(root))))
    }

    pub(in crate::org) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(UnitId, [u8; 16])>, D::Error> {
        let pairs = Vec::<(UnitId, String)>::deserialize(deserializer)?;
        pairs.into_iter().map(|(unit, root)| Ok((unit, bytes(&root)?))).collect()
    }
}

/// A scope: number of its kind, colon, id.
pub(super) mod scope {
    use super::*;

    pub(in crate::org) fn serialize<S: Serializer>(value: &Scope, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "{}:{}",
            value.kind(),
            data_encoding::HEXLOWER.encode(&value.id())
        ))
    }

    pub(in crate::org) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (kind, id) = text.split_once(':').ok_or_else(|| D::Error::custom("not a scope"))?;
        Ok(Scope::from_parts(kind.parse().map_err(D::Error::custom)?, bytes(id)?))
    }
}
