//! The store of one process, and what a use-case works with while it holds it.
//!
//! Invariant: what is kept in memory between two use-cases is either never changed in the store or compared with it
//! at the beginning of the next one: another process may have written in between.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use ed25519_dalek::SigningKey;
use rusqlite::Connection;
use xeploai_core::ids::{PersonId, SheetId};
use xeploai_core::org::{Config, Document};
use xeploai_core::sheet::SheetKey;
use xeploai_core::sync::body::Change;

use crate::environment::Environment;
use crate::error::{ClientError, Refused};
use crate::keys::KeyRing;
use crate::ops::seal;
use crate::tables::accounts::{self, Account};
use crate::tables::{frames, outbox};

/// The store.
pub(crate) struct Store {
    pub(crate) connection: Connection,
    pub(crate) environment: Environment,
    pub(crate) ring: KeyRing,
    known: Known,
}

/// The configuration as it was folded last.
#[derive(Clone, Default)]
struct Known {
    config: Arc<Config>,
    /// The sheets that its periods expect, once somebody asked.
    sheets: Arc<OnceLock<BTreeMap<SheetId, SheetKey>>>,
    /// [`frames::documents_mark`] at that time.
    mark: i64,
}

/// What a use-case works with.
pub(crate) struct Session<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) config: Arc<Config>,
    /// Who acts.
    pub(crate) me: Account,
    pub(crate) signer: Signer<'a>,
    /// The device's clock, Unix seconds: claimed, never trusted.
    pub(crate) now: i64,
    sheets: Arc<OnceLock<BTreeMap<SheetId, SheetKey>>>,
}

/// What signing needs beside the store.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) ring: &'a KeyRing,
    /// Documents of the configuration that the device has seen.
    pub(crate) revision: u64,
    pub(crate) now: i64,
}

impl Store {
    pub(crate) fn open(folder: &Path, environment: Environment) -> Result<Self, ClientError> {
        let connection = crate::open::open_on(folder, environment.vfs.as_deref())?;
        let ring = KeyRing::new(Arc::clone(&environment.keys));
        Ok(Self { connection, environment, ring, known: Known::default() })
    }

    /// The configuration as it stands now.
    pub(crate) fn config(&mut self) -> Result<Arc<Config>, ClientError> {
        let mark = frames::documents_mark(&self.connection)?;
        if mark != self.known.mark {
            self.known = Known { config: Arc::new(fold(&self.connection)?), sheets: Arc::default(), mark };
        }
        Ok(Arc::clone(&self.known.config))
    }

    /// Lets a person of this device act: the active one, or the one named. Without his key he is nobody here.
    pub(crate) fn session(&mut self, person: Option<PersonId>) -> Result<Session<'_>, ClientError> {
        let account = match person {
            Some(person) => accounts::get(&self.connection, person)?,
            None => accounts::active(&self.connection)?,
        };
        let me = account.ok_or(Refused::NotEnrolled)?;
        if !self.ring.has(&me.key)? {
            return Err(Refused::NotEnrolled.into());
        }
        let config = self.config()?;
        let sheets = Arc::clone(&self.known.sheets);
        let (connection, signer) = self.signer(&config);
        Ok(Session { connection, config, me, now: signer.now, signer, sheets })
    }

    /// The accounts whose keys this device has, the active one first.
    pub(crate) fn people(&self) -> Result<Vec<Account>, ClientError> {
        let mut people = Vec::new();
        for account in accounts::all(&self.connection)? {
            if self.ring.has(&account.key)? {
                people.push(account);
            }
        }
        Ok(people)
    }

    /// Seals what waits, of everybody on this device.
    pub(crate) fn seal_all(&mut self) -> Result<(), ClientError> {
        if outbox::is_empty(&self.connection)? {
            return Ok(());
        }
        let config = self.config()?;
        let (connection, signer) = self.signer(&config);
        seal::seal_all(connection, signer)
    }

    fn signer(&mut self, config: &Config) -> (&mut Connection, Signer<'_>) {
        let Self { connection, environment, ring, .. } = self;
        let now = environment.clock.now();
        (connection, Signer { environment, ring, revision: config.revision, now })
    }
}

impl Session<'_> {
    /// The sheets that periods expect, by id.
    pub(crate) fn sheets(&self) -> &BTreeMap<SheetId, SheetKey> {
        self.sheets.get_or_init(|| {
            let keys = self.config.periods.keys().flat_map(|period| self.config.sheets(*period));
            keys.map(|key| (key.id(self.me.department), key)).collect()
        })
    }

    /// The key of whoever acts.
    pub(crate) fn key(&self) -> Result<SigningKey, ClientError> {
        Ok(self.signer.ring.get(&self.me.key)?.ok_or(Refused::NotEnrolled)?)
    }
}

fn fold(connection: &Connection) -> Result<Config, ClientError> {
    let mut config = Config::default();
    for body in frames::documents(connection)? {
        config.advance(body.counter);
        for change in &body.changes {
            // A document that this version can't read is for a later one: it must not hide the others.
            if let Change::Document(change) = change
                && let Ok(Some(document)) = Document::from_change(change)
            {
                config.apply(document);
            }
        }
    }
    Ok(config)
}
