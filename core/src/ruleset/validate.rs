//! What a criteria set must be. Policy in one place; every refusal names the place in the file.

use unicode_normalization::is_nfc;

use super::error::level_code;
use super::{Criterion, Definition, Group, Problem, Rule, RulesetError, RulesetId, TieKey, sum};
use crate::points::Points;
use crate::view::{Column, Level, Measure, Text};

/// Most criteria in a set, and most groups.
const CRITERIA_MAX: usize = 500;
/// Longest text, in characters.
const TEXT_CHARS_MAX: usize = 1_000;
/// Longest shown number or group code, in bytes.
const LABEL_LEN_MAX: usize = 32;
/// Most points of a criterion or group.
const POINTS_MAX: Points = Points::whole(10_000);
/// Best first.
const LEVELS: [Level; 4] = [Level::Htxsnv, Level::Httnv, Level::Htnv, Level::Khtnv];

type Checked = Result<(), RulesetError>;

/// Refuses a definition that no sheet could be scored under.
pub(super) fn validate(set: &Definition) -> Checked {
    ensure(RulesetId::is_code(&set.code), "code", Problem::Code)?;
    ensure(set.version > 0, "version", Problem::Zero)?;
    text(&set.title, "title")?;
    text(&set.source, "source")?;
    columns(set)?;
    ensure(set.rounding.decimals <= 4, "rounding.decimals", Problem::Decimals)?;
    groups(set)?;
    if let Some(cap) = set.total_cap {
        points(cap, "total_cap")?;
    }
    levels(set)?;
    tie_keys(set)
}

fn columns(set: &Definition) -> Checked {
    list(&set.columns, "columns")?;
    list(&set.counting, "counting")?;
    ensure(!set.counting.contains(&Column::Own), "counting", Problem::OwnCounts)?;
    let known = set.counting.iter().all(|column| set.columns.contains(column));
    ensure(known, "counting", Problem::Unknown)
}

fn levels(set: &Definition) -> Checked {
    let complete = set.levels.iter().map(|level| level.level).eq(LEVELS);
    ensure(complete, "levels", Problem::Levels)?;
    for pair in set.levels.windows(2) {
        let [better, level] = pair else { continue };
        let place = format!("levels[{}].from", level_code(level.level));
        ensure(level.from < better.from, &place, Problem::LevelOrder(better.level))?;
    }
    for level in &set.levels {
        let place = format!("levels[{}]", level_code(level.level));
        let reachable = level.from <= set.maximum();
        ensure(reachable, &format!("{place}.from"), Problem::Unreachable(set.maximum()))?;
        if let Some(label) = &level.label {
            text(label, &format!("{place}.label"))?;
        }
    }
    let lowest = set.levels.last().map_or(Points::ZERO, |level| level.from);
    ensure(lowest == Points::ZERO, "levels[KHTNV].from", Problem::LevelGap(lowest))
}

fn tie_keys(set: &Definition) -> Checked {
    list(&set.tie_keys, "tie_keys")?;
    ensure(set.tie_keys.first() == Some(&TieKey::Total), "tie_keys", Problem::TieTotal)?;
    for key in &set.tie_keys {
        if let TieKey::Group(code) = key {
            let known = set.groups.iter().any(|group| group.code == *code);
            ensure(known, &format!("tie_keys[{key}]"), Problem::Unknown)?;
        }
    }
    Ok(())
}

