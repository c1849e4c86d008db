//! What the server does, without HTTP: one file a use-case, each an `impl Service`.
//!
//! Reading order: here (opening), `keys`, `documents` (configuration that the server writes), `enrol`, `sync` with
//! `judge`, `grants`, `cursor` and `answer`; then `results`, `explain`, `overview`, `period`, `import`, `account`.
//!
//! Invariant: no type of the HTTP framework here, and no SQL.

mod account;
mod answer;
mod cursor;
mod documents;
mod enrol;
mod explain;
mod grants;
mod import;
mod judge;
mod keys;
mod overview;
mod period;
mod results;
mod sync;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use xeploai_core::ids::DepartmentId;
use xeploai_core::org::{Config, Department, Document, History};
use xeploai_core::sync::stream::{Certificate, Header};

pub use enrol::{Enrolled, NewCode};
pub use import::{Imported, RejectedRow};
pub use judge::Received;
pub use keys::{Keys, random};

use crate::error::{Refused, ServerError};
use crate::storage::{Storage, meta, streams};

/// Where the time comes from: Unix seconds.
pub type Clock = fn() -> i64;

/// The system's clock.
pub fn system_clock() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A department's server.
pub struct Service {
    storage: Storage,
    keys: Keys,
    department: DepartmentId,
    certificate: Certificate,
    clock: Clock,
    attempts: account::Attempts,
    cache: Mutex<Option<Cached>>,
}

/// What was made from the documents up to a position. Another process may write more at any time.
struct Cached {
    mark: i64,
    config: Arc<Config>,
    history: Arc<History>,
    grants: grants::Cache,
}

impl Service {
    /// Makes a new department in `data`: id, keys, database, epoch, the server's own stream.
    ///
    /// # Errors
    /// [`Refused::AlreadyInitialised`] when there is one; else what the file system or the database says.
    pub fn init(data: &Path, name: &str, demonstration: bool) -> Result<Self, ServerError> {
        std::fs::create_dir_all(data)?;
        if Storage::exists(data) {
            return Err(Refused::AlreadyInitialised.into());
        }
        let keys = Keys::create(data)?;
        let storage = Storage::open(data)?;
        let department = DepartmentId(keys::random()?);
        let header = Header {
            department,
            author: Header::SERVER,
            key: keys.server.verifying_key().to_bytes(),
            nonce: keys::random()?,
            device: "Máy chủ".into(),
        };
        let certificate = Certificate::sign(header, &keys.department);
        let epoch: [u8; 16] = keys::random()?;
        storage.write(|write| {
            streams::insert(write, &certificate)?;
            meta::set(write, meta::Key::ServerStream, &certificate.header.stream().0)?;
            meta::set(write, meta::Key::Epoch, &epoch)?;
            meta::set(write, meta::Key::EpochOrder, &1_u32.to_le_bytes())?;
            meta::set(write, meta::Key::Department, &department.0)
        })?;
        let service = Self::with(storage, keys, department, certificate);
        service.write_documents(&[Document::Department(Department {
            id: department,
            name: name.to_owned(),
            demonstration,
        })])?;
        Ok(service)
    }

    /// Opens the department in `data`.
    ///
    /// # Errors
    /// [`Refused::NotInitialised`] when there is none; [`Refused::StoreTooNew`] for one of a newer program.
    pub fn open(data: &Path) -> Result<Self, ServerError> {
        if !Storage::exists(data) {
            return Err(Refused::NotInitialised.into());
        }
        let keys = Keys::open(data)?;
        let storage = Storage::open(data)?;
        let (department, certificate) = storage.read(|read| {
            let department = meta::get(read, meta::Key::Department)?.ok_or(Refused::NotInitialised)?;
            let stream = meta::get(read, meta::Key::ServerStream)?.ok_or(Refused::NotInitialised)?;
            let own =
                streams::get(read, xeploai_core::ids::StreamId(stream))?.ok_or(Refused::NotInitialised)?;
            Ok((DepartmentId(department), own.certificate))
        })?;
        Ok(Self::with(storage, keys, department, certificate))
    }

    fn with(storage: Storage, keys: Keys, department: DepartmentId, certificate: Certificate) -> Self {
        let attempts = account::Attempts::default();
        let cache = Mutex::new(None);
        Self { storage, keys, department, certificate, clock: system_clock, attempts, cache }
    }

    /// The same server with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The department's id.
    pub fn department(&self) -> DepartmentId {
        self.department
    }

    /// The certificate of the server's own stream.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The database, for tests and tools.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The time by this server's clock, Unix seconds.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// The configuration as of now.
    ///
    /// # Errors
    /// When the database fails or holds what can't be decoded.
    pub fn config(&self) -> Result<Arc<Config>, ServerError> {
        self.storage.read(|read| self.config_in(read))
    }

    /// The configuration as a snapshot or transaction sees it.
    fn config_in(&self, read: &Connection) -> Result<Arc<Config>, ServerError> {
        self.cached(read, |cached| Arc::clone(&cached.config))
    }

    /// The configuration as it was, see [`Self::config_in`].
    fn history_in(&self, read: &Connection) -> Result<Arc<History>, ServerError> {
        self.cached(read, |cached| Arc::clone(&cached.history))
    }

    /// Asks what was made from the documents, after bringing it up to what `read` sees.
    fn cached<T>(&self, read: &Connection, ask: impl FnOnce(&mut Cached) -> T) -> Result<T, ServerError> {
        let mark = crate::storage::frames::documents_mark(read)?;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = cache.as_mut().filter(|cached| cached.mark == mark) {
            return Ok(ask(cached));
        }
        let history = Arc::new(documents::history(read)?);
        let config = Arc::new(history.latest());
        let fresh = cache.insert(Cached { mark, config, history, grants: grants::Cache::default() });
        Ok(ask(fresh))
    }
}
