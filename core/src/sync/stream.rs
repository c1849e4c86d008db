//! Streams: what one author writes with one device key.
//!
//! Invariant: a stream's id is the hash of its header, so nobody can squat it; the department's key has signed the
//! id, so nobody can write as somebody else. A phone that was restored or cloned renews its stream without asking:
//! the same header with another nonce, vouched for by the very key that the department has certified. A phone that is
//! enrolled on a visit is vouched for by the device of the supervisor until the department confirms it.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::PROTOCOL_VERSION;
use super::wire::{Reader, WireError, Writer};
use crate::ids::{DepartmentId, PersonId, StreamId};

/// Longest name of a device, in bytes.
pub const DEVICE_NAME_MAX: usize = 120;
/// Longest certificate of who has enrolled a device on a visit, in bytes: a header, two signatures, a nonce.
const ISSUER_BYTES_MAX: usize = 512;

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

/// How a stream came out of an enrolled one: same department, author, key and device name, another nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The nonce that the department has signed.
    pub enrolled: [u8; 16],
    /// The device key's signature of the renewed stream's id.
    pub signature: [u8; 64],
}

/// By whom a device was enrolled where the department's server could not be reached. Whether he may is asked of the
/// configuration: [`super::policy::admits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The certificate of his own device, which the department has signed.
    pub issuer: Box<Certificate>,
    /// When, as his device's clock claimed, Unix seconds.
    pub issued_at: i64,
}

/// A header with what makes it believable: what enrolment gives, and what goes to every reader. It needs no other
/// certificate beside it, so that a stream renewed or enrolled offline is believed by whoever meets it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The header of the stream as it is now.
    pub header: Header,
    /// The signature of the enrolled stream's id: the department's, or the issuer's of a delegation.
    pub signature: [u8; 64],
    /// By whom the device was enrolled, when it was on a visit and the department has not confirmed it yet.
    pub delegation: Option<Delegation>,
    /// How the stream came out of the enrolled one; absent when it is the enrolled one.
    pub renewal: Option<Renewal>,
}

impl Certificate {
    /// Certifies `header` with the department's key.
    pub fn sign(header: Header, department_key: &SigningKey) -> Self {
        let signature = sign(department_key, Context::Certificate, header.department, &header.stream().0);
        Self { header, signature, delegation: None, renewal: None }
    }

    /// Certifies `header` with the key of the device that `issuer` certifies, at a time that its clock claims.
    pub fn delegate(header: Header, issuer: Self, issued_at: i64, key: &SigningKey) -> Self {
        let delegated = delegated_bytes(header.stream(), issued_at);
        let signature = sign(key, Context::Delegation, header.department, &delegated);
        let delegation = Some(Delegation { issuer: Box::new(issuer), issued_at });
        Self { header, signature, delegation, renewal: None }
    }

    /// The same stream, vouched for by the department itself.
    pub fn confirm(&self, department_key: &SigningKey) -> Self {
        let Self { signature, .. } = Self::sign(self.enrolled(), department_key);
        Self { header: self.header.clone(), signature, delegation: None, renewal: self.renewal.clone() }
    }

    /// Opens a new stream of the same author and key. A renewal of a renewal goes back to the enrolled stream, so that
    /// certificates never grow. What `verify` says of it depends on whether `key` is the header's.
    pub fn renew(&self, nonce: [u8; 16], key: &SigningKey) -> Self {
        let header = Header { nonce, ..self.header.clone() };
        let signature = sign(key, Context::Renewal, header.department, &header.stream().0);
        let renewal = Some(Renewal { enrolled: self.enrolled().nonce, signature });
        Self { header, signature: self.signature, delegation: self.delegation.clone(), renewal }
    }

    /// The header that was signed at enrolment: a revocation of its stream covers all renewals.
    pub fn enrolled(&self) -> Header {
        let nonce = self.renewal.as_ref().map_or(self.header.nonce, |renewal| renewal.enrolled);
        Header { nonce, ..self.header.clone() }
    }

