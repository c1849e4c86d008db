//! From a level down to the signed scores: what a person sees who asks "why".
//!
//! Invariant: a node's value follows from its children by its rule; a value behind `≈` has its fraction in the rule.

use std::collections::BTreeMap;

use super::explain_work::work_nodes;
use super::level::level_name;
use super::words::{column_name, decimals, exactly, figure, fill, text};
use crate::points::{Exact, Points};
use crate::ruleset::{ClassifyOn, Criterion, Group, Ruleset};
use crate::scoring::exact::as_points;
use crate::scoring::{Answers, Counted, GroupTotal, Product, ScoringError, Total, count, total};
use crate::view::{Column, ExplainNode, ExplainScore, Level, Text};

/// What every part of an explanation looks at.
pub(super) struct Context<'a> {
    pub(super) ruleset: &'a Ruleset,
    pub(super) products: &'a [Product],
    pub(super) counted: Counted,
    total: Total,
    scores: &'a dyn Fn(u16) -> Vec<ExplainScore>,
}

/// Explains the proposed level of a sheet: the threshold reached, then the counted total, groups, criteria, and for
/// each criterion its scores in all columns.
///
/// `scores` gives the signed scores behind a criterion's number. The root is the level; its one child is the total.
///
/// # Errors
/// [`ScoringError`] as [`total`].
pub fn explain(
    ruleset: &Ruleset,
    columns: &BTreeMap<Column, Answers>,
    products: &[Product],
    scores: &dyn Fn(u16) -> Vec<ExplainScore>,
) -> Result<ExplainNode, ScoringError> {
    let counted = count(ruleset, columns);
    let total = total(ruleset, &counted.answers, products)?;
    let context = Context { ruleset, products, counted, total, scores };
    level_node(&context)
}

fn total_node(context: &Context) -> Result<ExplainNode, ScoringError> {
    let groups = context.ruleset.groups.iter().zip(&context.total.groups);
    let children = groups.map(|(group, totals)| group_node(context, group, totals));
    let children = children.collect::<Result<_, _>>()?;
    Ok(ExplainNode {
        title: text("Tổng điểm", "Total"),
        value: total_value(context),
        rule: Some(total_rule(context)?),
        level: None,
        scores: Vec::new(),
        children,
    })
}

fn total_value(context: &Context) -> Text {
    let most = figure(&context.ruleset.maximum().to_string());
    let so_far = figure(&context.total.so_far.to_string());
    match context.total.total {
        Some(_) => fill("#/#", "#/#", &[so_far, most]),
        None => fill("Chưa đủ dữ liệu, đã có #/#", "Not enough data, so far #/#", &[so_far, most]),
    }
}

fn total_rule(context: &Context) -> Result<Text, ScoringError> {
    let rounding = context.ruleset.rounding;
    let mut parts = Vec::with_capacity(context.total.groups.len());
    let mut sum = Exact::from_integer(0);
    for group in &context.total.groups {
        parts.push(decimals(group.points, rounding)?);
        sum = crate::scoring::exact::add(sum, group.points)?;
    }
    let mut rule = fill(
        "Cộng các nhóm: # = #",
        "Sum of the groups: # = #",
        &[figure(&parts.join(" + ")), figure(&exactly(sum, rounding)?)],
    );
    if sum != context.total.sum {
        let cap = figure(&exactly(context.total.sum, rounding)?);
        append(&mut rule, fill("; không quá #", "; at most #", &[cap]));
    }
    let digits = figure(&rounding.decimals.to_string());
    append(
        &mut rule,
        fill(
            "; làm tròn # chữ số thập phân, từ nửa trở lên thì tăng",
            "; rounded to # decimals, half up",
            &[digits],
        ),
    );
    if context.counted.provisional {
        append(&mut rule, text("; tạm tính", "; provisional"));
    }
    Ok(rule)
}

fn level_node(context: &Context) -> Result<ExplainNode, ScoringError> {
    let (value, rule) = match (context.total.level, super::level::decisive(context.ruleset, &context.total)) {
        (Some(level), Some(decisive)) => {
            (named(context.ruleset, level), threshold_rule(context, level, decisive)?)
        }
        _ => (
            text("Chưa đủ dữ liệu", "Not enough data"),
            fill(
                "Đã chấm # trên # tiêu chí",
                "# of # criteria are scored",
                &[figure(&context.total.answered.to_string()), figure(&context.total.criteria.to_string())],
            ),
        ),
    };
    let title = text("Mức xếp loại đề xuất", "Proposed level");
    Ok(ExplainNode {
        title,
        value,
        rule: Some(rule),
        level: context.total.level,
        scores: Vec::new(),
        children: vec![total_node(context)?],
    })
}

