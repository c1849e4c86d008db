//! Who may enrol whom on a visit, where the department's server cannot be reached.
//!
//! A supervisor in charge enrols staff of his units: nobody who is a superior, nobody of a unit that he is of
//! himself. He may do so for [`DELEGATIONS_MAX`] devices in [`DELEGATION_SECONDS`], and so long after he has heard from the server. His word
//! counts provisionally; the server puts the department's own signature in its place, or leaves it to a person where
//! one of these limits is passed.
//!
//! Invariant: default deny; a device that is out vouches for nobody.

use crate::ids::PersonId;
use crate::org::{Config, Person};
use crate::sync::stream::{Certificate, Delegation};

/// Most devices that one supervisor enrols within [`DELEGATION_SECONDS`]: a unit of thirty people.
pub const DELEGATIONS_MAX: usize = 30;
/// For how long the department's last word to a supervisor lets him enrol, and until when the server confirms by itself,
/// in seconds: thirty days.
pub const DELEGATION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Whether `by` may enrol a device of `person`: one who holds posts in units that `by` supervises and is not of, and in no
/// others; who has no role in the department, and neither heads a unit nor stands in for its head.
pub fn may_enrol(config: &Config, by: PersonId, person: PersonId) -> bool {
    let Some(Person { roles, .. }) = config.people.get(&person) else { return false };
    let mut posts = config.assignments.of_person(person).filter(|post| post.is_current()).peekable();
    let visits = |unit| config.supervises(by, unit) && !config.assignments.holds(by, unit);
    roles.is_empty()
        && posts.peek().is_some()
        && posts.all(|post| !post.head && visits(post.unit))
        && !config.units.values().any(|unit| unit.deputies.contains(&person))
}

/// Those whom `by` may enrol, by name.
pub fn candidates(config: &Config, by: PersonId) -> Vec<&Person> {
    let mut people: Vec<_> = config.people.values().filter(|it| may_enrol(config, by, it.id)).collect();
    people.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    people
}

/// Whether a certificate whose signatures fit lets its device in: the department has signed it, or somebody who may enrol
/// its author, with a device that is not out.
pub fn admits(config: &Config, certificate: &Certificate) -> bool {
    let Some(Delegation { issuer, .. }) = &certificate.delegation else { return true };
    let out = config.revocations.contains_key(&issuer.header.key);
    !out && may_enrol(config, issuer.header.author, certificate.header.author)
}

#[cfg(test)]
#[path = "delegation_tests.rs"]
mod tests;
