//! What a field takes.
//!
//! Invariant: looked up in the configuration as of now alone: a figure that the sheet's total can't be computed from
//! must never count, whatever its writer had seen.

use crate::ruleset::{Criterion, Ruleset};
use crate::scoring::{Product, check_points, check_quantity};
use crate::sheet::{Field, Place, Value};
use crate::sync::verdict::Reason;
use crate::view::CriterionKind;

/// Judges a value by the criteria set and the product list that its sheet goes by.
pub(super) fn judge_value(
    ruleset: &Ruleset,
    products: &[Product],
    place: Place,
    value: &Value,
) -> Result<(), Reason> {
    if let Field::Minutes(part) = place.field {
        let fits = ruleset.is_visited() && place == part.place() && !matches!(value, Value::Points(_));
        return if fits { Ok(()) } else { Err(Reason::NoSuchCriterion) };
    }
    let column = ruleset.columns.contains(&place.column);
    let criterion =
        ruleset.criterion(place.criterion).filter(|criterion| column && criterion.takes(place.column));
    let Some(criterion) = criterion else { return Err(Reason::NoSuchCriterion) };
    let fits = match (place.field, value) {
        (Field::Note, Value::Text(_) | Value::Empty) => true,
        (Field::Evidence(_), Value::Evidence(_) | Value::Empty) => true,
        (Field::Points, Value::Points(_) | Value::Empty) => criterion.kind() != CriterionKind::Work,
        (Field::Quantity(product, _), Value::Points(_) | Value::Empty) => {
            let known = products.iter().any(|known| known.number == product);
            known && criterion.kind() == CriterionKind::Work
        }
        _ => false,
    };
    if !fits {
        return Err(Reason::NoSuchCriterion);
    }
    if let Value::Evidence(evidence) = value {
        return if evidence.is_within_limits() { Ok(()) } else { Err(Reason::BadEvidence) };
    }
    if is_in_range(criterion, place.field, value) { Ok(()) } else { Err(Reason::BadPoints) }
}

fn is_in_range(criterion: &Criterion, field: Field, value: &Value) -> bool {
    match (field, value) {
        (Field::Points, Value::Points(points)) => check_points(criterion, *points).is_ok(),
        (Field::Quantity(..), Value::Points(points)) => check_quantity(*points).is_ok(),
        _ => true,
    }
}
