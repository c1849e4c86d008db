//! Checked arithmetic on exact fractions, and the one rounding.

use num_traits::{CheckedAdd, CheckedDiv, CheckedMul};

use super::ScoringError;
use crate::points::{Exact, Points};
use crate::ruleset::{Rounding, RoundingMode};

/// `a + b`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn add(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    a.checked_add(&b).ok_or(ScoringError::Overflow)
}

/// `a × b`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn mul(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    a.checked_mul(&b).ok_or(ScoringError::Overflow)
}

/// `a ÷ b`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits, or when `b` is zero: callers decide about zero before.
pub fn div(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    a.checked_div(&b).ok_or(ScoringError::Overflow)
}

/// The sum of all; of nothing: zero.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn sum(values: impl IntoIterator<Item = Exact>) -> Result<Exact, ScoringError> {
    values.into_iter().try_fold(Exact::from_integer(0), add)
}

/// Rounds as a criteria set says. With two decimals half up: `83,335` is `83,34`.
///
/// # Errors
/// [`ScoringError::Overflow`] when the result is beyond 64 bits.
pub fn round(value: Exact, rounding: Rounding) -> Result<Points, ScoringError> {
    let kept = 10_i128.pow(u32::from(rounding.decimals.min(4)));
    let RoundingMode::HalfUp = rounding.mode;
    let whole = add(mul(value, kept.into())?, Exact::new(1, 2))?.floor().to_integer();
    let scaled = whole.checked_mul(i128::from(Points::SCALE) / kept).ok_or(ScoringError::Overflow)?;
    i64::try_from(scaled).map(Points).map_err(|_| ScoringError::Overflow)
}

/// The same value as points, when four decimals are enough for it.
pub fn as_points(value: Exact) -> Option<Points> {
    let scaled = value.checked_mul(&Exact::from_integer(Points::SCALE.into()))?;
    if !scaled.is_integer() {
        return None;
    }
    i64::try_from(scaled.to_integer()).ok().map(Points)
}

/// `num/den` in lowest terms, the denominator always written: `173/2`, `86/1`.
pub fn fraction(value: Exact) -> String {
    format!("{}/{}", value.numer(), value.denom())
}
