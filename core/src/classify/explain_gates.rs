//! The part of an explanation between the total and the level: what each gate did, and by which text.

use super::explain::{Context, node};
use super::level_name;
use super::pipeline::{Outcome, Step};
use super::rule_text::{append, condition_text};
use super::words::{exactly, figure, fill, text};
use crate::points::Exact;
use crate::ruleset::{ClassifyOn, Condition, Effect, Gate, LevelFrom, Ruleset};
use crate::scoring::ScoringError;
use crate::view::{ExplainNode, Level, Text};

/// An outcome as screens say it: the official name, with the local one behind it.
pub(super) fn level_value(ruleset: &Ruleset, outcome: Outcome) -> Text {
    match outcome {
        Outcome::Missing => text("Chưa đủ dữ liệu", "Not enough data"),
        Outcome::NotRated => text("Không đánh giá, xếp loại", "Not rated"),
        Outcome::Level(level) => named(ruleset, level),
    }
}

/// The threshold that was reached, on the value that the set classifies on; or what is missing.
pub(super) fn reached_rule(context: &Context<'_>, value: Exact) -> Result<Text, ScoringError> {
    let ruleset = context.plan.terms().ruleset;
    let reached = context.assessment.steps.iter().find_map(|step| match step {
        Step::Reached(level) => Some(*level),
        _ => None,
    });
    let total = &context.assessment.total;
    match (context.assessment.outcome, reached) {
        (Outcome::NotRated, _) => Ok(text("Không thuộc diện đánh giá", "Not to be rated")),
        (Outcome::Level(_), Some(level)) => threshold_rule(ruleset, level, value),
        _ => Ok(fill(
            "Đã chấm # trên # tiêu chí",
            "# of # criteria are scored",
            &[figure(&total.answered.to_string()), figure(&total.criteria.to_string())],
        )),
    }
}

/// `86,5 ≥ 70 và < 90`.
fn threshold_rule(ruleset: &Ruleset, level: &LevelFrom, value: Exact) -> Result<Text, ScoringError> {
    let Some(from) = level.from else {
        return Ok(text("Xét theo điều kiện, không theo điểm", "By conditions, not by points"));
    };
    let value = figure(&exactly(value, ruleset.rounding)?);
    let mut rule = fill("# ≥ #", "# ≥ #", &[value, figure(&from.to_string())]);
    let index = ruleset.levels.iter().position(|known| known.level == level.level).unwrap_or(0);
    let better = index.checked_sub(1).and_then(|index| ruleset.levels.get(index)?.from);
    if let Some(better) = better {
        append(&mut rule, fill(" và < #", " and < #", &[figure(&better.to_string())]));
    }
    append(
        &mut rule,
        match ruleset.rounding.classify_on {
            ClassifyOn::Rounded => text(" (xét trên điểm đã làm tròn)", " (on the rounded total)"),
            ClassifyOn::Exact => text(" (xét trên điểm chưa làm tròn)", " (on the unrounded total)"),
        },
    );
    Ok(rule)
}

/// A node for each step that says more than that a threshold was reached.
pub(super) fn gate_nodes(context: &Context<'_>) -> Vec<ExplainNode> {
    let ruleset = context.plan.terms().ruleset;
    context.assessment.steps.iter().filter_map(|step| step_node(ruleset, step)).collect()
}

/// What the gates did, a sentence each; nothing when the total alone gives the level.
pub fn gate_sentences(ruleset: &Ruleset, steps: &[Step<'_>]) -> Vec<Text> {
    let said = |node: ExplainNode| fill("#: #", "#: #", &[node.title, node.value]);
    let acted = |step: &&Step<'_>| {
        !matches!(step, Step::Reached(_) | Step::Unchecked(_) | Step::Unit { unit: None, .. })
    };
    steps.iter().filter(acted).filter_map(|step| step_node(ruleset, step)).map(said).collect()
}

