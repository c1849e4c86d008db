//! Columns: a list of numbers as runs of equal steps, so that what repeats costs nothing.
//!
//! A column is a list of runs `(step, repeats)`; each value is the one before it plus the step. Thirty criteria in
//! order are one run, thirty times the same column another.

use super::wire::{Reader, WireError, Writer};

/// Appends `values` as a column. The reader must know how many there are, and steps must fit in 63 bits: values between
/// zero and [`NUMBER_MAX`] do, and so does everything that [`read`] gives.
pub fn write(writer: &mut Writer, values: &[i64]) {
    let mut before = 0i64;
    let mut runs: Vec<(i64, u64)> = Vec::new();
    for &value in values {
        let step = value.wrapping_sub(before);
        before = value;
        match runs.last_mut() {
            Some((last, repeats)) if *last == step => *repeats += 1,
            _ => runs.push((step, 1)),
        }
    }
    for (step, repeats) in runs {
        // A run of one is by far the commonest in points: its flag rides in the step's lowest bit.
        let (more, rest) = (repeats > 1, repeats.saturating_sub(2));
        writer.signed(step.wrapping_shl(1) | i64::from(more));
        if more {
            writer.number(rest);
        }
    }
}

/// Highest number that a column holds whatever stands beside it.
pub const NUMBER_MAX: u64 = 1 << 61;

/// Takes a column of `count` values.
///
/// # Errors
/// When the runs don't give exactly `count` values, or the bytes are cut or malformed.
pub fn read(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, WireError> {
    read_as(reader, count, Ok)
}

/// Takes a column of `count` values, each as what it stands for: a long column of small things takes little memory.
///
/// # Errors
/// As [`read`], and when a value stands for nothing.
pub fn read_as<T>(
    reader: &mut Reader<'_>,
    count: usize,
    of: impl Fn(i64) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    // Runs make a short input long: the caller bounds `count`, and memory grows only as runs are read.
    let mut values = Vec::new();
    let mut before = 0i64;
    while values.len() < count {
        let flagged = reader.signed()?;
        let (step, more) = (flagged >> 1, flagged & 1 == 1);
        let repeats = if more { reader.at_most(count)?.saturating_add(2) } else { 1 };
        if repeats > count - values.len() {
            return Err(WireError::Malformed("run"));
        }
        for _ in 0..repeats {
            before = before.wrapping_add(step);
            values.push(of(before)?);
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::{edits, mutated};
    use proptest::prelude::*;

    fn encoded(values: &[i64]) -> Vec<u8> {
        let mut writer = Writer::new();
        write(&mut writer, values);
        writer.finish()
    }

    #[test]
    fn thirty_criteria_in_order_are_two_bytes() {
        assert_eq!(encoded(&(1..=30).collect::<Vec<_>>()).len(), 2);
    }

    proptest! {
        #[test]
        fn a_column_comes_back(values in proptest::collection::vec(-(1i64 << 60)..(1i64 << 60), 0..200)) {
            let bytes = encoded(&values);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(read(&mut reader, values.len()), Ok(values));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64), count in 0usize..1024) {
            if let Ok(values) = read(&mut Reader::new(&bytes), count) {
                prop_assert_eq!(values.len(), count);
            }
        }
    }

    proptest! {
        #[test]
        fn what_a_mutated_column_gives_comes_back(values in proptest::collection::vec(any::<i8>(), 1..60), edits in edits()) {
            let values: Vec<i64> = values.into_iter().map(i64::from).collect();
            let bytes = mutated(&encoded(&values), &edits);
            if let Ok(read_once) = read(&mut Reader::new(&bytes), values.len()) {
                prop_assert_eq!(read(&mut Reader::new(&encoded(&read_once)), values.len()), Ok(read_once));
            }
        }
    }
}
