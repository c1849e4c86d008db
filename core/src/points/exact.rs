//! Exact fractions.
//!
//! Invariant: a value has one form. Ten-thousandths when they suffice, which are added and compared as integers; else a
//! fraction in lowest terms. Every operation is checked.

use std::cmp::Ordering;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul};

use super::Points;

/// An exact fraction of 128-bit integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exact(Form);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// Ten-thousandths.
    Scaled(i64),
    /// What is no whole number of ten-thousandths, or too many of them.
    Fraction(Ratio<i128>),
}

const SCALE: i128 = Points::SCALE as i128;

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self(Form::Scaled(0));
    /// One.
    pub const ONE: Self = Self(Form::Scaled(Points::SCALE));

    /// A whole number.
    pub fn from_integer(value: i128) -> Self {
        Self::of(Ratio::from_integer(value))
    }

    /// `numer / denom`; `None` for a denominator of zero.
    pub fn new(numer: i128, denom: i128) -> Option<Self> {
        // The most negative integer has no opposite.
        (denom != 0 && denom != i128::MIN && numer != i128::MIN).then(|| Self::of(Ratio::new(numer, denom)))
    }

    fn of(ratio: Ratio<i128>) -> Self {
        match scaled(ratio) {
            Some(value) => Self(Form::Scaled(value)),
            None => Self(Form::Fraction(ratio)),
        }
    }

    fn ratio(self) -> Ratio<i128> {
        match self.0 {
            Form::Scaled(value) => Ratio::new(value.into(), SCALE),
            Form::Fraction(ratio) => ratio,
        }
    }

    /// The same value as points, when four decimals are enough for it.
    #[inline]
    pub fn as_points(self) -> Option<Points> {
        match self.0 {
            Form::Scaled(value) => Some(Points(value)),
            Form::Fraction(_) => None,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Numerator and denominator in lowest terms, the denominator above zero.
    pub fn parts(self) -> (i128, i128) {
        self.ratio().into()
    }

    /// `self + other`, unless beyond 128 bits.
    #[inline]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if let (Form::Scaled(a), Form::Scaled(b)) = (self.0, other.0)
            && let Some(sum) = a.checked_add(b)
        {
            return Some(Self(Form::Scaled(sum)));
        }
        self.add_fractions(other)
    }

    #[cold]
    fn add_fractions(self, other: Self) -> Option<Self> {
        self.ratio().checked_add(&other.ratio()).map(Self::of)
    }

    /// `self × other`, unless beyond 128 bits.
    #[inline]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        if let (Form::Scaled(a), Form::Scaled(b)) = (self.0, other.0)
            && let Some(product) = a.checked_mul(b)
            && product % Points::SCALE == 0
        {
            return Some(Self(Form::Scaled(product / Points::SCALE)));
        }
        self.mul_fractions(other)
    }

    #[cold]
    fn mul_fractions(self, other: Self) -> Option<Self> {
        self.ratio().checked_mul(&other.ratio()).map(Self::of)
    }

    /// `self ÷ other`, unless `other` is zero or the result beyond 128 bits.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        if let (Form::Scaled(a), Form::Scaled(b)) = (self.0, other.0)
            && let Some(dividend) = a.checked_mul(Points::SCALE)
            && dividend.checked_rem(b) == Some(0)
        {
            return dividend.checked_div(b).map(|quotient| Self(Form::Scaled(quotient)));
        }
        self.ratio().checked_div(&other.ratio()).map(Self::of)
    }

    #[cold]
    fn cmp_fractions(self, other: Self) -> Ordering {
        self.ratio().cmp(&other.ratio())
    }

    /// The opposite.
    #[inline]
    pub fn negated(self) -> Option<Self> {
        if let Form::Scaled(value) = self.0
            && let Some(negated) = value.checked_neg()
        {
            return Some(Self(Form::Scaled(negated)));
        }
        self.checked_mul(Self(Form::Scaled(-Points::SCALE)))
    }

    /// The largest whole number that is not above this.
    pub fn floor(self) -> i128 {
        match self.0 {
            Form::Scaled(value) => i128::from(value.div_euclid(Points::SCALE)),
            Form::Fraction(ratio) => ratio.floor().to_integer(),
        }
    }
}

/// The ten-thousandths of a fraction, when they are whole and not too many.
fn scaled(ratio: Ratio<i128>) -> Option<i64> {
    if SCALE % ratio.denom() != 0 {
        return None;
    }
    let value = ratio.numer().checked_mul(&(SCALE / ratio.denom()))?;
    i64::try_from(value).ok()
}

impl From<Points> for Exact {
    #[inline]
    fn from(points: Points) -> Self {
        Self(Form::Scaled(points.0))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0, other.0) {
            (Form::Scaled(a), Form::Scaled(b)) => a.cmp(&b),
            _ => self.cmp_fractions(*other),
        }
    }
}

impl Default for Exact {
    fn default() -> Self {
        Self::ZERO
    }
}

impl std::fmt::Display for Exact {
    /// `173/2`, `86/1`: lowest terms, the denominator always written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (numer, denom) = self.parts();
        write!(f, "{numer}/{denom}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_exact() -> impl Strategy<Value = (i128, i128)> {
        (-1_000_000_i128..1_000_000, prop_oneof![1_i128..100, Just(10_000), Just(3), Just(7)])
    }

    proptest! {
        #[test]
        fn it_computes_as_fractions_do((a, b) in any_exact(), (c, d) in any_exact()) {
            let (x, y) = (Exact::new(a, b).unwrap(), Exact::new(c, d).unwrap());
            let (p, q) = (Ratio::new(a, b), Ratio::new(c, d));
            prop_assert_eq!(x.checked_add(y).unwrap().ratio(), p + q);
            prop_assert_eq!(x.checked_mul(y).unwrap().ratio(), p * q);
            prop_assert_eq!(x.cmp(&y), p.cmp(&q));
            prop_assert_eq!(x == y, p == q, "one value, one form");
            prop_assert_eq!(x.floor(), p.floor().to_integer());
            if c != 0 {
                prop_assert_eq!(x.checked_div(y).unwrap().ratio(), p / q);
            }
            prop_assert_eq!(x.parts(), (*p.numer(), *p.denom()));
            prop_assert_eq!(x.as_points().map(|points| Ratio::new(points.0.into(), SCALE)), (SCALE % p.denom() == 0).then_some(p));
        }
    }

    #[test]
    fn what_has_no_value_is_nothing() {
        assert_eq!(Exact::new(1, 0), None);
        assert_eq!(Exact::ONE.checked_div(Exact::ZERO), None);
        let huge = Exact::from_integer(i128::MAX);
        assert_eq!((huge.checked_add(huge), huge.checked_mul(huge)), (None, None));
    }

    #[test]
    fn what_is_too_large_for_ten_thousandths_is_still_exact() {
        let large = Exact::from_integer(i128::from(i64::MAX));
        assert_eq!(large.as_points(), None);
        assert_eq!(large.checked_add(Exact::ONE).unwrap().parts(), (i128::from(i64::MAX) + 1, 1));
    }
}
