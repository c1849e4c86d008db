//! The device's private key.
//!
//! Invariant: the key is never in the database file: a copied database can't write in its owner's name. It stands in
//! a file of its own, readable by its owner alone: the weaker class of `sync.md`. The system's key store is the
//! stronger one and takes this module's place where there is one.

use std::io::Write;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;

use crate::error::ClientError;

/// Where the key stands beside a store.
fn path(folder: &Path) -> PathBuf {
    folder.join("device.key")
}

/// Random bytes of the system.
///
/// # Errors
/// When the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], ClientError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| ClientError::Randomness)?;
    Ok(bytes)
}

/// The device's key; made at the first call.
///
/// # Errors
/// When the file can't be read or written, or is not a key.
pub fn device_key(folder: &Path) -> Result<SigningKey, ClientError> {
    let path = path(folder);
    if let Ok(bytes) = std::fs::read(&path) {
        let bytes: [u8; 32] =
            bytes.try_into().map_err(|_| std::io::Error::other("device.key is not a key"))?;
        return Ok(SigningKey::from_bytes(&bytes));
    }
    std::fs::create_dir_all(folder)?;
    let key = SigningKey::from_bytes(&random()?);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    Ok(key)
}
