//! From a level down to the signed scores: what a person sees who asks "why".
//!
//! Invariant: a node's value follows from its children by its rule; a value behind `≈` has its fraction in the rule.

use super::assess::{Assessment, assess, decisive};
use super::explain_gates::{gate_nodes, level_value, reached_rule};
use super::explain_work::work_nodes;
use super::pipeline::Outside;
use super::rule_text::{append, columns_text, rule_text};
use super::words::{column_name, decimals, exactly, figure, fill, text};
use crate::points::Exact;
use crate::ruleset::{Criterion, Group, RoundingAt, RoundingMode, Rule};
use crate::scoring::exact::{negate, shown, sum};
use crate::scoring::{Columns, GroupTotal, Plan, ScoringError};
use crate::view::{ExplainNode, ExplainScore, Text};

/// What every part of an explanation looks at.
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) columns: &'a Columns,
    pub(super) assessment: Assessment<'a>,
    scores: &'a dyn Fn(u16) -> Vec<ExplainScore>,
}

/// Explains the proposed level of a sheet: what the gates did, the threshold reached, then the counted total, groups,
/// criteria, and for each criterion its scores in all columns.
///
/// `scores` gives the signed scores behind a criterion's number. The root is the level; its children are the gates that
/// acted, and last the total.
///
/// # Errors
/// [`ScoringError`] as [`assess`].
pub fn explain(
    plan: &Plan<'_>,
    columns: &Columns,
    outside: Outside,
    scores: &dyn Fn(u16) -> Vec<ExplainScore>,
) -> Result<ExplainNode, ScoringError> {
    let assessment = assess(plan, columns, &plan.terms().ruleset.counting, outside)?;
    let context = Context { plan, columns, assessment, scores };
    let ruleset = plan.terms().ruleset;
    let assessment = &context.assessment;
    let value = decisive(ruleset, assessment.total.sum)?;
    let mut children = gate_nodes(&context);
    children.push(total_node(&context)?);
    Ok(ExplainNode {
        title: text("Mức xếp loại đề xuất", "Proposed level"),
        value: level_value(ruleset, assessment.outcome),
        rule: Some(reached_rule(&context, value)?),
        level: assessment.outcome.level(),
        source: Some(ruleset.source.clone()),
        scores: Vec::new(),
        children,
    })
}

fn total_node(context: &Context<'_>) -> Result<ExplainNode, ScoringError> {
    let groups = context.plan.terms().ruleset.groups.iter().zip(&context.assessment.total.groups);
    let children = groups.map(|(group, totals)| group_node(context, group, totals));
    let rule = total_rule(context)?;
    Ok(ExplainNode {
        children: children.collect::<Result<_, _>>()?,
        ..node(text("Tổng điểm", "Total"), total_value(context), Some(rule))
    })
}

/// A node without anything below it.
pub(super) fn node(title: Text, value: Text, rule: Option<Text>) -> ExplainNode {
    ExplainNode { title, value, rule, level: None, source: None, scores: Vec::new(), children: Vec::new() }
}

fn total_value(context: &Context<'_>) -> Text {
    let ruleset = context.plan.terms().ruleset;
    if !ruleset.has_points() {
        return text("Không tính điểm", "No points");
    }
    let most = figure(&ruleset.maximum().to_string());
    let so_far = figure(&context.assessment.total.so_far.to_string());
    match context.assessment.total.total {
        Some(_) => fill("#/#", "#/#", &[so_far, most]),
        None => fill("Chưa đủ dữ liệu, đã có #/#", "Not enough data, so far #/#", &[so_far, most]),
    }
}

fn total_rule(context: &Context<'_>) -> Result<Text, ScoringError> {
    let (ruleset, total) = (context.plan.terms().ruleset, &context.assessment.total);
    let rounding = ruleset.rounding;
    let mut parts = Vec::with_capacity(total.groups.len() + 1);
    if !ruleset.base.is_zero() {
        parts.push(ruleset.base.to_string());
    }
    for group in &total.groups {
        parts.push(decimals(group.points, rounding)?);
    }
    let groups = total.groups.iter().map(|group| group.points);
    let all = sum(groups.chain([ruleset.base.exact()]))?;
    let mut rule = fill(
        "Cộng các nhóm: # = #",
        "Sum of the groups: # = #",
        &[figure(&parts.join(" + ").replace("+ -", "− ")), figure(&exactly(all, rounding)?)],
    );
    if all != total.sum {
        let kept = figure(&exactly(total.sum, rounding)?);
        append(&mut rule, fill("; sau giới hạn của bộ tiêu chí: #", "; after the set's limits: #", &[kept]));
    }
    let digits = figure(&rounding.decimals.to_string());
    let (vi, en) = match rounding.mode {
        RoundingMode::HalfUp => {
            ("; làm tròn # chữ số thập phân, từ nửa trở lên thì tăng", "; rounded to # decimals, half up")
        }
        RoundingMode::Down => ("; làm tròn xuống, # chữ số thập phân", "; rounded down to # decimals"),
        RoundingMode::Up => ("; làm tròn lên, # chữ số thập phân", "; rounded up to # decimals"),
    };
    append(&mut rule, fill(vi, en, &[digits]));
    append(
        &mut rule,
        match rounding.at {
            RoundingAt::Total => Text::default(),
            RoundingAt::Groups => text(", cả từng nhóm", ", each group too"),
            RoundingAt::Criteria => text(", cả từng tiêu chí", ", each criterion too"),
        },
    );
    if total.provisional {
        append(&mut rule, text("; tạm tính", "; provisional"));
    }
    Ok(rule)
}