fn groups(set: &Definition) -> Checked {
    ensure(!set.groups.is_empty(), "groups", Problem::Empty)?;
    let criteria: Vec<&Criterion> = set.groups.iter().flat_map(|group| &group.criteria).collect();
    ensure(criteria.len() <= CRITERIA_MAX, "criteria", Problem::TooMany(CRITERIA_MAX))?;
    ensure(set.groups.len() <= CRITERIA_MAX, "groups", Problem::TooMany(CRITERIA_MAX))?;
    for (index, group) in set.groups.iter().enumerate() {
        let before = set.groups.iter().take(index);
        let place = format!("groups[{}]", group.code);
        ensure(before.into_iter().all(|other| other.code != group.code), &place, Problem::Duplicate)?;
        self::group(group, &place)?;
    }
    for (index, criterion) in criteria.iter().enumerate() {
        let before = criteria.iter().take(index);
        let place = format!("criteria[{}]", criterion.number);
        let distinct = before.into_iter().all(|other| other.number != criterion.number);
        ensure(distinct, &place, Problem::Duplicate)?;
        self::criterion(criterion, &place)?;
    }
    let required = criteria.iter().any(|criterion| criterion.is_required());
    ensure(required, "criteria", Problem::OnlyBonus)
}

fn group(group: &Group, place: &str) -> Checked {
    label(&group.code, &format!("{place}.code"))?;
    text(&group.title, &format!("{place}.title"))?;
    ensure(!group.criteria.is_empty(), &format!("{place}.criteria"), Problem::Empty)?;
    let place_max = format!("{place}.max");
    points(group.max, &place_max)?;
    let sum = sum(group.criteria.iter().map(|criterion| criterion.max));
    let pure = group.criteria.iter().all(|criterion| criterion.is_required() != group.bonus);
    ensure(pure, &format!("{place}.criteria"), Problem::MixedGroup)?;
    if group.bonus {
        return ensure(group.max <= sum, &place_max, Problem::BonusCap(sum));
    }
    ensure(group.max == sum, &place_max, Problem::GroupMax(sum))
}

fn criterion(criterion: &Criterion, place: &str) -> Checked {
    ensure(criterion.number > 0, place, Problem::Zero)?;
    label(&criterion.label, &format!("{place}.label"))?;
    text(&criterion.title, &format!("{place}.title"))?;
    points(criterion.max, &format!("{place}.max"))?;
    let step = format!("{place}.step");
    match &criterion.rule {
        Rule::Points | Rule::Bonus => {
            let divides = criterion.step > Points::ZERO && criterion.max.is_on_step(criterion.step);
            ensure(divides, &step, Problem::Step)
        }
        Rule::ConvertedWork { measures, denominator: _ } => {
            ensure(criterion.step == Points::ZERO, &step, Problem::StepOfWork)?;
            let place = format!("{place}.rule.measures");
            list(measures, &place)?;
            ensure(!measures.contains(&Measure::Assigned), &place, Problem::AssignedMeasure)
        }
    }
}

fn list<T: PartialEq>(items: &[T], place: &str) -> Checked {
    ensure(!items.is_empty(), place, Problem::Empty)?;
    ensure(items.len() <= CRITERIA_MAX, place, Problem::TooMany(CRITERIA_MAX))?;
    let distinct =
        items.iter().enumerate().all(|(index, item)| !items.iter().take(index).any(|other| other == item));
    ensure(distinct, place, Problem::Duplicate)
}

fn points(points: Points, place: &str) -> Checked {
    ensure(points > Points::ZERO && points <= POINTS_MAX, place, Problem::Range)
}

fn label(label: &str, place: &str) -> Checked {
    let short = !label.trim().is_empty() && label.len() <= LABEL_LEN_MAX && is_nfc(label);
    ensure(short, place, Problem::Code)
}

fn text(text: &Text, place: &str) -> Checked {
    for part in [&text.vi, &text.en] {
        ensure(!part.trim().is_empty(), place, Problem::EmptyText)?;
        ensure(part.chars().count() <= TEXT_CHARS_MAX, place, Problem::LongText)?;
        ensure(is_nfc(part), place, Problem::NotNfc)?;
    }
    Ok(())
}

fn ensure(holds: bool, place: &str, problem: Problem) -> Checked {
    if holds { Ok(()) } else { Err(RulesetError::Invalid { place: place.to_owned(), problem }) }
}
