//! A new device on a visit: it asks the hub of a supervisor, who says whose it is; the department confirms it later.
//!
//! Invariant: a hub certifies nobody without its person's word, and within what [`policy::delegation`] allows; a new device
//! keeps nothing before the department's signatures on what it was given fit together.
//!
//! [`policy::delegation`]: xeploai_core::sync::policy

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use xeploai_core::ids::PersonId;
use xeploai_core::org::Person;
use xeploai_core::sync::policy::{self, DELEGATION_SECONDS, DELEGATIONS_MAX};
use xeploai_core::sync::stream::{Certificate, DEVICE_NAME_MAX, Header};
use xeploai_core::sync::wire::{Reader, WireError, Writer};
use xeploai_core::view::CandidateView;

use super::enrol::{self, EnrolResponse, encode};
use crate::carrier::Server;
use crate::error::{ClientError, Refused};
use crate::session::{Session, Store};
use crate::tables::{meta, streams};
use crate::transact::transact;

/// Longest name that a new device's person gives, in bytes.
const CLAIM_BYTES_MAX: usize = 240;

/// What a new device asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Application {
    /// Its public key; the link has proved that it holds the other half.
    pub(crate) key: [u8; 32],
    /// Nonce of its stream.
    pub(crate) nonce: [u8; 16],
    /// Its name.
    pub(crate) device: String,
    /// Whose it is, as its person says: a name or a staff code. Nobody vouches for it.
    pub(crate) claim: String,
}

impl Application {
    pub(crate) fn new(key: [u8; 32], nonce: [u8; 16], device: &str, claim: &str) -> Self {
        let claim = enrol::cut(claim.trim(), CLAIM_BYTES_MAX).to_owned();
        Self { key, nonce, device: enrol::device_name(device), claim }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.key).raw(&self.nonce).text(&self.device).text(&self.claim);
        writer.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let (key, nonce) = (reader.array()?, reader.array()?);
        let (device, claim) = (reader.text(DEVICE_NAME_MAX)?, reader.text(CLAIM_BYTES_MAX)?);
        let application = Self::new(key, nonce, &shown(device), &shown(claim));
        reader.finish()?;
        Ok(application)
    }
}

/// What a stranger says, without what no screen shows.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// What a hub gives a new device: as the server does, and where that is.
#[derive(Serialize, Deserialize)]
struct Granted {
    #[serde(flatten)]
    enrolled: EnrolResponse,
    server: String,
    fingerprint: Option<String>,
}

/// Those whom the active person may enrol, by name.
pub(crate) fn candidates(session: &Session<'_>) -> Result<Vec<CandidateView>, ClientError> {
    let config = &session.config;
    let shown = |person: &Person| {
        let post = config.assignments_of(person.id).into_iter().next();
        let unit = post.and_then(|post| config.units.get(&post.unit)).map(|unit| unit.name.clone());
        let devices: BTreeSet<_> =
            streams::of(session.connection, person.id)?.iter().map(|it| it.header.key).collect();
        Ok(CandidateView {
            id: person.id.to_string(),
            code: person.code.clone(),
            name: person.name.clone(),
            unit: unit.unwrap_or_default(),
            devices: devices.len() as u32,
        })
    };
    policy::candidates(config, session.me.person).into_iter().map(shown).collect()
}

/// Certifies a new device as a person's, and gives what it needs to be one of the department's.
///
/// # Errors
/// [`Refused::NotEnrollable`], [`Refused::DelegationExpired`], [`Refused::DelegationsUsedUp`]; when the store fails.
pub(crate) fn grant(
    session: &mut Session<'_>,
    application: &Application,
    person: PersonId,
) -> Result<Vec<u8>, ClientError> {
    let issuer = streams::get(session.connection, session.me.stream)?.ok_or(Refused::NotEnrolled)?;
    may_grant(session, &issuer, person)?;
    let Application { key, nonce, device, .. } = application.clone();
    let header = Header { department: session.me.department, author: person, key, nonce, device };
    let certificate = Certificate::delegate(header, issuer, session.now, &session.key()?);
    transact(session.connection, |write| streams::insert(write, &certificate, false))?;
    granted(session, &certificate)
}

fn may_grant(session: &Session<'_>, issuer: &Certificate, person: PersonId) -> Result<(), ClientError> {
    let me = session.me.person;
    if issuer.delegation.is_some() || !policy::may_enrol(&session.config, me, person) {
        return Err(Refused::NotEnrollable.into());
    }
    let since = session.now - DELEGATION_SECONDS;
    let heard: Option<i64> = meta::get(session.connection, meta::Key::LastSuccess)?;
    if heard.is_none_or(|heard| heard < since) {
        return Err(Refused::DelegationExpired.into());
    }
    let delegated = streams::delegated(session.connection)?;
    let by_me = |it: &&Certificate| {
        it.delegation.as_ref().is_some_and(|by| by.issuer.header.author == me && by.issued_at >= since)
    };
    let devices: BTreeSet<_> = delegated.iter().filter(by_me).map(|it| it.header.key).collect();
    if devices.len() >= DELEGATIONS_MAX {
        return Err(Refused::DelegationsUsedUp.into());
    }
    Ok(())
}

fn granted(session: &Session<'_>, certificate: &Certificate) -> Result<Vec<u8>, ClientError> {
    let me = &session.me;
    let server = streams::server(session.connection)?.ok_or(Refused::NotEnrolled)?;
    let enrolled = EnrolResponse {
        certificate: encode(&certificate.encode()),
        server_certificate: encode(&server.encode()),
        department: me.department,
        department_key: encode(&me.department_key),
    };
    let fingerprint = me.fingerprint.map(|it| encode(&it));
    Ok(serde_json::to_vec(&Granted { enrolled, server: me.server.clone(), fingerprint })?)
}

/// Keeps what a hub has given: this device is its person's from here on.
pub(crate) fn keep(
    store: &mut Store,
    answer: &[u8],
    hub: &Certificate,
    key: &SigningKey,
) -> Result<(), ClientError> {
    let Granted { enrolled, server, fingerprint } =
        serde_json::from_slice(answer).map_err(|_| Refused::NotAMessage)?;
    let fingerprint = fingerprint.as_deref().map(enrol::hex).transpose()?;
    let server = Server::new(&server, fingerprint)?;
    let (account, certificates) = enrol::account(&enrolled, server, key.verifying_key().to_bytes())?;
    hub.verify(account.department, &account.department_key).map_err(|_| Refused::BadSignature)?;
    enrol::keep(store, &account, &certificates)
}