fn group_node(
    context: &Context<'_>,
    group: &Group,
    totals: &GroupTotal,
) -> Result<ExplainNode, ScoringError> {
    let rounding = context.plan.terms().ruleset.rounding;
    let mut rule = match (group.bonus, group.penalty) {
        (true, _) => text("Cộng các điểm thưởng", "Sum of the bonuses"),
        (_, true) => text("Cộng các điểm trừ", "Sum of the deductions"),
        _ => text("Cộng các tiêu chí", "Sum of the criteria"),
    };
    append(&mut rule, fill(": #", ": #", &[figure(&exactly(totals.uncapped, rounding)?)]));
    let max = group.max.exact();
    if totals.uncapped > max || totals.uncapped < negate(max)? {
        append(&mut rule, fill("; không quá #", "; at most #", &[figure(&group.max.to_string())]));
    }
    if !totals.complete {
        append(&mut rule, text("; còn tiêu chí chưa chấm", "; criteria are still unscored"));
    }
    let applies = |criterion: &&Criterion| criterion.applies.to(context.plan.terms().position);
    let children = group.criteria.iter().filter(applies).map(|criterion| criterion_node(context, criterion));
    let children = children.collect::<Result<_, _>>()?;
    let code = text(&group.code, &group.code);
    let title = fill("#. #", "#. #", &[code, group.title.clone()]);
    let value = of_max(context, totals.points, max)?;
    Ok(ExplainNode { children, ..node(title, value, Some(rule)) })
}

fn criterion_node(context: &Context<'_>, criterion: &Criterion) -> Result<ExplainNode, ScoringError> {
    let points = context.assessment.total.points.get(&criterion.number);
    let mut rule = counting_rule(context, criterion);
    if let Some(said) = rule_text(criterion, context.plan.terms().position) {
        append(&mut rule, fill("; #", "; #", &[said]));
    }
    if let Some(&exact) = points.filter(|exact| exact.as_points().is_none()) {
        let exact = figure(&exactly(exact, context.plan.terms().ruleset.rounding)?);
        append(&mut rule, fill("; chính xác: #", "; exactly: #", &[exact]));
    }
    let label = text(&criterion.label, &criterion.label);
    let title = fill("#. #", "#. #", &[label, criterion.title.clone()]);
    Ok(ExplainNode {
        source: criterion.source.clone(),
        scores: (context.scores)(criterion.number),
        children: work_nodes(context, criterion)?,
        ..node(title, criterion_value(context, criterion, points)?, Some(rule))
    })
}

fn criterion_value(
    context: &Context<'_>,
    criterion: &Criterion,
    points: Option<&Exact>,
) -> Result<Text, ScoringError> {
    let figure_of = |criterion: &Criterion| {
        let order = &context.plan.terms().ruleset.counting;
        context.plan.figure(context.columns, order, criterion.number)
    };
    match (&criterion.rule, points) {
        (Rule::PassFail, Some(_)) => Ok(match figure_of(criterion)? {
            Some(figure) if figure.is_zero() => text("Không", "No"),
            _ => text("Có", "Yes"),
        }),
        (Rule::Figure { unit, .. }, Some(_)) => {
            let entered = figure_of(criterion)?.map(shown).unwrap_or_default();
            Ok(fill("# #", "# #", &[figure(&entered.to_string()), unit.clone()]))
        }
        (_, Some(&exact)) => of_max(context, exact, criterion.max),
        (_, None) if criterion.has_points() => {
            Ok(fill("–/#", "–/#", &[figure(&shown(criterion.max).to_string())]))
        }
        (_, None) => Ok(text("–", "–")),
    }
}

/// Which column counts, or why none does.
fn counting_rule(context: &Context<'_>, criterion: &Criterion) -> Text {
    let ruleset = context.plan.terms().ruleset;
    if let Some(&column) = context.assessment.total.columns.get(&criterion.number) {
        return fill("Lấy cột: #", "Column that counts: #", &[column_name(column)]);
    }
    let answers = ruleset.counting.iter().filter_map(|column| context.columns.get(*column));
    let entered = answers.into_iter().any(|answers| answers.points.get(criterion.number).is_some());
    if entered && criterion.evidence && !context.columns.is_noted(criterion.number) {
        return text("Thiếu minh chứng nên chưa tính", "Does not count: evidence is missing");
    }
    if let (true, Rule::Banded { .. }) = (entered, &criterion.rule) {
        return text(
            "Điểm nằm ngoài khoảng mà tỷ lệ cho phép, hoặc chưa có tỷ lệ: chưa tính",
            "Does not count: outside of what the percentage allows, or there is none",
        );
    }
    if criterion.is_deduction() {
        return text("Không có điểm trừ", "No deduction");
    }
    if ruleset.requires(criterion) {
        let mut rule = text("Chưa chấm, không phải 0 điểm", "Unscored, which is not zero");
        if !criterion.columns.is_empty() {
            append(&mut rule, fill("; do cột: #", "; by column: #", &[columns_text(&criterion.columns)]));
        }
        return rule;
    }
    match criterion.rule {
        Rule::Bonus => text("Không có điểm thưởng", "No bonus"),
        _ => text("Không có số liệu", "Nothing entered"),
    }
}

/// `59,5/70`.
fn of_max(context: &Context<'_>, value: Exact, max: Exact) -> Result<Text, ScoringError> {
    let value = figure(&decimals(value, context.plan.terms().ruleset.rounding)?);
    Ok(fill("#/#", "#/#", &[value, figure(&shown(max).to_string())]))
}
