//! What one column of a sheet says, and the products that quantities are of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{COEFFICIENT_MAX, ScoringError, check_points, check_quantity};
use crate::points::Points;
use crate::ruleset::{Rule, Ruleset};
use crate::view::{Measure, Text};

/// A product of the unit's approved list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Number in the list.
    pub number: u16,
    /// Title.
    pub title: Text,
    /// Unit of measure.
    pub measure_unit: Text,
    /// Coefficient against the standard product (K), more than 0 and at most 1,000.
    pub coefficient: Points,
}

/// A unit's approved list of products.
pub type Products = Vec<Product>;

/// The answers of one column. What is absent is unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// Points by criterion.
    pub points: BTreeMap<u16, Points>,
    /// Quantities by criterion, product and measure.
    pub quantities: BTreeMap<(u16, u16, Measure), Points>,
}

impl Answers {
    /// Quantities of one criterion: product, measure, value.
    pub fn quantities_of(&self, criterion: u16) -> impl Iterator<Item = (u16, Measure, Points)> {
        let of = move |((number, product, measure), value): (&(u16, u16, Measure), &Points)| {
            (*number == criterion).then_some((*product, *measure, *value))
        };
        self.quantities.iter().filter_map(of)
    }
}

/// Whether every answer fits the set and the products.
///
/// # Errors
/// The first [`ScoringError`], in order of criterion numbers, points before quantities.
pub fn check_answers(ruleset: &Ruleset, answers: &Answers, products: &[Product]) -> Result<(), ScoringError> {
    check_products(products)?;
    for (&number, &points) in &answers.points {
        let criterion =
            ruleset.criterion(number).ok_or(ScoringError::UnknownCriterion { criterion: number })?;
        check_points(criterion, points).map_err(|error| ScoringError::Input { criterion: number, error })?;
    }
    for (&(number, product, _), &value) in &answers.quantities {
        let criterion =
            ruleset.criterion(number).ok_or(ScoringError::UnknownCriterion { criterion: number })?;
        if !matches!(criterion.rule, Rule::ConvertedWork { .. }) {
            return Err(ScoringError::TakesPoints { criterion: number });
        }
        check_quantity(value).map_err(|error| ScoringError::Input { criterion: number, error })?;
        if !products.iter().any(|listed| listed.number == product) {
            return Err(ScoringError::UnknownProduct { criterion: number, product });
        }
    }
    Ok(())
}

/// Whether the list's numbers are distinct and its coefficients in range.
///
/// # Errors
/// [`ScoringError::DuplicateProduct`] or [`ScoringError::Coefficient`], naming the product.
pub fn check_products(products: &[Product]) -> Result<(), ScoringError> {
    for (index, product) in products.iter().enumerate() {
        if products.iter().take(index).any(|other| other.number == product.number) {
            return Err(ScoringError::DuplicateProduct { product: product.number });
        }
        if product.coefficient <= Points::ZERO || product.coefficient > COEFFICIENT_MAX {
            return Err(ScoringError::Coefficient { product: product.number });
        }
    }
    Ok(())
}
