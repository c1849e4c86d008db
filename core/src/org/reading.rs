//! Who may read what.
//!
//! Invariants: default no. What a merger or a move does not say by a grant, it does not give: nothing here follows a
//! unit into the one that it became part of.

use std::collections::BTreeSet;

use super::{Config, Role};
use crate::ids::{AssignmentId, PersonId, UnitId};
use crate::sync::Scope;

/// What a person may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reads {
    /// Every unit and post, those of tomorrow too.
    Everything,
    /// These scopes.
    Scopes(BTreeSet<Scope>),
}

impl Config {
    /// Whether a person may read a scope.
    ///
    /// The configuration is for everybody; the director and the synthesis officer read all units and posts. A unit's
    /// common records are for its people, the leader and the supervisors in charge; a post for who holds or held it,
    /// the head of its unit, his deputies, and the same leader and supervisors. A [`super::Grant`] adds one scope.
    pub fn may_read(&self, person: PersonId, scope: Scope) -> bool {
        if scope == Scope::CONFIGURATION || self.is_granted(person, scope) {
            return true;
        }
        let (unit, post) = (UnitId(scope.id()), AssignmentId(scope.id()));
        if scope == Scope::unit(unit) {
            self.sees_all(person) || self.assignments.holds(person, unit) || self.is_in_charge(person, unit)
        } else if scope == Scope::assignment(post) {
            let known = self.assignments.get(&post);
            let sees =
                known.is_some_and(|post| post.person == person || self.sees_posts_of(person, post.unit));
            sees || self.sees_all(person)
        } else {
            false
        }
    }

    /// Whether somebody else's device, as a hub, gives a person's device a scope: the configuration, his own posts, the
    /// common records of the units that he has a post in. Less than he may read: what is of others he gets from the
    /// server.
    pub fn may_be_handed(&self, person: PersonId, scope: Scope) -> bool {
        let (unit, post) = (UnitId(scope.id()), AssignmentId(scope.id()));
        let own = |post: AssignmentId| self.assignments.get(&post).is_some_and(|post| post.person == person);
        scope == Scope::CONFIGURATION
            || (scope == Scope::unit(unit) && self.assignments.holds(person, unit))
            || (scope == Scope::assignment(post) && own(post))
    }

    /// Whether the records here say what a scope is of.
    pub fn knows_scope(&self, scope: Scope) -> bool {
        let (unit, post) = (UnitId(scope.id()), AssignmentId(scope.id()));
        scope == Scope::CONFIGURATION
            || (scope == Scope::unit(unit) && self.units.contains_key(&unit))
            || (scope == Scope::assignment(post) && self.assignments.contains_key(&post))
    }

    /// Everything that a person may read: the scopes that [`Self::may_read`] says yes to.
    pub fn reads(&self, person: PersonId) -> Reads {
        if self.sees_all(person) {
            return Reads::Everything;
        }
        let mut scopes = BTreeSet::from([Scope::CONFIGURATION]);
        for post in self.assignments.of_person(person) {
            scopes.insert(Scope::assignment(post.id));
            if post.is_current() {
                scopes.insert(Scope::unit(post.unit));
            }
        }
        for unit in self.units.keys().chain(&self.units_of(person)) {
            if self.is_in_charge(person, *unit) {
                scopes.insert(Scope::unit(*unit));
            }
            if self.sees_posts_of(person, *unit) {
                scopes.extend(self.assignments.of_unit(*unit).map(|post| Scope::assignment(post.id)));
            }
        }
        let granted =
            self.grants.range((person, Scope::CONFIGURATION)..).take_while(|(key, _)| key.0 == person);
        scopes.extend(granted.filter(|(_, grant)| !grant.revoked).map(|(_, grant)| grant.scope));
        Reads::Scopes(scopes)
    }

    /// Whether the server has granted a person a scope and not taken it back.
    pub fn is_granted(&self, person: PersonId, scope: Scope) -> bool {
        self.grants.get(&(person, scope)).is_some_and(|grant| !grant.revoked)
    }

    fn sees_all(&self, person: PersonId) -> bool {
        self.has_role(person, Role::Director) || self.has_role(person, Role::Synthesis)
    }

    fn is_in_charge(&self, person: PersonId, unit: UnitId) -> bool {
        self.leads(person, unit) || self.supervises(person, unit)
    }

    fn sees_posts_of(&self, person: PersonId, unit: UnitId) -> bool {
        let deputy = || self.is_deputy(person, unit) && self.assignments.holds(person, unit);
        self.assignments.heads(person, unit) || deputy() || self.is_in_charge(person, unit)
    }

    /// Units that a person has or had a post in.
    fn units_of(&self, person: PersonId) -> BTreeSet<UnitId> {
        self.assignments.of_person(person).map(|post| post.unit).collect()
    }
}
