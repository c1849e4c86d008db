//! The part of an explanation below a criterion of converted work: its ratios, with their figures.

use super::explain::{Context, node};
use super::rule_text::append;
use super::words::{decimals, figure, fill, measure_name, ratio_name, text};
use crate::points::Exact;
use crate::ruleset::{Criterion, Rounding};
use crate::scoring::exact::{div, mul};
use crate::scoring::{Ratio, ScoringError, WorkLine, WorkResult, converted_work};
use crate::view::{ExplainNode, Measure};

/// A node for each ratio; of another rule, or unanswered: nothing.
pub(super) fn work_nodes(
    context: &Context<'_>,
    criterion: &Criterion,
) -> Result<Vec<ExplainNode>, ScoringError> {
    let terms = context.plan.terms();
    let counted = context.assessment.total.columns.get(&criterion.number);
    // Unanswered: what the first choice has so far.
    let column = counted.or(terms.ruleset.counting.first());
    let Some(answers) = column.and_then(|column| context.columns.get(*column)) else { return Ok(Vec::new()) };
    let Some(work) = converted_work(criterion, answers, terms.products)? else { return Ok(Vec::new()) };
    if work.lines.is_empty() {
        return Ok(Vec::new());
    }
    let ratios = work.ratios.iter().enumerate();
    ratios.map(|(index, ratio)| ratio_node(terms.ruleset.rounding, &work, ratio, index)).collect()
}

fn ratio_node(
    rounding: Rounding,
    work: &WorkResult,
    ratio: &Ratio,
    index: usize,
) -> Result<ExplainNode, ScoringError> {
    let letter = char::from(b'a'.saturating_add(index as u8)).to_string();
    let mut rule = fill(
        "Σ(K × #) ÷ Σ(K × #)",
        "Σ(K × #) ÷ Σ(K × #)",
        &[measure_name(ratio.measure), measure_name(ratio.of)],
    );
    let measured = terms(&work.lines, |line| line.measured.get(index).copied().flatten());
    let divisor = terms(&work.lines, |line| match ratio.of {
        Measure::Completed => line.completed.map(Exact::from),
        _ => Some(line.assigned.exact()),
    });
    append(&mut rule, fill(" = (#) ÷ (#)", " = (#) ÷ (#)", &[figure(&measured), figure(&divisor)]));
    let value = match (ratio.value, ratio.numerator, ratio.denominator) {
        (Some(value), Some(numerator), Some(denominator)) => {
            if denominator.is_zero() {
                append(&mut rule, text("; chưa hoàn thành gì nên là 0", "; nothing was completed, so 0"));
            } else {
                let uncapped = div(numerator, denominator)?;
                append(&mut rule, fill(" = #", " = #", &[figure(&uncapped.to_string())]));
                if uncapped != value {
                    append(&mut rule, text("; không quá 100%", "; at most 100%"));
                }
            }
            let percent = mul(value, Exact::from_integer(100))?;
            figure(&format!("{}%", decimals(percent, rounding)?))
        }
        _ => text("Chưa đủ dữ liệu", "Not enough data"),
    };
    let title = fill("#. #", "#. #", &[text(&letter, &letter), ratio_name(ratio.measure)]);
    Ok(node(title, value, Some(rule)))
}

/// `1 × 9 + 2.5 × 4`: coefficient by quantity, line by line. Canonical.
fn terms(lines: &[WorkLine], quantity: impl Fn(&WorkLine) -> Option<Exact>) -> String {
    let term = |line: &WorkLine| match quantity(line) {
        Some(quantity) => match quantity.as_points() {
            Some(points) => format!("{} × {points}", line.coefficient),
            None => format!("{} × {quantity}", line.coefficient),
        },
        None => format!("{} × ?", line.coefficient),
    };
    lines.iter().map(term).collect::<Vec<_>>().join(" + ")
}
