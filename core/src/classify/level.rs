//! Names of levels.

use super::words::text;
use crate::view::{Level, Text};

/// A level's official name, the same in every instrument since 2020.
pub fn level_name(level: Level) -> Text {
    match level {
        Level::Htxsnv => text("Hoàn thành xuất sắc nhiệm vụ", "Excellent completion of tasks"),
        Level::Httnv => text("Hoàn thành tốt nhiệm vụ", "Good completion of tasks"),
        Level::Htnv => text("Hoàn thành nhiệm vụ", "Completion of tasks"),
        Level::Khtnv => text("Không hoàn thành nhiệm vụ", "Non-completion of tasks"),
    }
}
