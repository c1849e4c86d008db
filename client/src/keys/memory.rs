//! A key store in memory: it lasts as long as its owner keeps it, whatever becomes of the store.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ed25519_dalek::SigningKey;
use xeploai_core::sync::Lane;

use super::{KeyStore, Mark, raise_in};
use crate::environment::Random;
use crate::error::ClientError;

/// Keys and marks in memory. A clone is a copy: what a copied folder would be.
#[derive(Default)]
pub struct MemoryKeys {
    held: Mutex<Held>,
}

#[derive(Clone, Default)]
struct Held {
    keys: BTreeMap<[u8; 32], SigningKey>,
    marks: BTreeMap<Lane, Mark>,
}

impl MemoryKeys {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for MemoryKeys {
    fn clone(&self) -> Self {
        Self { held: Mutex::new(self.held().clone()) }
    }
}

impl KeyStore for MemoryKeys {
    fn key(&self, public: &[u8; 32]) -> Result<Option<SigningKey>, ClientError> {
        Ok(self.held().keys.get(public).cloned())
    }

    fn create(&self, random: &dyn Random) -> Result<SigningKey, ClientError> {
        let mut seed = [0; 32];
        random.fill(&mut seed)?;
        let key = SigningKey::from_bytes(&seed);
        self.held().keys.insert(key.verifying_key().to_bytes(), key.clone());
        Ok(key)
    }

    fn highest(&self) -> Result<Vec<Mark>, ClientError> {
        Ok(self.held().marks.values().copied().collect())
    }

    fn raise(&self, marks: &[Mark]) -> Result<(), ClientError> {
        let mut held = self.held();
        for mark in marks {
            raise_in(&mut held.marks, *mark);
        }
        Ok(())
    }
}
