//! Keys and marks in files beside the store, readable by their owner alone.
//!
//! Invariant: a key is whole and durable before anything is signed with it; a file is never half written under its
//! final name.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;

use super::marks::Marks;
use super::{KeyStore, Mark};
use crate::environment::Random;
use crate::error::ClientError;
use crate::files::{replace, sync_folder};

/// Name of the folder, beside the store.
const FOLDER: &str = "keys";

/// A key store of files.
pub struct FileKeys {
    folder: PathBuf,
    marks: Marks,
}

impl FileKeys {
    /// The key store beside a store. Makes no file before there is something to keep.
    pub fn new(store: &Path) -> Self {
        let folder = store.join(FOLDER);
        Self { marks: Marks::new(&folder), folder }
    }

    fn path(&self, public: &[u8; 32]) -> PathBuf {
        self.folder.join(data_encoding::HEXLOWER.encode(public)).with_extension("key")
    }
}

impl KeyStore for FileKeys {
    fn key(&self, public: &[u8; 32]) -> Result<Option<SigningKey>, ClientError> {
        match std::fs::read(self.path(public)) {
            Ok(bytes) => {
                let seed = bytes.try_into().map_err(|_| std::io::Error::other("not a key"))?;
                Ok(Some(SigningKey::from_bytes(&seed)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn create(&self, random: &dyn Random) -> Result<SigningKey, ClientError> {
        let mut seed = [0; 32];
        random.fill(&mut seed)?;
        let key = SigningKey::from_bytes(&seed);
        make_folder(&self.folder)?;
        replace(&self.path(key.verifying_key().as_bytes()), key.as_bytes())?;
        Ok(key)
    }

    fn highest(&self) -> Result<Vec<Mark>, ClientError> {
        self.marks.all()
    }

    fn raise(&self, marks: &[Mark]) -> Result<(), ClientError> {
        make_folder(&self.folder)?;
        self.marks.raise(marks)
    }
}

/// Makes the folder, for its owner alone.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    folder.parent().map_or(Ok(()), sync_folder)
}
