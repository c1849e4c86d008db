//! Checked arithmetic on exact fractions, and the one rounding.

use super::ScoringError;
use crate::points::{Exact, Points};
use crate::ruleset::{Rounding, RoundingMode};

/// `a + b`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn add(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    a.checked_add(b).ok_or(ScoringError::Overflow)
}

/// `a × b`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn mul(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    a.checked_mul(b).ok_or(ScoringError::Overflow)
}

/// `a ÷ b`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits, or when `b` is zero: callers decide about zero before.
pub fn div(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    a.checked_div(b).ok_or(ScoringError::Overflow)
}

/// `-a`.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn negate(a: Exact) -> Result<Exact, ScoringError> {
    a.negated().ok_or(ScoringError::Overflow)
}

/// The sum of all; of nothing: zero.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits.
pub fn sum(values: impl IntoIterator<Item = Exact>) -> Result<Exact, ScoringError> {
    values.into_iter().try_fold(Exact::ZERO, add)
}

/// Rounds as a criteria set says. With two decimals half up: `83,335` is `83,34`, and `-0,5` without decimals is `0`.
///
/// # Errors
/// [`ScoringError::Overflow`] when the result is beyond 64 bits.
pub fn round(value: Exact, rounding: Rounding) -> Result<Points, ScoringError> {
    let kept = 10_i128.pow(u32::from(rounding.decimals.min(4)));
    let step = i128::from(Points::SCALE) / kept;
    if let Some(points) = value.as_points().filter(|points| points.is_on_step(Points(step as i64))) {
        return Ok(points);
    }
    let scaled = mul(value, Exact::from_integer(kept))?;
    let whole = match rounding.mode {
        RoundingMode::HalfUp => add(scaled, Points(Points::SCALE / 2).exact())?.floor(),
        RoundingMode::Down => scaled.floor(),
        // What is not whole goes up: the first case has taken what is.
        RoundingMode::Up => scaled.floor().checked_add(1).ok_or(ScoringError::Overflow)?,
    };
    let scaled = whole.checked_mul(step).ok_or(ScoringError::Overflow)?;
    i64::try_from(scaled).map(Points).map_err(|_| ScoringError::Overflow)
}

/// A value as screens show it where no criteria set rounds it: two decimals, half up.
pub fn shown(value: Exact) -> Points {
    value.as_points().or_else(|| round(value, Rounding::SHOWN).ok()).unwrap_or(Points::LIMIT)
}
