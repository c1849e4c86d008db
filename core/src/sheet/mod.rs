//! A sheet: what one subject is scored on in one period under one version of a criteria set.
//!
//! Invariant: ids are derived, so two offline phones that mean the same sheet or score name it alike.
//! Reading order: the names here, [`heads`] (which writes stand), [`state`] (what a sheet is, from its changes),
//! [`live`] (which of two versions counts), [`minutes`] (what a visit writes).

pub mod evidence;
pub mod heads;
pub mod live;
pub mod minutes;
pub mod state;

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, DepartmentId, FrameHash, InvalidId, SheetId, UnitId, first16};
use crate::period::Period;
use crate::points::Points;
use crate::ruleset::RulesetId;
use crate::sync::Scope;
use crate::view::{Column, Measure, MinutesPart};
use evidence::Evidence;

/// Whom a sheet is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A person in one post: the assignment says who and where.
    Post(AssignmentId),
    /// A unit.
    Unit(UnitId),
}

/// What makes a sheet this sheet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SheetKey {
    /// Whom it is about.
    pub subject: Subject,
    /// For which period.
    pub period: Period,
    /// Under which version of which criteria set.
    pub ruleset: RulesetId,
}

impl SheetKey {
    /// The sheet's id: a hash of the department and everything in the key.
    pub fn id(&self, department: DepartmentId) -> SheetId {
        let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 sheet");
        hasher.update(&department.0);
        match self.subject {
            Subject::Post(assignment) => {
                hasher.update(&[0]).update(&assignment.0);
            }
            Subject::Unit(unit) => {
                hasher.update(&[1]).update(&unit.0);
            }
        }
        hasher.update(&self.period.to_number().to_le_bytes());
        hasher.update(&self.ruleset.version.to_le_bytes()).update(self.ruleset.code.as_bytes());
        SheetId(first16(&hasher))
    }

    /// The scope whose readers may see the sheet.
    pub fn scope(&self) -> Scope {
        self.subject.scope()
    }
}

impl Subject {
    /// The scope that its sheets stand in.
    pub fn scope(self) -> Scope {
        match self {
            Self::Post(assignment) => Scope::assignment(assignment),
            Self::Unit(unit) => Scope::unit(unit),
        }
    }
}

/// One field of a score. A score is (sheet, criterion, column).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Points.
    Points,
    /// Note (own column) or reason (superior, appraised).
    Note,
    /// A quantity of a product line.
    Quantity(u16, Measure),
    /// A part of a visit's minutes, at the place that [`MinutesPart::place`] says.
    Minutes(MinutesPart),
    /// A piece of evidence, by its slot: from 0, below [`evidence::SLOTS`]. What stands in the slots is a list: two values of one
    /// slot are two pieces, and no conflict.
    Evidence(u8),
}

impl Field {
    /// Whether its heads stand side by side as a list.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Evidence(_))
    }

    /// Whether it is part of what the criterion is answered with: not a note, not evidence.
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Points | Self::Quantity(..))
    }

    /// Whether it is of the minutes, and so of no criterion.
    pub fn is_minutes(self) -> bool {
        matches!(self, Self::Minutes(_))
    }
}

/// Where in a sheet a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Number of the criterion in the set.
    pub criterion: u16,
    /// Column.
    pub column: Column,
    /// Field.
    pub field: Field,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// The field was emptied: unanswered, which is not zero.
    Empty,
    /// Points or a quantity.
    Points(Points),
    /// Note or reason, NFC.
    Text(String),
    /// A piece of evidence.
    Evidence(Box<Evidence>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Points(points) => points.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Evidence(evidence) => f.write_str(&evidence.name),
        }
    }
}

/// Names one change for ever: its frame and its index in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId {
    /// The frame.
    pub frame: FrameHash,
    /// Index of the change in the frame, from 0.
    pub index: u16,
}

/// The heads that a screen showed in a field, as it carries them through the bridge and back.
///
/// ```
/// use xeploai_core::sheet::{Token, ChangeId};
/// let token = Token(vec![ChangeId { frame: Default::default(), index: 3 }]);
/// assert_eq!(token.to_string().parse(), Ok(token));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token(pub Vec<ChangeId>);

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes: Vec<u8> =
            self.0.iter().flat_map(|id| id.frame.0.into_iter().chain(id.index.to_le_bytes())).collect();
        f.write_str(&data_encoding::BASE64URL_NOPAD.encode(&bytes))
    }
}

impl std::str::FromStr for Token {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| InvalidId)?;
        let ids = bytes.chunks(FrameHash::LEN + 2).map(|id| {
            let (frame, index) = id.split_last_chunk::<2>().ok_or(InvalidId)?;
            Ok(ChangeId { frame: FrameHash::from_slice(frame)?, index: u16::from_le_bytes(*index) })
        });
        ids.collect::<Result<_, _>>().map(Self)
    }
}

/// What can be done to a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ActKind {
    /// Nộp.
    Submit = 0,
    /// Rút lại.
    Withdraw = 1,
    /// Duyệt.
    Approve = 2,
    /// Trả lại, with a reason.
    Return = 3,
    /// Chọn phiếu này: of two live sheets of one subject and period (another version of the criteria set) this one counts.
    Adopt = 4,
    /// Xóa: what the act saw no longer counts; what it did not see stays and is shown as "xóa / sửa".
    Retract = 5,
    /// Ký biên bản kiểm tra, for the delegation.
    SignForDelegation = 6,
    /// Ký biên bản kiểm tra, for the unit.
    SignForUnit = 7,
}

impl ActKind {
    /// Every kind, in the order of their numbers on the wire.
    pub const ALL: [Self; 8] = [
        Self::Submit,
        Self::Withdraw,
        Self::Approve,
        Self::Return,
        Self::Adopt,
        Self::Retract,
        Self::SignForDelegation,
        Self::SignForUnit,
    ];

    /// Whether the act vouches for the heads in a place. Minutes that are written later outdate signatures alone.
    pub fn vouches_for(self, place: Place) -> bool {
        match self {
            Self::SignForDelegation | Self::SignForUnit => place.column != Column::Superior,
            _ if place.field.is_minutes() => false,
            Self::Submit | Self::Withdraw => place.column == Column::Own,
            Self::Approve | Self::Return => place.column != Column::Appraised,
            Self::Adopt | Self::Retract => true,
        }
    }

    /// Whether it is a signature of a visit's minutes.
    pub fn signs_minutes(self) -> bool {
        matches!(self, Self::SignForDelegation | Self::SignForUnit)
    }
}

/// A hash of the heads that an act saw.
pub type Digest = [u8; 16];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::{edits, mutated_text};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_a_token_or_refused(text in "[A-Za-z0-9_-]{0,100}", other in "\\PC{0,40}") {
            for text in [text, other] {
                prop_assert!(text.parse::<Token>().map_or(true, |token| token.to_string() == text));
            }
        }

        #[test]
        fn a_mutated_token_is_refused_or_comes_back(ids in proptest::collection::vec((any::<[u8; 32]>(), any::<u16>()), 0..4), edits in edits()) {
            let token = Token(ids.into_iter().map(|(frame, index)| ChangeId { frame: FrameHash(frame), index }).collect());
            prop_assert_eq!(token.to_string().parse(), Ok(token.clone()));
            let text = mutated_text(&token.to_string(), &edits);
            prop_assert!(text.parse::<Token>().map_or(true, |token| token.to_string() == text));
        }
    }
}
