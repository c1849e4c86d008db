//! What can go wrong, and the sentence that a person reads.
//!
//! Invariant: screens decide on [`ClientError::code`] alone; messages hold no personal data.

use std::error::Error;
use std::io::ErrorKind;

use xeploai_core::sync::bundle::BundleError;
use xeploai_core::view::{ErrorView, Text};

use crate::qr::QrError;

/// Every failure of the client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The local store failed.
    #[error("store: {0}")]
    Store(#[from] rusqlite::Error),
    /// The store could not be brought to this version.
    #[error("migration: {0}")]
    Migration(#[from] refinery::Error),
    /// The store was written by a newer app.
    #[error("the store is newer than this app")]
    StoreTooNew,
    /// A file of the store could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// A file that a person has chosen could not be read.
    #[error("file: {0}")]
    Unreadable(#[source] std::io::Error),
    /// Stored or received bytes are not what they should be.
    #[error("bytes: {0}")]
    Wire(#[from] xeploai_core::sync::wire::WireError),
    /// A record could not be read or written as JSON.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A rule could not be computed.
    #[error("scoring: {0}")]
    Scoring(#[from] xeploai_core::scoring::ScoringError),
    /// What was typed is not valid points.
    #[error("input: {0}")]
    Input(#[from] xeploai_core::scoring::InputError),
    /// The system gave no random bytes.
    #[error("no randomness")]
    Randomness,
    /// Anything that a sentence of ours explains.
    #[error("{}", .0.code())]
    Refused(#[from] Refused),
    /// A file is no bundle for us.
    #[error("bundle: {0}")]
    Bundle(#[from] BundleError),
    /// Codes can't be shown, or are none for us.
    #[error("codes: {0}")]
    Qr(#[from] QrError),
    /// The server explained itself.
    #[error("server: {}", .0.code)]
    Server(ErrorView),
}

/// Refusals of ours, each with its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refused {
    /// Nobody is enrolled on this device.
    NotEnrolled,
    /// The device's other people are of another department.
    OtherDepartment,
    /// Nobody of that name is enrolled on this device.
    NoSuchPerson,
    /// The code is not one of ours.
    BadCode,
    /// The address is not https.
    NotHttps,
    /// No such sheet here.
    NoSuchSheet,
    /// No such criterion.
    NoSuchCriterion,
    /// No such conflict (any more).
    NoSuchConflict,
    /// The user may not do this.
    NotAllowed,
    /// The period is locked.
    PeriodLocked,
    /// The sheet is not at a stage for this, or something is missing.
    NotNow,
    /// A reason is needed.
    ReasonMissing,
    /// The note is too long.
    TextTooLong,
    /// The token is not one of ours.
    BadToken,
    /// The server does not answer.
    Unreachable,
    /// The certificate is not the department's.
    WrongCertificate,
    /// The answer is not from our server.
    NotOurServer,
    /// The answer was cut short.
    AnswerCut,
    /// The server answered with a fault.
    ServerFault,
    /// The server has signed something that does not fit.
    BadSignature,
    /// Another sync is under way.
    SyncRunning,
    /// The server speaks a later version of the protocol.
    AppTooOld,
    /// The server holds other records than this device, and comparing them did not help.
    ServerDiffers,
    /// Another device names records that it does not give.
    PeerDiffers,
    /// What another device asks is no message of ours.
    NotAMessage,
    /// What another device asks is longer than a message may be.
    MessageTooLarge,
    /// The device that asks is not of the department.
    UnknownDevice,
    /// The device that asks was put out.
    DeviceRevoked,
    /// What was typed or scanned is no invitation of a hub.
    NoInvitation,
    /// Nothing answers at the addresses of an invitation.
    HubUnreachable,
    /// A hub has no place for another guest.
    HubBusy,
    /// Another device answers than the one of the invitation.
    NotTheHub,
    /// The secret of an invitation is wrong, or not the present one.
    WrongSecret,
    /// A new device does not wait at this hub any more.
    NoApplication,
    /// The user may not enrol this person on a visit.
    NotEnrollable,
    /// The user has not heard from the server for so long that his right to enrol on visits has run out.
    DelegationExpired,
    /// The user has enrolled as many devices on visits as he may.
    DelegationsUsedUp,
    /// The hub's person has not made this device anybody's.
    EnrolmentDeclined,
    /// Two devices lost each other.
    LinkBroken,
    /// This device has no address that others can reach.
    NoNetwork,
    /// The device on the other side was put out.
    PeerRevoked,
    /// The server has received everything already.
    NothingWaits,
    /// No device of the person is known here, so that nothing can be encrypted to it.
    UnknownReader,
    /// A file is no photo or PDF, or can't be read as one.
    EvidenceType,
    /// A file is too long, even made smaller.
    EvidenceTooLarge,
    /// A criterion has as much evidence as it may have.
    EvidenceFull,
    /// There is no such evidence here, or not all of it yet.
    NoSuchEvidence,
}

impl Refused {
    /// Stable code.
    pub fn code(self) -> &'static str {
        self.text().0
    }

    /// The sentence.
    pub fn message(self) -> Text {
        let (_, vi, en) = self.text();
        Text { vi: vi.into(), en: en.into() }
    }

    /// Code, Vietnamese, English.
    fn text(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotEnrolled => (
                "not_enrolled",
                "Máy này chưa đăng ký. Hãy nhập mã đăng ký do Sở cấp.",
                "This device is not enrolled. Enter the code that the department gave you.",
            ),
            Self::OtherDepartment => (
                "other_department",
                "Máy này đang dùng cho một Sở khác. Hãy đăng ký trên máy khác, hoặc với một kho dữ liệu riêng.",
                "This device is used for another department. Enrol on another device, or with a store of its own.",
            ),
            Self::NoSuchPerson => (
                "no_such_person",
                "Người này chưa đăng ký trên máy này. Hãy nhập mã đăng ký do Sở cấp.",
                "This person is not enrolled on this device. Enter the code that the department gave.",
            ),
            Self::BadCode => (
                "bad_code",
                "Mã đăng ký không đúng dạng. Hãy quét lại hoặc dán nguyên cả mã, gồm cả địa chỉ máy chủ.",
                "This is not an enrolment code. Scan it again or paste it whole, address included.",
            ),
            Self::NotHttps => (
                "not_https",
                "Địa chỉ máy chủ phải bắt đầu bằng https. Hãy xin lại mã đăng ký.",
                "The server's address must begin with https. Ask for a new code.",
            ),
            Self::NoSuchSheet => (
                "no_such_sheet",
                "Không có phiếu này trên máy. Hãy đồng bộ rồi mở lại.",
                "This sheet is not on the device. Sync and open it again.",
            ),
            Self::NoSuchCriterion => (
                "no_such_criterion",
                "Tiêu chí này không có trong bộ tiêu chí của phiếu.",
                "This criterion is not in the sheet's criteria set.",
            ),
            Self::NoSuchConflict => {
                ("no_such_conflict", "Mục này đã được xử lý.", "This has been settled already.")
            }
            Self::NotAllowed => (
                "not_allowed",
                "Bạn không có quyền làm việc này với phiếu này.",
                "You may not do this to this sheet.",
            ),
            Self::PeriodLocked => {
                ("period_locked", "Kỳ đánh giá đã khóa, không ghi thêm được.", "The period is locked.")
            }
            Self::NotNow => (
                "not_now",
                "Chưa làm được việc này: phiếu còn thiếu hoặc đang ở bước khác.",
                "Not now: something is missing, or the sheet is at another step.",
            ),
            Self::ReasonMissing => ("reason_missing", "Hãy ghi lý do.", "Give a reason."),
            Self::TextTooLong => (
                "text_too_long",
                "Ghi chú dài quá 4.000 ký tự. Hãy rút gọn.",
                "The note is longer than 4,000 characters. Shorten it.",
            ),
            Self::BadToken => (
                "bad_token",
                "Màn hình đã cũ. Hãy mở lại phiếu rồi ghi lại.",
                "The screen is out of date. Open the sheet again.",
            ),
            Self::Unreachable => (
                "unreachable",
                "Chưa liên lạc được với máy chủ. Dữ liệu vẫn an toàn trên máy này; hãy thử lại khi có mạng.",
                "The server can't be reached. Your data is safe on this device; try again when there is a network.",
            ),
            Self::WrongCertificate => (
                "wrong_certificate",
                "Máy chủ trả lời không phải của Sở (chứng thư không khớp). Không gửi gì cả; dữ liệu vẫn an toàn trên máy này.",
                "The server that answered is not the department's (its certificate differs). Nothing was sent; your data is safe.",
            ),
            Self::NotOurServer => (
                "not_our_server",
                "Mạng đang dùng trả lời thay máy chủ (có thể phải đăng nhập wifi). Dữ liệu vẫn chờ gửi trên máy này.",
                "The network answered instead of the server (perhaps a Wi-Fi login page). Your data waits on this device.",
            ),
            Self::AnswerCut => (
                "answer_cut",
                "Câu trả lời của máy chủ bị cắt giữa chừng. Dữ liệu vẫn chờ gửi; hãy thử lại.",
                "The server's answer was cut short. Your data waits; try again.",
            ),
            Self::ServerFault => (
                "server_fault",
                "Máy chủ đang gặp sự cố. Dữ liệu vẫn an toàn trên máy này; hãy thử lại sau.",
                "The server has a problem. Your data is safe on this device; try again later.",
            ),
            Self::BadSignature => (
                "bad_signature",
                "Dữ liệu nhận được không có chữ ký đúng của Sở nên đã bị bỏ qua.",
                "What came is not signed by the department and was ignored.",
            ),
            Self::AppTooOld => (
                "app_too_old",
                "Máy chủ đã nâng cấp. Dữ liệu vẫn an toàn trên máy này; hãy cập nhật ứng dụng rồi đồng bộ lại.",
                "The server was upgraded. Your data is safe on this device; update the app, then sync again.",
            ),
            Self::ServerDiffers => (
                "server_differs",
                "Máy chủ đang giữ dữ liệu khác với máy này. Không mất gì trên máy này; hãy báo Sở kiểm tra máy chủ.",
                "The server holds other records than this device. Nothing is lost here; ask the department to check its server.",
            ),
            Self::PeerDiffers => (
                "peer_differs",
                "Máy kia chưa trao hết dữ liệu mà nó đang giữ. Không mất gì trên máy này; hãy đồng bộ lại, hoặc đồng bộ với máy chủ.",
                "The other device has not given all that it holds. Nothing is lost here; sync again, or with the server.",
            ),
            Self::NotAMessage => (
                "not_a_message",
                "Máy kia gửi dữ liệu không đúng định dạng hoặc của phiên bản mới hơn. Chưa nhận gì; hãy gửi lại.",
                "The other device sent no message of ours, or one of a later version. Nothing was taken; send it again.",
            ),
            Self::MessageTooLarge => (
                "message_too_large",
                "Dữ liệu gửi một lần quá lớn. Hãy chia nhỏ rồi gửi lại.",
                "The message is too large. Send it in parts.",
            ),
            Self::UnknownDevice => (
                "unknown_device",
                "Máy kia không phải máy đã đăng ký với Sở. Không nhận và không trao gì.",
                "The other device is not enrolled with the department. Nothing was taken or given.",
            ),
            Self::DeviceRevoked => (
                "device_revoked",
                "Máy này đã bị thu hồi. Dữ liệu trên máy vẫn còn, hãy liên hệ Sở.",
                "This device was revoked. Its data is still on it; contact the department.",
            ),
            Self::NoInvitation => (
                "no_invitation",
                "Mã kết nối không đúng dạng. Hãy gõ đủ địa chỉ và 16 ký tự đang hiện trên máy kia.",
                "This is not a connection code. Type the address and the 16 characters that the other screen shows.",
            ),
            Self::HubUnreachable => (
                "hub_unreachable",
                "Không tìm thấy máy kia. Hai máy phải cùng một wifi hoặc điểm phát; hãy gõ cả địa chỉ đang hiện trên máy kia. Dữ liệu vẫn an toàn trên máy này.",
                "The other device can't be found. Both must be on the same Wi-Fi or hotspot; type the address that it shows too. Your data is safe on this device.",
            ),
            Self::HubBusy => (
                "hub_busy",
                "Máy kia chưa trả lời, có thể đang bận với máy khác. Hãy thử lại sau ít phút; dữ liệu vẫn an toàn trên máy này.",
                "The other device does not answer; it may be busy. Try again in a few minutes; your data is safe on this device.",
            ),
            Self::NotTheHub => (
                "not_the_hub",
                "Mã kết nối không khớp với máy trả lời: gõ nhầm, mã đã đổi, hoặc đang vào nhầm wifi. Không trao gì cả; hãy nhập lại mã đang hiện.",
                "The code does not fit the device that answers: mistyped, changed, or the wrong Wi-Fi. Nothing was handed over; enter the code that is shown now.",
            ),
            Self::WrongSecret => (
                "wrong_secret",
                "Mã kết nối sai hoặc đã đổi. Hãy nhập lại mã đang hiện trên máy kia.",
                "The code is wrong or has changed. Enter the one that the other screen shows now.",
            ),
            Self::NoApplication => (
                "no_application",
                "Máy mới này không còn chờ nữa. Hãy để máy đó nhập lại mã đang hiện.",
                "The new device does not wait any more. Let it enter the code that is shown again.",
            ),
            Self::NotEnrollable => (
                "not_enrollable",
                "Không cấp máy cho người này tại buổi kiểm tra được: chỉ cấp cho nhân viên của đơn vị mà đồng chí phụ trách, không cấp cho thủ trưởng, cấp phó thay thủ trưởng, người của Sở hay chính mình.",
                "A device can't be given to this person on a visit: only to staff of units in your charge, not to heads, their deputies, people of the department or yourself.",
            ),
            Self::DelegationExpired => (
                "delegation_expired",
                "Máy này chưa đồng bộ với máy chủ trong 30 ngày nên không cấp được máy mới. Hãy đồng bộ một lần rồi thử lại.",
                "This device has not synced with the server for 30 days, so that it can't enrol new ones. Sync once, then try again.",
            ),
            Self::DelegationsUsedUp => (
                "delegations_used_up",
                "Đã cấp đủ 30 máy mà Sở chưa xác nhận. Hãy đồng bộ với máy chủ rồi thử lại.",
                "30 devices were enrolled that the department has not confirmed yet. Sync with the server, then try again.",
            ),
            Self::EnrolmentDeclined => (
                "enrolment_declined",
                "Người kiểm tra chưa nhận máy này. Hãy đọc cho nhau tên và sáu số trên hai màn hình rồi thử lại.",
                "The supervisor has not accepted this device. Compare names and the six digits on both screens, then try again.",
            ),
            Self::LinkBroken => (
                "link_broken",
                "Mất kết nối giữa hai máy. Những gì đã nhận vẫn còn, những gì chưa trao vẫn ở máy cũ; hãy kết nối lại.",
                "The two devices lost each other. What was received stays, what was not waits where it was; connect again.",
            ),
            Self::PeerRevoked => (
                "peer_revoked",
                "Máy kia đã bị Sở thu hồi. Không trao gì cho máy đó; hãy báo Sở.",
                "The other device was revoked by the department. Nothing was handed to it; tell the department.",
            ),
            Self::NothingWaits => (
                "nothing_waits",
                "Không có gì chờ gửi: máy chủ đã nhận hết.",
                "Nothing waits: the server has received everything.",
            ),
            Self::EvidenceType => (
                "evidence_type",
                "Chỉ đính kèm được ảnh JPEG, PNG, WebP hoặc tệp PDF. Tệp này không phải loại đó hoặc đã hỏng.",
                "Only JPEG, PNG and WebP photos and PDF files can be attached. This file is none of them, or damaged.",
            ),
            Self::EvidenceTooLarge => (
                "evidence_too_large",
                "Tệp lớn quá 8 MB hoặc tên quá dài. Hãy chọn tệp nhỏ hơn.",
                "The file is larger than 8 MB or its name too long. Choose a smaller one.",
            ),
            Self::EvidenceFull => (
                "evidence_full",
                "Mỗi tiêu chí chỉ có tối đa 10 minh chứng. Hãy bỏ bớt một minh chứng trước.",
                "A criterion has 10 pieces of evidence at most. Remove one first.",
            ),
            Self::NoSuchEvidence => (
                "no_such_evidence",
                "Minh chứng này chưa về đủ trên máy này, hoặc đã được bỏ. Hãy đồng bộ rồi mở lại.",
                "This evidence is not all here yet, or was removed. Sync and open it again.",
            ),
            Self::UnknownReader => (
                "unknown_reader",
                "Chưa ghi được tệp cho người này: mã không có, hoặc máy này chưa biết máy của họ. Hãy xem lại mã; nếu đúng thì gặp nhau một lần qua wifi hoặc đồng bộ với máy chủ.",
                "No file can be made for this person: there is no such code, or no device of theirs is known here. Check the code; if it is right, meet once over Wi-Fi, or sync with the server.",
            ),
            Self::NoNetwork => (
                "no_network",
                "Máy này chưa vào wifi nào và chưa phát wifi. Hãy bật điểm phát (hotspot) hoặc vào wifi rồi thử lại.",
                "This device is on no Wi-Fi and shares none. Switch its hotspot on or join a Wi-Fi, then try again.",
            ),
            Self::SyncRunning => {
                ("sync_running", "Đang đồng bộ. Hãy chờ lần này xong.", "A sync is under way.")
            }
        }
    }
}

impl ClientError {
    /// Stable code and sentence, for screens.
    pub fn view(&self) -> ErrorView {
        let local = |code: &str, vi: &str, en: &str| ErrorView {
            code: code.into(),
            message: Text { vi: vi.into(), en: en.into() },
        };
        match self {
            Self::Refused(refused) => ErrorView { code: refused.code().into(), message: refused.message() },
            Self::Input(error) => ErrorView { code: error.code().into(), message: error.message() },
            Self::Scoring(error) => ErrorView { code: error.code().into(), message: error.message() },
            Self::Server(view) => view.clone(),
            Self::Bundle(error) => ErrorView { code: error.code().into(), message: error.message() },
            Self::Qr(error) => ErrorView { code: error.code().into(), message: error.message() },
            Self::StoreTooNew => local(
                "store_too_new",
                "Dữ liệu trên máy do phiên bản mới hơn ghi. Hãy cập nhật ứng dụng.",
                "The data on this device was written by a newer version. Update the app.",
            ),
            _ if self.is_full() => local(
                "disk_full",
                "Máy đã hết bộ nhớ nên CHƯA lưu được. Hãy giải phóng bộ nhớ rồi ghi lại.",
                "The device is full: this was NOT saved. Free some space and write it again.",
            ),
            Self::Unreadable(_) => local(
                "file_unreadable",
                "Không đọc được tệp: có thể USB đã rút ra, hoặc tệp đã bị chuyển đi hay xóa. Chưa nhận gì; hãy mở lại tệp.",
                "The file can't be read: perhaps the stick was pulled out, or the file was moved or deleted. Nothing was taken; open it again.",
            ),
            Self::Store(_)
            | Self::Migration(_)
            | Self::File(_)
            | Self::Wire(_)
            | Self::Json(_)
            | Self::Randomness => local(
                "store_failed",
                "Không ghi được vào bộ nhớ của máy. Hãy khởi động lại ứng dụng; dữ liệu đã lưu vẫn còn.",
                "The device's storage failed. Restart the app; what was saved is still there.",
            ),
        }
    }

    /// Stable code.
    pub fn code(&self) -> String {
        self.view().code
    }

    /// Whether the device has no room left, whoever met it: the store, a migration of it, or a key file.
    fn is_full(&self) -> bool {
        let mut next = self.source();
        while let Some(cause) = next {
            if is_full(cause) {
                return true;
            }
            next = cause.source();
        }
        false
    }
}

fn is_full(cause: &(dyn Error + 'static)) -> bool {
    if let Some(rusqlite::Error::SqliteFailure(error, _)) = cause.downcast_ref() {
        // SQLite's shared memory is a file too, made anew when a store is opened.
        return error.code == rusqlite::ErrorCode::DiskFull
            || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
    }
    let kind = cause.downcast_ref().map(std::io::Error::kind);
    matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}
