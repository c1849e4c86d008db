//! What screens show: plain data that the app's commands and the console's routes return.
//!
//! Invariant: a view is made from state and never read back as state. Points are canonical decimal text (`8.5`),
//! times are Unix seconds as claimed by the writer's device unless the name says `received`.

use serde::{Deserialize, Serialize};

use crate::points::Points;

/// Declares view types: what each derives and how it is written as JSON stands once.
macro_rules! view {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($body:tt)* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
        #[serde(rename_all = "snake_case")]
        pub $kind $name { $($body)* }
    )* };
}

mod classification;
mod minutes;
mod ranking;
mod sheet;
mod visit;

pub use classification::*;
pub use minutes::*;
pub use ranking::*;
pub use sheet::*;
pub use visit::*;

/// The three columns of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Column {
    /// Tự chấm: by the subject.
    Own = 0,
    /// Cấp trên trực tiếp: by the direct superior.
    Superior = 1,
    /// Thẩm định: by a supervisor of the department.
    Appraised = 2,
}

/// The four official levels, and the absence of one. Order: better is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Không hoàn thành nhiệm vụ.
    Khtnv,
    /// Hoàn thành nhiệm vụ.
    Htnv,
    /// Hoàn thành tốt nhiệm vụ.
    Httnv,
    /// Hoàn thành xuất sắc nhiệm vụ.
    Htxsnv,
}

