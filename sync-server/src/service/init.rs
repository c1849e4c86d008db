//! Making a server: the department's id and key, a TLS certificate, the server's own stream, the first account.
//!
//! Invariant: private keys stand in `keys/`, readable by their owner alone, never in the database.

use std::io::Write as _;
use std::path::Path;

use ed25519_dalek::SigningKey;
use rusqlite::Connection;
use xeploai_core::ids::DepartmentId;
use xeploai_core::sync::stream::{Certificate, Header};

use super::{Identity, Service, account, random, required};
use crate::error::{Refused, ServerError};
use crate::storage::{STORE_FILE, Storage, meta, streams};

/// Names that the TLS certificate is for beside addresses; phones check its fingerprint, not its name.
const CERTIFICATE_NAMES: [&str; 2] = ["localhost", "xeploai"];
/// Login of the first account.
pub const FIRST_LOGIN: &str = "sotttt";
/// Length of a fingerprint, in bytes: the beginning of the SHA-256 of the certificate.
const FINGERPRINT_BYTES: usize = 16;

/// What `init` tells the administrator.
#[derive(Debug, serde::Serialize)]
pub struct Initialised {
    /// The department's id.
    pub department: DepartmentId,
    /// The first account.
    pub console: ConsoleLogin,
    /// Fingerprint of the TLS certificate.
    pub fingerprint: String,
}

/// A login of the console.
#[derive(Debug, serde::Serialize)]
pub struct ConsoleLogin {
    /// Name.
    pub login: String,
    /// Password, shown this once.
    pub password: String,
}

impl Service {
    /// Makes a server in an empty folder, with the first account's password.
    ///
    /// # Errors
    /// [`Refused::AlreadyInitialised`]; else what the store, the file system or the key generation says.
    pub fn init(folder: &Path, password: &str) -> Result<(Self, Initialised), ServerError> {
        if folder.join(STORE_FILE).exists() {
            return Err(Refused::AlreadyInitialised.into());
        }
        std::fs::create_dir_all(folder.join("keys"))?;
        let key = SigningKey::from_bytes(&random()?);
        write_secret(&folder.join("keys/department.key"), key.as_bytes())?;
        make_tls(folder)?;
        let department = DepartmentId(random()?);
        let header = Header {
            department,
            author: Header::SERVER,
            key: key.verifying_key().to_bytes(),
            nonce: random()?,
            device: "Máy chủ".into(),
        };
        let certificate = Certificate::sign(header, &key);
        let epoch = data_encoding::HEXLOWER.encode(&random::<16>()?);
        let account = account::hashed(FIRST_LOGIN, "Chuyên viên tổng hợp", password)?;
        Storage::open(folder)?.write(|write| {
            meta::set(write, "department", &department.to_string())?;
            meta::set(write, "stream", &certificate.header.stream().to_string())?;
            meta::set(write, "epoch", &epoch)?;
            meta::set(write, "epoch_order", "1")?;
            crate::storage::accounts::put(write, &account)?;
            streams::insert(write, &certificate)
        })?;
        let console = ConsoleLogin { login: FIRST_LOGIN.into(), password: password.into() };
        Ok((Self::open(folder)?, Initialised { department, console, fingerprint: fingerprint(folder)? }))
    }
}

/// Who this server is, from its store and key file.
pub(super) fn identity(folder: &Path, connection: &Connection) -> Result<Identity, ServerError> {
    let malformed = |_| ServerError::from(Refused::NotInitialised);
    let key = std::fs::read(folder.join("keys/department.key"))?;
    let key: [u8; 32] = key.try_into().map_err(|_| Refused::NotInitialised)?;
    let epoch = data_encoding::HEXLOWER.decode(required(connection, "epoch")?.as_bytes());
    let epoch = epoch.ok().and_then(|epoch| epoch.try_into().ok()).ok_or(Refused::NotInitialised)?;
    Ok(Identity {
        department: required(connection, "department")?.parse().map_err(malformed)?,
        key: SigningKey::from_bytes(&key),
        stream: required(connection, "stream")?.parse().map_err(malformed)?,
        epoch,
        epoch_order: required(connection, "epoch_order")?.parse().map_err(|_| Refused::NotInitialised)?,
    })
}

fn make_tls(folder: &Path) -> Result<(), ServerError> {
    let system = |error: rcgen::Error| ServerError::Key(error.to_string());
    let names = CERTIFICATE_NAMES.map(String::from).to_vec();
    let made = rcgen::generate_simple_self_signed(names).map_err(system)?;
    write_secret(&folder.join("keys/tls.key"), made.signing_key.serialize_pem().as_bytes())?;
    std::fs::write(folder.join("keys/tls.pem"), made.cert.pem())?;
    std::fs::write(folder.join("keys/tls.der"), made.cert.der())?;
    Ok(())
}

/// The certificate's fingerprint, hex: what travels in enrolment codes.
///
/// # Errors
/// When the certificate can't be read.
pub fn fingerprint(folder: &Path) -> Result<String, ServerError> {
    let der = std::fs::read(folder.join("keys/tls.der"))?;
    let hash = ring::digest::digest(&ring::digest::SHA256, &der);
    Ok(data_encoding::HEXLOWER.encode(&hash.as_ref()[..FINGERPRINT_BYTES]))
}

fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), ServerError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}