    /// Checks that the department with this id and key has signed the enrolled header, or a device of the department that
    /// was not delegated itself, and that the device's key has signed what it was renewed to.
    ///
    /// # Errors
    /// When one of them has not, or the header is of another department; nobody can delegate to be the server.
    pub fn verify(&self, department: DepartmentId, department_key: &[u8; 32]) -> Result<(), SignatureError> {
        if self.header.department != department {
            return Err(SignatureError::Department);
        }
        self.verify_enrolled(department, department_key)?;
        let Some(renewal) = &self.renewal else { return Ok(()) };
        // One stream has one certificate: the enrolled one is no renewal of itself.
        if renewal.enrolled == self.header.nonce {
            return Err(SignatureError::Signature);
        }
        let stream = self.header.stream();
        verify(&self.header.key, Context::Renewal, department, &stream.0, &renewal.signature)
    }

    fn verify_enrolled(
        &self,
        department: DepartmentId,
        department_key: &[u8; 32],
    ) -> Result<(), SignatureError> {
        let (enrolled, signature) = (self.enrolled().stream(), &self.signature);
        let Some(Delegation { issuer, issued_at }) = &self.delegation else {
            return verify(department_key, Context::Certificate, department, &enrolled.0, signature);
        };
        if issuer.delegation.is_some() || self.header.author == Header::SERVER {
            return Err(SignatureError::Signature);
        }
        issuer.verify(department, department_key)?;
        let delegated = delegated_bytes(enrolled, *issued_at);
        verify(&issuer.header.key, Context::Delegation, department, &delegated, signature)
    }

    /// Appends the certificate.
    pub fn write(&self, writer: &mut Writer) {
        let parts = u8::from(self.renewal.is_some()) | u8::from(self.delegation.is_some()) << 1;
        writer.bytes(&self.header.encode()).raw(&self.signature).byte(parts);
        if let Some(renewal) = &self.renewal {
            writer.raw(&renewal.enrolled).raw(&renewal.signature);
        }
        if let Some(delegation) = &self.delegation {
            writer.signed(delegation.issued_at).bytes(&delegation.issuer.encode());
        }
    }

    /// Takes a certificate.
    ///
    /// # Errors
    /// When the bytes are not one.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let header = Header::decode(reader.bytes(256)?)?;
        let signature = reader.array()?;
        let parts = reader.byte()?;
        if parts > 3 {
            return Err(WireError::Malformed("parts of a certificate"));
        }
        let renewal = match parts & 1 {
            0 => None,
            _ => Some(Renewal { enrolled: reader.array()?, signature: reader.array()? }),
        };
        let delegation = match parts & 2 {
            0 => None,
            _ => Some(Delegation::read(reader)?),
        };
        Ok(Self { header, signature, delegation, renewal })
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

impl Delegation {
    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let issued_at = reader.signed()?;
        let mut issuer = Reader::new(reader.bytes(ISSUER_BYTES_MAX)?);
        let certificate = Certificate::read(&mut issuer)?;
        issuer.finish()?;
        // Who was enrolled on a visit enrols nobody: certificates stay short.
        if certificate.delegation.is_some() {
            return Err(WireError::Malformed("issuer"));
        }
        Ok(Self { issuer: Box::new(certificate), issued_at })
    }
}

/// What the issuer of a delegation signs.
fn delegated_bytes(enrolled: StreamId, issued_at: i64) -> Vec<u8> {
    [&enrolled.0[..], &issued_at.to_le_bytes()].concat()
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
    /// A stream that a device has renewed.
    Renewal = 5,
    /// A snapshot of a closed period.
    Snapshot = 6,
    /// A bundle of messages in a file.
    Bundle = 7,
    /// A certificate that a device has signed for another one.
    Delegation = 8,
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
#[path = "stream_tests.rs"]
mod tests;
