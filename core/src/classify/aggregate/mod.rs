//! Periods to a longer period: weeks, months or quarters to a month, a quarter or a year.
//!
//! Invariant: a period without data is named and never taken for zero, except by the rule of [`AggregationMethod::MeanAll`],
//! which says so. Every variant that can be computed is shown beside the one that the set names, with its figures.
//! Reading order: the types and `aggregate` here, `methods` (each formula). Sources: SCORING.md, section "Aggregation".

mod methods;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::level_name;
use super::rule_text::append;
use super::words::{figure, fill, text};
use crate::period::{PartKind, Period};
use crate::points::{Exact, Points};
use crate::ruleset::{LevelFrom, Rounding};
use crate::scoring::ScoringError;
use crate::view::{Level, Text};

/// How a longer period is made of shorter ones, as data of a criteria set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Aggregation {
    /// The periods that make it up.
    pub of: PartKind,
    /// What is done with them.
    pub method: AggregationMethod,
}

/// What is done with the periods that make up a longer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AggregationMethod {
    /// Σ totals ÷ number of all periods: one that is not rated, or has no data, counts 0. Hà Tĩnh, article 13.
    MeanAll,
    /// Σ totals ÷ number of rated periods. NĐ 335/2025 speaks of the average score at a transfer.
    MeanRated,
    /// Mean of the common parts + mean of (Σ numerators ÷ Σ denominators) × the work's maximum. Customs practice.
    RatioOfSums,
    /// The first rule that the counts of levels fit; none fits: people decide. Customs, CV 21169/CHQ-TCCB.
    CountLevels(Vec<LevelRule>),
}

/// A level, and what the counts of levels must be for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LevelRule {
    /// The level of the longer period.
    pub level: Level,
    /// All of them must hold; for "or", write a second rule with the same level.
    pub conditions: Vec<LevelCount>,
}

/// How many periods must have a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LevelCount {
    /// The level that is counted.
    pub level: Level,
    /// At least so many periods have it.
    #[serde(default)]
    pub at_least: u32,
    /// At most so many have it; absent: any number.
    #[serde(default)]
    pub at_most: Option<u32>,
}

/// What is known of one of the shorter periods.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubPeriod {
    /// Exact total in points; absent: not enough data.
    pub total: Option<Exact>,
    /// Level; absent: not enough data.
    pub level: Option<Level>,
    /// Whether the person or unit is not rated in it (probation, maternity, …), whatever else is known.
    pub not_rated: bool,
    /// Parts of the total that [`AggregationMethod::RatioOfSums`] needs; absent: it has none, or not enough data.
    pub parts: Option<TotalParts>,
}

/// A total in the parts that [`AggregationMethod::RatioOfSums`] adds up by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalParts {
    /// Points of what is no converted work.
    pub common: Exact,
    /// Numerator and denominator of each ratio of converted work (a, b, c), in one order in all periods.
    pub ratios: Vec<[Exact; 2]>,
}

/// What of a criteria set turns a value into a level.
#[derive(Debug, Clone, Copy)]
pub struct LevelScale<'a> {
    /// The levels, best first.
    pub levels: &'a [LevelFrom],
    /// Rounding, and which value meets the thresholds.
    pub rounding: Rounding,
    /// Most points of converted work; 0 where there is none.
    pub work_max: Points,
}

/// A longer period by one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateVariant {
    /// The method.
    pub method: AggregationMethod,
    /// Exact value in points; absent: not enough data, levels were counted, or its fraction is beyond 128 bits while
    /// its rounding and level are certain.
    pub exact: Option<Exact>,
    /// The value as the set rounds it.
    pub rounded: Option<Points>,
    /// The level; absent: not enough data, or left to people.
    pub level: Option<Level>,
    /// Whether all data is there and no rule fits it: the authority judges.
    pub left_to_people: bool,
    /// Periods whose data counted, in order of time, as the two lists below.
    pub counted: Vec<Period>,
    /// Periods without a rating.
    pub not_rated: Vec<Period>,
    /// Periods that have not enough data for this method.
    pub missing: Vec<Period>,
    /// The formula with its figures.
    pub formula: Text,
    /// What a reader must know: periods that counted 0, were left out, or are missing; that people decide.
    pub notes: Vec<Text>,
}

/// A longer period as its set aggregates it, beside the other variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// By the method of the set.
    pub result: AggregateVariant,
    /// By every other method that yields a level from the same periods.
    pub others: Vec<AggregateVariant>,
    /// Says that the variants yield different levels, with the figures of each.
    pub warning: Option<Text>,
}

/// Makes a longer period of what is known of the shorter ones. Those that are no part of it are passed over.
///
/// # Errors
/// [`ScoringError::Overflow`] when a figure is beyond 128 bits and more than twelve decimals would be needed.
pub fn aggregate(
    aggregation: &Aggregation,
    period: Period,
    known: &BTreeMap<Period, SubPeriod>,
    scale: LevelScale,
) -> Result<Aggregate, ScoringError> {
    let unknown = SubPeriod::default();
    let parts = period.parts(aggregation.of).into_iter();
    let parts: Vec<_> = parts.map(|part| (part, known.get(&part).unwrap_or(&unknown))).collect();
    let result = methods::variant(&aggregation.method, &parts, scale)?;
    let mut others = Vec::new();
    for method in [AggregationMethod::MeanAll, AggregationMethod::MeanRated, AggregationMethod::RatioOfSums] {
        if method != aggregation.method {
            let other = methods::variant(&method, &parts, scale)?;
            others.extend(other.level.is_some().then_some(other));
        }
    }
    let warning = warning(&result, &others);
    Ok(Aggregate { result, others, warning })
}

fn warning(result: &AggregateVariant, others: &[AggregateVariant]) -> Option<Text> {
    let with_level =
        || std::iter::once(result).chain(others).filter_map(|variant| Some((variant, variant.level?)));
    let (_, first) = with_level().next()?;
    if with_level().all(|(_, level)| level == first) {
        return None;
    }
    let mut warning = text(
        "Các cách tổng hợp cho mức khác nhau, cần người có thẩm quyền xem xét:",
        "The ways of aggregating yield different levels; the authority should look at them:",
    );
    for (index, (variant, level)) in with_level().enumerate() {
        let value = variant.rounded.map_or_else(String::new, |rounded| format!(" {rounded}"));
        let separator = if index == 0 { " " } else { "; " };
        let parts =
            [figure(separator), aggregation_method_name(&variant.method), figure(&value), level_name(level)];
        append(&mut warning, fill("##:# → #", "##:# → #", &parts));
    }
    Some(warning)
}

/// A method's name.
pub fn aggregation_method_name(method: &AggregationMethod) -> Text {
    match method {
        AggregationMethod::MeanAll => text("trung bình trên tất cả các kỳ", "mean over all periods"),
        AggregationMethod::MeanRated => text("trung bình các kỳ được xếp loại", "mean over rated periods"),
        AggregationMethod::RatioOfSums => text("tỷ lệ trên tổng khối lượng", "ratio of sums"),
        AggregationMethod::CountLevels(_) => text("đếm mức của các kỳ", "counting levels"),
    }
}
