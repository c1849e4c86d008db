//! Levels without gaps or overlaps, and conditions on what can be answered.

use super::groups::{HUNDRED, applies};
use super::{CRITERIA_MAX, Findings};
use crate::classify::{AggregationMethod, LevelCount, LevelRule, Quota};
use crate::points::Points;
use crate::ruleset::error::level_code;
use crate::ruleset::{Condition, Criterion, Definition, Effect, Problem, Rule};
use crate::view::Level;

/// Best first.
const LEVELS: [Level; 4] = [Level::Htxsnv, Level::Httnv, Level::Htnv, Level::Khtnv];

pub(super) fn levels(set: &Definition, found: &mut Findings) {
    let complete = set.levels.iter().map(|level| level.level).eq(LEVELS);
    found.ensure(complete, "levels", Problem::Levels);
    thresholds(set, found);
    for level in &set.levels {
        let place = format!("levels[{}]", level_code(level.level));
        if let Some(label) = &level.label {
            found.text(label, &format!("{place}.label"));
        }
        found.source(&level.source, &place);
        conditions(set, &level.conditions, &format!("{place}.conditions"), found);
    }
    if let Some(lowest) = set.levels.last() {
        let place = format!("levels[{}].conditions", level_code(lowest.level));
        found.ensure(lowest.conditions.is_empty(), &place, Problem::LowestHasConditions);
    }
    found.ensure(set.gates.len() <= CRITERIA_MAX, "gates", Problem::TooMany(CRITERIA_MAX));
    for (index, gate) in set.gates.iter().enumerate().take(CRITERIA_MAX) {
        let place = format!("gates[{index}]");
        found.text(&gate.title, &format!("{place}.title"));
        found.source(&gate.source, &place);
        applies(&gate.applies, &place, found);
        found.ensure(!gate.when.is_empty(), &format!("{place}.when"), Problem::Empty);
        conditions(set, &gate.when, &format!("{place}.when"), found);
        let pointless = gate.then == Effect::AtMost { level: Level::Htxsnv };
        found.ensure(!pointless, &format!("{place}.then"), Problem::CapsNothing);
    }
    found.distinct(&set.not_above_unit, "not_above_unit");
    found.ensure(set.quota.as_ref().is_none_or(Quota::is_valid), "quota", Problem::Quota);
    match set.aggregation.as_ref().map(|aggregation| &aggregation.method) {
        Some(AggregationMethod::RatioOfSums) => {
            let criteria = set.groups.iter().flat_map(|group| &group.criteria);
            let work = criteria.filter_map(|criterion| match &criterion.rule {
                Rule::ConvertedWork { weights, .. } => Some(weights.is_empty()),
                _ => None,
            });
            found.ensure(work.eq([true]), "aggregation.method", Problem::NoRatios);
        }
        Some(AggregationMethod::CountLevels(rules)) => level_rules(rules, found),
        Some(AggregationMethod::MeanAll | AggregationMethod::MeanRated) | None => {}
    }
}

fn level_rules(rules: &[LevelRule], found: &mut Findings) {
    let place = "aggregation.method.count_levels";
    found.list(rules, place);
    let can_hold = |count: &LevelCount| count.at_most.is_none_or(|at_most| count.at_least <= at_most);
    let holds = |rule: &LevelRule| !rule.conditions.is_empty() && rule.conditions.iter().all(can_hold);
    found.ensure(rules.iter().all(holds), place, Problem::LevelRules);
}

fn thresholds(set: &Definition, found: &mut Findings) {
    if !set.groups.iter().flat_map(|group| &group.criteria).any(Criterion::has_points) {
        let none = set.levels.iter().all(|level| level.from.is_none() && level.below.is_none());
        return found.ensure(none, "levels", Problem::ThresholdWithoutPoints);
    }
    for level in &set.levels {
        let place = format!("levels[{}].from", level_code(level.level));
        found.ensure(level.from.is_some(), &place, Problem::NoThreshold);
        let from = level.from.unwrap_or_default();
        found.ensure(from <= set.maximum(), &place, Problem::Unreachable(set.maximum()));
    }
    for pair in set.levels.windows(2) {
        let [better, level] = pair else { continue };
        let place = format!("levels[{}]", level_code(level.level));
        let (from, next) = (level.from.unwrap_or_default(), better.from.unwrap_or_default());
        found.ensure(from < next, &format!("{place}.from"), Problem::LevelOrder(better.level));
        if let Some(below) = level.below {
            let place = format!("{place}.below");
            found.ensure(below >= next, &place, Problem::LevelGap(below, next));
            found.ensure(below <= next, &place, Problem::LevelOverlap(next, below));
        }
    }
    let lowest = set.levels.last().and_then(|level| level.from).unwrap_or_default();
    found.ensure(lowest == Points::ZERO, "levels[KHTNV].from", Problem::LevelGap(Points::ZERO, lowest));
    let best = set.levels.first().and_then(|level| level.below);
    found.ensure(best.is_none(), "levels[HTXSNV].below", Problem::BestEnds);
}

fn conditions(set: &Definition, conditions: &[Condition], place: &str, found: &mut Findings) {
    found.distinct(conditions, place);
    for (index, condition) in conditions.iter().enumerate().take(CRITERIA_MAX) {
        let place = format!("{place}[{index}]");
        let (criterion, value) = match condition {
            Condition::Criterion { criterion, value, .. } => (criterion, value),
            Condition::People { value, .. } => {
                let percent = (Points::ZERO..=HUNDRED).contains(value);
                found.ensure(percent, &format!("{place}.value"), Problem::Percent);
                continue;
            }
        };
        let criteria = set.groups.iter().flat_map(|group| &group.criteria);
        let known = criteria.into_iter().find(|known| known.number == *criterion);
        found.ensure(known.is_some(), &format!("{place}.criterion"), Problem::NoSuchCriterion(*criterion));
        let most = match known.map(|criterion| &criterion.rule) {
            Some(Rule::PassFail | Rule::TwoLevel { .. }) => Points::whole(1),
            Some(Rule::Figure { most, .. }) => *most,
            _ => Points::LIMIT,
        };
        let possible = *value >= Points::ZERO && *value <= most;
        found.ensure(possible, &format!("{place}.value"), Problem::NeverHolds(most));
    }
}
