//! A criterion's rule in words, as sheets and explanations show it.

use super::words::{column_name, figure, fill, text};
use crate::points::Points;
use crate::ruleset::{Condition, Criterion, Deduction, DeductionScope, Denominator, Position, Rule, Ruleset};
use crate::scoring::exact::shown;
use crate::view::Text;

/// What is entered for a criterion, and what becomes of it; nothing for plain points, whose maximum and step say all.
pub fn rule_text(criterion: &Criterion, position: &Position) -> Option<Text> {
    let max = || amount(shown(criterion.max));
    Some(match &criterion.rule {
        Rule::Points => return None,
        Rule::Bonus => fill("Điểm thưởng, tối đa #", "Bonus, at most #", &[max()]),
        Rule::Banded { by, bands } => {
            let mut said = fill(
                "Theo tỷ lệ ở tiêu chí số #",
                "By the percentage of criterion #",
                &[figure(&by.to_string())],
            );
            for band in bands {
                let figures = [amount(band.from), amount(band.least), amount(band.most)];
                append(&mut said, fill("; từ #%: # đến # điểm", "; from #%: # to # points", &figures));
            }
            said
        }
        Rule::Count { each } => {
            fill("Mỗi lần # điểm, tối đa #", "# points each, at most #", &[amount(*each), max()])
        }
        Rule::TwoLevel { low } if low.is_zero() => {
            fill("Đạt: # điểm; không đạt: 0", "Met: # points; not met: 0", &[max()])
        }
        Rule::TwoLevel { low } => {
            fill("Đạt: 100% của #; không đạt: #%", "Met: 100% of #; not met: #%", &[max(), amount(*low)])
        }
        Rule::PassFail => text("Có hoặc không; không tính điểm", "Yes or no; no points"),
        Rule::Figure { unit, .. } => {
            fill("Số liệu (#); không tính điểm", "Figure (#); no points", std::slice::from_ref(unit))
        }
        Rule::Deduct { each, more, split } => {
            let theirs = split.iter().find(|split| split.standings.contains(&position.standing));
            let (each, more) = theirs.map_or((*each, *more), |split| (split.each, split.more));
            let mut said = fill("Mỗi lần trừ # điểm", "Each time takes # points", &[amount(each)]);
            if !more.is_zero() {
                append(&mut said, fill(", lần sau thêm #", ", each next time # more", &[amount(more)]));
            }
            append(&mut said, fill(", trừ nhiều nhất #", ", at most #", &[max()]));
            said
        }
        Rule::DeductLate { bands } => {
            let mut said = text("Trừ theo số ngày chậm", "Taken by days late");
            for band in bands {
                let figures = [figure(&band.days.to_string()), amount(band.points)];
                append(&mut said, fill("; từ # ngày: # điểm", "; from # days: # points", &figures));
            }
            said
        }
        Rule::ConvertedWork { .. } => formula(criterion),
    })
}

/// `(a + b + c) ÷ 3 × 70`, or with weights `(20a + 32b + 18c) ÷ 70 × 70`; and how faults are taken off.
fn formula(criterion: &Criterion) -> Text {
    let Rule::ConvertedWork { measures, weights, denominator, deduction } = &criterion.rule else {
        return Text::default();
    };
    let term = |(index, weight): (usize, Option<&Points>)| {
        let letter = char::from(b'a'.saturating_add(index as u8));
        weight.map_or(letter.to_string(), |weight| format!("{weight}{letter}"))
    };
    let terms: Vec<String> = (0..measures.len()).map(|index| term((index, weights.get(index)))).collect();
    let parts = if weights.is_empty() {
        measures.len().to_string()
    } else {
        Points(weights.iter().map(|weight| weight.0).sum()).to_string()
    };
    let mut said = figure(&format!("({}) ÷ {parts} × {}", terms.join(" + "), shown(criterion.max)));
    if *denominator == Denominator::Completed {
        append(
            &mut said,
            text(
                "; chất lượng và tiến độ chia cho lượng hoàn thành",
                "; quality and progress of the completed",
            ),
        );
    }
    if let Some(Deduction { percent, scope }) = deduction {
        let (vi, en) = match scope {
            DeductionScope::Unit => {
                ("; mỗi lỗi trừ #% của một sản phẩm", "; each fault takes #% of one product")
            }
            DeductionScope::Line => {
                ("; mỗi lỗi trừ #% của cả dòng", "; each fault takes #% of the whole line")
            }
        };
        append(&mut said, fill(vi, en, &[amount(*percent)]));
        append(&mut said, text(", trừ lỗi khách quan đã xác nhận", ", but for confirmed objective causes"));
    }
    said
}

/// What a condition asks, with the criterion's title.
pub fn condition_text(ruleset: &Ruleset, condition: &Condition) -> Text {
    match condition {
        Condition::Criterion { criterion, is, value } => {
            let known = ruleset.criterion(*criterion);
            let title = known.map(|known| known.title.clone()).unwrap_or_default();
            let value = match known.map(|known| &known.rule) {
                Some(Rule::PassFail | Rule::TwoLevel { .. }) if value.is_zero() => text("không", "no"),
                Some(Rule::PassFail | Rule::TwoLevel { .. }) => text("có", "yes"),
                Some(Rule::Figure { unit, .. }) => fill("# #", "# #", &[amount(*value), unit.clone()]),
                _ => amount(*value),
            };
            fill("# # #", "# # #", &[title, figure(is.sign()), value])
        }
        Condition::People { level, is, value } => fill(
            "Tỷ lệ người từ mức # trở lên # #%",
            "Share of people at # or better # #%",
            &[super::level_name(*level), figure(is.sign()), amount(*value)],
        ),
    }
}

/// Names of columns, joined.
pub(super) fn columns_text(columns: &[crate::view::Column]) -> Text {
    let names: Vec<Text> = columns.iter().map(|column| column_name(*column)).collect();
    let join = |part: fn(&Text) -> &str| names.iter().map(part).collect::<Vec<_>>().join(", ");
    Text { vi: join(|name| &name.vi), en: join(|name| &name.en) }
}

fn amount(points: Points) -> Text {
    figure(&points.to_string())
}

/// Puts one text behind another.
pub(super) fn append(said: &mut Text, next: Text) {
    said.vi.push_str(&next.vi);
    said.en.push_str(&next.en);
}
