//! What a reader may read, with a hash of it: a cursor is good for the grants that it was given under.

use std::collections::HashMap;
use std::sync::Arc;

use xeploai_core::ids::PersonId;
use xeploai_core::org::{Config, Reads};
use xeploai_core::sync::Scope;

/// A reader's grants.
#[derive(Debug)]
pub(super) struct Grants {
    reader: PersonId,
    config: Arc<Config>,
    reads: Reads,
    /// Names the grants in cursors.
    pub(super) hash: [u8; 8],
}

/// Grants by reader, for one configuration.
pub(super) type Cache = HashMap<PersonId, Arc<Grants>>;

impl Grants {
    pub(super) fn of(config: &Arc<Config>, reader: PersonId) -> Self {
        let reads = config.reads(reader);
        let hash = hash(&reads);
        Self { reader, config: Arc::clone(config), reads, hash }
    }

    /// Whether the reader may read a scope.
    pub(super) fn reads(&self, scope: Scope) -> bool {
        match &self.reads {
            Reads::Scopes(granted) => granted.contains(&scope),
            Reads::Everything => self.config.may_read(self.reader, scope),
        }
    }
}

fn hash(reads: &Reads) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 grants");
    match reads {
        Reads::Scopes(scopes) => scopes.iter().for_each(|scope| {
            hasher.update(&[scope.kind()]).update(&scope.id());
        }),
        Reads::Everything => {
            hasher.update(b"everything");
        }
    }
    let mut hash = [0; 8];
    hasher.finalize_xof().fill(&mut hash);
    hash
}
