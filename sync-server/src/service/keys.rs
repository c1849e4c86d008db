//! The department's keys, in files of their own.
//!
//! Invariant: no key is ever in the database or its backup; every file is readable by its owner alone and written once.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;

use crate::error::{Refused, ServerError};

/// Length of a fingerprint: the first bytes of the SHA-256 of the TLS certificate.
const FINGERPRINT_BYTES: usize = 16;
const DEPARTMENT_FILE: &str = "department.key";
const SERVER_FILE: &str = "server.key";
const TLS_KEY_FILE: &str = "tls.key.der";
const TLS_CERTIFICATE_FILE: &str = "tls.cert.der";

/// The keys of a department's server.
pub struct Keys {
    /// Signs certificates and verdicts: the root of trust of every device.
    pub department: SigningKey,
    /// Signs the frames of the server's own stream.
    pub server: SigningKey,
    /// TLS certificate, DER.
    pub tls_certificate: Vec<u8>,
    /// TLS private key, PKCS #8 DER.
    pub tls_key: Vec<u8>,
}

/// Random bytes of the system.
///
/// # Errors
/// When the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], ServerError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills a buffer with random bytes of the system.
///
/// # Errors
/// When the system gives none.
pub fn fill(bytes: &mut [u8]) -> Result<(), ServerError> {
    getrandom::fill(bytes).map_err(|error| ServerError::Key(error.to_string()))
}

fn folder(data: &Path) -> PathBuf {
    data.join("keys")
}

impl Keys {
    /// Makes new keys below `data`.
    ///
    /// # Errors
    /// [`Refused::AlreadyInitialised`] when there are some; else what the file system or the random source says.
    pub fn create(data: &Path) -> Result<Self, ServerError> {
        let folder = folder(data);
        if folder.join(DEPARTMENT_FILE).exists() {
            return Err(Refused::AlreadyInitialised.into());
        }
        create_folder(&folder)?;
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        let tls =
            rcgen::generate_simple_self_signed(names).map_err(|error| ServerError::Key(error.to_string()))?;
        let keys = Self {
            department: SigningKey::from_bytes(&random()?),
            server: SigningKey::from_bytes(&random()?),
            tls_certificate: tls.cert.der().to_vec(),
            tls_key: tls.signing_key.serialize_der(),
        };
        write(&folder.join(SERVER_FILE), keys.server.as_bytes())?;
        write(&folder.join(TLS_KEY_FILE), &keys.tls_key)?;
        write(&folder.join(TLS_CERTIFICATE_FILE), &keys.tls_certificate)?;
        // Last: its presence says that the others are there.
        write(&folder.join(DEPARTMENT_FILE), keys.department.as_bytes())?;
        Ok(keys)
    }

    /// Reads the keys below `data`.
    ///
    /// # Errors
    /// [`Refused::NotInitialised`] when there are none; else what the file system says, or [`ServerError::Key`].
    pub fn open(data: &Path) -> Result<Self, ServerError> {
        let folder = folder(data);
        if !folder.join(DEPARTMENT_FILE).exists() {
            return Err(Refused::NotInitialised.into());
        }
        Ok(Self {
            department: signing_key(&folder.join(DEPARTMENT_FILE))?,
            server: signing_key(&folder.join(SERVER_FILE))?,
            tls_certificate: fs::read(folder.join(TLS_CERTIFICATE_FILE))?,
            tls_key: fs::read(folder.join(TLS_KEY_FILE))?,
        })
    }

    /// What cursors are checked with: derived, so that it is in no database either and outlives a restore.
    pub(super) fn cursor_secret(&self) -> [u8; 32] {
        blake3::derive_key("xeploai 2026 cursor", self.department.as_bytes())
    }

    /// What an enrolment code carries, so that a device knows this server: hex of a hash of the TLS certificate.
    pub fn fingerprint(&self) -> String {
        let hash = ring::digest::digest(&ring::digest::SHA256, &self.tls_certificate);
        data_encoding::HEXLOWER.encode(&hash.as_ref()[..FINGERPRINT_BYTES])
    }
}

fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file of the owner alone. Files of an attempt that was broken off are replaced: nothing knows their keys.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn signing_key(path: &Path) -> Result<SigningKey, ServerError> {
    let bytes: [u8; 32] =
        fs::read(path)?.try_into().map_err(|_| ServerError::Key("a key file has another length".into()))?;
    Ok(SigningKey::from_bytes(&bytes))
}