fn step_node(ruleset: &Ruleset, step: &Step<'_>) -> Option<ExplainNode> {
    Some(match step {
        Step::Reached(reached) if reached.conditions.is_empty() => return None,
        Step::Reached(reached) => reached_node(ruleset, reached),
        Step::Unmet(unmet, condition) => unmet_node(ruleset, unmet, condition),
        Step::Unchecked(condition) => {
            let rule =
                text("Máy chủ xét khi đủ dữ liệu của đơn vị", "The server checks it with the unit's data");
            node(condition_text(ruleset, condition), not_checked(), Some(rule))
        }
        Step::NotRated(gate) => gate_node(ruleset, gate, text("Không đánh giá, xếp loại", "Not rated"), None),
        Step::Gate { gate, from, to } => gate_node(ruleset, gate, moved(*from, *to), Some(*to)),
        Step::Unit { unit, from, to } => {
            let title = text("Không cao hơn mức xếp loại của đơn vị", "Not above the unit's level");
            let value = if unit.is_some() { moved(*from, *to) } else { not_checked() };
            let rule = unit.map(|unit| fill("Đơn vị: #", "Unit: #", &[level_name(unit)]));
            ExplainNode { level: unit.map(|_| *to), ..node(title, value, rule) }
        }
    })
}

/// `Hoàn thành xuất sắc nhiệm vụ → Hoàn thành tốt nhiệm vụ`.
fn moved(from: Level, to: Level) -> Text {
    fill("# → #", "# → #", &[level_name(from), level_name(to)])
}

fn not_checked() -> Text {
    text("Chưa xét ở đây", "Not checked here")
}

fn reached_node(ruleset: &Ruleset, reached: &LevelFrom) -> ExplainNode {
    let mut rule = text("Đủ các điều kiện", "All conditions hold");
    for condition in &reached.conditions {
        append(&mut rule, fill("; #", "; #", &[condition_text(ruleset, condition)]));
    }
    let title = text("Điều kiện của mức", "Conditions of the level");
    let node = node(title, named(ruleset, reached.level), Some(rule));
    ExplainNode { level: Some(reached.level), source: reached.source.clone(), ..node }
}

fn unmet_node(ruleset: &Ruleset, unmet: &LevelFrom, condition: &Condition) -> ExplainNode {
    let condition = condition_text(ruleset, condition);
    let title = fill("Chưa đủ điều kiện: #", "Condition does not hold: #", &[condition]);
    let rule = fill(
        "Đủ điểm nhưng chưa đủ điều kiện của mức #; cấp có thẩm quyền xem xét",
        "Enough points, but not the conditions of #; for the authority to consider",
        &[named(ruleset, unmet.level)],
    );
    let value = fill("Không đạt #", "Not #", &[named(ruleset, unmet.level)]);
    ExplainNode { source: unmet.source.clone(), ..node(title, value, Some(rule)) }
}

fn gate_node(ruleset: &Ruleset, gate: &Gate, value: Text, level: Option<Level>) -> ExplainNode {
    let mut rule = match gate.then {
        Effect::NotRated => text("Không đánh giá, xếp loại", "Not rated"),
        Effect::LowerByOne => text("Hạ một mức", "One level lower"),
        Effect::AtMost { level } => fill("Không cao hơn #", "At most #", &[level_name(level)]),
        Effect::Force { level } => fill("Xếp #", "Is #", &[level_name(level)]),
    };
    for condition in &gate.when {
        append(&mut rule, fill("; #", "; #", &[condition_text(ruleset, condition)]));
    }
    ExplainNode { level, source: gate.source.clone(), ..node(gate.title.clone(), value, Some(rule)) }
}

fn named(ruleset: &Ruleset, level: Level) -> Text {
    let name = level_name(level);
    let label = ruleset.levels.iter().find(|from| from.level == level).and_then(|from| from.label.clone());
    match label {
        Some(label) => fill("# (#)", "# (#)", &[name, label]),
        None => name,
    }
}
