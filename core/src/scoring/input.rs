//! What may be entered in one field, and the sentence when it may not.

use crate::points::{Points, PointsError, vietnamese};
use crate::ruleset::{Criterion, Rule};
use crate::view::Text;

/// Largest quantity of one product in one period, in the product's unit of measure.
pub const QUANTITY_MAX: Points = Points::whole(1_000_000);
/// Largest coefficient of a product.
pub const COEFFICIENT_MAX: Points = Points::whole(1_000);

/// What was entered cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not digits with at most one decimal sign.
    #[error("not a number")]
    NotANumber,
    /// More than four decimals.
    #[error("more than four decimals")]
    TooPrecise,
    /// Above the criterion's maximum.
    #[error("above the maximum {max}")]
    AboveMax {
        /// The maximum.
        max: Points,
    },
    /// Below zero.
    #[error("below zero")]
    BelowZero,
    /// Not a multiple of the step.
    #[error("off the step {step}")]
    OffStep {
        /// The step.
        step: Points,
    },
    /// The criterion's points are computed from quantities.
    #[error("computed from quantities")]
    Computed,
    /// A quantity below zero.
    #[error("quantity below zero")]
    NegativeQuantity,
    /// A quantity above [`QUANTITY_MAX`].
    #[error("quantity above {QUANTITY_MAX}")]
    HugeQuantity,
}

impl InputError {
    /// Stable code for screens and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotANumber => "input.not_a_number",
            Self::TooPrecise => "input.too_precise",
            Self::AboveMax { .. } => "input.above_max",
            Self::BelowZero => "input.below_zero",
            Self::OffStep { .. } => "input.off_step",
            Self::Computed => "input.computed",
            Self::NegativeQuantity => "input.negative_quantity",
            Self::HugeQuantity => "input.huge_quantity",
        }
    }

    /// The sentence beside the field: says what would be right.
    pub fn message(&self) -> Text {
        let fixed = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        let (vi, en) = match self {
            Self::NotANumber => fixed("Hãy nhập một số, ví dụ 8,5", "Enter a number, such as 8.5"),
            Self::TooPrecise => fixed("Nhiều nhất 4 chữ số thập phân", "At most 4 decimals"),
            Self::AboveMax { max } => (
                format!("Điểm tối đa của tiêu chí này là {}", vietnamese(max)),
                format!("The maximum of this criterion is {max}"),
            ),
            Self::BelowZero => fixed("Điểm không được nhỏ hơn 0", "Points cannot be below 0"),
            Self::OffStep { step } => {
                (format!("Bước điểm là {}", vietnamese(step)), format!("Points go in steps of {step}"))
            }
            Self::Computed => fixed(
                "Điểm của tiêu chí này được tính từ khối lượng công việc",
                "The points of this criterion are computed from the quantities of work",
            ),
            Self::NegativeQuantity => {
                fixed("Khối lượng không được nhỏ hơn 0", "A quantity cannot be below 0")
            }
            Self::HugeQuantity => fixed(
                "Khối lượng lớn nhất được nhập là 1.000.000",
                "The largest quantity accepted is 1,000,000",
            ),
        };
        Text { vi, en }
    }
}

/// Whether these points may be entered for the criterion: 0 to the maximum, on the step.
///
/// # Errors
/// [`InputError`]; for converted work always [`InputError::Computed`].
pub fn check_points(criterion: &Criterion, points: Points) -> Result<(), InputError> {
    if matches!(criterion.rule, Rule::ConvertedWork { .. }) {
        return Err(InputError::Computed);
    }
    if points < Points::ZERO {
        return Err(InputError::BelowZero);
    }
    if points > criterion.max {
        return Err(InputError::AboveMax { max: criterion.max });
    }
    if !points.is_on_step(criterion.step) {
        return Err(InputError::OffStep { step: criterion.step });
    }
    Ok(())
}

/// Whether this quantity may be entered: 0 to [`QUANTITY_MAX`].
///
/// # Errors
/// [`InputError::NegativeQuantity`] or [`InputError::HugeQuantity`].
pub fn check_quantity(quantity: Points) -> Result<(), InputError> {
    if quantity < Points::ZERO {
        return Err(InputError::NegativeQuantity);
    }
    if quantity > QUANTITY_MAX {
        return Err(InputError::HugeQuantity);
    }
    Ok(())
}

/// Reads and checks typed points; comma and point are the same decimal sign.
///
/// # Errors
/// As [`Points::parse`] and [`check_points`].
pub fn parse_points(criterion: &Criterion, text: &str) -> Result<Points, InputError> {
    let above = InputError::AboveMax { max: criterion.max };
    let points = parse(text, InputError::BelowZero, above)?;
    check_points(criterion, points).map(|()| points)
}

/// Reads and checks a typed quantity; comma and point are the same decimal sign.
///
/// # Errors
/// As [`Points::parse`] and [`check_quantity`].
pub fn parse_quantity(text: &str) -> Result<Points, InputError> {
    let quantity = parse(text, InputError::NegativeQuantity, InputError::HugeQuantity)?;
    check_quantity(quantity).map(|()| quantity)
}

/// A number out of the range of [`Points`] is below or above everything that a field takes.
fn parse(text: &str, below: InputError, above: InputError) -> Result<Points, InputError> {
    Points::parse(text).map_err(|error| match error {
        PointsError::NotANumber => InputError::NotANumber,
        PointsError::TooPrecise => InputError::TooPrecise,
        PointsError::OutOfRange if text.trim_start().starts_with('-') => below,
        PointsError::OutOfRange => above,
    })
}
