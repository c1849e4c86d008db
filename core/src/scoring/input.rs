//! What may be entered in one field, and the sentence when it may not.

use crate::points::{Points, PointsError, vietnamese};
use crate::ruleset::{Band, Criterion, Rule};
use crate::view::Text;

/// Largest quantity of one product in one period, in the product's unit of measure.
pub const QUANTITY_MAX: Points = Points::whole(1_000_000);
/// Largest coefficient of a product.
pub const COEFFICIENT_MAX: Points = Points::whole(1_000);

/// Most times or days that are entered for one criterion in one period.
pub const TIMES_MAX: Points = Points::whole(1_000);

/// What was entered cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not digits with at most one decimal sign.
    #[error("points are not a number")]
    NotANumber,
    /// More than four decimals.
    #[error("points have more than four decimals")]
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
        /// The nearest multiple below.
        below: Points,
        /// The nearest multiple above; never more than the maximum, which is a multiple too.
        above: Points,
    },
    /// The criterion's points are computed from quantities.
    #[error("computed from quantities")]
    Computed,
    /// Not a whole number of times or days.
    #[error("not a whole number")]
    NotWhole,
    /// Neither 0 nor 1, where no or yes is asked.
    #[error("neither yes nor no")]
    NotYesNo,
    /// A figure above the largest that is taken.
    #[error("above the largest figure {most}")]
    FigureAboveMost {
        /// The largest.
        most: Points,
    },
    /// Points that the percentage does not allow.
    #[error("outside of {least} to {most}, which {percent} % allows")]
    OffBand {
        /// The percentage.
        percent: Points,
        /// Fewest points that it allows.
        least: Points,
        /// Most points that it allows.
        most: Points,
    },
    /// A quantity that is not digits with at most one decimal sign.
    #[error("quantity is not a number")]
    QuantityNotANumber,
    /// A quantity with more than four decimals.
    #[error("quantity has more than four decimals")]
    QuantityTooPrecise,
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
            Self::NotANumber => "points_not_a_number",
            Self::TooPrecise => "points_too_precise",
            Self::AboveMax { .. } => "points_above_max",
            Self::BelowZero => "points_below_zero",
            Self::OffStep { .. } => "points_off_step",
            Self::Computed => "points_computed",
            Self::NotWhole => "figure_not_whole",
            Self::NotYesNo => "figure_not_yes_or_no",
            Self::FigureAboveMost { .. } => "figure_above_most",
            Self::OffBand { .. } => "points_off_band",
            Self::QuantityNotANumber => "quantity_not_a_number",
            Self::QuantityTooPrecise => "quantity_too_precise",
            Self::NegativeQuantity => "quantity_below_zero",
            Self::HugeQuantity => "quantity_above_max",
        }
    }

    /// The sentence beside the field: says what would be right.
    pub fn message(&self) -> Text {
        let fixed = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        let (vi, en) = match self {
            Self::NotANumber => fixed("Điểm phải là số: ví dụ 8,5.", "Points must be a number, such as 8.5."),
            Self::TooPrecise => fixed(
                "Điểm có nhiều nhất 4 chữ số thập phân: ví dụ 8,25.",
                "Points have at most 4 decimals, such as 8.25.",
            ),
            Self::AboveMax { max } => (
                format!("Điểm tối đa của tiêu chí này là {}.", vietnamese(max)),
                format!("The maximum of this criterion is {max}."),
            ),
            Self::BelowZero => fixed("Điểm không được nhỏ hơn 0.", "Points cannot be below 0."),
            Self::OffStep { step, below, above } => (
                format!(
                    "Điểm phải theo bước {}: ví dụ {} hoặc {}.",
                    vietnamese(step),
                    vietnamese(below),
                    vietnamese(above)
                ),
                format!("Points go in steps of {step}, such as {below} or {above}."),
            ),
            Self::Computed => fixed(
                "Điểm của tiêu chí này được tính từ khối lượng công việc: hãy nhập khối lượng.",
                "The points of this criterion are computed from the quantities of work: enter quantities.",
            ),
            Self::NotWhole => fixed(
                "Số lần hoặc số ngày phải là số nguyên: ví dụ 2.",
                "A number of times or days must be whole, such as 2.",
            ),
            Self::NotYesNo => fixed("Hãy chọn Có hoặc Không.", "Choose yes or no."),
            Self::FigureAboveMost { most } => (
                format!("Số lớn nhất được nhập là {}.", vietnamese(most)),
                format!("The largest number accepted is {most}."),
            ),
            Self::OffBand { percent, least, most } => (
                format!(
                    "Tỷ lệ {}% chỉ được từ {} đến {} điểm.",
                    vietnamese(percent),
                    vietnamese(least),
                    vietnamese(most)
                ),
                format!("{percent}% allows {least} to {most} points."),
            ),
            Self::QuantityNotANumber => fixed(
                "Khối lượng phải là số: ví dụ 12 hoặc 8,5.",
                "A quantity must be a number, such as 12 or 8.5.",
            ),
            Self::QuantityTooPrecise => fixed(
                "Khối lượng có nhiều nhất 4 chữ số thập phân: ví dụ 8,25.",
                "A quantity has at most 4 decimals, such as 8.25.",
            ),
            Self::NegativeQuantity => {
                fixed("Khối lượng không được nhỏ hơn 0.", "A quantity cannot be below 0.")
            }
            Self::HugeQuantity => fixed(
                "Khối lượng lớn nhất được nhập là 1.000.000.",
                "The largest quantity accepted is 1,000,000.",
            ),
        };
        Text { vi, en }
    }
}

