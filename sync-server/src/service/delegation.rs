//! Devices that were enrolled on visits: the server hears of them, and vouches for them or leaves them to a person.
//!
//! Invariant: nothing of such a device is judged before the department has put its own signature in the place of the
//! supervisor's; what it wrote waits in quarantine until then.

use std::borrow::Cow;

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use xeploai_core::ids::PersonId;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::policy::{self, DELEGATION_SECONDS, DELEGATIONS_MAX};
use xeploai_core::sync::stream::{Certificate, Delegation, Header};

use super::Service;
use super::decision::Authority;
use crate::error::{Refused, ServerError};
use crate::storage::delegations::{self, Delegated};
use crate::storage::streams;

/// A device that was enrolled on a visit, for an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceOfVisit {
    /// Staff code of its person.
    pub person: String,
    /// The device's name.
    pub device: String,
    /// Staff code of who has enrolled it.
    pub issuer: String,
    /// When the server heard of it, Unix seconds.
    pub received_at: i64,
    /// Whether the department vouches for it by now; else it waits for a person.
    pub confirmed: bool,
}

impl Service {
    /// A message as the department vouches for it: devices that were enrolled on a visit have its signature, and those
    /// that wait for a person are left out.
    pub(super) fn confirmed<'m>(
        &self,
        message: &'m Message,
        now: i64,
    ) -> Result<Cow<'m, Message>, ServerError> {
        if message.certificates.iter().all(|it| it.delegation.is_none()) {
            return Ok(Cow::Borrowed(message));
        }
        let mut certificates = Vec::new();
        for certificate in &message.certificates {
            certificates.extend(self.confirm(certificate, now)?);
        }
        Ok(Cow::Owned(Message { certificates, ..message.clone() }))
    }

    /// A certificate in the department's own name; nothing when it is not believed or waits for a person.
    pub(super) fn confirm(
        &self,
        certificate: &Certificate,
        now: i64,
    ) -> Result<Option<Certificate>, ServerError> {
        let Some(delegation) = &certificate.delegation else { return Ok(Some(certificate.clone())) };
        let trust = self.trust();
        if certificate.verify(trust.department, &trust.key).is_err() {
            return Ok(None);
        }
        let confirmed = || Some(certificate.confirm(&self.keys.department));
        let known = self.storage.read(|read| is_known(read, certificate))?;
        if known {
            return Ok(confirmed());
        }
        self.storage.write(|write| {
            let may = self.may_confirm(write, certificate, delegation, now)?;
            let issuer = delegation.issuer.header.author;
            // What waits has a limit too; it is offered again.
            if may || delegations::count(write, issuer, false, 0)? < DELEGATIONS_MAX {
                let (certificate, received_at, confirmed) = (certificate.clone(), now, may);
                let (confirmed_by, reason) = Default::default();
                let came = Delegated { certificate, received_at, confirmed, confirmed_by, reason };
                delegations::put(write, issuer, &came)?;
            }
            Ok(if may { confirmed() } else { None })
        })
    }

    /// Whether the department vouches without asking a person: the issuer may enrol its author now, in time, and not too
    /// many. The device's clock claims when; one that is ahead is not believed for longer.
    fn may_confirm(
        &self,
        write: &Transaction<'_>,
        certificate: &Certificate,
        Delegation { issuer, issued_at }: &Delegation,
        now: i64,
    ) -> Result<bool, ServerError> {
        let since = now - DELEGATION_SECONDS;
        let enough = delegations::count(write, issuer.header.author, true, since)? >= DELEGATIONS_MAX;
        let in_time = *issued_at >= since;
        Ok(in_time && !enough && policy::admits(&*self.config_in(write)?, certificate))
    }

    /// Devices that were enrolled on visits, those that wait first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn devices_of_visits(&self) -> Result<Vec<DeviceOfVisit>, ServerError> {
        let config = self.config()?;
        let code = |person| config.people.get(&person).map(|it| it.code.clone()).unwrap_or_default();
        let shown = |it: Delegated| {
            let issuer = it.certificate.delegation.map(|it| code(it.issuer.header.author));
            let Header { author, device, .. } = it.certificate.header;
            let (person, issuer, confirmed) = (code(author), issuer.unwrap_or_default(), it.confirmed);
            DeviceOfVisit { person, device, issuer, received_at: it.received_at, confirmed }
        };
        Ok(self.storage.read(delegations::all)?.into_iter().map(shown).collect())
    }

    /// Vouches for the devices of a person with a name that wait; what they wrote is judged. Gives how many.
    ///
    /// # Errors
    /// [`Refused::ReasonMissing`], [`Refused::NoSuchPerson`] when no such device waits; else when the store fails.
    pub fn confirm_device(
        &self,
        person: PersonId,
        device: &str,
        authority: &Authority,
    ) -> Result<usize, ServerError> {
        authority.check()?;
        let waits = |it: &Delegated| !it.confirmed && is_called(&it.certificate, person, device);
        let waiting: Vec<Delegated> =
            self.storage.read(delegations::all)?.into_iter().filter(waits).collect();
        if waiting.is_empty() {
            return Err(Refused::NoSuchPerson.into());
        }
        for it in &waiting {
            let (confirmed_by, reason) = authority.said();
            let certificates = vec![it.certificate.confirm(&self.keys.department)];
            let issuer = it.certificate.delegation.as_ref().map(|it| it.issuer.header.author);
            let confirmed = Delegated { confirmed: true, confirmed_by, reason, ..it.clone() };
            self.storage.write(|write| delegations::put(write, issuer.unwrap_or_default(), &confirmed))?;
            let message = Message { certificates, ..Message::default() };
            self.receive(it.certificate.header.stream(), &message)?;
        }
        Ok(waiting.len())
    }
}

/// Whether a device is a person's and has a name: what a decision on devices says.
pub(super) fn is_called(certificate: &Certificate, person: PersonId, device: &str) -> bool {
    certificate.header.author == person && certificate.header.device == device
}

/// Whether the department vouches for the device already: its enrolled stream is known, or was confirmed.
fn is_known(read: &Connection, certificate: &Certificate) -> Result<bool, ServerError> {
    let enrolled = certificate.enrolled().stream();
    Ok(delegations::is_confirmed(read, enrolled)?.unwrap_or(false) || streams::get(read, enrolled)?.is_some())
}
