//! Import of units and people from CSV, row by row: a bad row is reported and never stops the good ones; and of bundles.
//!
//! Invariant: ids are derived from codes, so the same file twice changes nothing but what it says.

mod bundle;
mod people;
mod table;
mod times;
mod units;

use serde::Serialize;
use xeploai_core::view::Text;

use table::Table;

/// A row that was not imported, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// Number of the line in the file, the header being 1.
    pub row: u64,
    /// Stable code.
    pub code: String,
    /// The sentence.
    pub message: Text,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Imported {
    /// Rows that are in now.
    pub imported: usize,
    /// Rows that are not.
    pub rejected: Vec<RejectedRow>,
}

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    /// The column is empty.
    Empty(&'static str),
    /// The code stands in an earlier row.
    DoubledCode,
    /// A code has other characters than letters, digits, `-`, `_`, `.` or is too long.
    BadCode,
    /// A text is too long.
    TooLong(&'static str),
    /// The kind is none of the four.
    BadKind,
    /// The department itself is there already, under another code.
    SecondDepartment,
    /// The unit is not known.
    NoSuchUnit,
    /// Whether somebody heads a unit is neither yes nor no.
    BadHead,
    /// A role is none of the four.
    BadRole,
    /// A person who is named in a column is not known.
    NoSuchPerson(&'static str),
    /// A person who is named in a column has no post in the unit.
    NotOfUnit(&'static str),
    /// The leader in charge is more than one, or has not the role.
    NoLeader,
    /// A supervisor in charge has not the role.
    NoSupervisor,
    /// A column should hold a period.
    BadPeriod(&'static str),
    /// The column of leagues is not in its form.
    BadLeagues,
    /// The unit, or its time in a league, would end before it begins.
    EndsBeforeItBegins(&'static str),
    /// The row can't be read.
    BadRow,
}

impl Problem {
    #[rustfmt::skip]
    fn at(self, row: u64) -> RejectedRow {
        let (code, vi, en) = match self {
            Self::Empty(column) => ("row_empty", format!("Cột “{column}” để trống."), format!("The column “{column}” is empty.")),
            Self::DoubledCode => ("row_doubled", "Mã này đã có ở dòng trước.".into(), "The code stands in an earlier row.".into()),
            Self::BadCode => ("row_bad_code", "Mã chỉ gồm chữ, số, dấu gạch hoặc dấu chấm, tối đa 32 ký tự.".into(), "A code has letters, digits, dashes or dots, at most 32.".into()),
            Self::TooLong(column) => ("row_too_long", format!("Cột “{column}” dài quá 200 ký tự."), format!("The column “{column}” has more than 200 characters.")),
            Self::BadKind => ("row_bad_kind", "Loại đơn vị phải là department, office, centre hoặc station.".into(), "The kind is department, office, centre or station.".into()),
            Self::SecondDepartment => ("row_second_department", "Đã có một đơn vị là Sở với mã khác.".into(), "There is a department under another code.".into()),
            Self::NoSuchUnit => ("row_no_such_unit", "Chưa có đơn vị mang mã này. Hãy nhập đơn vị trước.".into(), "There is no unit with this code. Import units first.".into()),
            Self::BadHead => ("row_bad_head", "Cột “head” phải là 1, 0 hoặc để trống.".into(), "The column “head” is 1, 0 or empty.".into()),
            Self::BadRole => ("row_bad_role", "Vai trò phải là director, leader, synthesis hoặc supervisor, cách nhau bằng dấu |.".into(), "A role is director, leader, synthesis or supervisor, with | between them.".into()),
            Self::NoSuchPerson(column) => ("row_no_such_person", format!("Cột “{column}” có mã cán bộ chưa được nhập. Hãy nhập người trước, mã cách nhau bằng dấu |."), format!("The column “{column}” names a staff code that is not known. Import people first; codes have | between them.")),
            Self::NotOfUnit(column) => ("row_not_of_unit", format!("Cột “{column}” chỉ gồm mã cán bộ đang công tác tại đơn vị này."), format!("The column “{column}” names people with a post in this unit only.")),
            Self::NoLeader => ("row_no_leader", "Cột “leader” là mã của một người có vai trò director hoặc leader, hoặc để trống.".into(), "The column “leader” is the code of one person with the role director or leader, or empty.".into()),
            Self::NoSupervisor => ("row_no_supervisor", "Cột “supervisors” chỉ gồm mã của người có vai trò supervisor, cách nhau bằng dấu |.".into(), "The column “supervisors” names people with the role supervisor, with | between them.".into()),
            Self::BadPeriod(column) => ("row_bad_period", format!("Cột “{column}” phải là một kỳ như 2022-11, 2022-Q4 hoặc 2022, hoặc để trống."), format!("The column “{column}” is a period such as 2022-11, 2022-Q4 or 2022, or empty.")),
            Self::BadLeagues => ("row_bad_leagues", "Cột “leagues” viết mã:từ kỳ:đến kỳ, các cụm cách nhau bằng dấu |, ví dụ mien-nui:2022-01:|trung-du.".into(), "The column “leagues” is code:since:until with | between leagues, such as mien-nui:2022-01:|trung-du.".into()),
            Self::EndsBeforeItBegins(column) => ("row_ends_before_it_begins", format!("Cột “{column}”: kỳ kết thúc trước kỳ bắt đầu."), format!("The column “{column}” ends before it begins.")),
            Self::BadRow => ("row_unreadable", "Dòng này thiếu hoặc thừa cột.".into(), "The row has too few or too many columns.".into()),
        };
        RejectedRow { row, code: code.into(), message: Text { vi, en } }
    }
}

/// Longest code, in characters.
const CODE_CHARS_MAX: usize = 32;
/// Longest name or position, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// A code: what people type in forms and see in lists.
fn code(text: &str, column: &'static str) -> Result<String, Problem> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.is_empty() {
        return Err(Problem::Empty(column));
    }
    let fits = text.chars().count() <= CODE_CHARS_MAX && text.chars().all(allowed);
    if fits { Ok(text.to_owned()) } else { Err(Problem::BadCode) }
}

/// A name that must be there.
fn name(text: &str, column: &'static str) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::Empty(column));
    }
    if text.chars().count() > TEXT_CHARS_MAX { Err(Problem::TooLong(column)) } else { Ok(text.to_owned()) }
}
