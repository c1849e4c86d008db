//! Keys of a ranking, written `total` and `group:II`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One key of a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TieKey {
    /// The total: `total`.
    Total,
    /// The points of the group with this code: `group:II`.
    Group(String),
}

/// A text was not `total` or `group:` and a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is `total` or `group:` and the code of a group")]
pub struct InvalidTieKey;

impl std::fmt::Display for TieKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Total => f.write_str("total"),
            Self::Group(code) => write!(f, "group:{code}"),
        }
    }
}

impl std::str::FromStr for TieKey {
    type Err = InvalidTieKey;

    fn from_str(text: &str) -> Result<Self, InvalidTieKey> {
        match text.strip_prefix("group:") {
            Some(code) if !code.is_empty() => Ok(Self::Group(code.to_owned())),
            None if text == "total" => Ok(Self::Total),
            _ => Err(InvalidTieKey),
        }
    }
}

impl Serialize for TieKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TieKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
