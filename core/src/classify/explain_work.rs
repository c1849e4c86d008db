//! The part of an explanation below a criterion of converted work: its ratios, with their figures.

use super::explain::{Context, append};
use super::words::{decimals, figure, fill, measure_name, ratio_name, text};
use crate::points::{Exact, Points};
use crate::ruleset::Criterion;
use crate::scoring::exact::{div, fraction, mul};
use crate::scoring::{Ratio, ScoringError, WorkLine, WorkResult, converted_work};
use crate::view::{ExplainNode, Measure, Text};

/// The formula and a node for each ratio; of another rule: nothing. Unanswered work has a formula alone.
pub(super) fn work_nodes(
    context: &Context,
    criterion: &Criterion,
) -> Result<(Option<Text>, Vec<ExplainNode>), ScoringError> {
    let Some(work) = converted_work(criterion, &context.counted.answers, context.products)? else {
        return Ok((None, Vec::new()));
    };
    let letters: Vec<String> = (0..work.ratios.len()).map(letter).collect();
    let formula = format!("({}) ÷ {} × {}", letters.join(" + "), letters.len(), criterion.max);
    let mut nodes = Vec::with_capacity(work.ratios.len());
    if !work.lines.is_empty() {
        for (index, ratio) in work.ratios.iter().enumerate() {
            nodes.push(ratio_node(context, &work, ratio, index)?);
        }
    }
    Ok((Some(figure(&formula)), nodes))
}

fn ratio_node(
    context: &Context,
    work: &WorkResult,
    ratio: &Ratio,
    index: usize,
) -> Result<ExplainNode, ScoringError> {
    let letter = text(&letter(index), &letter(index));
    let mut rule = fill(
        "Σ(K × #) ÷ Σ(K × #)",
        "Σ(K × #) ÷ Σ(K × #)",
        &[measure_name(ratio.measure), measure_name(Measure::Assigned)],
    );
    let measured = terms(&work.lines, |line| line.measured.get(index).copied().flatten());
    let assigned = terms(&work.lines, |line| Some(line.assigned));
    append(&mut rule, fill(" = (#) ÷ (#)", " = (#) ÷ (#)", &[figure(&measured), figure(&assigned)]));
    let value = match (ratio.value, ratio.numerator) {
        (Some(value), Some(numerator)) => {
            let uncapped = div(numerator, work.assigned)?;
            append(&mut rule, fill(" = #", " = #", &[figure(&fraction(uncapped))]));
            if uncapped != value {
                append(&mut rule, text("; không quá 100%", "; at most 100%"));
            }
            let percent = mul(value, Exact::from_integer(100))?;
            figure(&format!("{}%", decimals(percent, context.ruleset.rounding)?))
        }
        _ => text("Chưa đủ dữ liệu", "Not enough data"),
    };
    let title = fill("#. #", "#. #", &[letter, ratio_name(ratio.measure)]);
    Ok(ExplainNode { title, value, rule: Some(rule), level: None, scores: Vec::new(), children: Vec::new() })
}

/// `1 × 9 + 2.5 × 4`: coefficient by quantity, line by line. Canonical.
fn terms(lines: &[WorkLine], quantity: impl Fn(&WorkLine) -> Option<Points>) -> String {
    let term = |line: &WorkLine| match quantity(line) {
        Some(quantity) => format!("{} × {quantity}", line.coefficient),
        None => format!("{} × ?", line.coefficient),
    };
    lines.iter().map(term).collect::<Vec<_>>().join(" + ")
}

/// `a`, `b`, `c`, as the decree names them.
fn letter(index: usize) -> String {
    char::from(b'a'.saturating_add(u8::try_from(index).unwrap_or(0))).to_string()
}
