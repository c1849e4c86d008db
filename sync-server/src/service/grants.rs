//! What a reader may read, with a hash of it: a cursor is good for the grants that it was given under.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use xeploai_core::ids::{PersonId, UnitId};
use xeploai_core::org::Config;
use xeploai_core::sync::Scope;
use xeploai_core::sync::stream::Header;

/// A reader's grants.
#[derive(Debug)]
pub(super) struct Grants {
    reader: PersonId,
    config: Arc<Config>,
    /// The scopes granted one by one; absent for a role, which reads every unit, those of tomorrow too.
    granted: Option<BTreeSet<Scope>>,
    /// Names the grants in cursors.
    pub(super) hash: [u8; 8],
}

/// Grants by reader, for one configuration.
pub(super) type Cache = HashMap<PersonId, Arc<Grants>>;

impl Grants {
    pub(super) fn of(config: &Arc<Config>, reader: PersonId) -> Self {
        let has_role = config.people.get(&reader).is_some_and(|person| !person.roles.is_empty());
        let granted = (!has_role).then(|| {
            let units = config.units.keys().map(|unit| Scope::unit(*unit));
            let posts = config.assignments.keys().map(|post| Scope::assignment(*post));
            let all = units.chain(posts).chain([Scope::CONFIGURATION]);
            all.filter(|scope| config.may_read(reader, *scope)).collect()
        });
        let hash = hash(granted.as_ref());
        Self { reader, config: Arc::clone(config), granted, hash }
    }

    /// Whether the reader may read a scope.
    pub(super) fn reads(&self, scope: Scope) -> bool {
        match &self.granted {
            Some(granted) => granted.contains(&scope),
            None => self.config.may_read(self.reader, scope),
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

fn hash(granted: Option<&BTreeSet<Scope>>) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 grants");
    match granted {
        Some(scopes) => scopes.iter().for_each(|scope| {
            hasher.update(&[scope.kind()]).update(&scope.id());
        }),
        None => {
            hasher.update(b"everything");
        }
    }
    let mut hash = [0; 8];
    hasher.finalize_xof().fill(&mut hash);
    hash
}
