//! Verdicts: what the server said of frames, signed. A verdict is its receipt too: a frame that is named in one is
//! durable at the server.
//!
//! Invariant: a verdict is data and never recomputed. Of two verdicts on one change the one with the higher
//! (epoch order, number) counts, whichever came first.

use ed25519_dalek::SigningKey;

use super::Status;
use super::stream::{Context, SignatureError, sign, verify};
use super::wire::{Reader, WireError, Writer};
use crate::ids::{DepartmentId, FrameHash};

/// Most frames in a batch.
pub const VERDICTS_MAX: usize = 4096;

/// Why a change was not accepted. Numbers are on the wire and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum Reason {
    /// Nothing to say: accepted.
    None = 0,
    /// The author may not write this column of this sheet.
    NotAllowed = 1,
    /// The criterion, product or field is not in the criteria set.
    NoSuchCriterion = 2,
    /// Points above the maximum, below zero or off the step.
    BadPoints = 3,
    /// The period is locked: kept, listed after the cut.
    PeriodLocked = 4,
    /// The period, person, unit or criteria set is not known here yet.
    Unknown = 5,
    /// A document by somebody who is not the server.
    DocumentNotByServer = 6,
    /// A kind of change that this version doesn't know.
    UnknownKind = 7,
    /// A return, a retraction or an authority's choice of a sheet without a reason.
    ReasonMissing = 8,
    /// The author had the right as far as he had seen, and has it no longer.
    RightsChanged = 9,
    /// The period is locked; a witness got the change before.
    OnTimeByWitness = 10,
    /// A statement by somebody who may not be a witness for this scope.
    NotAWitness = 11,
}

const REASONS: [Reason; 12] = [
    Reason::None,
    Reason::NotAllowed,
    Reason::NoSuchCriterion,
    Reason::BadPoints,
    Reason::PeriodLocked,
    Reason::Unknown,
    Reason::DocumentNotByServer,
    Reason::UnknownKind,
    Reason::ReasonMissing,
    Reason::RightsChanged,
    Reason::OnTimeByWitness,
    Reason::NotAWitness,
];

impl Reason {
    /// The reason with a number on the wire; numbers of later versions read as [`Reason::Unknown`].
    pub fn from_number(number: u64) -> Self {
        usize::try_from(number).ok().and_then(|at| REASONS.get(at).copied()).unwrap_or(Self::Unknown)
    }

    /// Stable code for screens.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "accepted",
            Self::NotAllowed => "not_allowed",
            Self::NoSuchCriterion => "no_such_criterion",
            Self::BadPoints => "bad_points",
            Self::PeriodLocked => "period_locked",
            Self::Unknown => "unknown_record",
            Self::DocumentNotByServer => "document_not_by_server",
            Self::UnknownKind => "unknown_kind",
            Self::ReasonMissing => "reason_missing",
            Self::RightsChanged => "rights_changed",
            Self::OnTimeByWitness => "on_time_by_witness",
            Self::NotAWitness => "not_a_witness",
        }
    }

    /// The sentence, Vietnamese and English.
    pub fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("Đã nhận.", "Accepted."),
            Self::NotAllowed => (
                "Bạn không có quyền ghi cột điểm này của phiếu này. Điểm vẫn được giữ trên máy của bạn.",
                "You may not write this column of this sheet. The value stays on your device.",
            ),
            Self::NoSuchCriterion => (
                "Tiêu chí này không có trong bộ tiêu chí của phiếu.",
                "This criterion is not in the sheet's criteria set.",
            ),
            Self::BadPoints => (
                "Điểm vượt mức tối đa hoặc không đúng bước điểm. Hãy sửa rồi gửi lại.",
                "The points are above the maximum or off the step. Correct them and send again.",
            ),
            Self::PeriodLocked => (
                "Kỳ đánh giá đã khóa. Điểm được giữ lại, ghi nhận sau thời điểm khóa và chờ người có thẩm quyền quyết định.",
                "The period is locked. The value is kept, listed after the lock, and waits for a decision.",
            ),
            Self::Unknown => (
                "Máy chủ chưa có kỳ, người, đơn vị hoặc bộ tiêu chí này. Dữ liệu được giữ lại chờ xử lý.",
                "The server doesn't know this period, person, unit or criteria set yet. The data is kept.",
            ),
            Self::DocumentNotByServer => (
                "Chỉ máy chủ của Sở được ghi cấu hình.",
                "Only the department's server writes configuration.",
            ),
            Self::UnknownKind => (
                "Máy chủ chưa hiểu loại dữ liệu này. Dữ liệu được giữ lại cho đến khi máy chủ nâng cấp.",
                "The server doesn't know this kind of data. It is kept until the server is upgraded.",
            ),
            Self::ReasonMissing => ("Việc này phải ghi lý do.", "This needs a reason."),
            Self::RightsChanged => (
                "Quyền chấm phiếu này đã thay đổi trước khi máy chủ nhận được. Điểm được giữ lại, chờ người có thẩm quyền quyết định.",
                "The right to write here changed before the server received this. The value is kept and waits for a decision.",
            ),
            Self::OnTimeByWitness => (
                "Kỳ đánh giá đã khóa, nhưng có xác nhận đã bàn giao đúng hạn. Điểm được giữ lại, chờ quyết định thay thế.",
                "The period is locked, but a witness states that this was handed over in time. It waits for a replacement decision.",
            ),
            Self::NotAWitness => (
                "Người này không được làm chứng cho đơn vị này.",
                "This person may not be a witness for this unit.",
            ),
        }
    }
}

