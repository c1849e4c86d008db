//! The formula of each method.
//!
//! Invariant: each method sorts the periods by the data that it needs itself; what it lacks is `missing`, not zero.

use super::{AggregateVariant, AggregationMethod, LevelRule, LevelScale, SubPeriod, TotalParts};
use crate::classify::level_name;
use crate::classify::words::{decimals, exactly, figure, fill, text};
use crate::period::Period;
use crate::points::{Exact, Points};
use crate::ruleset::{ClassifyOn, Rounding};
use crate::scoring::ScoringError;
use crate::scoring::exact::{add, div, mul, negate, round, sum};
use crate::view::{Level, Text};

type Parts<'a> = [(Period, &'a SubPeriod)];
/// Bounds of a value (equal when its fraction fits into 128 bits) and its formula; absent: not enough data.
type Computed = Option<([Exact; 2], Text)>;

/// The longer period by one method.
pub(super) fn variant(
    method: &AggregationMethod,
    parts: &Parts,
    scale: LevelScale,
) -> Result<AggregateVariant, ScoringError> {
    let mut variant = match method {
        AggregationMethod::MeanAll | AggregationMethod::MeanRated => {
            let (mut variant, totals) = sorted(method, parts, |known| known.total);
            let count = if *method == AggregationMethod::MeanAll { parts.len() } else { totals.len() };
            settle(&mut variant, mean(&totals, count, scale.rounding)?, scale)?;
            variant
        }
        AggregationMethod::RatioOfSums => {
            let (mut variant, totals) = sorted(method, parts, |known| known.parts.as_ref());
            settle(&mut variant, ratio_of_sums(&totals, scale)?, scale)?;
            variant
        }
        AggregationMethod::CountLevels(rules) => {
            let (mut variant, levels) = sorted(method, parts, |known| known.level);
            count_levels(&mut variant, rules, &levels);
            variant
        }
    };
    variant.notes = notes(&variant);
    Ok(variant)
}

/// Sorts the periods into those that have what `needed` reads, those that are not rated, and those that lack it.
fn sorted<'a, T>(
    method: &AggregationMethod,
    parts: &Parts<'a>,
    needed: impl Fn(&'a SubPeriod) -> Option<T>,
) -> (AggregateVariant, Vec<T>) {
    let mut variant = AggregateVariant {
        method: method.clone(),
        exact: None,
        rounded: None,
        level: None,
        left_to_people: false,
        counted: Vec::new(),
        not_rated: Vec::new(),
        missing: Vec::new(),
        formula: text("Chưa đủ dữ liệu", "Not enough data"),
        notes: Vec::new(),
    };
    let mut data = Vec::new();
    for &(period, known) in parts {
        match needed(known) {
            _ if known.not_rated => variant.not_rated.push(period),
            None => variant.missing.push(period),
            Some(found) => {
                variant.counted.push(period);
                data.push(found);
            }
        }
    }
    (variant, data)
}

/// Writes a value down with its rounding and the level that it reaches, which must be the same at both bounds.
fn settle(variant: &mut AggregateVariant, computed: Computed, scale: LevelScale) -> Result<(), ScoringError> {
    let Some(([low, high], formula)) = computed else { return Ok(()) };
    let settled = at(low, scale)?;
    if settled != at(high, scale)? {
        return Err(ScoringError::Overflow);
    }
    variant.exact = (low == high).then_some(low);
    (variant.rounded, variant.level, variant.formula) = (Some(settled.0), settled.1, formula);
    Ok(())
}

fn at(value: Exact, scale: LevelScale) -> Result<(Points, Option<Level>), ScoringError> {
    let rounded = round(value, scale.rounding)?;
    let decisive = match scale.rounding.classify_on {
        ClassifyOn::Rounded => rounded.exact(),
        ClassifyOn::Exact => value,
    };
    let reached = scale.levels.iter().find(|level| level.from.is_some_and(|from| decisive >= from.exact()));
    Ok((rounded, reached.map(|level| level.level)))
}

/// Σ totals ÷ `count`; of no totals nothing, whatever the count: no data is not zero.
fn mean(totals: &[Exact], count: usize, rounding: Rounding) -> Result<Computed, ScoringError> {
    if totals.is_empty() {
        return Ok(None);
    }
    let [low, high] = bounds(totals, rounding)?;
    let bounds = [div(low, integer(count))?, div(high, integer(count))?];
    let formula = format!("({}) ÷ {count} {}", terms(totals, rounding)?, equals(bounds, rounding)?);
    Ok(Some((bounds, figure(&formula))))
}

/// Bounds of a sum. Fractions of a year's converted work need not have a common denominator of 128 bits: then each is
/// taken to twelve decimals, downwards and upwards, so that rounding and level are certain all the same.
fn bounds(values: &[Exact], rounding: Rounding) -> Result<[Exact; 2], ScoringError> {
    if let Ok(sum) = sum(values.iter().copied()) {
        return Ok([sum, sum]);
    }
    let scale = Exact::from_integer(100_000_000);
    let four = Rounding { decimals: 4, ..rounding };
    let mut near = integer(0);
    for value in values {
        near = add(near, round(mul(*value, scale)?, four)?.exact())?;
    }
    // A ten-thousandth for each value.
    let off = Points(values.len() as i64).exact();
    let off_below = negate(off)?;
    Ok([div(add(near, off_below)?, scale)?, div(add(near, off)?, scale)?])
}

