//! From device to device without the server: one of them is the hub of a visit, the others come to it over a local network.
//! Reading order: [`Visit`] (what a screen calls), `link` (how two devices prove themselves and what is encrypted), `hub` (what is
//! taken in and counted), `listen` (who is let in), `newcomer` (new devices), `guest` (the way to a hub), `announce` (how it is found
//! without an address), `interfaces` (where this device can be reached).
//!
//! Invariant: what is exchanged here is what a sync exchanges, [`crate::ops::serve`] and [`crate::ops::sync`]; this module carries
//! it, and gives no receipt.

mod announce;
mod guest;
mod hub;
mod interfaces;
mod link;
mod listen;
mod newcomer;

use std::sync::{Arc, Mutex, PoisonError};

use xeploai_core::ids::PersonId;
use xeploai_core::org::Config;
use xeploai_core::sync::invitation::Invitation;
use xeploai_core::view::{CandidateView, HubView, LinkState, LinkView, Me, SyncReport, VisitView};

pub use hub::{Hub, HubOptions};

use crate::app::App;
use crate::error::{ClientError, Refused};
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

    /// Makes this device its owner's: with a one-time code of the department, or, where its server can't be reached, with the
    /// invitation of a supervisor's hub, whose person then says whose it is; `claim` tells him. At a hub it also exchanges
    /// everything.
    ///
    /// # Errors
    /// When the code is wrong or of another department, nobody can be reached, or the hub's person declines.
    pub fn enrol(&self, code: &str, device: &str, claim: &str) -> Result<Me, ClientError> {
        match Invitation::parse(code) {
            Err(_) => self.app.enrol(code, device),
            Ok(invitation) => {
                guest::apply(&self.app, invitation, (device, claim), &self.guest)?;
                // It is his by now, whatever becomes of the first exchange: that one can be had again.
                let _ = self.join_hub(code);
                self.app.me()?.ok_or_else(|| Refused::NotEnrolled.into())
            }
        }
    }

    /// Those whom the active person may enrol on a visit, by name.
    ///
    /// # Errors
    /// When nobody is enrolled or the store fails.
    pub fn candidates(&self) -> Result<Vec<CandidateView>, ClientError> {
        self.app.candidates()
    }

    /// Says whose the new device is that waits at this hub as a meeting's number; `person` is an id of [`Self::candidates`].
    ///
    /// # Errors
    /// As [`Hub::enrol`].
    pub fn enrol_newcomer(&self, number: u32, person: &str) -> Result<VisitView, ClientError> {
        let person = person.parse().map_err(|_| Refused::NotEnrollable)?;
        self.with_hub(|hub| hub.enrol(number, person))
    }

    /// Sends it away.
    ///
    /// # Errors
    /// As [`Hub::decline`].
    pub fn decline_newcomer(&self, number: u32) -> Result<VisitView, ClientError> {
        self.with_hub(|hub| hub.decline(number))
    }

    fn with_hub(&self, act: impl FnOnce(&Hub) -> Result<(), ClientError>) -> Result<VisitView, ClientError> {
        act(locked(&self.hub).as_ref().ok_or(Refused::NoApplication)?)?;
        Ok(self.view())
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
            total: met.announced,
            ..LinkView::greeting()
        })
    })
}
