//! What can go wrong, and the sentence that a person reads.
//!
//! Invariant: outside sees a code and a sentence in both languages, mapped here and nowhere else; neither holds
//! personal data, paths or what the database said.

use xeploai_core::view::{ErrorView, Text};

/// Every failure of the server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The database failed.
    #[error("store: {0}")]
    Store(#[from] rusqlite::Error),
    /// The database could not be brought to this version.
    #[error("migration: {0}")]
    Migration(#[from] refinery::Error),
    /// A file could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// Stored or received bytes are not what they should be.
    #[error("bytes: {0}")]
    Wire(#[from] xeploai_core::sync::wire::WireError),
    /// A record could not be read or written as JSON.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A rule could not be computed.
    #[error("scoring: {0}")]
    Scoring(#[from] xeploai_core::scoring::ScoringError),
    /// A criteria set was refused.
    #[error("criteria set: {0}")]
    Ruleset(#[from] xeploai_core::ruleset::RulesetError),
    /// An evaluation was refused.
    #[error("evaluation: {0}")]
    Evaluate(#[from] xeploai_core::classify::EvaluateError),
    /// A result could not be computed, or a result's file was refused.
    #[error("result: {0}")]
    Result(#[from] xeploai_core::classify::ResultError),
    /// A change of the organisation was refused.
    #[error("organisation: {0}")]
    Org(#[from] xeploai_core::org::OrgError),
    /// A file is no bundle for this server.
    #[error("bundle: {0}")]
    Bundle(#[from] xeploai_core::sync::bundle::BundleError),
    /// A key or certificate could not be made or read.
    #[error("key: {0}")]
    Key(String),
    /// A password could not be hashed.
    #[error("password: {0}")]
    Password(String),
    /// The demo's data could not be written.
    #[error("demo: {0:#}")]
    Demo(anyhow::Error),
    /// Anything that a sentence of ours explains.
    #[error("{}", .0.code())]
    Refused(#[from] Refused),
}

/// Refusals of ours, each with its code and sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refused {
    /// The message is not one of ours.
    NotAMessage,
    /// The message was cut on its way.
    MessageCut,
    /// The message is larger than the limit.
    MessageTooLarge,
    /// No such device is enrolled here.
    UnknownDevice,
    /// The message is of a later version.
    VersionUnsupported,
    /// The device was enrolled on a visit, and the department has not confirmed it.
    DelegationWaits,
    /// The device was revoked.
    DeviceRevoked,
    /// The request's signature does not fit.
    BadSignature,
    /// No such enrolment code.
    EnrolmentUnknown,
    /// The code has expired.
    EnrolmentExpired,
    /// The code was used.
    EnrolmentUsed,
    /// The enrolment request is malformed.
    BadRequest,
    /// Not logged in.
    LoginNeeded,
    /// Wrong login or password.
    LoginWrong,
    /// Too many wrong passwords.
    LoginTooOften,
    /// No such page or record.
    NotFound,
    /// A decision without a name or a reason.
    ReasonMissing,
    /// The period is not locked.
    NotLocked,
    /// No such change, or it is not in the state that the decision is about.
    NoSuchChange,
    /// No such period.
    NoSuchPeriod,
    /// The period is there already.
    PeriodExists,
    /// The period is locked already.
    PeriodLocked,
    /// No such unit.
    NoSuchUnit,
    /// No such league in the period.
    NoSuchLeague,
    /// The result was published before its files were kept.
    NoSuchResult,
    /// The unit has no sheet of its own in the period.
    NoSuchSheet,
    /// No such person.
    NoSuchPerson,
    /// There are no units yet.
    NoUnits,
    /// A record is larger than a frame.
    RecordTooLarge,
    /// The folder holds a server already.
    AlreadyInitialised,
    /// The folder holds no server.
    NotInitialised,
    /// The database is of a newer program.
    StoreTooNew,
    /// A column is missing in an imported file.
    ColumnMissing(&'static str),
    /// An imported file is not CSV in UTF-8.
    NotCsv,
}

impl Refused {
    /// Stable code: screens decide on this alone.
    pub fn code(self) -> &'static str {
        self.face().0
    }

    #[rustfmt::skip]
    fn face(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotAMessage => ("not_a_message", "Máy chủ nhận được dữ liệu không đúng định dạng. Chưa có gì được lưu, hãy gửi lại.", "The server got something that is not a message of ours. Nothing was stored; send it again."),
            Self::MessageCut => ("message_cut", "Dữ liệu bị cắt trên đường truyền. Chưa có gì được lưu, hãy gửi lại.", "The message was cut on its way. Nothing was stored; send it again."),
            Self::MessageTooLarge => ("message_too_large", "Dữ liệu gửi một lần quá lớn. Hãy chia nhỏ rồi gửi lại.", "The message is too large. Send it in parts."),
            Self::UnknownDevice => ("unknown_device", "Máy chủ không biết thiết bị này. Hãy xin mã đăng ký mới.", "The server doesn't know this device. Ask for a new enrolment code."),
            Self::VersionUnsupported => ("version_unsupported", "Ứng dụng trên thiết bị mới hơn máy chủ. Dữ liệu vẫn an toàn trên máy này; hãy chờ Sở nâng cấp máy chủ.", "The app is newer than the server. Your data is safe on this device; wait until the department upgrades its server."),
            Self::ReasonMissing => ("reason_missing", "Quyết định phải ghi người quyết định và lý do.", "A decision needs a name and a reason."),
            Self::NotLocked => ("not_locked", "Kỳ đánh giá chưa khóa nên không cần quyết định thay thế.", "The period is not locked: no replacement decision is needed."),
            Self::NoSuchChange => ("no_such_change", "Không có thay đổi này, hoặc nó không ở trạng thái mà quyết định nói đến.", "There is no such change, or it is not in the state that the decision is about."),
            Self::DeviceRevoked => ("device_revoked", "Thiết bị này đã bị thu hồi. Dữ liệu trên máy vẫn còn, hãy liên hệ Sở.", "This device was revoked. Its data is still on it; contact the department."),
            Self::DelegationWaits => ("delegation_waits", "Máy này được cấp tại một buổi kiểm tra và Sở chưa xác nhận. Dữ liệu vẫn an toàn trên máy; hãy liên hệ Sở.", "This device was enrolled on a visit and the department has not confirmed it yet. Its data is safe on it; contact the department."),
            Self::BadSignature => ("bad_signature", "Chữ ký của thiết bị không khớp. Chưa có gì được lưu.", "The device's signature doesn't fit. Nothing was stored."),
            Self::EnrolmentUnknown => ("enrolment_unknown", "Không có mã đăng ký này. Hãy kiểm tra lại từng ký tự hoặc xin mã mới.", "There is no such enrolment code. Check every character or ask for a new one."),
            Self::EnrolmentExpired => ("enrolment_expired", "Mã đăng ký đã hết hạn. Hãy xin mã mới.", "The enrolment code has expired. Ask for a new one."),
            Self::EnrolmentUsed => ("enrolment_used", "Mã đăng ký đã được dùng. Mỗi mã chỉ dùng một lần, hãy xin mã mới.", "The enrolment code was used already. Ask for a new one."),
            Self::BadRequest => ("bad_request", "Yêu cầu không đúng định dạng.", "The request is malformed."),
            Self::LoginNeeded => ("login_needed", "Hãy đăng nhập.", "Log in first."),
            Self::LoginWrong => ("login_wrong", "Tên đăng nhập hoặc mật khẩu không đúng.", "Wrong login or password."),
            Self::LoginTooOften => ("login_too_often", "Sai mật khẩu quá nhiều lần. Hãy thử lại sau năm phút.", "Too many wrong passwords. Try again in five minutes."),
            Self::NotFound => ("not_found", "Không có mục này.", "There is no such thing."),
            Self::NoSuchPeriod => ("no_such_period", "Không có kỳ đánh giá này. Kỳ viết như 2022-11, 2022-Q4 hoặc 2022.", "There is no such period. A period is written 2022-11, 2022-Q4 or 2022."),
            Self::PeriodExists => ("period_exists", "Kỳ đánh giá này đã được mở.", "The period was opened already."),
            Self::PeriodLocked => ("period_locked", "Kỳ đánh giá này đã khóa. Kết quả đã công bố không thay đổi.", "The period is locked already. Its published result stays."),
            Self::NoSuchUnit => ("no_such_unit", "Không có đơn vị này.", "There is no such unit."),
            Self::NoSuchLeague => ("no_such_league", "Không có bảng xếp hạng này trong kỳ.", "There is no such league in this period."),
            Self::NoSuchResult => ("no_such_result", "Kết quả này được công bố trước khi máy chủ lưu tệp kết quả, nên không xuất lại được.", "This result was published before files were kept, so it can't be exported."),
            Self::NoSuchSheet => ("no_such_sheet", "Đơn vị này không có phiếu trong kỳ.", "The unit has no sheet in this period."),
            Self::NoSuchPerson => ("no_such_person", "Không có người mang mã này.", "There is nobody with this staff code."),
            Self::NoUnits => ("no_units", "Chưa có đơn vị nào. Hãy nhập danh sách đơn vị trước.", "There are no units yet. Import them first."),
            Self::RecordTooLarge => ("record_too_large", "Bản ghi dài quá 64 KB nên chưa có gì được lưu. Hãy chia nhỏ: ít đơn vị hơn trong một kỳ, ít mục hơn trong một danh mục.", "The record is longer than 64 KB, so nothing was stored. Split it: fewer units in a period, fewer entries in a list."),
            Self::AlreadyInitialised => ("already_initialised", "Thư mục này đã có dữ liệu máy chủ. Hãy chọn thư mục trống.", "The folder holds a server already. Choose an empty one."),
            Self::NotInitialised => ("not_initialised", "Thư mục này chưa có dữ liệu máy chủ. Hãy chạy xeploai-server init trước.", "The folder holds no server. Run xeploai-server init first."),
            Self::StoreTooNew => ("store_too_new", "Dữ liệu do phiên bản mới hơn tạo ra. Hãy nâng cấp chương trình.", "The data is of a newer version. Upgrade the program."),
            Self::ColumnMissing(_) => ("column_missing", "Tệp thiếu cột", "The file lacks the column"),
            Self::NotCsv => ("not_csv", "Tệp không phải CSV mã hóa UTF-8.", "The file is not CSV in UTF-8."),
        }
    }
}

impl ServerError {
    /// What people and programs outside see.
    pub fn view(&self) -> ErrorView {
        let (code, vi, en) = match self {
            Self::Refused(Refused::ColumnMissing(column)) => {
                let (code, vi, en) = Refused::ColumnMissing(column).face();
                return error_view(code, &format!("{vi} “{column}”."), &format!("{en} “{column}”."));
            }
            Self::Refused(refused) => refused.face(),
            Self::Evaluate(error) => {
                return ErrorView { code: error.code().to_owned(), message: error.message() };
            }
            Self::Ruleset(error) => {
                return ErrorView { code: error.code().to_owned(), message: error.message() };
            }
            Self::Result(error) => {
                return ErrorView { code: error.code().to_owned(), message: error.message() };
            }
            Self::Org(error) => {
                return ErrorView { code: error.code().to_owned(), message: error.message() };
            }
            Self::Bundle(error) => {
                return ErrorView { code: error.code().to_owned(), message: error.message() };
            }
            Self::File(_) => (
                "file",
                "Không đọc hoặc ghi được tệp. Hãy kiểm tra đường dẫn, quyền và dung lượng đĩa.",
                "A file can't be read or written. Check the path, permissions and disk space.",
            ),
            _ => (
                "server_fault",
                "Máy chủ gặp lỗi. Dữ liệu trên thiết bị vẫn an toàn, hãy thử lại sau.",
                "The server has a fault. The data on the device is safe; try again later.",
            ),
        };
        error_view(code, vi, en)
    }
}

fn error_view(code: &str, vi: &str, en: &str) -> ErrorView {
    ErrorView { code: code.into(), message: Text { vi: vi.into(), en: en.into() } }
}
