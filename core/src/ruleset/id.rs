//! Names of versions of criteria sets.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A version of a criteria set: `demo-a.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RulesetId {
    /// Code of the set: 1 to 32 of `a` to `z`, digits and hyphens.
    pub code: String,
    /// Version, from 1.
    pub version: u32,
}

/// A text was not `code.version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the code and version of a criteria set")]
pub struct InvalidRulesetId;

impl RulesetId {
    /// Longest code, in bytes.
    pub const CODE_LEN_MAX: usize = 32;

    /// Whether `code` may name a set.
    pub fn is_code(code: &str) -> bool {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !code.is_empty() && code.len() <= Self::CODE_LEN_MAX && code.bytes().all(allowed)
    }
}

impl std::fmt::Display for RulesetId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.code, self.version)
    }
}

impl std::str::FromStr for RulesetId {
    type Err = InvalidRulesetId;

    /// Reads exactly what `Display` writes: no sign, no leading zero.
    fn from_str(text: &str) -> Result<Self, InvalidRulesetId> {
        let (code, digits) = text.rsplit_once('.').ok_or(InvalidRulesetId)?;
        let version: u32 = digits.parse().map_err(|_| InvalidRulesetId)?;
        if version == 0 || digits != version.to_string() || !Self::is_code(code) {
            return Err(InvalidRulesetId);
        }
        Ok(Self { code: code.to_owned(), version })
    }
}

impl Serialize for RulesetId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RulesetId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