/// Whether this figure may be entered for the criterion: points from 0 to the maximum on the step, whole times or days, 1
/// or 0 for yes or no, a number up to the largest. Whether a band allows the points is [`check_band`].
///
/// # Errors
/// [`InputError`]; for converted work always [`InputError::Computed`].
pub fn check_points(criterion: &Criterion, points: Points) -> Result<(), InputError> {
    if points < Points::ZERO {
        return Err(InputError::BelowZero);
    }
    match &criterion.rule {
        Rule::ConvertedWork { .. } => Err(InputError::Computed),
        Rule::TwoLevel { .. } | Rule::PassFail => {
            let yes_or_no = points == Points::ZERO || points == Points::whole(1);
            yes_or_no.then_some(()).ok_or(InputError::NotYesNo)
        }
        Rule::Count { .. } | Rule::Deduct { .. } | Rule::DeductLate { .. } => {
            let most = TIMES_MAX;
            if points > most {
                return Err(InputError::FigureAboveMost { most });
            }
            points.is_on_step(Points::whole(1)).then_some(()).ok_or(InputError::NotWhole)
        }
        Rule::Figure { most, .. } if points > *most => Err(InputError::FigureAboveMost { most: *most }),
        Rule::Figure { most, .. } => on_step(points, criterion.step, *most),
        Rule::Points | Rule::Bonus | Rule::Banded { .. } => {
            let max = criterion.max.as_points().unwrap_or_default();
            if points > max {
                return Err(InputError::AboveMax { max });
            }
            on_step(points, criterion.step, max)
        }
    }
}

fn on_step(points: Points, step: Points, most: Points) -> Result<(), InputError> {
    if points.is_on_step(step) {
        return Ok(());
    }
    let below = Points(points.0 - points.0 % step.0);
    Err(InputError::OffStep { step, below, above: Points(below.0 + step.0).min(most) })
}

/// Whether the percentage allows these points; without a percentage everything is allowed that the criterion takes.
///
/// # Errors
/// [`InputError::OffBand`].
pub fn check_band(bands: &[Band], percent: Option<Points>, points: Points) -> Result<(), InputError> {
    let allowed = percent.and_then(|percent| Some((percent, super::band(bands, percent)?)));
    match allowed {
        Some((percent, band)) if !(band.least..=band.most).contains(&points) => {
            Err(InputError::OffBand { percent, least: band.least, most: band.most })
        }
        _ => Ok(()),
    }
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
    let above = check_points(criterion, Points::LIMIT).err().unwrap_or(InputError::NotANumber);
    let points = Points::parse(text).map_err(|error| match error {
        PointsError::NotANumber => InputError::NotANumber,
        PointsError::TooPrecise => InputError::TooPrecise,
        PointsError::OutOfRange if is_negative(text) => InputError::BelowZero,
        PointsError::OutOfRange => above,
    })?;
    check_points(criterion, points).map(|()| points)
}

/// Reads and checks a typed quantity; comma and point are the same decimal sign.
///
/// # Errors
/// As [`Points::parse`] and [`check_quantity`].
pub fn parse_quantity(text: &str) -> Result<Points, InputError> {
    let quantity = Points::parse(text).map_err(|error| match error {
        PointsError::NotANumber => InputError::QuantityNotANumber,
        PointsError::TooPrecise => InputError::QuantityTooPrecise,
        PointsError::OutOfRange if is_negative(text) => InputError::NegativeQuantity,
        PointsError::OutOfRange => InputError::HugeQuantity,
    })?;
    check_quantity(quantity).map(|()| quantity)
}

/// A number out of the range of [`Points`] is below or above everything that a field takes.
fn is_negative(text: &str) -> bool {
    text.trim_start().starts_with('-')
}
