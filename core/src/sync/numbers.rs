//! Numbers of fields and columns on the wire.
//!
//! Invariant: what has one is read from it as it was; any other number is an error.

use super::wire::WireError;
use crate::sheet::Field;
use crate::sheet::evidence::SLOTS;
use crate::view::{Column, Measure, MinutesPart};

/// Measures in two banks of four: a later one begins behind the last number of the one before it.
const BANKS: [[Measure; 4]; 2] = [
    [Measure::Assigned, Measure::Completed, Measure::QualityOk, Measure::OnTime],
    [Measure::Faults, Measure::Delays, Measure::ExcusedFaults, Measure::ExcusedDelays],
];
/// Numbers of one bank: four for each product.
const BANK: i64 = 4 * (u16::MAX as i64 + 1);

/// Slots of evidence count downwards from here.
const EVIDENCE: i64 = -17;
/// The last of them.
const EVIDENCE_LAST: i64 = EVIDENCE + 1 - SLOTS as i64;

/// The number of a field on the wire.
pub fn field_number(field: Field) -> i64 {
    match field {
        Field::Points => 0,
        Field::Note => 1,
        Field::Evidence(slot) => EVIDENCE - i64::from(slot),
        Field::Quantity(product, measure) => {
            let at = BANKS.iter().flatten().position(|known| *known == measure).unwrap_or_default() as i64;
            2 + BANK * (at / 4) + i64::from(product) * 4 + at % 4
        }
        Field::Minutes(part) => -1 - part as i64,
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
        -16..0 => {
            let part = MinutesPart::ALL.get((-1 - number) as usize).copied();
            part.map(Field::Minutes).ok_or(WireError::Malformed("field"))
        }
        number if (EVIDENCE_LAST..=EVIDENCE).contains(&number) => {
            Ok(Field::Evidence((EVIDENCE - number) as u8))
        }
        number => {
            let number =
                number.checked_sub(2).filter(|number| *number >= 0).ok_or(WireError::Malformed("field"))?;
            let bank = usize::try_from(number / BANK).ok().and_then(|bank| BANKS.get(bank));
            let bank = bank.ok_or(WireError::Malformed("field"))?;
            let product = u16::try_from(number % BANK / 4).map_err(|_| WireError::Malformed("field"))?;
            Ok(Field::Quantity(product, bank[(number % 4) as usize]))
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
