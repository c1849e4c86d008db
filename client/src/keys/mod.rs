//! Private keys of the people on this device, and the highest number that each lane has sealed and shown.
//!
//! Invariant: neither is ever in the database file. A copied database can't write in anybody's name, and a database
//! that was put back to an older state is found out: it lacks the frame that the key store remembers.
//!
//! [`file::FileKeys`] keeps them in files that their owner alone can read: the weaker class of `sync.md`, where a
//! copy of the whole folder is a clone, found as a fork. The system's key store is the stronger one and takes its
//! place where there is one. [`memory::MemoryKeys`] is for tests and the simulator.

pub mod file;
mod marks;
pub mod memory;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ed25519_dalek::SigningKey;
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::Lane;

use crate::environment::Random;
use crate::error::ClientError;

/// The highest frame of a lane that has left this device, or was about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The lane.
    pub lane: Lane,
    /// Number of the frame in it.
    pub number: u64,
    /// The frame.
    pub frame: FrameHash,
}

/// Where keys and marks are kept, apart from the store.
pub trait KeyStore: Send + Sync {
    /// The private key whose public half is `public`. Asked by that half and not by the person, so that a key is never
    /// taken for another one.
    ///
    /// # Errors
    /// When the key store fails.
    fn key(&self, public: &[u8; 32]) -> Result<Option<SigningKey>, ClientError>;

    /// Makes a key and keeps it, durably, before it is given to anybody.
    ///
    /// # Errors
    /// When the key store or `random` fails.
    fn create(&self, random: &dyn Random) -> Result<SigningKey, ClientError>;

    /// The mark of every lane of this device, in any order.
    ///
    /// # Errors
    /// When the key store fails.
    fn highest(&self) -> Result<Vec<Mark>, ClientError>;

    /// Raises marks: durable when it returns. A mark never falls; one that is as high already stays as it is.
    ///
    /// # Errors
    /// When the key store fails; then nothing may leave the device that these marks were to cover.
    fn raise(&self, marks: &[Mark]) -> Result<(), ClientError>;
}

/// Raises `mark` in a table of marks. Returns whether that changed it.
fn raise_in(marks: &mut BTreeMap<Lane, Mark>, mark: Mark) -> bool {
    let higher = marks.get(&mark.lane).is_none_or(|known| known.number < mark.number);
    if higher {
        marks.insert(mark.lane, mark);
    }
    higher
}

/// Keys that were fetched from the key store once, which may be slow or ask the person.
pub(crate) struct KeyRing {
    store: Arc<dyn KeyStore>,
    found: Mutex<BTreeMap<[u8; 32], SigningKey>>,
}

impl KeyRing {
    pub(crate) fn new(store: Arc<dyn KeyStore>) -> Self {
        Self { store, found: Mutex::default() }
    }

    /// The private key whose public half is `public`, if this device has it.
    pub(crate) fn get(&self, public: &[u8; 32]) -> Result<Option<SigningKey>, ClientError> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = found.get(public) {
            return Ok(Some(key.clone()));
        }
        let key = self.store.key(public)?.filter(|key| key.verifying_key().as_bytes() == public);
        if let Some(key) = &key {
            found.insert(*public, key.clone());
        }
        Ok(key)
    }

    /// Whether this device has the key.
    pub(crate) fn has(&self, public: &[u8; 32]) -> Result<bool, ClientError> {
        Ok(self.get(public)?.is_some())
    }
}
