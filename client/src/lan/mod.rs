//! From device to device without the server: one of them is the hub of a visit, the others come to it over a local network.
//! Reading order: [`Visit`] (what a screen calls), `link` (how two devices prove themselves and what is encrypted), `hub` (what is
//! taken in and counted), `listen` (who is let in), `guest` (the way to a hub), `interfaces` (where this device can be reached).
//!
//! Invariant: what is exchanged here is what a sync exchanges, [`crate::ops::serve`] and [`crate::ops::sync`]; this module carries
//! it, and gives no receipt.

mod guest;
mod hub;
mod interfaces;
mod link;
mod listen;

use std::sync::{Arc, Mutex, PoisonError};

use xeploai_core::ids::PersonId;
use xeploai_core::org::Config;
use xeploai_core::view::{HubView, LinkState, LinkView, SyncReport, VisitView};

pub use hub::{Hub, HubOptions};

use crate::app::App;
use crate::error::ClientError;
use crate::tables::streams;
use link::{Card, Identity, Met};

/// What this device does on visits: it is a hub, or comes to one, or both.
pub struct Visit {
    app: Arc<App>,
    hub: Mutex<Option<Hub>>,
    guest: Mutex<Option<LinkView>>,
}

impl Visit {
    /// Nothing is open yet.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, hub: Mutex::default(), guest: Mutex::default() }
    }

    /// The hub and the meeting that are under way here, or were last.
    pub fn view(&self) -> VisitView {
        VisitView { hub: self.hub_view(), guest: locked(&self.guest).clone() }
    }

    fn hub_view(&self) -> Option<HubView> {
        locked(&self.hub).as_ref().map(Hub::view)
    }

    /// Opens a hub of the active person, if none is open.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open_hub(&self) -> Result<VisitView, ClientError> {
        if !self.hub_view().is_some_and(|hub| hub.open) {
            let opened = Hub::open(&self.app, HubOptions::default())?;
            *locked(&self.hub) = Some(opened);
        }
        Ok(self.view())
    }

    /// Closes the hub: nobody is let in any more. What it took in stays.
    pub fn close_hub(&self) -> VisitView {
        if let Some(hub) = &mut *locked(&self.hub) {
            hub.close();
        }
        self.view()
    }

    /// Comes to the hub of an invitation and exchanges everything with it. A link that breaks on the way is a report, not
    /// an error: what was exchanged before stays.
    ///
    /// # Errors
    /// [`crate::Refused::NoInvitation`], and what keeps this device out; when nobody is enrolled, another sync is under way,
    /// or the store fails.
    pub fn join_hub(&self, invitation: &str) -> Result<SyncReport, ClientError> {
        guest::join(&self.app, invitation, &self.guest)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the active person's device proves itself with, and who he is.
fn identity(app: &App) -> Result<(PersonId, Identity), ClientError> {
    app.with(|session| {
        let me = &session.me;
        let trust = me.trust();
        let own = streams::get(session.connection, me.stream)?.ok_or(crate::Refused::NotEnrolled)?;
        // A stream that goes on in place of another is of the same key.
        let (name, unit) = called(&session.config, me.person);
        let card = Card::new(&name, &unit);
        Ok((me.person, Identity { key: session.key()?, certificate: own, trust, card }))
    })
}

/// Name and unit of a person, as far as this device has records of him.
fn called(config: &Config, person: PersonId) -> (String, String) {
    let unit = config.assignments_of(person).into_iter().next().and_then(|it| config.units.get(&it.unit));
    let name = config.people.get(&person).map(|it| it.name.clone());
    (name.unwrap_or_default(), unit.map(|unit| unit.name.clone()).unwrap_or_default())
}

/// A meeting that begins, with what this device knows of who is on the other side, or else what that side says.
fn meeting(app: &App, met: &Met) -> Result<LinkView, ClientError> {
    app.with(|session| {
        let (name, unit) = called(&session.config, met.peer.header.author);
        let known = !name.is_empty();
        let Card { name: claimed, unit: of } = met.card.clone();
        Ok(LinkView {
            name: if known { name } else { claimed },
            known,
            unit: if known { unit } else { of },
            device: met.peer.header.device.clone(),
            code: met.code.clone(),
            state: LinkState::Exchanging,
            handed: 0,
            total: met.announced,
            sentence: None,
            failure: None,
        })
    })
}
