//! Criteria sets as data: one JSON file for each version of a set, in `core/rulesets/`.
//!
//! Invariant: a [`Ruleset`] has been validated; a [`Definition`] is what a file says. A published version never
//! changes, so a sheet names the version that it was scored under.
//! Reading order: the types here, `validate` (what is refused, and where), `shipped` (the sets that come along).

mod error;
mod id;
mod shipped;
mod tie_key;
mod validate;

#[cfg(test)]
mod tests;

pub use error::{Problem, RulesetError};
pub use id::{InvalidRulesetId, RulesetId};
pub use shipped::{shipped, shipped_json};
pub use tie_key::{InvalidTieKey, TieKey};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::points::Points;
use crate::view::{Column, CriterionKind, Level, Measure, Text, Trust};

/// A validated version of a criteria set. Derefs to what its file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Definition", into = "Definition")]
pub struct Ruleset {
    definition: Definition,
    content_hash: [u8; 32],
}

/// What a file of a criteria set says, validated or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Code of the set: `a` to `z`, digits and hyphens, such as `demo-a`.
    pub code: String,
    /// Version, from 1.
    pub version: u32,
    /// Title.
    pub title: Text,
    /// Where the structure, the points and the thresholds come from.
    pub source: Text,
    /// How far the figures may be trusted.
    pub trust: Trust,
    /// Whether a person or a unit is scored.
    pub subject: SubjectKind,
    /// Columns of the sheet, in order.
    pub columns: Vec<Column>,
    /// Columns that may count, first choice first; never [`Column::Own`].
    pub counting: Vec<Column>,
    /// Rounding of the total.
    pub rounding: Rounding,
    /// The total is never above this, in points; absent: no cap.
    #[serde(default)]
    pub total_cap: Option<Points>,
    /// Keys of a ranking, first key first; every key sorts from high to low. The first is always [`TieKey::Total`];
    /// subjects equal in all keys share a rank.
    pub tie_keys: Vec<TieKey>,
    /// The four levels, best first.
    pub levels: Vec<LevelFrom>,
    /// Groups in order.
    pub groups: Vec<Group>,
}

/// Who is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A person in a post.
    Person,
    /// A unit.
    Unit,
}

/// How an exact total becomes the total that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// Decimals kept, 0 to 4.
    pub decimals: u8,
    /// What happens to the rest; absent: half up.
    #[serde(default)]
    pub mode: RoundingMode,
    /// Which of the two values meets the thresholds and the ranking.
    pub classify_on: ClassifyOn,
}

/// What rounding does with the decimals that are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// A half and more goes up.
    #[default]
    HalfUp,
}

/// The value that is compared with thresholds and with other totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassifyOn {
    /// The rounded total: what is printed decides.
    Rounded,
    /// The exact fraction: rounding never lifts a total over a threshold.
    Exact,
}

/// A level and the total it begins at. A level ends where the next better one begins, so gaps cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelFrom {
    /// The official level.
    pub level: Level,
    /// Reached from these points on; the lowest level's is 0.
    pub from: Points,
    /// Local name, such as a letter; letters mean different levels in different places.
    #[serde(default)]
    pub label: Option<Text>,
}

/// A group of criteria: either all of them bonuses, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Code in the set, such as `II`.
    pub code: String,
    /// Title.
    pub title: Text,
    /// Sum of the criteria's maxima; of a bonus group: its cap.
    pub max: Points,
    /// Whether its criteria are bonuses and its maximum is a cap.
    #[serde(default)]
    pub bonus: bool,
    /// Criteria in order.
    pub criteria: Vec<Criterion>,
}

/// A criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Number in the set, from 1, for ever: scores name it.
    pub number: u16,
    /// Shown number, such as `II.4`.
    pub label: String,
    /// Title.
    pub title: Text,
    /// Most points.
    pub max: Points,
    /// Points are a multiple of this; 0 for converted work, whose points are computed.
    #[serde(default)]
    pub step: Points,
    /// How it is answered and computed.
    pub rule: Rule,
}

/// How a criterion is answered and computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Points from 0 to the maximum.
    Points,
    /// As points, but unanswered counts as nothing and is never missing.
    Bonus,
    /// The mean of ratios of converted quantities, times the maximum.
    ConvertedWork {
        /// Numerators, one ratio each; the mean of all is taken.
        measures: Vec<Measure>,
        /// What the ratios are of.
        denominator: Denominator,
    },
}

/// What the ratios of converted work are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// The converted quantity that was assigned.
    Assigned,
}

impl Ruleset {
    /// Longest file that is read, in bytes.
    pub const LEN_MAX: usize = 1 << 20;

    /// Reads and validates the JSON text of a criteria set; its texts become NFC.
    ///
    /// # Errors
    /// [`RulesetError`] names the place and the problem: not JSON of this shape, or one of [`Problem`].
    pub fn parse(json: &str) -> Result<Self, RulesetError> {
        if json.len() > Self::LEN_MAX {
            return Err(RulesetError::TooLong);
        }
        let json: String = json.nfc().collect();
        let definition: Definition = serde_json::from_str(&json).map_err(RulesetError::from_json)?;
        definition.try_into()
    }

    /// Code and version.
    pub fn id(&self) -> RulesetId {
        RulesetId { code: self.code.clone(), version: self.version }
    }

    /// BLAKE3 of the canonical JSON: the same for two files that say the same in another layout.
    pub fn content_hash(&self) -> [u8; 32] {
        self.content_hash
    }

    /// All criteria, in the order of the file.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.groups.iter().flat_map(|group| &group.criteria)
    }

    /// The criterion with this number.
    pub fn criterion(&self, number: u16) -> Option<&Criterion> {
        self.criteria().find(|criterion| criterion.number == number)
    }

    /// The highest total that can be reached, in points.
    pub fn maximum(&self) -> Points {
        self.definition.maximum()
    }
}

impl Definition {
    fn maximum(&self) -> Points {
        let sum = sum(self.groups.iter().map(|group| group.max));
        self.total_cap.map_or(sum, |cap| cap.min(sum))
    }
}

impl std::ops::Deref for Ruleset {
    type Target = Definition;
    fn deref(&self) -> &Definition {
        &self.definition
    }
}

impl TryFrom<Definition> for Ruleset {
    type Error = RulesetError;
    fn try_from(definition: Definition) -> Result<Self, RulesetError> {
        validate::validate(&definition)?;
        let canonical = serde_json::to_vec(&definition).map_err(RulesetError::from_json)?;
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 ruleset");
        let content_hash = *hasher.update(&canonical).finalize().as_bytes();
        Ok(Self { definition, content_hash })
    }
}

impl From<Ruleset> for Definition {
    fn from(ruleset: Ruleset) -> Self {
        ruleset.definition
    }
}

impl Criterion {
    /// The kind that screens show.
    pub fn kind(&self) -> CriterionKind {
        match self.rule {
            Rule::Points => CriterionKind::Points,
            Rule::Bonus => CriterionKind::Bonus,
            Rule::ConvertedWork { .. } => CriterionKind::Work,
        }
    }

    /// Whether a total is missing something while this is unanswered.
    pub fn is_required(&self) -> bool {
        self.rule != Rule::Bonus
    }
}

/// Sum that stops at the largest number instead of wrapping; validation keeps real sums far below it.
fn sum(points: impl Iterator<Item = Points>) -> Points {
    points.fold(Points::ZERO, |sum, next| Points(sum.0.saturating_add(next.0)))
}
