//! Why a criteria set is refused.

use crate::points::{Points, vietnamese};
use crate::view::{Level, Text};

/// A criteria set was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesetError {
    /// Longer than [`super::Ruleset::LEN_MAX`].
    #[error("the file is too long")]
    TooLong,
    /// Not JSON, or not of the shape of a criteria set.
    #[error("line {line}, column {column}: {detail}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the JSON reader found, in English.
        detail: String,
    },
    /// One of the rules for sets is broken.
    #[error("{place}: {problem:?}")]
    Invalid {
        /// Where: `levels[HTTNV].from`, `groups[II].max`, `criteria[4].step`.
        place: String,
        /// What.
        problem: Problem,
    },
}

/// A rule for criteria sets that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A code is empty, too long or has other characters than allowed.
    Code,
    /// A version or number is 0.
    Zero,
    /// A text is empty in one of the languages.
    EmptyText,
    /// A text is longer than 1,000 characters.
    LongText,
    /// A text is not in Unicode form NFC.
    NotNfc,
    /// The list is empty.
    Empty,
    /// More than this many.
    TooMany(usize),
    /// The same thing twice.
    Duplicate,
    /// A column that the set does not have, or a group that it does not have.
    Unknown,
    /// The subject's own column can never count.
    OwnCounts,
    /// More than four decimals.
    Decimals,
    /// Not the four official levels, best first.
    Levels,
    /// The level begins at or above the next better one.
    LevelOrder(Level),
    /// The lowest level does not begin at 0: these points up to its beginning have no level.
    LevelGap(Points),
    /// Points above the highest total that can be reached.
    Unreachable(Points),
    /// Points that must be more than 0 and at most 10,000.
    Range,
    /// The step does not divide the maximum.
    Step,
    /// Converted work has no step.
    StepOfWork,
    /// A group's maximum is not the sum of its criteria, which is this.
    GroupMax(Points),
    /// A bonus group's cap is above the sum of its criteria, which is this.
    BonusCap(Points),
    /// Bonus and other criteria in one group.
    MixedGroup,
    /// Only bonus criteria: no total could ever be missing.
    OnlyBonus,
    /// The assigned quantity measured against itself.
    AssignedMeasure,
    /// The first key of a ranking is not the total.
    TieTotal,
}

impl RulesetError {
    pub(super) fn from_json(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column(), detail: error.to_string() }
    }

    /// Stable code for screens and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "ruleset.too_long",
            Self::Json { .. } => "ruleset.json",
            Self::Invalid { problem, .. } => problem.code(),
        }
    }

    /// The sentence for the person who made the set.
    pub fn message(&self) -> Text {
        match self {
            Self::TooLong => {
                text("Tệp bộ tiêu chí lớn hơn 1 MiB.", "The criteria set's file is larger than 1 MiB.")
            }
            Self::Json { line, column, detail } => text(
                &format!("Tệp bộ tiêu chí sai ở dòng {line}, cột {column}: {detail}"),
                &format!("The criteria set's file is wrong in line {line}, column {column}: {detail}"),
            ),
            Self::Invalid { place, problem } => {
                let Text { vi, en } = problem.message();
                text(&format!("Bộ tiêu chí, chỗ {place}: {vi}"), &format!("Criteria set, {place}: {en}"))
            }
        }
    }
}

