//! Why codes are not shown or not taken, and the sentence that a person reads.

use xeploai_core::view::Text;

/// What is wrong with codes or pictures of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Nothing waits that codes could show.
    #[error("nothing waits")]
    NothingWaits,
    /// More waits than codes carry.
    #[error("more than codes carry")]
    TooMuch,
    /// A file is no picture and no text that is read here.
    #[error("not a picture")]
    NotAPicture,
    /// A picture has more pixels than are read.
    #[error("too many pixels")]
    PictureTooLarge,
    /// No code was found.
    #[error("no code found")]
    NoCode,
    /// A code of something else.
    #[error("a code of something else")]
    Foreign,
    /// An enrolment code.
    #[error("an enrolment code")]
    Enrolment,
    /// The invitation of a hub.
    #[error("an invitation of a hub")]
    Invitation,
    /// Records, where an invitation is wanted.
    #[error("records, no invitation")]
    Records,
    /// A code of a later version.
    #[error("a code of a later version")]
    TooNew,
    /// A code of ours with other content than was shown.
    #[error("damaged")]
    Damaged,
    /// Of another department.
    #[error("of another department")]
    OtherDepartment,
    /// Parts of a series are missing.
    #[error("read {received} parts of {needed}")]
    Incomplete {
        /// Parts that were read.
        received: u32,
        /// Parts that are enough.
        needed: u32,
    },
}

impl QrError {
    /// Stable code.
    pub fn code(self) -> &'static str {
        self.said().0
    }

    /// What is wrong, whether the data is safe, and what to do.
    pub fn message(self) -> Text {
        if let Self::Incomplete { received, needed } = self {
            let missing = needed.saturating_sub(received).max(1);
            return Text {
                vi: format!(
                    "Chưa đủ: đã đọc {received}/{needed} phần, cần thêm ít nhất {missing} phần nữa, phần nào cũng được. Chưa nhận gì từ loạt mã này; hãy quét tiếp."
                ),
                en: format!(
                    "Not enough: read {received}/{needed} parts; at least {missing} more are needed, whichever. Nothing of this series was taken; go on scanning."
                ),
            };
        }
        let (_, vi, en) = self.said();
        Text { vi: vi.into(), en: en.into() }
    }

    /// Code, Vietnamese, English; the sentence on missing parts has numbers in it.
    fn said(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NothingWaits => (
                "qr_nothing_waits",
                "Không còn gì chờ gửi để đưa vào mã QR.",
                "Nothing waits that a QR code could show.",
            ),
            Self::TooMuch => (
                "qr_too_much",
                "Dữ liệu chờ gửi quá nhiều cho mã QR. Hãy ghi ra tệp hoặc kết nối hai máy; dữ liệu vẫn an toàn trên máy này.",
                "More waits than QR codes carry. Write a file or connect the devices; your data is safe on this device.",
            ),
            Self::NotAPicture => (
                "qr_not_a_picture",
                "Tệp này không phải ảnh (PNG, JPEG) và cũng không phải văn bản có mã. Chưa nhận gì; hãy chọn đúng tệp.",
                "This file is no picture (PNG, JPEG) and no text with codes. Nothing was taken; choose the right file.",
            ),
            Self::PictureTooLarge => (
                "qr_picture_too_large",
                "Ảnh lớn quá nên không đọc. Chưa nhận gì; hãy chụp lại ở cỡ ảnh nhỏ hơn.",
                "The picture is too large to be read. Nothing was taken; take it again in a smaller size.",
            ),
            Self::NoCode => (
                "qr_no_code",
                "Không tìm thấy mã QR nào. Chưa nhận gì; hãy chụp gần hơn, rõ hơn, đủ bốn góc của mã.",
                "No QR code was found. Nothing was taken; come closer, hold still, show all corners of the code.",
            ),
            Self::Foreign => (
                "qr_foreign",
                "Đây không phải mã QR của Xếp Loại. Chưa nhận gì; hãy quét mã đang hiện trên máy người nộp.",
                "This is no QR code of Xếp Loại. Nothing was taken; scan the one on the other person's screen.",
            ),
            Self::Enrolment => (
                "qr_is_enrolment",
                "Đây là mã đăng ký máy, không phải phiếu. Hãy nhập mã này ở màn hình đăng ký; chưa nhận gì.",
                "This is an enrolment code, not a sheet. Enter it where a device is enrolled; nothing was taken.",
            ),
            Self::Invitation => (
                "qr_is_invitation",
                "Đây là mã kết nối hai máy qua wifi, không phải phiếu. Hãy quét mã này ở mục kết nối; chưa nhận gì.",
                "This is an invitation to connect over Wi-Fi, not a sheet. Scan it where devices are connected; nothing was taken.",
            ),
            Self::Records => (
                "qr_is_records",
                "Đây là mã QR của phiếu, không phải mã kết nối. Hãy quét mã này ở mục Dùng mã QR; chưa nhận gì.",
                "This QR code carries sheets, it is no connection code. Scan it where QR codes are used; nothing was taken.",
            ),
            Self::TooNew => (
                "qr_too_new",
                "Mã QR do phiên bản mới hơn tạo. Hãy cập nhật ứng dụng rồi quét lại; chưa nhận gì.",
                "The QR code was made by a newer version. Update the app and scan again; nothing was taken.",
            ),
            Self::Damaged => (
                "qr_damaged",
                "Mã QR bị hỏng hoặc đọc sai. Chưa nhận gì; hãy quét lại từ đầu.",
                "The QR code is damaged or was misread. Nothing was taken; scan again from the beginning.",
            ),
            Self::OtherDepartment => (
                "qr_of_other_department",
                "Mã QR này của một Sở khác. Chưa nhận gì.",
                "This QR code is of another department. Nothing was taken.",
            ),
            Self::Incomplete { .. } => ("qr_incomplete", "", ""),
        }
    }
}
