//! Why a sheet has no computable points. Never what is merely missing: that is an answer, `None`.

use super::InputError;
use crate::view::Text;

/// A sheet's answers do not fit its criteria set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoringError {
    /// A figure beyond 128 bits; not reachable with the limits of entry and one work criterion.
    #[error("a figure is too large to be computed exactly")]
    Overflow,
    /// An answer breaks the rule of its criterion.
    #[error("criterion {criterion}: {error}")]
    Input {
        /// The criterion's number.
        criterion: u16,
        /// What is wrong.
        error: InputError,
    },
    /// An answer to a criterion that the set does not have.
    #[error("criterion {criterion} is not in the set")]
    UnknownCriterion {
        /// The number answered.
        criterion: u16,
    },
    /// A quantity of a product that the unit's list does not have.
    #[error("criterion {criterion}: product {product} is not in the list")]
    UnknownProduct {
        /// The criterion's number.
        criterion: u16,
        /// The product's number.
        product: u16,
    },
    /// Quantities for a criterion that takes points.
    #[error("criterion {criterion} takes points, not quantities")]
    TakesPoints {
        /// The criterion's number.
        criterion: u16,
    },
    /// A product number twice in the list.
    #[error("product {product} is listed twice")]
    DuplicateProduct {
        /// The product's number.
        product: u16,
    },
    /// A coefficient that is not above 0 and at most [`super::COEFFICIENT_MAX`].
    #[error("the coefficient of product {product} is out of range")]
    Coefficient {
        /// The product's number.
        product: u16,
    },
}

impl ScoringError {
    /// Stable code for screens and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Overflow => "scoring.overflow",
            Self::Input { error, .. } => error.code(),
            Self::UnknownCriterion { .. } => "scoring.unknown_criterion",
            Self::UnknownProduct { .. } => "scoring.unknown_product",
            Self::TakesPoints { .. } => "scoring.takes_points",
            Self::DuplicateProduct { .. } => "scoring.duplicate_product",
            Self::Coefficient { .. } => "scoring.coefficient",
        }
    }

    /// The sentence for a person.
    pub fn message(&self) -> Text {
        let (vi, en) = match self {
            Self::Overflow => (
                "Số liệu quá lớn, không tính được chính xác. Hãy xem lại khối lượng.".to_owned(),
                "The figures are too large to compute exactly. Check the quantities.".to_owned(),
            ),
            Self::Input { criterion, error } => {
                let Text { vi, en } = error.message();
                (format!("Tiêu chí số {criterion}: {vi}"), format!("Criterion {criterion}: {en}"))
            }
            Self::UnknownCriterion { criterion } => (
                format!("Bộ tiêu chí không có tiêu chí số {criterion}."),
                format!("The criteria set has no criterion {criterion}."),
            ),
            Self::UnknownProduct { criterion, product } => (
                format!(
                    "Tiêu chí số {criterion}: danh mục sản phẩm của đơn vị không có sản phẩm số {product}."
                ),
                format!("Criterion {criterion}: the unit's list has no product {product}."),
            ),
            Self::TakesPoints { criterion } => (
                format!("Tiêu chí số {criterion} chấm bằng điểm, không bằng khối lượng."),
                format!("Criterion {criterion} takes points, not quantities."),
            ),
            Self::DuplicateProduct { product } => (
                format!("Danh mục có hai sản phẩm cùng số {product}."),
                format!("The list has two products with number {product}."),
            ),
            Self::Coefficient { product } => (
                format!("Hệ số của sản phẩm số {product} phải lớn hơn 0 và không quá 1.000."),
                format!("The coefficient of product {product} must be more than 0 and at most 1,000."),
            ),
        };
        Text { vi, en }
    }
}
