//! Streams: what one author writes with one device key.
//!
//! Invariant: a stream's id is the hash of its header, so nobody can squat it; the department's key has signed the
//! id, so nobody can write as somebody else.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::PROTOCOL_VERSION;
use super::wire::{Reader, WireError, Writer};
use crate::ids::{DepartmentId, PersonId, StreamId};

/// Longest name of a device, in bytes.
pub const DEVICE_NAME_MAX: usize = 120;

/// Why a signed thing is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key is not a valid Ed25519 key.
    #[error("not a key")]
    Key,
    /// The signature does not fit.
    #[error("signature does not fit")]
    Signature,
    /// It belongs to another department.
    #[error("of another department")]
    Department,
}

/// Who writes a stream, and with which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The department.
    pub department: DepartmentId,
    /// The author; all zero for the department's own server.
    pub author: PersonId,
    /// Public Ed25519 key of the device.
    pub key: [u8; 32],
    /// Makes two streams of one key different: a restored phone opens a new one.
    pub nonce: [u8; 16],
    /// The device's name, as screens show it.
    pub device: String,
}

impl Header {
    /// The author of what the department's server itself writes.
    pub const SERVER: PersonId = PersonId([0; 16]);

    /// The header's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .byte(PROTOCOL_VERSION)
            .raw(&self.department.0)
            .raw(&self.author.0)
            .raw(&self.key)
            .raw(&self.nonce);
        writer.text(&self.device);
        writer.finish()
    }

    /// Reads a header.
    ///
    /// # Errors
    /// When the bytes are not a header of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != PROTOCOL_VERSION {
            return Err(WireError::Malformed("header version"));
        }
        let header = Self {
            department: DepartmentId(reader.array()?),
            author: PersonId(reader.array()?),
            key: reader.array()?,
            nonce: reader.array()?,
            device: reader.text(DEVICE_NAME_MAX)?.to_owned(),
        };
        reader.finish()?;
        Ok(header)
    }

    /// The stream's id.
    pub fn stream(&self) -> StreamId {
        StreamId(blake3::derive_key("xeploai 2026 stream", &self.encode()))
    }
}

/// A header with the department's signature: what enrolment gives, and what goes to every reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The header.
    pub header: Header,
    /// The department's signature of the stream's id.
    pub signature: [u8; 64],
}

impl Certificate {
    /// Certifies `header` with the department's key.
    pub fn sign(header: Header, department_key: &SigningKey) -> Self {
        let signature = sign(department_key, Context::Certificate, header.department, &header.stream().0);
        Self { header, signature }
    }

    /// Checks that the department with this id and key has signed the header.
    ///
    /// # Errors
    /// When it has not, or the header is of another department.
    pub fn verify(&self, department: DepartmentId, department_key: &[u8; 32]) -> Result<(), SignatureError> {
        if self.header.department != department {
            return Err(SignatureError::Department);
        }
        verify(department_key, Context::Certificate, department, &self.header.stream().0, &self.signature)
    }

    /// Appends the certificate.
    pub fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.header.encode()).raw(&self.signature);
    }

    /// Takes a certificate.
    ///
    /// # Errors
    /// When the bytes are not one.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let header = Header::decode(reader.bytes(256)?)?;
        Ok(Self { header, signature: reader.array()? })
    }

    /// The certificate's bytes, for a store.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    /// Reads a certificate's bytes.
    ///
    /// # Errors
    /// When the bytes are not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let certificate = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(certificate)
    }
}

/// What a signature is for: one made for one purpose fits no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Context {
    /// A stream's certificate.
    Certificate = 1,
    /// A frame.
    Frame = 2,
    /// A batch of verdicts.
    Verdicts = 3,
    /// The server's epochs.
    Epochs = 4,
    /// A snapshot of a closed period.
    Snapshot = 6,
}

/// Signs `bytes`: context string ‖ protocol version ‖ department ‖ type ‖ bytes.
pub fn sign(key: &SigningKey, context: Context, department: DepartmentId, bytes: &[u8]) -> [u8; 64] {
    key.sign(&signed_bytes(context, department, bytes)).to_bytes()
}

/// Checks a signature strictly (RFC 8032, no small-order keys): the one verification that exists.
///
/// # Errors
/// When the key is none or the signature does not fit.
pub fn verify(
    key: &[u8; 32],
    context: Context,
    department: DepartmentId,
    bytes: &[u8],
    signature: &[u8; 64],
) -> Result<(), SignatureError> {
    let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError::Key)?;
    key.verify_strict(&signed_bytes(context, department, bytes), &Signature::from_bytes(signature))
        .map_err(|_| SignatureError::Signature)
}

fn signed_bytes(context: Context, department: DepartmentId, bytes: &[u8]) -> Vec<u8> {
    let mut signed = Vec::with_capacity(bytes.len() + 32);
    signed.extend_from_slice(b"xeploai");
    signed.extend_from_slice(&[PROTOCOL_VERSION]);
    signed.extend_from_slice(&department.0);
    signed.push(context as u8);
    signed.extend_from_slice(bytes);
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(key: &SigningKey) -> Header {
        Header {
            department: DepartmentId([1; 16]),
            author: PersonId([2; 16]),
            key: key.verifying_key().to_bytes(),
            nonce: [3; 16],
            device: "Điện thoại TS-01".into(),
        }
    }

    #[test]
    fn a_certificate_comes_back_and_fits() {
        let department = SigningKey::from_bytes(&[7; 32]);
        let certificate = Certificate::sign(header(&SigningKey::from_bytes(&[8; 32])), &department);
        assert_eq!(Certificate::decode(&certificate.encode()), Ok(certificate.clone()));
        assert_eq!(certificate.verify(DepartmentId([1; 16]), &department.verifying_key().to_bytes()), Ok(()));
    }

    #[test]
    fn a_header_changed_after_signing_does_not_fit() {
        let department = SigningKey::from_bytes(&[7; 32]);
        let mut certificate = Certificate::sign(header(&SigningKey::from_bytes(&[8; 32])), &department);
        certificate.header.author = PersonId([4; 16]);
        let key = department.verifying_key().to_bytes();
        assert_eq!(certificate.verify(DepartmentId([1; 16]), &key), Err(SignatureError::Signature));
        assert_eq!(certificate.verify(DepartmentId([9; 16]), &key), Err(SignatureError::Department));
    }

    #[test]
    fn a_signature_for_one_purpose_fits_no_other() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = sign(&key, Context::Frame, DepartmentId([1; 16]), b"x");
        let public = key.verifying_key().to_bytes();
        assert!(verify(&public, Context::Frame, DepartmentId([1; 16]), b"x", &signature).is_ok());
        assert!(verify(&public, Context::Verdicts, DepartmentId([1; 16]), b"x", &signature).is_err());
        assert!(verify(&public, Context::Frame, DepartmentId([2; 16]), b"x", &signature).is_err());
    }
}
