//! The proposed level of a total.

use crate::points::Exact;
use crate::ruleset::{ClassifyOn, Ruleset};
use crate::scoring::Total;
use crate::view::{Level, Text};

use super::words::text;

/// The value that meets the thresholds: the rounded or the exact total, as the set says; `None`: data is missing.
pub fn decisive(ruleset: &Ruleset, total: &Total) -> Option<Exact> {
    match ruleset.rounding.classify_on {
        ClassifyOn::Rounded => total.total.map(|points| points.exact()),
        ClassifyOn::Exact => total.exact,
    }
}

/// The best level whose threshold the total reaches; `None`: chưa đủ dữ liệu.
pub fn level(ruleset: &Ruleset, total: &Total) -> Option<Level> {
    let value = decisive(ruleset, total)?;
    ruleset.levels.iter().find(|level| value >= level.from.exact()).map(|level| level.level)
}

/// A level's official name, the same in every instrument since 2020.
pub fn level_name(level: Level) -> Text {
    match level {
        Level::Htxsnv => text("Hoàn thành xuất sắc nhiệm vụ", "Excellent completion of tasks"),
        Level::Httnv => text("Hoàn thành tốt nhiệm vụ", "Good completion of tasks"),
        Level::Htnv => text("Hoàn thành nhiệm vụ", "Completion of tasks"),
        Level::Khtnv => text("Không hoàn thành nhiệm vụ", "Non-completion of tasks"),
    }
}
