//! Groups and criteria: what is answered, and how an answer becomes points.

use serde::{Deserialize, Serialize};

use super::{Position, Standing};
use crate::points::{Exact, Points};
use crate::view::{Column, CriterionKind, Measure, Text};

/// A group of criteria: all of them bonuses, or all of them deductions, or none of either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Code in the set, such as `II`.
    pub code: String,
    /// Title.
    pub title: Text,
    /// Sum of the criteria's maxima, for every position; of a bonus or penalty group: its cap. 0 when no criterion of the
    /// group gives points.
    pub max: Points,
    /// Whether its criteria are bonuses and its maximum is a cap.
    #[serde(default)]
    pub bonus: bool,
    /// Whether its criteria are deductions and its maximum is the most that is deducted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub penalty: bool,
    /// Criteria in order.
    pub criteria: Vec<Criterion>,
}

/// A criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Number in the set, from 1, for ever: scores name it.
    pub number: u16,
    /// Shown number, such as `II.4`.
    pub label: String,
    /// Title.
    pub title: Text,
    /// Most points; of a deduction: the most that it takes. A fraction such as `35/3` where points are computed. Absent
    /// where the rule gives no points.
    #[serde(default, with = "super::fraction", skip_serializing_if = "Exact::is_zero")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = r"^\d+([.,]\d{1,4}|/\d+)?$")))]
    pub max: Exact,
    /// What is entered is a multiple of this; 0 where the rule says itself what is entered.
    #[serde(default)]
    pub step: Points,
    /// How it is answered and computed.
    pub rule: Rule,
    /// Whom it is for; absent: everybody.
    #[serde(default, skip_serializing_if = "Applies::is_everybody")]
    pub applies: Applies,
    /// Columns that may answer it; absent: all of the set's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// Whether an answer counts only with evidence: a note beside it, in any column, that names a document, or a file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub evidence: bool,
    /// Article of the text that it comes from, where it is another than the set's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// Whom a criterion or gate is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// These standings; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<Standing>,
    /// Positions with one of these Vietnamese titles; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<String>,
}

/// How a criterion is answered and computed. Formulas, units and sources: SCORING.md.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Points from 0 to the maximum are entered.
    Points,
    /// As points, but unanswered counts as nothing and is never missing.
    Bonus,
    /// Points are entered within the range that a percentage allows.
    Banded {
        /// Number of the [`Rule::Figure`] that has the percentage.
        by: u16,
        /// Bands, highest first; the lowest begins at 0.
        bands: Vec<Band>,
    },
    /// A number of times is entered: times × `each`, at most the maximum.
    Count {
        /// Points for each time.
        each: Points,
    },
    /// Met or not is entered: the maximum, or a part of it.
    TwoLevel {
        /// Percent of the maximum when it is not met; 0: all or zero.
        #[serde(default)]
        low: Points,
    },
    /// Yes or no is entered, for conditions and gates; no points.
    PassFail,
    /// A number is entered, for conditions, gates and bands; no points.
    Figure {
        /// Unit of measure, such as `%` or days.
        unit: Text,
        /// Largest number.
        most: Points,
    },
    /// A number of times is entered; each takes points, a later one more. Unanswered: it never happened.
    Deduct {
        /// Points that the first time takes.
        each: Points,
        /// Points that each next time takes more than the one before.
        #[serde(default, skip_serializing_if = "Points::is_zero")]
        more: Points,
        /// Other figures for some; the first that applies.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        split: Vec<DeductSplit>,
    },
    /// A number of days late is entered; the band takes points. Unanswered: in time.
    DeductLate {
        /// Bands, by days, fewest first.
        bands: Vec<LateBand>,
    },
    /// The mean of ratios of converted quantities, times the maximum.
    ConvertedWork {
        /// Numerators, one ratio each.
        measures: Vec<Measure>,
        /// Weights of the ratios, in their order; absent: all alike.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        weights: Vec<Points>,
        /// What the ratios are of.
        denominator: Denominator,
        /// How faults and delays are taken off; absent: quality and progress are entered as quantities.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deduction: Option<Deduction>,
    },
}

/// A range of points that a percentage allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// From this percentage on, up to where the next higher band begins.
    pub from: Points,
    /// Fewest points.
    pub least: Points,
    /// Most points.
    pub most: Points,
}

