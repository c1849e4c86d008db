//! Verdicts: what the server said of frames, signed. A verdict is its receipt too: a frame that is named in one is
//! durable at the server.
//!
//! Invariant: a verdict is data and never recomputed. Of two verdicts on one change the one with the higher
//! (epoch order, number) counts, whichever came first.

use ed25519_dalek::SigningKey;

use super::content::Content;
use super::stream::{Context, SignatureError, sign, verify};
use super::transfer::CONTENTS_MAX;
use super::wire::{Reader, WireError, Writer};
use super::{Status, columns};
use crate::ids::{DepartmentId, FrameHash};

/// Most frames in a batch.
pub const VERDICTS_MAX: usize = 4096;
/// Most changes in a batch that are not judged like the rest of their frame.
pub const EXCEPTIONS_MAX: usize = 64 * 1024;

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
    /// Evidence above its limits: too long a file, thumbnail or name.
    BadEvidence = 12,
    /// The whole frame: its signature does not fit its stream.
    BadSignature = 20,
    /// The whole frame: signed well, but nothing that can be read.
    Unreadable = 21,
    /// The whole frame: its stream's certificate is not there.
    UnknownStream = 22,
    /// The whole frame: of a version that this server does not know yet.
    FutureVersion = 23,
    /// The whole frame: its carrier has used up the room for what can't be believed.
    QuotaUsed = 24,
    /// The device was revoked before this frame.
    Revoked = 25,
    /// A named person took it back.
    ByDecision = 26,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 20] = [
        Self::None,
        Self::NotAllowed,
        Self::NoSuchCriterion,
        Self::BadPoints,
        Self::PeriodLocked,
        Self::Unknown,
        Self::DocumentNotByServer,
        Self::UnknownKind,
        Self::ReasonMissing,
        Self::RightsChanged,
        Self::OnTimeByWitness,
        Self::NotAWitness,
        Self::BadEvidence,
        Self::BadSignature,
        Self::Unreadable,
        Self::UnknownStream,
        Self::FutureVersion,
        Self::QuotaUsed,
        Self::Revoked,
        Self::ByDecision,
    ];

    /// The reason with a number on the wire; numbers of later versions read as [`Reason::Unknown`].
    pub fn from_number(number: u64) -> Self {
        Self::ALL.into_iter().find(|reason| *reason as u64 == number).unwrap_or(Self::Unknown)
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
            Self::BadEvidence => "bad_evidence",
            Self::BadSignature => "bad_signature",
            Self::Unreadable => "unreadable",
            Self::UnknownStream => "unknown_stream",
            Self::FutureVersion => "future_version",
            Self::QuotaUsed => "quota_used",
            Self::Revoked => "revoked",
            Self::ByDecision => "by_decision",
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
            Self::BadEvidence => (
                "Minh chứng quá lớn hoặc tên quá dài nên không được ghi nhận. Hãy đính kèm tệp nhỏ hơn.",
                "The evidence is too large or its name too long. Attach a smaller file.",
            ),
            Self::BadSignature => (
                "Chữ ký không khớp nên máy chủ không tin dữ liệu này; bản gốc vẫn ở trên máy đã ghi.",
                "The signature does not fit, so the server does not believe this; the original stays on its device.",
            ),
            Self::Unreadable => (
                "Máy chủ không đọc được dữ liệu này. Dữ liệu được giữ lại để kiểm tra.",
                "The server can't read this. It is kept for examination.",
            ),
            Self::UnknownStream => (
                "Máy chủ chưa biết thiết bị đã ghi dữ liệu này. Dữ liệu được giữ lại chờ giấy chứng nhận của thiết bị.",
                "The server doesn't know the device that wrote this. It is kept until the device's certificate comes.",
            ),
            Self::FutureVersion => (
                "Dữ liệu do phiên bản ứng dụng mới hơn ghi. Máy chủ giữ lại cho đến khi được nâng cấp.",
                "Written by a newer version of the app. The server keeps it until it is upgraded.",
            ),
            Self::QuotaUsed => (
                "Thiết bị này đã gửi quá nhiều dữ liệu không đọc được nên máy chủ không nhận thêm loại này.",
                "This device has sent too much that can't be believed; the server takes no more of it.",
            ),
            Self::Revoked => (
                "Thiết bị đã bị thu hồi trước khi dữ liệu này đến. Người có thẩm quyền sẽ quyết định.",
                "The device was revoked before this came. A person decides.",
            ),
            Self::ByDecision => (
                "Đã bị hủy theo quyết định của người có thẩm quyền.",
                "Taken back by the decision of an authorised person.",
            ),
        }
    }
}

