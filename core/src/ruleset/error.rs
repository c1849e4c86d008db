//! Why a criteria set is refused.

use super::Problem;
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
    /// Rules for sets are broken: everything that was found, at least one.
    #[error("{0:?}")]
    Invalid(Vec<Finding>),
}

/// Something that is wrong at a place of a criteria set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: `levels[HTTNV].from`, `groups[II].max`, `criteria[4].step`.
    pub place: String,
    /// What.
    pub problem: Problem,
}

impl Finding {
    /// The sentence for the person who made the set.
    pub fn message(&self) -> Text {
        let (Text { vi, en }, place) = (self.problem.message(), &self.place);
        text(&format!("Bộ tiêu chí, chỗ {place}: {vi}"), &format!("Criteria set, {place}: {en}"))
    }
}

impl RulesetError {
    pub(super) fn from_json(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column(), detail: error.to_string() }
    }

    /// What was found, place by place; nothing for a file that could not be read.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Invalid(findings) => findings,
            Self::TooLong | Self::Json { .. } => &[],
        }
    }

    /// Stable code for screens and tests: of the first finding.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "ruleset.too_long",
            Self::Json { .. } => "ruleset.json",
            Self::Invalid(findings) => findings.first().map_or("ruleset.json", |first| first.problem.code()),
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
            Self::Invalid(findings) => {
                let first = findings.first().map(Finding::message).unwrap_or_default();
                match findings.len().saturating_sub(1) {
                    0 => first,
                    more => text(
                        &format!("{} Còn {more} chỗ sai nữa.", first.vi),
                        &format!("{} There is more that is wrong: {more}.", first.en),
                    ),
                }
            }
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

pub(super) fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}
