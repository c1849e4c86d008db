//! Criteria sets as data: one JSON file for each version of a set, in `core/rulesets/`.
//!
//! Invariant: a [`Ruleset`] has been validated; a [`Definition`] is what a file says. A published version never
//! changes, so a sheet names the version that it was scored under.
//! Reading order: the types here, `criterion` (what is answered), `levels` (conditions and gates), `validate` (what is
//! refused, and where), `shipped` (the sets that come along).

mod criterion;
mod error;
mod fraction;
mod id;
mod levels;
mod problem;
mod shipped;
mod tie_key;
mod validate;

#[cfg(test)]
mod problem_tests;
#[cfg(test)]
mod tests;

pub use criterion::{
    Applies, Band, Criterion, DeductSplit, Deduction, DeductionScope, Denominator, Group, LateBand, Rule,
};
pub use error::{Finding, RulesetError};
pub use id::{InvalidRulesetId, RulesetId};
pub use levels::{Comparison, Condition, Effect, Gate, LevelFrom};
pub use problem::Problem;
pub use shipped::{shipped, shipped_json};
pub use tie_key::{InvalidTieKey, TieKey};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::classify::{Aggregation, Quota};
use crate::points::Points;
use crate::view::{Column, Text, Trust};

/// A validated version of a criteria set. Derefs to what its file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Definition", into = "Definition")]
pub struct Ruleset {
    definition: Definition,
    required: BTreeSet<u16>,
    /// Numbers of the criteria in order, each with its group and its place there.
    places: Vec<(u16, usize, usize)>,
    content_hash: [u8; 32],
}

/// What a file of a criteria set says, validated or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Where an editor finds what may stand in the file: `./schema.json`. It says nothing about the set.
    #[serde(rename = "$schema", default, skip_serializing, deserialize_with = "ignore_text")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub schema: (),
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
    /// What is not known of the original, and so stands here as a reading or not at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Text>,
    /// First day on which it is in force, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day on which it is in force, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Whether a person or a unit is scored.
    pub subject: SubjectKind,
    /// Columns of the sheet, in order.
    pub columns: Vec<Column>,
    /// Columns that may count, first choice first; never [`Column::Own`].
    pub counting: Vec<Column>,
    /// Rounding of the total.
    pub rounding: Rounding,
    /// Points that everybody begins with.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub base: Points,
    /// The total is never above this, in points; absent: no cap.
    #[serde(default)]
    pub total_cap: Option<Points>,
    /// All bonus groups together are never above this, in points; absent: no cap but the groups' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_cap: Option<Points>,
    /// All penalty groups together never take more than this, in points; absent: no cap but the groups' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty_cap: Option<Points>,
    /// Keys of a ranking, first key first; every key sorts from high to low. The first is always [`TieKey::Total`];
    /// subjects equal in all keys share a rank.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Vec<String>", inner(regex(pattern = r"^(total|group:.+)$")))
    )]
    pub tie_keys: Vec<TieKey>,
    /// The four levels, best first.
    pub levels: Vec<LevelFrom>,
    /// Groups in order.
    pub groups: Vec<Group>,
    /// What stands above the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// Whose level is never above the unit's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_above_unit: Vec<Standing>,
    /// How many may have the best level; absent: no text says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// How a longer period is made of those that are scored by this set; absent: no text says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<Aggregation>,
}

/// Who is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A person in a post.
    Person,
    /// A unit.
    Unit,
}

/// How an exact total becomes the total that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// Decimals kept, 0 to 4.
    pub decimals: u8,
    /// What happens to the rest; absent: half up.
    #[serde(default)]
    pub mode: RoundingMode,
    /// Which of the two values meets the thresholds and the ranking.
    pub classify_on: ClassifyOn,
    /// What is rounded.
    #[serde(default, skip_serializing_if = "RoundingAt::is_total")]
    pub at: RoundingAt,
}

/// What rounding does with the decimals that are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// A half and more goes up.
    #[default]
    HalfUp,
    /// It is cut off, towards the smaller number.
    Down,
    /// Anything goes up.
    Up,
}

/// What is rounded, before it is added further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoundingAt {
    /// The total alone.
    #[default]
    Total,
    /// Each group, and the total.
    Groups,
    /// Each criterion, each group and the total.
    Criteria,
}

/// The value that is compared with thresholds and with other totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClassifyOn {
    /// The rounded total: what is printed decides.
    Rounded,
    /// The exact fraction: rounding never lifts a total over a threshold.
    Exact,
}

/// The position that a subject is scored in. A unit is scored in none: [`Position::default`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Head, deputy or neither.
    #[serde(default)]
    pub standing: Standing,
    /// Vietnamese title.
    #[serde(default)]
    pub title: String,
}

/// Where somebody stands in his unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Người đứng đầu.
    Head,
    /// Cấp phó.
    Deputy,
    /// Neither: staff, or a unit.
    #[default]
    Staff,
}

