//! Files that are written whole: keys, what they remember, and what is saved for a person; and those that a person gives.
//!
//! Invariant of what is written: after a crash, or a stick that was pulled out when this had returned, there is the old file or the new one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use xeploai_core::sync::bundle::BUNDLE_BYTES_MAX;

use crate::error::ClientError;

/// Options of a file that its owner alone can read.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Puts `bytes` in the place of a file, whole and durable, for its owner alone.
///
/// # Errors
/// When the system can't: then what was there is unchanged.
pub fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_added_extension("new");
    let mut file = private().truncate(true).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Reads a file that a person has chosen, as far as a bundle can go: what is longer is none, nor evidence, and refused as what was read.
///
/// # Errors
/// [`ClientError::Unreadable`].
pub fn read(path: &Path) -> Result<Vec<u8>, ClientError> {
    // Twice as long as its content may be: tags and readers add little.
    let most = 2 * BUNDLE_BYTES_MAX as u64;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(ClientError::Unreadable)?;
    Ok(bytes)
}

/// Makes names in a folder durable. Where folders can't be opened the system does it by itself.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
