//! The minutes of a visit (F5, biên bản kiểm tra): what stands on a unit's sheet as a whole, and who signed it.
//!
//! Invariant: they are fields and acts like all others, in places that no criterion has, and nothing is computed from
//! them. See `core/decisions/0020-minutes-are-of-the-sheet.md`.

use std::collections::BTreeSet;

use super::state::{ActState, Sheet};
use super::{ActKind, Field, Place, Value};
use crate::view::{Column, MinutesPart, Text};

/// The number in whose place parts of the minutes stand: criteria count from 1.
const WHOLE_SHEET: u16 = 0;

impl MinutesPart {
    /// Every part, in the order of the document and of the numbers on the wire.
    pub const ALL: [Self; 7] = [
        Self::Delegation,
        Self::Place,
        Self::Arrived,
        Self::Left,
        Self::Remarks,
        Self::Representative,
        Self::Opinion,
    ];

    /// The column in whose right it is written.
    pub fn column(self) -> Column {
        match self {
            Self::Delegation | Self::Place | Self::Arrived | Self::Left | Self::Remarks => Column::Appraised,
            Self::Representative | Self::Opinion => Column::Own,
        }
    }

    /// Where it stands: nowhere else is it taken.
    pub fn place(self) -> Place {
        Place { criterion: WHOLE_SHEET, column: self.column(), field: Field::Minutes(self) }
    }

    /// Its name, where something is said of it.
    pub fn name(self) -> Text {
        let (vi, en) = match self {
            Self::Delegation => ("Đoàn kiểm tra", "Delegation"),
            Self::Place => ("Địa điểm", "Place"),
            Self::Arrived => ("Bắt đầu", "Began"),
            Self::Left => ("Kết thúc", "Ended"),
            Self::Remarks => ("Nhận xét, kiến nghị", "Remarks"),
            Self::Representative => ("Đại diện đơn vị", "Representative of the unit"),
            Self::Opinion => ("Ý kiến của đơn vị", "Opinion of the unit"),
        };
        Text { vi: vi.into(), en: en.into() }
    }
}

impl Sheet {
    /// The items that a visit has checked: criteria in whose appraised column something stands.
    pub fn checked(&self) -> BTreeSet<u16> {
        let appraised = |place: &Place| place.column == Column::Appraised && !place.field.is_minutes();
        let said = self
            .fields
            .iter()
            .filter(|(place, heads)| appraised(place) && heads.iter().any(|head| head.value != Value::Empty));
        said.map(|(place, _)| place.criterion).collect()
    }

    /// The last signature of each person for each side, oldest first.
    pub fn signatures(&self) -> Vec<&ActState> {
        let mut seen = BTreeSet::new();
        let signed = self.acts.iter().rev().filter(|act| act.kind.signs_minutes());
        let mut last: Vec<&ActState> =
            signed.filter(|act| seen.insert((act.kind, act.origin.author))).collect();
        last.reverse();
        last
    }

    /// Whether one of those who may sign for a side has signed what stands now.
    pub fn is_signed(&self, side: ActKind) -> bool {
        self.acts.iter().any(|act| act.kind == side && !act.outdated)
    }
}

#[cfg(test)]
#[path = "minutes_tests.rs"]
mod tests;