impl Rounding {
    /// Two decimals, half up: where no criteria set says how.
    pub const SHOWN: Self = Self {
        decimals: 2,
        mode: RoundingMode::HalfUp,
        classify_on: ClassifyOn::Exact,
        at: RoundingAt::Total,
    };
}

impl RoundingAt {
    fn is_total(&self) -> bool {
        *self == Self::Total
    }
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
        // Numbers begin at 1, and most sets have them all.
        let dense = self.places.get(usize::from(number).wrapping_sub(1)).filter(|place| place.0 == number);
        let found = dense.or_else(|| {
            let at = self.places.binary_search_by_key(&number, |place| place.0).ok()?;
            self.places.get(at)
        });
        let (_, group, at) = found?;
        self.groups.get(*group)?.criteria.get(*at)
    }

    /// Whether sheets under it have the minutes of visits: those of units that somebody appraises.
    pub fn is_visited(&self) -> bool {
        self.subject == SubjectKind::Unit && self.columns.contains(&Column::Appraised)
    }

    /// The highest total that can be reached, in points; 0: the set gives no points.
    pub fn maximum(&self) -> Points {
        self.definition.maximum()
    }

    /// Whether the set gives points at all; else its levels follow from conditions alone.
    pub fn has_points(&self) -> bool {
        self.criteria().any(Criterion::has_points)
    }

    /// Whether nothing can be concluded while this criterion is unanswered by somebody whom it applies to: it gives points
    /// and is no bonus, or a level's condition or a band looks at it. What only gates look at may stay unanswered.
    pub fn requires(&self, criterion: &Criterion) -> bool {
        self.required.contains(&criterion.number)
    }
}

/// Versions of one set that are in force on one day, where both say from when: the later version, and what it meets.
pub fn overlaps(sets: &[Ruleset]) -> Vec<(RulesetId, Finding)> {
    let mut found = Vec::new();
    for set in sets {
        for other in sets.iter().filter(|other| other.code == set.code && other.version < set.version) {
            let begins_within = |a: &Ruleset, b: &Ruleset| match (&a.valid_from, &b.valid_from) {
                (Some(a), Some(from)) => a >= from && b.valid_to.as_ref().is_none_or(|to| a <= to),
                _ => false,
            };
            if begins_within(set, other) || begins_within(other, set) {
                let problem = Problem::DatesOverlap(other.id().to_string());
                found.push((set.id(), Finding { place: "valid_from".to_owned(), problem }));
            }
        }
    }
    found
}

impl Definition {
    fn maximum(&self) -> Points {
        let of = |bonus: bool| {
            sum(self
                .groups
                .iter()
                .filter(|group| !group.penalty && group.bonus == bonus)
                .map(|group| group.max))
        };
        let bonus = self.bonus_cap.map_or(of(true), |cap| cap.min(of(true)));
        let most = sum([self.base, of(false), bonus].into_iter());
        self.total_cap.map_or(most, |cap| cap.min(most))
    }

    fn required(&self) -> BTreeSet<u16> {
        let criteria = || self.groups.iter().flat_map(|group| &group.criteria);
        let scored = criteria().filter(|criterion| {
            criterion.has_points() && !criterion.is_deduction() && criterion.rule != Rule::Bonus
        });
        let banded = criteria().filter_map(|criterion| match criterion.rule {
            Rule::Banded { by, .. } => Some(by),
            _ => None,
        });
        let conditions = self.levels.iter().flat_map(|level| &level.conditions);
        let looked_at = conditions.filter_map(|condition| match condition {
            Condition::Criterion { criterion, .. } => Some(*criterion),
            Condition::People { .. } => None,
        });
        scored.map(|criterion| criterion.number).chain(banded).chain(looked_at).collect()
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
        let findings = validate::validate(&definition);
        if !findings.is_empty() {
            return Err(RulesetError::Invalid(findings));
        }
        let canonical = serde_json::to_vec(&definition).map_err(RulesetError::from_json)?;
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 ruleset");
        let content_hash = *hasher.update(&canonical).finalize().as_bytes();
        let required = definition.required();
        let groups = definition.groups.iter().enumerate();
        let criteria = groups.flat_map(|(group, of)| {
            of.criteria.iter().enumerate().map(move |(at, criterion)| (criterion.number, group, at))
        });
        let mut places: Vec<_> = criteria.collect();
        places.sort_unstable();
        Ok(Self { definition, required, places, content_hash })
    }
}

impl From<Ruleset> for Definition {
    fn from(ruleset: Ruleset) -> Self {
        ruleset.definition
    }
}

fn ignore_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    String::deserialize(deserializer).map(drop)
}

/// Sum that stops at the largest number instead of wrapping; validation keeps real sums far below it.
fn sum(points: impl Iterator<Item = Points>) -> Points {
    points.fold(Points::ZERO, |sum, next| Points(sum.0.saturating_add(next.0)))
}
