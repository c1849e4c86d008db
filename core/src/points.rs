//! Points: what a person enters, exact to four decimals.
//!
//! Invariant: no floating point anywhere. Entered values are scaled integers ([`Points`]); ratios and totals are
//! exact fractions ([`Exact`]) until the rounding that a criteria set names.

mod exact;

pub use exact::Exact;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Points or a quantity, in ten-thousandths: `Points(85_000)` is 8,5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export, type = "string"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Points(
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = r"^-?\d+([.,]\d{1,4})?$")))]
    pub i64,
);

/// Why a text is not points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointsError {
    /// Not digits with at most one decimal sign.
    #[error("not a number")]
    NotANumber,
    /// More than four decimals.
    #[error("more than four decimals")]
    TooPrecise,
    /// Larger than [`Points::LIMIT`].
    #[error("out of range")]
    OutOfRange,
}

impl Points {
    /// Ten-thousandths in one point.
    pub const SCALE: i64 = 10_000;
    /// The largest magnitude that is accepted: one hundred million points.
    pub const LIMIT: Points = Points(100_000_000 * Self::SCALE);
    /// Zero points.
    pub const ZERO: Points = Points(0);

    /// A whole number of points.
    pub const fn whole(points: i32) -> Self {
        Self(points as i64 * Self::SCALE)
    }

    /// Reads what a person typed: `8,5` and `8.5` are the same; spaces around are ignored.
    ///
    /// ```
    /// use xeploai_core::points::{Points, PointsError};
    /// assert_eq!(Points::parse(" 8,5 "), Points::parse("8.5"));
    /// assert_eq!(Points::parse("1.234,5"), Err(PointsError::NotANumber));
    /// ```
    ///
    /// # Errors
    /// [`PointsError::NotANumber`] for anything but an optional sign, digits and one decimal sign;
    /// [`PointsError::TooPrecise`] beyond four decimals (trailing zeros are fine);
    /// [`PointsError::OutOfRange`] beyond [`Points::LIMIT`].
    pub fn parse(text: &str) -> Result<Self, PointsError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, decimals) = digits.split_once([',', '.']).unwrap_or((digits, ""));
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !is_digits(whole) || !is_digits(decimals) {
            return Err(PointsError::NotANumber);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 4 {
            return Err(PointsError::TooPrecise);
        }
        if whole.len() > 12 {
            return Err(PointsError::OutOfRange);
        }
        let fold = |value: i64, b: u8| value * 10 + i64::from(b - b'0');
        let whole = whole.bytes().fold(0, fold);
        let fraction = format!("{decimals:0<4}").bytes().fold(0, fold);
        let value = whole * Self::SCALE + fraction;
        if value > Self::LIMIT.0 {
            return Err(PointsError::OutOfRange);
        }
        Ok(Self(if negative { -value } else { value }))
    }

    /// The same value as an exact fraction.
    pub fn exact(self) -> Exact {
        self.into()
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// Whether the value is a whole multiple of `step`; every value is on a step of zero.
    pub fn is_on_step(self, step: Points) -> bool {
        // Nearly all figures are short, and a short division takes a fraction of the time.
        match (u32::try_from(self.0), u32::try_from(step.0)) {
            (_, Ok(0)) => true,
            (Ok(points), Ok(step)) => points % step == 0,
            _ => self.0 % step.0 == 0,
        }
    }
}

impl std::fmt::Display for Points {
    /// Canonical decimal text with a point and no trailing zeros (`8.5`): for machines. Screens localise it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, fraction) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:04}").trim_end_matches('0'))
    }
}

/// Points as a Vietnamese reader expects them: decimal comma.
pub fn vietnamese(points: impl std::fmt::Display) -> String {
    points.to_string().replace('.', ",")
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::{edits, mutated_text};
    use proptest::prelude::*;

    #[test]
    fn comma_and_point_are_the_same_decimal_sign() {
        assert_eq!(Points::parse("8,5"), Ok(Points(85_000)));
        assert_eq!(Points::parse("8.50000"), Ok(Points(85_000)), "trailing zeros say nothing");
        assert_eq!(Points::parse("-0,25"), Ok(Points(-2_500)));
        assert_eq!(Points::parse(",5"), Ok(Points(5_000)));
    }

    #[test]
    fn what_is_not_points_says_why() {
        for text in ["", " ", "-", ",", "8,5,1", "tám", "8 5", "1e3", "٨"] {
            assert_eq!(Points::parse(text), Err(PointsError::NotANumber), "{text:?}");
        }
        assert_eq!(Points::parse("0,00001"), Err(PointsError::TooPrecise));
        assert_eq!(Points::parse("100000001"), Err(PointsError::OutOfRange));
        assert_eq!(Points::parse("9999999999999999999999"), Err(PointsError::OutOfRange));
    }

    proptest! {
        #[test]
        fn text_and_back_is_the_same_value(value in -Points::LIMIT.0..=Points::LIMIT.0) {
            let points = Points(value);
            prop_assert_eq!(Points::parse(&points.to_string()), Ok(points));
            prop_assert_eq!(Points::parse(&vietnamese(points)), Ok(points));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,40}") {
            let _ = Points::parse(&text);
        }
    }

    proptest! {
        #[test]
        fn a_mutated_number_is_refused_or_comes_back(value in -Points::LIMIT.0..=Points::LIMIT.0, edits in edits()) {
            if let Ok(points) = Points::parse(&mutated_text(&vietnamese(Points(value)), &edits)) {
                prop_assert_eq!(Points::parse(&points.to_string()), Ok(points));
            }
        }
    }
}