view! {
    /// A text in both languages of the interface.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    struct Text {
        /// Vietnamese.
        pub vi: String,
        /// English.
        pub en: String,
    }

    /// Where a record is: received by the server's receipts alone, carried by a witness's statement.
    enum Place {
        /// Nothing was written yet: no mark is shown.
        Empty,
        /// Chờ gửi: only on this device.
        Waiting,
        /// Đang gửi.
        Sending,
        /// Đã mang đi: a witness states to have it; the server has not received it.
        Carried,
        /// Đã nhận: durable at the server, by its signed receipt.
        Received,
        /// Bị từ chối.
        Rejected,
        /// Giữ lại: the server keeps it and waits for something that it needs.
        Held,
        /// Cần xem lại: two people wrote it without seeing each other.
        Conflict,
        /// Lỗi gửi: the last try failed.
        Failed,
    }

    /// How far a sheet is. Derived from its acts.
    enum Stage {
        /// Nháp.
        Draft,
        /// Đã nộp.
        Submitted,
        /// Đã duyệt.
        Approved,
        /// Bị trả lại.
        Returned,
        /// Cần nộp lại: something changed after it was handed in.
        Outdated,
        /// Đã xóa.
        Retracted,
        /// Xóa / sửa: retracted by somebody who had not seen all of it.
        RetractedEdited,
    }

    /// How far a criteria set's figures may be trusted.
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    enum Trust {
        /// Read in the legal text.
        Confirmed,
        /// Read in the press.
        Press,
        /// Reported by others; the text was not seen.
        Secondary,
        /// A real local regulation.
        Local,
        /// Only a part is public.
        Partial,
        /// One reading of an unclear text.
        Reading,
        /// Demonstration figures, made up.
        Demonstration,
    }

    /// What a person may do with a sheet.
    enum Action {
        /// Nộp.
        Submit,
        /// Rút lại, before review.
        Withdraw,
        /// Duyệt.
        Approve,
        /// Trả lại, with a reason.
        Return,
        /// Chọn phiếu này, of two of one subject and period.
        Adopt,
        /// Xóa.
        Retract,
        /// Ký biên bản kiểm tra for the delegation.
        SignForDelegation,
        /// Ký biên bản kiểm tra for the unit.
        SignForUnit,
    }

    /// An action with the reason why it is not available now.
    struct ActionView {
        /// Which one.
        pub action: Action,
        /// Absent when it is available; else what is missing, for the button's own text.
        pub blocked: Option<Text>,
    }

    /// The person who uses this device.
    struct Me {
        /// Staff code.
        pub code: String,
        /// Full name.
        pub name: String,
        /// Position.
        pub position: Text,
        /// Unit's name.
        pub unit: String,
        /// Department's name.
        pub department: String,
        /// This device's name, as it stands beside what it writes.
        pub device: String,
        /// Whether the department's data is a demonstration.
        pub demonstration: bool,
        /// Whether this person reviews somebody's sheets.
        pub reviews: bool,
        /// Name of the supervisor who has enrolled this device on a visit, until the department confirms it.
        pub enrolled_by: Option<String>,
    }

    /// A period to score in.
    struct PeriodView {
        /// `2022-11`, or `2026-Q4`.
        pub id: String,
        /// Whether it is locked.
        pub locked: bool,
        /// Last day of self-scoring, `YYYY-MM-DD`.
        pub own_until: Option<String>,
        /// Last day of the superior's scores.
        pub superior_until: Option<String>,
        /// Day of classification.
        pub classified_on: Option<String>,
        /// Day of publication.
        pub published_on: Option<String>,
    }

    /// A total and what follows from it.
    struct TotalView {
        /// Rounded as the criteria set says; absent while data is missing.
        pub total: Option<Points>,
        /// Sum of what is answered, shown while data is missing.
        pub so_far: Points,
        /// Most that can still be reached.
        pub possible: Points,
        /// Proposed level; absent: chưa đủ dữ liệu, or not rated.
        pub level: Option<Level>,
        /// Whether a gate says that the subject is not rated.
        pub not_rated: bool,
        /// Lowest and highest total while a conflict is open.
        pub range: Option<(Points, Points)>,
        /// Whether the total may still change its column or is not judged yet (tạm tính).
        pub provisional: bool,
        /// Criteria answered.
        pub answered: u32,
        /// Criteria in all.
        pub criteria: u32,
    }

    /// Who has stated to carry what the server has not received.
    struct CarriedView {
        /// His name, or his device's where this device has no record of him.
        pub by: String,
        /// When it was handed to him, by the server's time; absent when he can't tell.
        pub at: Option<i64>,
    }

    /// One line in a list of sheets.
    struct SheetSummary {
        /// Id, for `sheet`.
        pub id: String,
        /// Whether the subject is a unit.
        pub of_unit: bool,
        /// Name of the person or unit.
        pub subject: String,
        /// Staff code or unit code.
        pub code: String,
        /// Unit's name.
        pub unit: String,
        /// Period.
        pub period: PeriodView,
        /// Criteria set's title.
        pub title: Text,
        /// Where.
        pub place: Place,
        /// Who has it, when it is carried.
        pub carried: Option<CarriedView>,
        /// How far.
        pub stage: Stage,
        /// Total of the column that counts so far.
        pub total: TotalView,
        /// Whether it is the user's own, or the unit sheet he scores.
        pub mine: bool,
        /// Whether the user reviews it.
        pub reviewing: bool,
        /// Open conflicts in it.
        pub conflicts: u32,
    }

    /// The first screen.
    struct HomeView {
        /// The user.
        pub me: Me,
        /// The open period, if one is.
        pub period: Option<PeriodView>,
        /// The user's sheets of the open period, his own first.
        pub sheets: Vec<SheetSummary>,
        /// Sheets handed in that wait for the user's review.
        pub to_review: u32,
        /// Open conflicts that the user may settle.
        pub conflicts: u32,
        /// Sync, in one line.
        pub sync: SyncSummary,
    }

    /// Sync, in one line.
    struct SyncSummary {
        /// Last successful sync, Unix seconds.
        pub last_success: Option<i64>,
        /// Sheets with something not yet received by the server.
        pub waiting: u32,
        /// Photos and documents that this device has and the server has not received.
        pub evidence: u32,
        /// Why the last try failed, if it did.
        pub failure: Option<ErrorView>,
        /// That this device's clock is well off the server's, if it is; see [`crate::clock`].
        pub clock: Option<Text>,
    }

    /// A sentence and a code: what went wrong, whether the data is safe, what to do next.
    struct ErrorView {
        /// Stable code; screens decide on this alone.
        pub code: String,
        /// The sentence.
        pub message: Text,
    }

    /// A field with two or more values.
    struct ConflictView {
        /// Id, for `resolve`.
        pub id: String,
        /// Sheet.
        pub sheet: SheetSummary,
        /// Criterion's number.
        pub criterion: u16,
        /// Criterion's shown number and title.
        pub label: String,
        /// Title.
        pub title: Text,
        /// Column.
        pub column: Column,
        /// Field.
        pub field: FieldName,
        /// Maximum points.
        pub max: Points,
        /// Step.
        pub step: Points,
        /// The value that both saw before, if they saw one.
        pub before: Option<String>,
        /// Both or more values.
        pub values: Vec<ConflictValue>,
        /// Token of all heads shown: give it back when settling.
        pub token: String,
        /// Whether the user may settle it.
        pub may_settle: bool,
    }

    /// One of the values of a conflict.
    struct ConflictValue {
        /// Value as text.
        pub value: String,
        /// Note beside it, for points.
        pub note: String,
        /// Who and when.
        pub written: Written,
    }

    /// The sync screen.
    struct SyncView {
        /// In one line.
        pub summary: SyncSummary,
        /// Server's address.
        pub server: String,
        /// Sheet by sheet: what is not received first.
        pub items: Vec<SheetSummary>,
        /// What the server did not take, with its reason.
        pub rejected: Vec<RejectedView>,
    }

    /// A change that the server did not take.
    struct RejectedView {
        /// Sheet's title and period.
        pub sheet: SheetSummary,
        /// Criterion's label.
        pub label: String,
        /// Value.
        pub value: String,
        /// Reason.
        pub reason: ErrorView,
    }

    /// How a sync ended: a sentence always.
    struct SyncReport {
        /// Whether everything was exchanged.
        pub ok: bool,
        /// Changes of ours that the server has now acknowledged.
        pub sent: u32,
        /// Changes of others that came.
        pub came: u32,
        /// Changes still waiting.
        pub waiting: u32,
        /// Rejected changes.
        pub rejected: u32,
        /// Fields in conflict.
        pub conflicts: u32,
        /// The closing sentence.
        pub sentence: Text,
        /// Why it failed, if it did.
        pub failure: Option<ErrorView>,
    }
}
