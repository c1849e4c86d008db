//! Which periods make up a longer one.
//!
//! Invariant: the parts of a period are disjoint, in order of time, and each lies in it; the weeks of a year's months,
//! and of its quarters, are the weeks of the year.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Part, Period};

/// Kinds of periods that make up a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// ISO weeks.
    Week,
    /// Months.
    Month,
    /// Quarters.
    Quarter,
}

impl Period {
    /// The periods of a shorter kind that make up this one, in order of time; none when that kind is not shorter.
    ///
    /// A week belongs to the month, quarter and year of its Thursday (ISO 8601): a year has 52 or 53 weeks, a month
    /// 4 or 5, a quarter 12 to 14.
    pub fn parts(self, of: PartKind) -> Vec<Self> {
        let parts = |part: fn(u8) -> Part, numbers: RangeInclusive<u8>| {
            numbers.map(|number| Self { year: self.year, part: part(number) }).collect()
        };
        match (self.part, of) {
            (Part::Week(_), _)
            | (Part::Month(_), PartKind::Month | PartKind::Quarter)
            | (Part::Quarter(_), PartKind::Quarter) => Vec::new(),
            (Part::Year, PartKind::Quarter) => parts(Part::Quarter, 1..=4),
            (_, PartKind::Month) => parts(Part::Month, self.month_numbers()),
            (_, PartKind::Week) => {
                let months = self.month_numbers();
                let weeks = (1..=53).filter_map(|week| Self::week(self.year, week).ok());
                weeks.filter(|week| months.contains(week.month_numbers().start())).collect()
            }
        }
    }
}
