//! Evaluation periods: a field of every sheet, never derived from a clock.
//!
//! Invariant: text and number forms are one to one, and both sort by time within a kind.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A month, a quarter or a year.
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
}

/// The text or number is not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a period: expected YYYY, YYYY-MM or YYYY-Qn")]
pub struct InvalidPeriod;

/// Numbers a year takes on the wire; room for weeks is left.
const PARTS_PER_YEAR: u64 = 128;
/// Quarters follow the twelve months on the wire.
const QUARTER_BASE: u64 = 16;

impl Period {
    /// The month `month` (1 to 12) of `year`.
    ///
    /// # Errors
    /// When the month or the year (2000 to 2999) is out of range.
    pub fn month(year: u16, month: u8) -> Result<Self, InvalidPeriod> {
        let valid = (2000..3000).contains(&year) && (1..=12).contains(&month);
        valid.then_some(Self { year, part: Part::Month(month) }).ok_or(InvalidPeriod)
    }

    /// The number that stands for the period on the wire.
    pub fn to_number(self) -> u64 {
        let part = match self.part {
            Part::Year => 0,
            Part::Month(month) => u64::from(month),
            Part::Quarter(quarter) => QUARTER_BASE + u64::from(quarter),
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
            _ => return Err(InvalidPeriod),
        };
        (year < 3000).then_some(Self { year, part }).ok_or(InvalidPeriod)
    }

    /// The first and the last month of the period.
    pub fn months(self) -> [Self; 2] {
        let [first, last] = match self.part {
            Part::Year => [1, 12],
            Part::Month(month) => [month, month],
            Part::Quarter(quarter) => [quarter * 3 - 2, quarter * 3],
        };
        [first, last].map(|month| Self { year: self.year, part: Part::Month(month) })
    }

    /// The period of the same kind just before this one.
    pub fn previous(self) -> Option<Self> {
        let (year, part) = match self.part {
            Part::Month(1) => (self.year - 1, Part::Month(12)),
            Part::Month(month) => (self.year, Part::Month(month - 1)),
            Part::Quarter(1) => (self.year - 1, Part::Quarter(4)),
            Part::Quarter(quarter) => (self.year, Part::Quarter(quarter - 1)),
            Part::Year => (self.year - 1, Part::Year),
        };
        (year >= 2000).then_some(Self { year, part })
    }

    /// Whether both are of one kind, such as months: only such periods are compared and follow each other.
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self.part) == std::mem::discriminant(&other.part)
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.part {
            Part::Year => write!(f, "{}", self.year),
            Part::Month(month) => write!(f, "{}-{month:02}", self.year),
            Part::Quarter(quarter) => write!(f, "{}-Q{quarter}", self.year),
        }
    }
}

impl std::str::FromStr for Period {
    type Err = InvalidPeriod;
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let (year, part) = match text.split_once('-') {
            None => (text, Part::Year),
            Some((year, part)) => match part.strip_prefix('Q') {
                Some(quarter) => (year, Part::Quarter(quarter.parse().map_err(|_| InvalidPeriod)?)),
                None => (year, Part::Month(part.parse().map_err(|_| InvalidPeriod)?)),
            },
        };
        let period = Self { year: year.parse().map_err(|_| InvalidPeriod)?, part };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::{edits, mutated_text};
    use proptest::prelude::*;

    #[test]
    fn text_and_number_are_one_to_one() {
        for text in ["2022-01", "2022-12", "2026-Q1", "2026-Q4", "2026", "2999-12"] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.to_string(), text);
            assert_eq!(Period::from_number(period.to_number()), Ok(period));
        }
    }

    #[test]
    fn what_is_not_a_period_is_refused() {
        for text in
            ["", "2022-1", "2022-13", "2022-00", "2022-Q0", "2022-Q5", "1999-01", "3000", "22-01", "2022-+1"]
        {
            assert_eq!(text.parse::<Period>(), Err(InvalidPeriod), "{text:?}");
        }
    }

    #[test]
    fn a_quarter_is_three_months_and_a_year_twelve() {
        for (period, months) in [
            ("2022-11", ["2022-11", "2022-11"]),
            ("2022-Q1", ["2022-01", "2022-03"]),
            ("2022-Q4", ["2022-10", "2022-12"]),
            ("2022", ["2022-01", "2022-12"]),
        ] {
            assert_eq!(period.parse::<Period>().unwrap().months().map(|month| month.to_string()), months);
        }
    }

    #[test]
    fn the_period_before_january_is_december() {
        let january: Period = "2022-01".parse().unwrap();
        assert_eq!(january.previous().unwrap().to_string(), "2021-12");
    }

    #[test]
    fn only_periods_of_one_length_are_alike() {
        let alike = |a: &str, b: &str| a.parse::<Period>().unwrap().is_like(b.parse().unwrap());
        assert!(alike("2022-11", "2024-01") && alike("2022-Q4", "2023-Q1") && alike("2022", "2023"));
        assert!(!alike("2022-11", "2022-Q4") && !alike("2022-Q4", "2022") && !alike("2022", "2022-11"));
    }

    proptest! {
        #[test]
        fn any_text_or_number_is_a_period_or_refused(text in "\\PC{0,12}", number in any::<u64>(), small in 0u64..200_000) {
            prop_assert!(text.parse::<Period>().map_or(true, |period| period.to_string() == text));
            for number in [number, small] {
                prop_assert!(Period::from_number(number).map_or(true, |period| period.to_number() == number));
            }
        }

        #[test]
        fn a_mutated_period_is_refused_or_comes_back(month in 1u8..=12, year in 2000u16..3000, edits in edits()) {
            let text = mutated_text(&Period::month(year, month).unwrap().to_string(), &edits);
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.to_string(), text);
                prop_assert_eq!(Period::from_number(period.to_number()), Ok(period));
            }
        }
    }
}