/// The verdict on one frame: one status for all its changes, and the exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameVerdict {
    /// The frame.
    pub frame: FrameHash,
    /// Changes that are not accepted: index, status, reason; by index.
    pub exceptions: Vec<(u16, Status, Reason)>,
}

impl FrameVerdict {
    /// The verdict on the change at `index`.
    pub fn of(&self, index: u16) -> (Status, Reason) {
        let exception = self.exceptions.iter().find(|exception| exception.0 == index);
        exception.map_or((Status::Accepted, Reason::None), |&(_, status, reason)| (status, reason))
    }
}

/// Verdicts of one commit of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts {
    /// The server's epoch: a new one after each restore.
    pub epoch: [u8; 16],
    /// Epochs in order.
    pub epoch_order: u32,
    /// Number of the batch in its epoch.
    pub number: u64,
    /// When they were durable, by the server's clock, Unix seconds.
    pub received_at: i64,
    /// Frame by frame.
    pub frames: Vec<FrameVerdict>,
}

/// A batch with the server's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedVerdicts {
    /// The encoded [`Verdicts`], exactly as signed.
    pub bytes: Vec<u8>,
    /// The department's signature.
    pub signature: [u8; 64],
}

impl Verdicts {
    /// Encodes and signs the batch.
    pub fn sign(&self, department: DepartmentId, key: &SigningKey) -> SignedVerdicts {
        let mut writer = Writer::new();
        writer.raw(&self.epoch).number(self.epoch_order.into()).number(self.number).signed(self.received_at);
        writer.number(self.frames.len() as u64);
        for verdict in &self.frames {
            writer.raw(&verdict.frame.0).number(verdict.exceptions.len() as u64);
            for (index, status, reason) in &verdict.exceptions {
                writer.number((*index).into()).byte(*status as u8).number(*reason as u64);
            }
        }
        let bytes = writer.finish();
        let signature = sign(key, Context::Verdicts, department, &bytes);
        SignedVerdicts { bytes, signature }
    }

    /// Reads verdicts whose signature was checked when they came, see [`SignedVerdicts::open`].
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let mut verdicts = Self {
            epoch: reader.array()?,
            epoch_order: u32::try_from(reader.number()?).map_err(|_| WireError::TooLarge)?,
            number: reader.number()?,
            received_at: reader.signed()?,
            frames: Vec::new(),
        };
        for _ in 0..reader.at_most(VERDICTS_MAX)? {
            let frame = FrameHash(reader.array()?);
            let mut exceptions = Vec::new();
            for _ in 0..reader.at_most(super::body::CHANGES_MAX)? {
                let index = reader.at_most(super::body::CHANGES_MAX)? as u16;
                let status = Status::from_number(reader.byte()?).ok_or(WireError::Malformed("status"))?;
                exceptions.push((index, status, Reason::from_number(reader.number()?)));
            }
            verdicts.frames.push(FrameVerdict { frame, exceptions });
        }
        reader.finish()?;
        Ok(verdicts)
    }
}

/// Why verdicts are not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerdictError {
    /// Not encoded as verdicts.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Not signed by the department.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl SignedVerdicts {
    /// The verdicts, when the department has signed them.
    ///
    /// # Errors
    /// When the signature doesn't fit or the bytes are malformed.
    pub fn open(
        &self,
        department: DepartmentId,
        department_key: &[u8; 32],
    ) -> Result<Verdicts, VerdictError> {
        verify(department_key, Context::Verdicts, department, &self.bytes, &self.signature)?;
        Ok(Verdicts::decode(&self.bytes)?)
    }
}
