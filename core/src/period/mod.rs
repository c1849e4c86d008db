//! Evaluation periods: a field of every sheet, never derived from a clock.
//!
//! Invariant: text and number forms are one to one, and both sort by time within a kind. A week is one of ISO 8601
//! and belongs to the month, the quarter and the year of its Thursday, so it is a part of exactly one of each.
//! Reading order: the types and forms here, `parts` (which periods make up a longer one).

mod parts;

#[cfg(test)]
mod tests;

pub use parts::PartKind;

use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::view::Text;

/// A week, a month, a quarter or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: u16,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Year,
    Month(u8),
    Quarter(u8),
    /// By its Thursday, whose year is the period's.
    Week(ISOWeekDate),
}

/// The text or number is not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a period: expected YYYY, YYYY-MM, YYYY-Qn or YYYY-Wnn")]
pub struct InvalidPeriod;

/// Numbers a year takes on the wire.
const PARTS_PER_YEAR: u64 = 128;
/// Quarters follow the twelve months on the wire.
const QUARTER_BASE: u64 = 16;
/// Weeks stand behind the room that is left after the quarters.
const WEEK_BASE: u64 = 64;

impl Period {
    /// The month `month` (1 to 12) of `year`.
    ///
    /// # Errors
    /// When the month or the year (2000 to 2999) is out of range.
    pub fn month(year: u16, month: u8) -> Result<Self, InvalidPeriod> {
        let valid = (2000..3000).contains(&year) && (1..=12).contains(&month);
        valid.then_some(Self { year, part: Part::Month(month) }).ok_or(InvalidPeriod)
    }

    /// The ISO week `week` (1 to 52 or 53) of the year that its Thursday is in.
    ///
    /// # Errors
    /// When the year (2000 to 2999) is out of range or has no such week.
    pub fn week(year: u16, week: u8) -> Result<Self, InvalidPeriod> {
        let numbers = i16::try_from(year).ok().zip(i8::try_from(week).ok()).ok_or(InvalidPeriod)?;
        let thursday = ISOWeekDate::new(numbers.0, numbers.1, Weekday::Thursday);
        let week = thursday.map_err(|_| InvalidPeriod)?;
        (2000..3000).contains(&year).then_some(Self { year, part: Part::Week(week) }).ok_or(InvalidPeriod)
    }

    /// The number that stands for the period on the wire.
    pub fn to_number(self) -> u64 {
        let part = match self.part {
            Part::Year => 0,
            Part::Month(month) => u64::from(month),
            Part::Quarter(quarter) => QUARTER_BASE + u64::from(quarter),
            Part::Week(week) => WEEK_BASE + u64::from(week.week().unsigned_abs()),
        };
        (u64::from(self.year) - 2000) * PARTS_PER_YEAR + part
    }

    /// The period that a number on the wire stands for.
    ///
    /// # Errors
    /// When it stands for none.
    pub fn from_number(number: u64) -> Result<Self, InvalidPeriod> {
        let year = u16::try_from(2000 + number / PARTS_PER_YEAR).map_err(|_| InvalidPeriod)?;
        let part = match number % PARTS_PER_YEAR {
            0 => Part::Year,
            month @ 1..=12 => Part::Month(month as u8),
            quarter @ 17..=20 => Part::Quarter((quarter - QUARTER_BASE) as u8),
            week @ 65..=117 => return Self::week(year, (week - WEEK_BASE) as u8),
            _ => return Err(InvalidPeriod),
        };
        (year < 3000).then_some(Self { year, part }).ok_or(InvalidPeriod)
    }

    /// The first and the last month of the period; of a week: the months of its Monday and of its Sunday.
    pub fn months(self) -> [Self; 2] {
        if let Part::Week(week) = self.part {
            let thursday = week.date();
            return [thursday.saturating_sub(3.days()), thursday.saturating_add(3.days())].map(month_of);
        }
        let months = self.month_numbers();
        [*months.start(), *months.end()].map(|month| Self { year: self.year, part: Part::Month(month) })
    }

    /// Numbers of the months that belong to the period, or that it belongs to.
    fn month_numbers(self) -> RangeInclusive<u8> {
        match self.part {
            Part::Year => 1..=12,
            Part::Month(month) => month..=month,
            Part::Quarter(quarter) => quarter * 3 - 2..=quarter * 3,
            Part::Week(week) => {
                let month = week.date().month().unsigned_abs();
                month..=month
            }
        }
    }

    /// The period of the same kind just before this one.
    pub fn previous(self) -> Option<Self> {
        let (year, part) = match self.part {
            Part::Month(1) => (self.year - 1, Part::Month(12)),
            Part::Month(month) => (self.year, Part::Month(month - 1)),
            Part::Quarter(1) => (self.year - 1, Part::Quarter(4)),
            Part::Quarter(quarter) => (self.year, Part::Quarter(quarter - 1)),
            Part::Year => (self.year - 1, Part::Year),
            Part::Week(week) => {
                let before = week.date().saturating_sub(7.days()).iso_week_date();
                (before.year().unsigned_abs(), Part::Week(before))
            }
        };
        (year >= 2000).then_some(Self { year, part })
    }

    /// The period as people say it.
    pub fn name(self) -> Text {
        let year = self.year;
        let (vi, en) = match self.part {
            Part::Year => (format!("năm {year}"), format!("year {year}")),
            Part::Month(month) => (format!("tháng {month:02}/{year}"), format!("month {month:02}/{year}")),
            Part::Quarter(quarter) => {
                let roman = ["I", "II", "III", "IV"][usize::from(quarter - 1)];
                (format!("quý {roman}/{year}"), format!("quarter {roman}/{year}"))
            }
            Part::Week(week) => {
                let week = week.week();
                (format!("tuần {week:02}/{year}"), format!("week {week:02}/{year}"))
            }
        };
        Text { vi, en }
    }

    /// Whether both are of one kind, such as months: only such periods are compared and follow each other.
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self.part) == std::mem::discriminant(&other.part)
    }
}

/// The month that a day is in.
fn month_of(day: Date) -> Period {
    Period { year: day.year().unsigned_abs(), part: Part::Month(day.month().unsigned_abs()) }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.part {
            Part::Year => write!(f, "{}", self.year),
            Part::Month(month) => write!(f, "{}-{month:02}", self.year),
            Part::Quarter(quarter) => write!(f, "{}-Q{quarter}", self.year),
            Part::Week(week) => write!(f, "{}-W{:02}", self.year, week.week()),
        }
    }
}

impl std::str::FromStr for Period {
    type Err = InvalidPeriod;
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
        let year = year.parse().map_err(|_| InvalidPeriod)?;
        let number = |digits: &str| digits.parse::<u8>().map_err(|_| InvalidPeriod);
        let period = match part.map(|part| part.split_at_checked(1).unwrap_or((part, ""))) {
            None => Self { year, part: Part::Year },
            Some(("Q", quarter)) => Self { year, part: Part::Quarter(number(quarter)?) },
            Some(("W", week)) => Self::week(year, number(week)?)?,
            Some(_) => Self::month(year, number(part.unwrap_or_default())?)?,
        };
        // One period has one text: "2022-1" is refused.
        let canonical = period.year >= 2000 && period.to_string() == text;
        if !canonical || Self::from_number(period.to_number()) != Ok(period) {
            return Err(InvalidPeriod);
        }
        Ok(period)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