impl Problem {
    /// Stable code for screens and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Code => "ruleset.code",
            Self::Zero => "ruleset.zero",
            Self::EmptyText => "ruleset.empty_text",
            Self::LongText => "ruleset.long_text",
            Self::NotNfc => "ruleset.not_nfc",
            Self::Empty => "ruleset.empty",
            Self::TooMany(_) => "ruleset.too_many",
            Self::Duplicate => "ruleset.duplicate",
            Self::Unknown => "ruleset.unknown",
            Self::OwnCounts => "ruleset.own_counts",
            Self::Decimals => "ruleset.decimals",
            Self::Levels => "ruleset.levels",
            Self::LevelOrder(_) => "ruleset.level_order",
            Self::LevelGap(_) => "ruleset.level_gap",
            Self::Unreachable(_) => "ruleset.unreachable",
            Self::Range => "ruleset.range",
            Self::Step => "ruleset.step",
            Self::StepOfWork => "ruleset.step_of_work",
            Self::GroupMax(_) => "ruleset.group_max",
            Self::BonusCap(_) => "ruleset.bonus_cap",
            Self::MixedGroup => "ruleset.mixed_group",
            Self::OnlyBonus => "ruleset.only_bonus",
            Self::AssignedMeasure => "ruleset.assigned_measure",
            Self::TieTotal => "ruleset.tie_total",
        }
    }

    /// What is wrong, and what would be right.
    fn message(&self) -> Text {
        match self {
            Self::Code => text("mã không hợp lệ.", "the code is not valid."),
            Self::Zero => text("phải từ 1 trở lên.", "must be 1 or more."),
            Self::EmptyText => {
                text("thiếu chữ tiếng Việt hoặc tiếng Anh.", "Vietnamese or English text is missing.")
            }
            Self::LongText => text("dài quá 1.000 ký tự.", "longer than 1,000 characters."),
            Self::NotNfc => text("chữ không ở dạng Unicode NFC.", "the text is not in Unicode form NFC."),
            Self::Empty => text("danh sách trống.", "the list is empty."),
            Self::TooMany(most) => text(&format!("nhiều hơn {most}."), &format!("more than {most}.")),
            Self::Duplicate => text("bị trùng.", "appears twice."),
            Self::Unknown => text("không có trong bộ tiêu chí.", "is not in the set."),
            Self::OwnCounts => {
                text("cột tự chấm không được dùng để tính.", "the subject's own column never counts.")
            }
            Self::Decimals => text("nhiều nhất 4 chữ số thập phân.", "at most 4 decimals."),
            Self::Levels => text(
                "phải có đủ bốn mức HTXSNV, HTTNV, HTNV, KHTNV theo thứ tự này.",
                "must list HTXSNV, HTTNV, HTNV, KHTNV in this order.",
            ),
            Self::OnlyBonus => {
                text("phải có tiêu chí không phải điểm thưởng.", "needs a criterion that is no bonus.")
            }
            Self::MixedGroup => text(
                "điểm thưởng và tiêu chí khác không ở chung một nhóm.",
                "bonus and other criteria must not share a group.",
            ),
            Self::AssignedMeasure => {
                text("không so lượng được giao với chính nó.", "assigned is the denominator.")
            }
            Self::TieTotal => text("khóa đầu tiên phải là tổng điểm.", "the first key must be the total."),
            other => other.figures(),
        }
    }

    /// The problems that are about figures.
    fn figures(&self) -> Text {
        let named = |points: &Points, vi: &str, en: &str| {
            text(&vi.replace('#', &vietnamese(points)), &en.replace('#', &points.to_string()))
        };
        match self {
            Self::LevelOrder(better) => text(
                &format!("phải thấp hơn ngưỡng của mức {}.", level_code(*better)),
                &format!("must be lower than the threshold of {}.", level_code(*better)),
            ),
            Self::LevelGap(from) => named(
                from,
                "từ 0 đến dưới # không có mức nào; mức thấp nhất phải bắt đầu từ 0.",
                "from 0 to below # there is no level; the lowest must begin at 0.",
            ),
            Self::Unreachable(most) => {
                named(most, "cao hơn tổng điểm tối đa là #.", "above the highest total, which is #.")
            }
            Self::Step => {
                text("bước điểm phải lớn hơn 0 và chia hết điểm tối đa.", "the step must divide the maximum.")
            }
            Self::StepOfWork => text("điểm quy đổi không có bước điểm.", "converted work has no step."),
            Self::GroupMax(sum) => named(
                sum,
                "phải bằng tổng điểm tối đa các tiêu chí là #.",
                "must be the sum of the criteria, #.",
            ),
            Self::BonusCap(sum) => {
                named(sum, "không được cao hơn tổng các điểm thưởng là #.", "must not be above the sum, #.")
            }
            _ => text("phải lớn hơn 0 và không quá 10.000.", "must be more than 0 and at most 10,000."),
        }
    }
}

/// The official code, as files write it.
pub(super) fn level_code(level: Level) -> &'static str {
    match level {
        Level::Htxsnv => "HTXSNV",
        Level::Httnv => "HTTNV",
        Level::Htnv => "HTNV",
        Level::Khtnv => "KHTNV",
    }
}

fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}