/// Mean of the common parts + mean of min(Σ numerators ÷ Σ denominators, 1) × the work's maximum, in points.
///
/// Nothing when a denominator is zero or the periods have different ratios: there is nothing to measure against.
fn ratio_of_sums(totals: &[&TotalParts], scale: LevelScale) -> Result<Computed, ScoringError> {
    let Some(ratios) = totals.first().map(|first| first.ratios.len()) else { return Ok(None) };
    if ratios == 0 || totals.iter().any(|total| total.ratios.len() != ratios) {
        return Ok(None);
    }
    let common: Vec<_> = totals.iter().map(|total| total.common).collect();
    let mut values = Vec::with_capacity(ratios);
    let mut written = Vec::with_capacity(ratios);
    for index in 0..ratios {
        let of_all = |side: usize| sum(totals.iter().map(|total| total.ratios[index][side]));
        let (numerator, denominator) = (of_all(0)?, of_all(1)?);
        if denominator <= integer(0) {
            return Ok(None);
        }
        values.push(div(numerator, denominator)?.min(integer(1)));
        let [above, below] = [decimals(numerator, scale.rounding)?, decimals(denominator, scale.rounding)?];
        written.push(format!("{above} ÷ {below}"));
    }
    let work = mul(div(sum(values)?, integer(ratios))?, scale.work_max.exact())?;
    let value = add(div(sum(common.iter().copied())?, integer(common.len()))?, work)?;
    let formula = fill(
        "(#) ÷ # + (#) ÷ # × # #; mỗi tỷ lệ không quá 100%",
        "(#) ÷ # + (#) ÷ # × # #; each ratio at most 100%",
        &[
            figure(&terms(&common, scale.rounding)?),
            figure(&common.len().to_string()),
            figure(&written.join(" + ")),
            figure(&ratios.to_string()),
            figure(&scale.work_max.to_string()),
            figure(&equals([value; 2], scale.rounding)?),
        ],
    );
    Ok(Some(([value; 2], formula)))
}

/// The first rule that fits. Levels of all rated periods must be there: "at most" is true of what is merely not known.
fn count_levels(variant: &mut AggregateVariant, rules: &[LevelRule], levels: &[Level]) {
    if levels.is_empty() {
        return;
    }
    let count = |wanted: Level| levels.iter().filter(|level| **level == wanted).count();
    let counts = [Level::Htxsnv, Level::Httnv, Level::Htnv, Level::Khtnv]
        .map(|level| (level_name(level), count(level)));
    let list = |name: fn(&Text) -> &str| {
        counts.iter().map(|(level, count)| format!("{}: {count}", name(level))).collect::<Vec<_>>().join("; ")
    };
    variant.formula = text(&list(|name| &name.vi), &list(|name| &name.en));
    if !variant.missing.is_empty() {
        return;
    }
    let holds = |rule: &&LevelRule| {
        rule.conditions.iter().all(|condition| {
            let count = count(condition.level);
            count >= condition.at_least as usize
                && condition.at_most.is_none_or(|most| count <= most as usize)
        })
    };
    variant.level = rules.iter().find(holds).map(|rule| rule.level);
    variant.left_to_people = variant.level.is_none();
}

fn notes(variant: &AggregateVariant) -> Vec<Text> {
    let zero = variant.method == AggregationMethod::MeanAll && variant.exact.is_some();
    let named = |periods: &[Period], vi: &str, en: &str| {
        let names: Vec<Text> = periods.iter().map(|period| period.name()).collect();
        let list = |of: fn(&Text) -> &str| names.iter().map(of).collect::<Vec<_>>().join(", ");
        let list = Text { vi: list(|name| &name.vi), en: list(|name| &name.en) };
        (!periods.is_empty()).then(|| fill(vi, en, &[list]))
    };
    let not_rated = if zero {
        (
            "Không xếp loại, tính 0 điểm theo quy định này: #.",
            "Not rated, counted as 0 points by this rule: #.",
        )
    } else {
        ("Không xếp loại, không tính: #.", "Not rated, left out: #.")
    };
    let missing = if zero {
        (
            "Chưa đủ dữ liệu, tính 0 điểm theo quy định này: #.",
            "Not enough data, counted as 0 points by this rule: #.",
        )
    } else {
        ("Chưa đủ dữ liệu, không tính: #.", "Not enough data, left out: #.")
    };
    let left = text(
        "Không quy tắc nào khớp với các mức này: cấp có thẩm quyền quyết định.",
        "No rule fits these levels: the authority decides.",
    );
    [
        named(&variant.not_rated, not_rated.0, not_rated.1),
        named(&variant.missing, missing.0, missing.1),
        variant.left_to_people.then_some(left),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `27 + 28 + 26.5`. Canonical.
fn terms(values: &[Exact], rounding: Rounding) -> Result<String, ScoringError> {
    let terms = values.iter().map(|value| decimals(*value, rounding));
    Ok(terms.collect::<Result<Vec<_>, _>>()?.join(" + "))
}

/// `= 27.5`, `≈ 27.17 (= 163/6)`, or `≈ 27.17` between bounds. Canonical.
fn equals([low, high]: [Exact; 2], rounding: Rounding) -> Result<String, ScoringError> {
    if low != high {
        return Ok(format!("≈ {}", round(low, rounding)?));
    }
    let value = exactly(low, rounding)?;
    Ok(if value.starts_with('≈') { value } else { format!("= {value}") })
}

fn integer(count: usize) -> Exact {
    Exact::from_integer(count as i128)
}
