//! What the server does, without HTTP: one file a use-case, each an `impl Service`.
//!
//! Reading order: here (opening), `keys`, `epoch`, `documents` (configuration that the server writes), `enrol`; `sync` with
//! `receive` and `judge` (what comes in), `answer`, `cursor` and `grants` (what goes out), `evidence`, `snapshot`; then `results`,
//! `explain`, `overview`, `period`, `held` and `decision`, `import`, `account`.
//!
//! Invariant: no type of the HTTP framework here, and no SQL.

mod account;
mod aggregation;
mod answer;
mod classification;
mod cursor;
mod decision;
mod delegation;
mod documents;
mod enrol;
mod epoch;
mod evidence;
mod explain;
mod grants;
mod held;
mod import;
mod judge;
mod keys;
mod overview;
mod period;
mod quotas;
mod receive;
mod rejudge;
mod results;
mod scored;
mod signals;
mod snapshot;
mod store;
mod succession;
mod sync;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use xeploai_core::ids::DepartmentId;
use xeploai_core::org::{Config, Department, Document, History};
use xeploai_core::sync::stream::Certificate;

pub use decision::Authority;
pub use delegation::DeviceOfVisit;
pub use enrol::{Enrolled, NewCode};
pub use held::HeldChange;
pub use import::{Imported, RejectedRow};
pub use keys::{Keys, random};
pub use period::{Days, Opening, TakenOver};
pub use receive::Received;

use crate::error::{Refused, ServerError};
use crate::storage::{Storage, meta, streams};

/// Where the time comes from: Unix seconds.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;
/// Where randomness comes from: fills a buffer.
pub type Random = Box<dyn Fn(&mut [u8]) -> Result<(), ServerError> + Send + Sync>;

/// What a server takes from outside its data: the system's, or a test's own.
pub struct Environment {
    /// Clock.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// SQLite's file layer, when it is not the system's: then the data folder is one of its paths.
    pub vfs: Option<String>,
}

impl Environment {
    /// The system's clock, randomness and files.
    pub fn system() -> Self {
        Self {
            clock: Box::new(|| jiff::Timestamp::now().as_second()),
            random: Box::new(keys::fill),
            vfs: None,
        }
    }
}

/// A department's server.
pub struct Service {
    storage: Storage,
    keys: Keys,
    department: DepartmentId,
    environment: Environment,
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
        Self::init_with(data, Keys::create(data)?, Environment::system(), name, demonstration)
    }

    /// As [`Self::init`], with keys and an environment of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(
        data: &Path,
        keys: Keys,
        environment: Environment,
        name: &str,
        demonstration: bool,
    ) -> Result<Self, ServerError> {
        let storage = Storage::open_on(data, environment.vfs.as_deref())?;
        let mut id = [0; 16];
        (environment.random)(&mut id)?;
        let department = DepartmentId(id);
        storage.write(|write| meta::set(write, meta::Key::Department, &department.0))?;
        let service = Self::with(storage, keys, department, environment);
        service.begin_epoch()?;
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
        Self::open_with(data, Keys::open(data)?, Environment::system())
    }

    /// As [`Self::open`], with keys and an environment of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn open_with(data: &Path, keys: Keys, environment: Environment) -> Result<Self, ServerError> {
        let storage = Storage::open_on(data, environment.vfs.as_deref())?;
        let department = storage.read(|read| meta::get(read, meta::Key::Department))?;
        let department = DepartmentId(department.ok_or(Refused::NotInitialised)?);
        Ok(Self::with(storage, keys, department, environment))
    }

    fn with(storage: Storage, keys: Keys, department: DepartmentId, environment: Environment) -> Self {
        let attempts = account::Attempts::default();
        Self { storage, keys, department, environment, attempts, cache: Mutex::new(None) }
    }

    /// The same server with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.environment.clock = Box::new(clock);
        self
    }

    /// The department's id.
    pub fn department(&self) -> DepartmentId {
        self.department
    }

    /// The certificate of the server's own stream in the present epoch.
    ///
    /// # Errors
    /// When the database fails.
    pub fn certificate(&self) -> Result<Certificate, ServerError> {
        self.storage.read(own_certificate)
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
        (self.environment.clock)()
    }

    /// Random bytes.
    fn random<const N: usize>(&self) -> Result<[u8; N], ServerError> {
        let mut bytes = [0; N];
        (self.environment.random)(&mut bytes)?;
        Ok(bytes)
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

/// The certificate of the server's own stream, as a snapshot or transaction sees it: another process may have begun an
/// epoch.
fn own_certificate(read: &Connection) -> Result<Certificate, ServerError> {
    let stream = meta::get(read, meta::Key::ServerStream)?.ok_or(Refused::NotInitialised)?;
    let own = streams::get(read, xeploai_core::ids::StreamId(stream))?.ok_or(Refused::NotInitialised)?;
    Ok(own.certificate)
}
