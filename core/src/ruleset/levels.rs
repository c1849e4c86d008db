//! Levels, their conditions, and the gates between a total and a level.

use serde::{Deserialize, Serialize};

use super::Applies;
use crate::points::{Exact, Points};
use crate::view::{Level, Text};

/// A level, and what it takes. It ends where the next better one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LevelFrom {
    /// The official level.
    pub level: Level,
    /// Reached from this total on; the lowest level's is 0. Absent in all levels of a set without points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Points>,
    /// Where the published text says that it ends, exclusive: must be where the next better one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Points>,
    /// Local name, such as a letter; letters mean different levels in different places.
    #[serde(default)]
    pub label: Option<Text>,
    /// What must hold besides, all of it; where it does not, the next lower level is looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Article of the text that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// Something that holds for a sheet or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// On what a criterion's answer says: the number that was entered; of converted work its points. Unanswered: it
    /// does not hold.
    Criterion {
        /// The criterion's number.
        criterion: u16,
        /// How they are compared.
        is: Comparison,
        /// With what; yes is 1.
        value: Points,
    },
    /// On the share of the unit's rated people who have a level or a better one, in percent. Nobody rated: it does not
    /// hold.
    People {
        /// The level.
        level: Level,
        /// How they are compared.
        is: Comparison,
        /// With what, in percent.
        value: Points,
    },
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `≥`
    AtLeast,
    /// `>`
    Above,
    /// `≤`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Equal,
}

/// A rule that stands above the total. Gates act in the order of their effects, see [`Effect`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// What it is, as the explanation says it.
    pub title: Text,
    /// Whom it is for; absent: everybody.
    #[serde(default, skip_serializing_if = "Applies::is_everybody")]
    pub applies: Applies,
    /// It acts when all of these hold.
    pub when: Vec<Condition>,
    /// What it does.
    pub then: Effect,
    /// Article of the text that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// What a gate does. In this order, and within one effect in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Không đánh giá, xếp loại: no level at all.
    NotRated,
    /// The level goes down by one, but not below the lowest.
    LowerByOne,
    /// The level is at most this one.
    AtMost {
        /// The highest level that is left.
        level: Level,
    },
    /// The level is this one, whatever the total.
    Force {
        /// The level.
        level: Level,
    },
}

impl Comparison {
    /// Whether `a` compares to `b` like this.
    pub fn holds(self, a: Exact, b: Exact) -> bool {
        match self {
            Self::AtLeast => a >= b,
            Self::Above => a > b,
            Self::AtMost => a <= b,
            Self::Below => a < b,
            Self::Equal => a == b,
        }
    }

    /// The sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => "≥",
            Self::Above => ">",
            Self::AtMost => "≤",
            Self::Below => "<",
            Self::Equal => "=",
        }
    }
}