/// The verdict on one frame: one status for all its changes, and the exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameVerdict {
    /// The frame.
    pub frame: FrameHash,
    /// What holds for every change that is no exception.
    pub whole: (Status, Reason),
    /// Changes with another verdict: index, status, reason; by index.
    pub exceptions: Vec<(u16, Status, Reason)>,
}

impl FrameVerdict {
    /// Accepted but for some changes.
    pub fn accepted_but(frame: FrameHash, exceptions: Vec<(u16, Status, Reason)>) -> Self {
        Self { frame, whole: (Status::Accepted, Reason::None), exceptions }
    }

    /// A verdict on each change, in order.
    pub fn of_changes(frame: FrameHash, outcomes: impl Iterator<Item = (Status, Reason)>) -> Self {
        let numbered = (0..).zip(outcomes).map(|(index, (status, reason))| (index, status, reason));
        let is_odd = |it: &(u16, Status, Reason)| (it.1, it.2) != (Status::Accepted, Reason::None);
        Self::accepted_but(frame, numbered.filter(is_odd).collect())
    }

    /// One verdict on the whole frame.
    pub fn of_whole(frame: FrameHash, status: Status, reason: Reason) -> Self {
        Self { frame, whole: (status, reason), exceptions: Vec::new() }
    }

    /// The verdict on the change at `index`.
    pub fn of(&self, index: u16) -> (Status, Reason) {
        let exception = self.exceptions.iter().find(|exception| exception.0 == index);
        exception.map_or(self.whole, |&(_, status, reason)| (status, reason))
    }
}

/// Which verdict counts when there are several on one change: the highest. Epochs that were begun side by side, after
/// one server was restored twice, are told apart by their ids, so that every replica chooses alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rank {
    /// Order of the epoch.
    pub epoch_order: u32,
    /// The epoch.
    pub epoch: [u8; 16],
    /// Number of the batch.
    pub number: u64,
}

/// Verdicts of one commit of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts {
    /// The server's epoch: a new one at each start.
    pub epoch: [u8; 16],
    /// Epochs in order.
    pub epoch_order: u32,
    /// Number of the batch in its epoch.
    pub number: u64,
    /// When they were durable, by the server's clock, Unix seconds.
    pub received_at: i64,
    /// Frame by frame.
    pub frames: Vec<FrameVerdict>,
    /// Contents that are durable at the server by this batch: their receipt.
    pub contents: Vec<Content>,
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
    /// Which of two verdicts on one frame counts.
    pub fn rank(&self) -> Rank {
        Rank { epoch_order: self.epoch_order, epoch: self.epoch, number: self.number }
    }

    /// Encodes and signs the batch.
    pub fn sign(&self, department: DepartmentId, key: &SigningKey) -> SignedVerdicts {
        let bytes = self.encode();
        let signature = sign(key, Context::Verdicts, department, &bytes);
        SignedVerdicts { bytes, signature }
    }

    /// Whether it says nothing but what time it is: see [`super::plan::Plan::beacon`].
    pub fn is_beacon(&self) -> bool {
        self.frames.is_empty() && self.contents.is_empty()
    }

    /// The bytes that are signed.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.epoch).number(self.epoch_order.into()).number(self.number).signed(self.received_at);
        writer.number(self.frames.len() as u64);
        for verdict in &self.frames {
            writer.raw(&verdict.frame.0);
        }
        let column = |of: fn(&FrameVerdict) -> i64| self.frames.iter().map(of).collect::<Vec<_>>();
        columns::write(&mut writer, &column(|verdict| verdict.whole.0 as i64));
        columns::write(&mut writer, &column(|verdict| verdict.whole.1 as i64));
        columns::write(&mut writer, &column(|verdict| verdict.exceptions.len() as i64));
        let exceptions = || self.frames.iter().flat_map(|verdict| &verdict.exceptions);
        columns::write(&mut writer, &exceptions().map(|it| it.0.into()).collect::<Vec<_>>());
        columns::write(&mut writer, &exceptions().map(|it| it.1 as i64).collect::<Vec<_>>());
        columns::write(&mut writer, &exceptions().map(|it| it.2 as i64).collect::<Vec<_>>());
        if !self.contents.is_empty() {
            writer.number(self.contents.len() as u64);
            self.contents.iter().for_each(|content| content.write(&mut writer));
        }
        writer.finish()
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
            contents: Vec::new(),
        };
        let count = reader.at_most(VERDICTS_MAX)?;
        for _ in 0..count {
            let frame = FrameHash(reader.array()?);
            verdicts.frames.push(FrameVerdict::of_whole(frame, Status::Unjudged, Reason::None));
        }
        verdicts.read_outcomes(&mut reader)?;
        if !reader.is_empty() {
            verdicts.read_contents(&mut reader)?;
        }
        reader.finish()?;
        Ok(verdicts)
    }

    /// Left out when there are none, so that a batch on frames is what it was before there were contents.
    fn read_contents(&mut self, reader: &mut Reader<'_>) -> Result<(), WireError> {
        let count = reader.at_most(CONTENTS_MAX)?;
        if count == 0 {
            return Err(WireError::Malformed("no contents"));
        }
        for _ in 0..count {
            self.contents.push(Content::read_limited(reader)?);
        }
        Ok(())
    }

    fn read_outcomes(&mut self, reader: &mut Reader<'_>) -> Result<(), WireError> {
        let count = self.frames.len();
        let (statuses, reasons) = (columns::read(reader, count)?, columns::read(reader, count)?);
        let lengths = columns::read(reader, count)?;
        let mut total = 0usize;
        for length in &lengths {
            let length = usize::try_from(*length).map_err(|_| WireError::Malformed("exceptions"))?;
            total = total.saturating_add(length);
        }
        if total > EXCEPTIONS_MAX {
            return Err(WireError::TooLarge);
        }
        let indexes = columns::read(reader, total)?;
        let (odd, why) = (columns::read(reader, total)?, columns::read(reader, total)?);
        let mut at = 0;
        for (frame, verdict) in self.frames.iter_mut().enumerate() {
            verdict.whole = outcome(statuses[frame], reasons[frame])?;
            for _ in 0..lengths[frame] {
                let index = u16::try_from(indexes[at]).map_err(|_| WireError::Malformed("index"))?;
                let (status, reason) = outcome(odd[at], why[at])?;
                verdict.exceptions.push((index, status, reason));
                at += 1;
            }
        }
        Ok(())
    }
}

