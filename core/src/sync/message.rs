//! One exchange: what a device sends and what the server answers. Request and response each fit one HTTP body.
//!
//! Invariant: what is not a whole message of ours (HTML of a captive portal, an empty or a cut body) is an error that
//! changes nothing: the device's frames go on waiting.

use ed25519_dalek::SigningKey;

use super::PROTOCOL_VERSION;
use super::frame::{Frame, read_all, write_all};
use super::stream::{Certificate, Context, SignatureError, sign, verify};
use super::verdict::SignedVerdicts;
use super::wire::{Reader, WireError, Writer};
use crate::ids::{DepartmentId, StreamId};

/// Longest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most frames in a message.
pub const FRAMES_MAX: usize = 4096;
/// Most certificates in a message.
const CERTIFICATES_MAX: usize = 4096;
/// Longest cursor, in bytes.
const CURSOR_BYTES_MAX: usize = 256;

const MAGIC: &[u8; 4] = b"XLSY";
/// Magic, version, checksum.
const ENVELOPE_BYTES: usize = 4 + 1 + 8;

/// What a device sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRequest {
    /// The device's own stream; the server knows its certificate.
    pub stream: StreamId,
    /// Where the device left off: what the server gave last, or nothing.
    pub cursor: Vec<u8>,
    /// Frames that have no verdict yet.
    pub frames: Vec<Frame>,
}

impl SyncRequest {
    /// Encodes and signs the request: only the holder of the device's key can ask for its author's records.
    pub fn encode(&self, department: DepartmentId, key: &SigningKey) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.stream.0).bytes(&self.cursor);
        write_all(&mut writer, &self.frames);
        let mut bytes = writer.finish();
        let signature = sign(key, Context::Request, department, &bytes);
        bytes.extend_from_slice(&signature);
        seal_envelope(&bytes)
    }

    /// Decodes a request; the caller then finds the stream's certificate and calls [`SignedRequest::open`].
    ///
    /// # Errors
    /// When the bytes are not a whole request.
    pub fn decode(message: &[u8]) -> Result<SignedRequest, WireError> {
        let payload = open_envelope(message)?;
        let (signed, signature) = payload.split_last_chunk::<64>().ok_or(WireError::Cut)?;
        let mut reader = Reader::new(signed);
        let request = Self {
            stream: StreamId(reader.array()?),
            cursor: reader.bytes(CURSOR_BYTES_MAX)?.to_vec(),
            frames: read_all(&mut reader, FRAMES_MAX)?,
        };
        reader.finish()?;
        Ok(SignedRequest { request, signed: signed.to_vec(), signature: *signature })
    }
}

/// A request whose signature was not checked yet.
#[derive(Debug)]
pub struct SignedRequest {
    request: SyncRequest,
    signed: Vec<u8>,
    signature: [u8; 64],
}

impl SignedRequest {
    /// The stream that the request claims to come from.
    pub fn stream(&self) -> StreamId {
        self.request.stream
    }

    /// The request, when the device's key has signed it.
    ///
    /// # Errors
    /// When the signature doesn't fit.
    pub fn open(self, certificate: &Certificate) -> Result<SyncRequest, SignatureError> {
        let header = &certificate.header;
        verify(&header.key, Context::Request, header.department, &self.signed, &self.signature)?;
        Ok(self.request)
    }
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncResponse {
    /// Where to go on the next time.
    pub cursor: Vec<u8>,
    /// Whether there is more than fitted: ask again.
    pub more: bool,
    /// Certificates of streams that the frames need.
    pub certificates: Vec<Certificate>,
    /// Frames of others, and the server's own.
    pub frames: Vec<Frame>,
    /// Verdicts on frames of this and former exchanges.
    pub verdicts: Vec<SignedVerdicts>,
}

impl SyncResponse {
    /// Encodes the answer.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(&self.cursor).byte(self.more.into()).number(self.certificates.len() as u64);
        for certificate in &self.certificates {
            certificate.write(&mut writer);
        }
        write_all(&mut writer, &self.frames);
        writer.number(self.verdicts.len() as u64);
        for verdicts in &self.verdicts {
            writer.bytes(&verdicts.bytes).raw(&verdicts.signature);
        }
        seal_envelope(&writer.finish())
    }

    /// Decodes an answer.
    ///
    /// # Errors
    /// When the bytes are not a whole answer.
    pub fn decode(message: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(open_envelope(message)?);
        let mut response = Self { cursor: reader.bytes(CURSOR_BYTES_MAX)?.to_vec(), ..Self::default() };
        response.more = match reader.byte()? {
            0 => false,
            1 => true,
            _ => return Err(WireError::Malformed("flag")),
        };
        for _ in 0..reader.at_most(CERTIFICATES_MAX)? {
            response.certificates.push(Certificate::read(&mut reader)?);
        }
        response.frames = read_all(&mut reader, FRAMES_MAX)?;
        for _ in 0..reader.at_most(FRAMES_MAX)? {
            let bytes = reader.bytes(MESSAGE_BYTES_MAX)?.to_vec();
            response.verdicts.push(SignedVerdicts { bytes, signature: reader.array()? });
        }
        reader.finish()?;
        Ok(response)
    }
}

