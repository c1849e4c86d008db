//! The people of this device: who they are, and who uses it now.
//!
//! Invariant: nobody's writes wait for him to come back. The device goes to another person after what was written is
//! sealed with its authors' keys.

use xeploai_core::ids::PersonId;
use xeploai_core::view::Me;

use super::home;
use crate::error::{ClientError, Refused};
use crate::session::Store;
use crate::tables::accounts;
use crate::transact::transact;

/// Everybody, the active one first.
pub(crate) fn people(store: &mut Store) -> Result<Vec<Me>, ClientError> {
    let config = store.config()?;
    Ok(store.people()?.iter().map(|account| home::me_of(&config, account)).collect())
}

/// Makes a person the active one: by staff code or by id.
pub(crate) fn switch(store: &mut Store, name: &str) -> Result<(), ClientError> {
    let people = store.people()?;
    let named = |department| [PersonId::of(department, name)].into_iter().chain(name.parse());
    let is_meant = |it: &&accounts::Account| named(it.department).any(|person| person == it.person);
    let person = people.iter().find(is_meant).ok_or(Refused::NoSuchPerson)?.person;
    seal_or_later(store);
    transact(&mut store.connection, |write| accounts::activate(write, person))
}

/// Seals what waits, of everybody. What can't be sealed now, on a full disk or with a key store that does not answer,
/// is no reason to lock people out of the device: it stays in the outbox, is shown as waiting, and the hand-over tries
/// again and says why if it fails.
pub(crate) fn seal_or_later(store: &mut Store) {
    let _tried_again_at_hand_over = store.seal_all();
}