/// `86,5 ≥ 70 và < 90`, on the value that the set classifies on.
fn threshold_rule(context: &Context, level: Level, decisive: Exact) -> Result<Text, ScoringError> {
    let levels = &context.ruleset.levels;
    let index = levels.iter().position(|from| from.level == level).unwrap_or(0);
    let from = levels.get(index).map_or(Points::ZERO, |from| from.from);
    let value = figure(&exactly(decisive, context.ruleset.rounding)?);
    let mut rule = fill("# ≥ #", "# ≥ #", &[value, figure(&from.to_string())]);
    if let Some(better) = index.checked_sub(1).and_then(|index| levels.get(index)) {
        append(&mut rule, fill(" và < #", " and < #", &[figure(&better.from.to_string())]));
    }
    append(
        &mut rule,
        match context.ruleset.rounding.classify_on {
            ClassifyOn::Rounded => text(" (xét trên điểm đã làm tròn)", " (on the rounded total)"),
            ClassifyOn::Exact => text(" (xét trên điểm chưa làm tròn)", " (on the unrounded total)"),
        },
    );
    Ok(rule)
}

fn named(ruleset: &Ruleset, level: Level) -> Text {
    let name = level_name(level);
    let label = ruleset.levels.iter().find(|from| from.level == level).and_then(|from| from.label.clone());
    match label {
        Some(label) => fill("# (#)", "# (#)", &[name, label]),
        None => name,
    }
}

fn group_node(context: &Context, group: &Group, totals: &GroupTotal) -> Result<ExplainNode, ScoringError> {
    let rounding = context.ruleset.rounding;
    let mut rule = if totals.bonus {
        text("Cộng các điểm thưởng", "Sum of the bonuses")
    } else {
        text("Cộng các tiêu chí", "Sum of the criteria")
    };
    let sum = figure(&exactly(totals.uncapped, rounding)?);
    append(&mut rule, fill(": #", ": #", &[sum]));
    if totals.uncapped != totals.points {
        append(&mut rule, fill("; không quá #", "; at most #", &[figure(&group.max.to_string())]));
    }
    if !totals.complete {
        append(&mut rule, text("; còn tiêu chí chưa chấm", "; criteria are still unscored"));
    }
    let children = group.criteria.iter().map(|criterion| criterion_node(context, criterion));
    let code = text(&group.code, &group.code);
    Ok(ExplainNode {
        title: fill("#. #", "#. #", &[code, group.title.clone()]),
        value: of_max(context, totals.points, group.max)?,
        rule: Some(rule),
        level: None,
        scores: Vec::new(),
        children: children.collect::<Result<_, _>>()?,
    })
}

fn criterion_node(context: &Context, criterion: &Criterion) -> Result<ExplainNode, ScoringError> {
    let points = context.total.points.get(&criterion.number);
    let value = match points {
        Some(&exact) => of_max(context, exact, criterion.max)?,
        None => fill("–/#", "–/#", &[figure(&criterion.max.to_string())]),
    };
    let (formula, children) = work_nodes(context, criterion)?;
    let mut rule = match context.counted.column_of.get(&criterion.number) {
        Some(&column) => fill("Lấy cột: #", "Column that counts: #", &[column_name(column)]),
        None if criterion.is_required() => {
            text("Chưa chấm, không phải 0 điểm", "Unscored, which is not zero")
        }
        None => text("Không có điểm thưởng", "No bonus"),
    };
    if let Some(formula) = formula {
        append(&mut rule, fill("; #", "; #", &[formula]));
    }
    if let Some(&exact) = points.filter(|exact| as_points(**exact).is_none()) {
        append(
            &mut rule,
            fill("; chính xác: #", "; exactly: #", &[figure(&exactly(exact, context.ruleset.rounding)?)]),
        );
    }
    let label = text(&criterion.label, &criterion.label);
    Ok(ExplainNode {
        title: fill("#. #", "#. #", &[label, criterion.title.clone()]),
        value,
        rule: Some(rule),
        level: None,
        scores: (context.scores)(criterion.number),
        children,
    })
}

/// `59,5/70`.
fn of_max(context: &Context, value: Exact, max: Points) -> Result<Text, ScoringError> {
    let value = figure(&decimals(value, context.ruleset.rounding)?);
    Ok(fill("#/#", "#/#", &[value, figure(&max.to_string())]))
}

/// Puts one text behind another.
pub(super) fn append(rule: &mut Text, next: Text) {
    rule.vi.push_str(&next.vi);
    rule.en.push_str(&next.en);
}