fn checksum(payload: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 message");
    hasher.update(payload).finalize_xof().fill(&mut sum);
    sum
}

fn seal_envelope(payload: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(payload.len() + ENVELOPE_BYTES);
    message.extend_from_slice(MAGIC);
    message.push(PROTOCOL_VERSION);
    message.extend_from_slice(&checksum(payload));
    message.extend_from_slice(payload);
    message
}

fn open_envelope(message: &[u8]) -> Result<&[u8], WireError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(WireError::TooLarge);
    }
    let mut reader = Reader::new(message);
    if reader.array()? != *MAGIC {
        return Err(WireError::Malformed("not a message of ours"));
    }
    if reader.byte()? != PROTOCOL_VERSION {
        return Err(WireError::Malformed("message version"));
    }
    let sum: [u8; 8] = reader.array()?;
    let payload = reader.raw(reader.remaining())?;
    if checksum(payload) != sum {
        return Err(WireError::Cut);
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::sync::stream::Header;
    use crate::sync::verdict::{FrameVerdict, Reason, Verdicts};
    use crate::sync::{Lane, Scope, Status};
    use proptest::prelude::*;

    const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn certificate() -> Certificate {
        let (department, author) = (DEPARTMENT, PersonId([2; 16]));
        let key = key().verifying_key().to_bytes();
        Certificate::sign(
            Header { department, author, key, nonce: [3; 16], device: "Máy".into() },
            &self::key(),
        )
    }

    fn frame() -> Frame {
        let lane = Lane { stream: certificate().header.stream(), scope: Scope::CONFIGURATION };
        Frame::seal(&key(), DEPARTMENT, lane, 1, Default::default(), vec![1, 2, 3])
    }

    fn request() -> SyncRequest {
        SyncRequest { stream: certificate().header.stream(), cursor: vec![9; 40], frames: vec![frame()] }
    }

    fn response() -> SyncResponse {
        let exceptions = vec![(2, Status::Rejected, Reason::BadPoints)];
        let frames = vec![FrameVerdict { frame: frame().hash(), exceptions }];
        let verdicts =
            Verdicts { epoch: [4; 16], epoch_order: 1, number: 7, received_at: 1_669_000_000, frames };
        SyncResponse {
            cursor: vec![1, 2],
            more: true,
            certificates: vec![certificate()],
            frames: vec![frame()],
            verdicts: vec![verdicts.sign(DEPARTMENT, &key())],
        }
    }

    #[test]
    fn a_request_comes_back_and_is_its_device_s() {
        let bytes = request().encode(DEPARTMENT, &key());
        let signed = SyncRequest::decode(&bytes).unwrap();
        assert_eq!(signed.stream(), certificate().header.stream());
        assert_eq!(signed.open(&certificate()), Ok(request()));
        let forged =
            SyncRequest::decode(&request().encode(DEPARTMENT, &SigningKey::from_bytes(&[6; 32]))).unwrap();
        assert_eq!(forged.open(&certificate()), Err(SignatureError::Signature));
    }

    #[test]
    fn an_answer_comes_back_and_its_verdicts_open() {
        let answer = SyncResponse::decode(&response().encode()).unwrap();
        assert_eq!(answer, response());
        let key = key().verifying_key().to_bytes();
        let opened = answer.verdicts[0].open(DEPARTMENT, &key).unwrap();
        assert_eq!(opened.frames[0].of(2), (Status::Rejected, Reason::BadPoints));
        assert_eq!(opened.frames[0].of(3), (Status::Accepted, Reason::None));
        assert!(answer.verdicts[0].open(DepartmentId([2; 16]), &key).is_err(), "of another department");
    }

    #[test]
    fn an_idle_request_is_short() {
        let idle = SyncRequest { frames: Vec::new(), ..request() };
        // sync.md: 350 bytes both ways with HTTP heads.
        assert!(idle.encode(DEPARTMENT, &key()).len() <= 160, "{}", idle.encode(DEPARTMENT, &key()).len());
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for other in [&b""[..], b"X", b"<!doctype html><html><body>Wi-Fi</body></html>", b"{\"ok\":true}"] {
            assert!(SyncResponse::decode(other).is_err(), "{other:?}");
            assert!(SyncRequest::decode(other).is_err(), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_or_changed_message_is_refused(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            for bytes in [request().encode(DEPARTMENT, &key()), response().encode()] {
                let at = at.index(bytes.len());
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                prop_assert!(SyncResponse::decode(&bytes[..at]).is_err());
                prop_assert!(SyncResponse::decode(&changed).is_err());
                prop_assert!(SyncRequest::decode(&bytes[..at]).is_err());
                prop_assert!(SyncRequest::decode(&changed).is_err());
            }
        }
    }
}