fn outcome(status: i64, reason: i64) -> Result<(Status, Reason), WireError> {
    let status = u8::try_from(status).ok().and_then(Status::from_number);
    let reason = u64::try_from(reason).map_err(|_| WireError::Malformed("reason"))?;
    Ok((status.ok_or(WireError::Malformed("status"))?, Reason::from_number(reason)))
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

    /// Appends the batch. Frames that the reader's context lists are named by their `place` in it: a batch on what was
    /// just sent costs a signature and a few bytes.
    pub fn write(&self, writer: &mut Writer, place: &dyn Fn(FrameHash) -> Option<usize>) {
        let split = split(&self.bytes);
        let (head, hashes, rest) = split.unwrap_or((&self.bytes[..], &[][..], &[][..]));
        let hashes: Vec<FrameHash> =
            hashes.chunks_exact(FrameHash::LEN).filter_map(|hash| FrameHash::from_slice(hash).ok()).collect();
        let places: Vec<i64> = hashes.iter().map(|hash| place(*hash).map_or(0, |at| at as i64 + 1)).collect();
        writer.bytes(head).number(places.len() as u64);
        columns::write(writer, &places);
        for (hash, place) in hashes.iter().zip(&places) {
            if *place == 0 {
                writer.raw(&hash.0);
            }
        }
        writer.bytes(rest).raw(&self.signature);
    }

    /// Takes what [`Self::write`] wrote; `context` lists the frames that it named by place.
    ///
    /// # Errors
    /// When the bytes are cut, malformed or over a limit.
    pub fn read(reader: &mut Reader<'_>, context: &[FrameHash]) -> Result<Self, WireError> {
        let mut bytes = reader.bytes(HEAD_BYTES_MAX)?.to_vec();
        let count = reader.at_most(VERDICTS_MAX)?;
        for place in columns::read(reader, count)? {
            let hash: [u8; 32] = match usize::try_from(place) {
                Ok(0) => reader.array()?,
                Ok(at) => context.get(at - 1).ok_or(WireError::Malformed("frame of a verdict"))?.0,
                Err(_) => return Err(WireError::Malformed("frame of a verdict")),
            };
            bytes.extend_from_slice(&hash);
        }
        bytes.extend_from_slice(reader.bytes(OUTCOMES_BYTES_MAX)?);
        Ok(Self { bytes, signature: reader.array()? })
    }
}

/// Epoch, order, number, time, count: never longer.
const HEAD_BYTES_MAX: usize = 64;
/// Outcomes of the longest batch.
const OUTCOMES_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a batch before its hashes, the hashes, and the rest.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut reader = Reader::new(bytes);
    reader.array::<16>().ok()?;
    reader.number().ok()?;
    reader.number().ok()?;
    reader.signed().ok()?;
    let count = reader.at_most(VERDICTS_MAX).ok()?;
    let head = bytes.len() - reader.remaining();
    let rest = head.checked_add(count.checked_mul(FrameHash::LEN)?)?;
    Some((bytes.get(..head)?, bytes.get(head..rest)?, bytes.get(rest..)?))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
