//! What a reader may read, with a hash of it: a cursor is good for the grants that it was given under.

use std::collections::HashMap;
use std::sync::Arc;

use xeploai_core::ids::{PersonId, UnitId};
use xeploai_core::org::{Config, Reads};
use xeploai_core::sync::Scope;
use xeploai_core::sync::stream::Header;

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

impl Grants {
    /// Whether the reader knows a person: he gets the certificates of that person's devices when they come.
    pub(super) fn knows(&self, author: PersonId) -> bool {
        let posts =
            || self.config.assignments_of(author).into_iter().any(|post| self.reads(Scope::unit(post.unit)));
        let has_role = self.config.people.get(&author).is_some_and(|person| !person.roles.is_empty());
        author == Header::SERVER || has_role || posts()
    }

    /// Whether the reader may read every post that a unit has or had.
    pub(super) fn reads_posts_of(&self, unit: UnitId) -> bool {
        let of_unit = self.config.assignments.values().filter(|post| post.unit == unit);
        of_unit.into_iter().all(|post| self.reads(Scope::assignment(post.id)))
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
