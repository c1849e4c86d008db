//! Texts in both languages, and figures as their readers write them.

use crate::points::{Exact, Points, vietnamese};
use crate::ruleset::{Rounding, Rule};
use crate::scoring::ScoringError;
use crate::scoring::exact::round;
use crate::sheet::{Field, Value};
use crate::view::{Column, Measure, Text};

/// Both languages of a fixed text.
pub(super) fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}

/// A figure in both languages: a decimal comma in Vietnamese.
pub(super) fn figure(canonical: &str) -> Text {
    Text { vi: vietnamese(canonical), en: canonical.to_owned() }
}

/// Fills the `#`s of a pattern in each language, in order; a `#` inside a part stays.
pub(super) fn fill(vi: &str, en: &str, parts: &[Text]) -> Text {
    let weave = |pattern: &str, part: fn(&Text) -> &str| {
        let mut parts = parts.iter().map(part);
        let mut pieces = pattern.split('#');
        let mut woven = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            woven.push_str(parts.next().unwrap_or_default());
            woven.push_str(piece);
        }
        woven
    };
    Text { vi: weave(vi, |part| &part.vi), en: weave(en, |part| &part.en) }
}

/// A value as decimals when four are enough, else rounded behind `≈`. Canonical.
pub(super) fn decimals(value: Exact, rounding: Rounding) -> Result<String, ScoringError> {
    match value.as_points() {
        Some(points) => Ok(points.to_string()),
        None => Ok(format!("≈ {}", round(value, rounding)?)),
    }
}

/// As [`decimals`], with the exact fraction behind it when decimals do not end: `≈ 23.33 (= 70/3)`. Canonical.
pub(super) fn exactly(value: Exact, rounding: Rounding) -> Result<String, ScoringError> {
    let decimals = decimals(value, rounding)?;
    Ok(if value.as_points().is_some() { decimals } else { format!("{decimals} (= {value})") })
}

/// A column's name.
pub(super) fn column_name(column: Column) -> Text {
    match column {
        Column::Own => text("Tự chấm", "Own"),
        Column::Superior => text("Cấp trên trực tiếp", "Direct superior"),
        Column::Appraised => text("Thẩm định", "Appraised"),
    }
}

/// What a measure counts.
pub(super) fn measure_name(measure: Measure) -> Text {
    match measure {
        Measure::Assigned => text("được giao", "assigned"),
        Measure::Completed => text("hoàn thành", "completed"),
        Measure::QualityOk => text("đạt chất lượng", "of quality"),
        Measure::OnTime => text("đúng tiến độ", "on time"),
        Measure::Faults => text("lỗi chất lượng", "faults"),
        Measure::Delays => text("chậm tiến độ", "delays"),
        Measure::ExcusedFaults => text("lỗi do khách quan", "excused faults"),
        Measure::ExcusedDelays => text("chậm do khách quan", "excused delays"),
    }
}

/// A quantity's name: which product, and what of it is counted.
pub fn quantity_name(product: u16, measure: Measure) -> Text {
    let name = measure_name(measure);
    Text { vi: format!("{product}/{}", name.vi), en: format!("{product}/{}", name.en) }
}

/// What somebody wrote: where a criterion is answered by yes or no the word, of products the quantity's name with it.
pub fn written_value(rule: &Rule, field: Field, value: &Value) -> Text {
    let said = figure(&value.to_string());
    let is_yes = *value != Value::Points(Points::ZERO);
    match (field, rule) {
        (Field::Quantity(product, measure), _) => {
            fill("#: #", "#: #", &[quantity_name(product, measure), said])
        }
        (Field::Points, Rule::PassFail) if is_yes => text("Có", "Yes"),
        (Field::Points, Rule::PassFail) => text("Không", "No"),
        (Field::Points, Rule::TwoLevel { .. }) if is_yes => text("Đạt", "Met"),
        (Field::Points, Rule::TwoLevel { .. }) => text("Không đạt", "Not met"),
        (Field::Points | Field::Note | Field::Minutes(_) | Field::Evidence(_), _) => said,
    }
}

/// A ratio's title: the decree calls the three quantity, quality and progress.
pub(super) fn ratio_name(measure: Measure) -> Text {
    match measure {
        Measure::Assigned => text("Được giao", "Assigned"),
        Measure::Completed => text("Số lượng", "Quantity"),
        Measure::QualityOk => text("Chất lượng", "Quality"),
        Measure::OnTime => text("Tiến độ", "Progress"),
        other => measure_name(other),
    }
}

#[cfg(test)]
mod tests {
    use super::written_value;
    use crate::points::Points;
    use crate::ruleset::Rule;
    use crate::sheet::{Field, Value};
    use crate::view::Measure;

    #[test]
    fn a_written_answer_reads_as_its_criterion_asks() {
        let said = |rule: &Rule, field, points: i64| {
            let text = written_value(rule, field, &Value::Points(Points(points)));
            [text.vi, text.en]
        };
        let two_level = Rule::TwoLevel { low: Points::ZERO };
        assert_eq!(said(&Rule::PassFail, Field::Points, 10_000), ["Có", "Yes"]);
        assert_eq!(said(&Rule::PassFail, Field::Points, 0), ["Không", "No"]);
        assert_eq!(said(&two_level, Field::Points, 10_000), ["Đạt", "Met"]);
        assert_eq!(said(&two_level, Field::Points, 0), ["Không đạt", "Not met"]);
        assert_eq!(said(&Rule::Points, Field::Points, 85_000), ["8,5", "8.5"]);
        let faults = Field::Quantity(2, Measure::Faults);
        assert_eq!(said(&Rule::Points, faults, 15_000), ["2/lỗi chất lượng: 1,5", "2/faults: 1.5"]);
    }
}
