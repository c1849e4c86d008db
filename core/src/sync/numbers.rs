//! Numbers of fields and columns on the wire.
//!
//! Invariant: what has one is read from it as it was; any other number is an error.

use super::wire::WireError;
use crate::sheet::Field;
use crate::view::{Column, Measure};

pub(super) const MEASURES: [Measure; 4] =
    [Measure::Assigned, Measure::Completed, Measure::QualityOk, Measure::OnTime];

/// The number of a field on the wire.
pub fn field_number(field: Field) -> i64 {
    match field {
        Field::Points => 0,
        Field::Note => 1,
        Field::Quantity(product, measure) => {
            let measure = MEASURES.iter().position(|known| *known == measure).unwrap_or_default();
            2 + i64::from(product) * 4 + measure as i64
        }
    }
}

/// The field with a number on the wire.
///
/// # Errors
/// [`WireError::Malformed`] when there is none.
pub fn field_from(number: i64) -> Result<Field, WireError> {
    match number {
        0 => Ok(Field::Points),
        1 => Ok(Field::Note),
        number => {
            let number =
                number.checked_sub(2).filter(|number| *number >= 0).ok_or(WireError::Malformed("field"))?;
            let product = u16::try_from(number / 4).map_err(|_| WireError::Malformed("field"))?;
            Ok(Field::Quantity(product, MEASURES[(number % 4) as usize]))
        }
    }
}

/// The column with a number on the wire.
///
/// # Errors
/// [`WireError::Malformed`] when there is none.
pub fn column_from(number: i64) -> Result<Column, WireError> {
    let column = usize::try_from(number)
        .ok()
        .and_then(|n| [Column::Own, Column::Superior, Column::Appraised].get(n).copied());
    column.ok_or(WireError::Malformed("column"))
}
