//! What the columns of a sheet say, and the products that quantities are of.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{COEFFICIENT_MAX, ScoringError, check_points, check_quantity};
use crate::points::Points;
use crate::ruleset::{Rule, Ruleset};
use crate::view::{Column, Measure, Text};

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

/// What was entered for criteria that take one figure: points, a number of times, yes as 1 and no as 0.
///
/// Invariant: in order of criteria, each once. One block of memory, so that a pass over many sheets costs what reading
/// them costs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures(Vec<(u16, Points)>);

impl Figures {
    /// The figure of a criterion.
    pub fn get(&self, criterion: u16) -> Option<Points> {
        // Numbers begin at 1, and most sheets answer them all.
        if let Some((number, figure)) = self.0.get(usize::from(criterion).wrapping_sub(1))
            && *number == criterion
        {
            return Some(*figure);
        }
        let at = self.0.binary_search_by_key(&criterion, |(number, _)| *number).ok()?;
        self.0.get(at).map(|(_, figure)| *figure)
    }

    /// Writes the figure of a criterion.
    pub fn insert(&mut self, criterion: u16, figure: Points) {
        match self.0.binary_search_by_key(&criterion, |(number, _)| *number) {
            Ok(at) => self.0[at].1 = figure,
            Err(at) => self.0.insert(at, (criterion, figure)),
        }
    }

    /// Takes out the figure of a criterion.
    pub fn remove(&mut self, criterion: u16) {
        self.0.retain(|(number, _)| *number != criterion);
    }

    /// All of them, in order of criteria.
    pub fn as_slice(&self) -> &[(u16, Points)] {
        &self.0
    }
}

impl FromIterator<(u16, Points)> for Figures {
    fn from_iter<I: IntoIterator<Item = (u16, Points)>>(figures: I) -> Self {
        Self(figures.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
    }
}

/// The answers of one column. What is absent is unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// Figures by criterion.
    pub points: Figures,
    /// Quantities by criterion, product and measure.
    pub quantities: BTreeMap<(u16, u16, Measure), Points>,
    /// Criteria with a note or a file, which may be the evidence that a criterion asks for.
    pub noted: BTreeSet<u16>,
}

impl Answers {
    /// Quantities of one criterion: product, measure, value.
    pub fn quantities_of(&self, criterion: u16) -> impl Iterator<Item = (u16, Measure, Points)> {
        let all = (criterion, 0, Measure::Assigned)..=(criterion, u16::MAX, Measure::ExcusedDelays);
        self.quantities.range(all).map(|((_, product, measure), value)| (*product, *measure, *value))
    }
}

/// What all columns of a sheet say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns(Vec<(Column, Answers)>);

impl Columns {
    /// What a column says, if it says anything.
    pub fn get(&self, column: Column) -> Option<&Answers> {
        self.0.iter().find(|(known, _)| *known == column).map(|(_, answers)| answers)
    }

    /// Whether a criterion has a note in any column.
    pub fn is_noted(&self, criterion: u16) -> bool {
        self.0.iter().any(|(_, answers)| answers.noted.contains(&criterion))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &(Column, Answers)> {
        self.0.iter()
    }
}

impl FromIterator<(Column, Answers)> for Columns {
    fn from_iter<I: IntoIterator<Item = (Column, Answers)>>(columns: I) -> Self {
        Self(columns.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
    }
}

/// Whether every answer fits the set and the products.
///
/// # Errors
/// The first [`ScoringError`], in order of criterion numbers, figures before quantities.
pub fn check_answers(ruleset: &Ruleset, answers: &Answers, products: &[Product]) -> Result<(), ScoringError> {
    check_products(products)?;
    for &(number, points) in answers.points.as_slice() {
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