/// Other figures of a deduction for some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeductSplit {
    /// For these standings.
    pub standings: Vec<Standing>,
    /// Points that the first time takes.
    pub each: Points,
    /// Points that each next time takes more than the one before.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub more: Points,
}

/// What being late takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LateBand {
    /// From this many days on, from 1.
    pub days: u16,
    /// Points taken.
    pub points: Points,
}

/// What the ratios of converted work are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// The converted quantity that was assigned.
    Assigned,
    /// Quantity of the assigned, quality and progress of the completed one.
    Completed,
}

/// How faults and delays are taken off completed work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Deduction {
    /// Percent that a fault or delay takes.
    pub percent: Points,
    /// Of what.
    pub scope: DeductionScope,
}

/// What a fault or delay takes its percent of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeductionScope {
    /// Of one product.
    Unit,
    /// Of the whole product line.
    Line,
}

impl Applies {
    /// Whether it is for everybody.
    pub fn is_everybody(&self) -> bool {
        self.standings.is_empty() && self.positions.is_empty()
    }

    /// Whether it is for this position. Titles are compared without regard to case.
    pub fn to(&self, position: &Position) -> bool {
        let title = || self.positions.iter().any(|title| same_title(title, &position.title));
        (self.standings.is_empty() || self.standings.contains(&position.standing))
            && (self.positions.is_empty() || title())
    }
}

fn same_title(a: &str, b: &str) -> bool {
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

impl Criterion {
    /// The kind that screens show.
    pub fn kind(&self) -> CriterionKind {
        match self.rule {
            Rule::Points => CriterionKind::Points,
            Rule::Banded { .. } => CriterionKind::Banded,
            Rule::Bonus => CriterionKind::Bonus,
            Rule::Count { .. } => CriterionKind::Count,
            Rule::TwoLevel { .. } => CriterionKind::TwoLevel,
            Rule::PassFail => CriterionKind::PassFail,
            Rule::Figure { .. } => CriterionKind::Figure,
            Rule::Deduct { .. } => CriterionKind::Deduct,
            Rule::DeductLate { .. } => CriterionKind::DeductLate,
            Rule::ConvertedWork { .. } => CriterionKind::Work,
        }
    }

    /// Whether it may be answered in a column that the set has.
    pub fn takes(&self, column: Column) -> bool {
        self.columns.is_empty() || self.columns.contains(&column)
    }

    /// The largest figure that can be entered; 0 for converted work, which takes quantities.
    pub fn most(&self) -> Points {
        match &self.rule {
            Rule::Points | Rule::Bonus | Rule::Banded { .. } => self.max.as_points().unwrap_or_default(),
            Rule::TwoLevel { .. } | Rule::PassFail => Points::whole(1),
            Rule::Figure { most, .. } => *most,
            Rule::Count { .. } | Rule::Deduct { .. } | Rule::DeductLate { .. } => crate::scoring::TIMES_MAX,
            Rule::ConvertedWork { .. } => Points::ZERO,
        }
    }

    /// The quantities that are entered for each product of converted work; of other rules: none.
    pub fn quantities(&self) -> Vec<Measure> {
        let Rule::ConvertedWork { measures, denominator, deduction, .. } = &self.rule else {
            return Vec::new();
        };
        let mut entered = vec![Measure::Assigned];
        if *denominator == Denominator::Completed || deduction.is_some() {
            entered.push(Measure::Completed);
        }
        for measure in measures {
            match (deduction, measure) {
                (Some(_), Measure::QualityOk) => entered.extend([Measure::Faults, Measure::ExcusedFaults]),
                (Some(_), Measure::OnTime) => entered.extend([Measure::Delays, Measure::ExcusedDelays]),
                _ if entered.contains(measure) => {}
                _ => entered.push(*measure),
            }
        }
        entered
    }

    /// Whether it can give points or take them.
    pub fn has_points(&self) -> bool {
        !matches!(self.rule, Rule::PassFail | Rule::Figure { .. })
    }

    /// Whether it only takes points.
    pub fn is_deduction(&self) -> bool {
        matches!(self.rule, Rule::Deduct { .. } | Rule::DeductLate { .. })
    }
}
