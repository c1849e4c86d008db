//! Posts: who holds which post in which unit, found by post, person and unit.
//!
//! Invariant: the indexes say what the posts say; nothing changes a post but [`Posts::insert`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use super::Assignment;
use crate::ids::{AssignmentId, PersonId, UnitId};
use crate::period::Period;

/// All posts; reads like a map by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posts {
    by_id: BTreeMap<AssignmentId, Assignment>,
    by_person: BTreeMap<PersonId, BTreeSet<AssignmentId>>,
    by_unit: BTreeMap<UnitId, BTreeSet<AssignmentId>>,
}

impl Deref for Posts {
    type Target = BTreeMap<AssignmentId, Assignment>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

impl Posts {
    /// Writes a post, in place of what was known of it.
    pub fn insert(&mut self, post: Assignment) {
        let (id, person, unit) = (post.id, post.person, post.unit);
        if let Some(before) = self.by_id.insert(id, post) {
            self.by_person.entry(before.person).or_default().remove(&id);
            self.by_unit.entry(before.unit).or_default().remove(&id);
        }
        self.by_person.entry(person).or_default().insert(id);
        self.by_unit.entry(unit).or_default().insert(id);
    }

    /// Posts of a person, former ones too, by id.
    pub fn of_person(&self, person: PersonId) -> impl Iterator<Item = &Assignment> {
        self.by_person.get(&person).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// Posts in a unit, former ones too, by id.
    pub fn of_unit(&self, unit: UnitId) -> impl Iterator<Item = &Assignment> {
        self.by_unit.get(&unit).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// Posts of a person in a unit, former ones too.
    pub fn of_person_in(&self, person: PersonId, unit: UnitId) -> impl Iterator<Item = &Assignment> {
        self.of_person(person).filter(move |post| post.unit == unit)
    }

    /// Whether a person holds a post in a unit now.
    pub fn holds(&self, person: PersonId, unit: UnitId) -> bool {
        self.of_person_in(person, unit).any(Assignment::is_current)
    }

    /// Whether a person has a post in a unit that counts for a period: he held it then or holds it now.
    pub fn held(&self, person: PersonId, unit: UnitId, period: Period) -> bool {
        self.of_person_in(person, unit).any(|post| post.counts_in(period))
    }

    /// Whether a person heads a unit now.
    pub fn heads(&self, person: PersonId, unit: UnitId) -> bool {
        self.of_person_in(person, unit).any(|post| post.head && post.is_current())
    }

    /// Whether a person headed a unit in a period.
    pub fn headed(&self, person: PersonId, unit: UnitId, period: Period) -> bool {
        self.of_person_in(person, unit).any(|post| post.head && post.is_in(period))
    }
}
