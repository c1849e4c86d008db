//! Enrolment: a one-time code makes a device its owner's.
//!
//! Invariant: a code is shown once and kept as a hash; it gives one certificate, within its days. The device that got it gets
//! the same one again when it asks again: the answer may have been lost.

use xeploai_core::ids::PersonId;
use xeploai_core::sync::stream::{Certificate, DEVICE_NAME_MAX, Header};

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::{enrolments, streams};

/// How long a code is good for, in seconds: seven days.
const CODE_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Characters of Crockford's base 32: no I, L, O or U, so that a code can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 80 random bits, more than anybody can try.
const CODE_CHARS: usize = 16;

/// A code that was just made.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// The code, `XXXX-XXXX-XXXX-XXXX`. Not kept anywhere.
    pub code: String,
    /// Until when, Unix seconds.
    pub expires: i64,
}

/// What a device gets.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Its certificate.
    pub certificate: Certificate,
    /// The certificate of the server's own stream.
    pub server_certificate: Certificate,
    /// The department's public key.
    pub department_key: [u8; 32],
}

impl Service {
    /// Makes a code for the person with a staff code.
    ///
    /// # Errors
    /// [`Refused::NoSuchPerson`]; else what the database says.
    pub fn new_code(&self, person: &str) -> Result<NewCode, ServerError> {
        let config = self.config()?;
        let person = config.person_by_code(person).ok_or(Refused::NoSuchPerson)?.id;
        let random: [u8; CODE_CHARS] = self.random()?;
        let characters = random.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
        let code = groups.join("-");
        let expires = self.now() + CODE_SECONDS;
        self.storage.write(|write| enrolments::insert(write, hash(&code), person, expires))?;
        Ok(NewCode { code, expires })
    }

    /// Keeps codes of the caller's: for benchmarks, whose codes are known to anybody.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_codes<'a>(&self, codes: impl Iterator<Item = (&'a str, String)>) -> Result<(), ServerError> {
        let expires = self.now() + CODE_SECONDS;
        self.storage.write(|write| {
            for (person, code) in codes {
                let person = PersonId::of(self.department, person);
                enrolments::insert(write, hash(&code), person, expires)?;
            }
            Ok(())
        })
    }

    /// Gives a device its certificate for a code; to the same key once more the same one.
    ///
    /// # Errors
    /// [`Refused::EnrolmentUnknown`], [`Refused::EnrolmentExpired`], [`Refused::EnrolmentUsed`];
    /// [`Refused::BadRequest`] for a name that is empty or too long.
    pub fn enrol(
        &self,
        code: &str,
        key: [u8; 32],
        nonce: [u8; 16],
        device: &str,
    ) -> Result<Enrolled, ServerError> {
        let device = device.trim();
        if device.is_empty() || device.len() > DEVICE_NAME_MAX {
            return Err(Refused::BadRequest.into());
        }
        let (code, now) = (hash(code), self.now());
        let certificate = self.storage.write(|write| {
            let known = enrolments::get(write, code)?.ok_or(Refused::EnrolmentUnknown)?;
            if known.used_at.is_some() {
                let given = streams::of_key(write, known.person, key)?;
                return given.ok_or(Refused::EnrolmentUsed.into());
            }
            if known.expires < now {
                return Err(Refused::EnrolmentExpired.into());
            }
            let (department, author, device) = (self.department, known.person, device.to_owned());
            let certificate = self.certify(Header { department, author, key, nonce, device });
            streams::insert(write, &certificate)?;
            enrolments::mark_used(write, code, now)?;
            Ok(certificate)
        })?;
        Ok(Enrolled {
            certificate,
            server_certificate: self.certificate()?,
            department_key: self.keys.department.verifying_key().to_bytes(),
        })
    }

    /// Signs a header with the department's key.
    pub fn certify(&self, header: Header) -> Certificate {
        Certificate::sign(header, &self.keys.department)
    }

    /// Keeps certificates that [`Self::certify`] has signed, without codes: for tools that run beside the keys.
    ///
    /// # Errors
    /// [`Refused::BadSignature`] for one of another department; else what the database says.
    pub fn admit(&self, certificates: Vec<Certificate>) -> Result<(), ServerError> {
        let key = self.keys.department.verifying_key().to_bytes();
        self.storage.write(|write| {
            for certificate in &certificates {
                certificate.verify(self.department, &key).map_err(|_| Refused::BadSignature)?;
                streams::insert(write, certificate)?;
            }
            Ok(())
        })
    }
}

/// Hash of a code as people type it: case, spaces and dashes don't matter, and look-alikes are one character.
fn hash(code: &str) -> [u8; 32] {
    let plain =
        code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
    blake3::derive_key("xeploai 2026 enrolment code", plain.collect::<String>().as_bytes())
}
