//! The door: one [`App`] a store, shared by all threads of a process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use xeploai_core::ids::SheetId;
use xeploai_core::org::{Config, Document, PeriodRecord};
use xeploai_core::sync::body::Change;
use xeploai_core::view::{
    ConflictView, HomeView, Me, PeriodView, RankingView, ScoreRequest, SheetSummary, SheetView, SyncReport,
    SyncView,
};

use crate::error::{ClientError, Refused};
use crate::ops::{self, enrol::Enrolment};
use crate::tables::{frames, meta};

/// The app: a store and whoever is enrolled on it. Methods are the commands of the window and of the command line.
pub struct App {
    folder: PathBuf,
    store: Mutex<Store>,
    /// Held while a sync runs, so that two never interleave.
    syncing: Mutex<()>,
}

struct Store {
    connection: Connection,
    config: Arc<Config>,
    /// [`frames::documents_mark`] at the time when `config` was folded; another process may have added some since.
    mark: i64,
}

/// What a use-case works with.
pub(crate) struct Session<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) config: Arc<Config>,
    pub(crate) me: Enrolment,
    pub(crate) folder: &'a Path,
    /// The device's clock, Unix seconds: claimed, never trusted.
    pub(crate) now: i64,
}

impl App {
    /// Opens the store in a folder, or makes one.
    ///
    /// # Errors
    /// When the store can't be opened, see [`crate::open::open`].
    pub fn open(folder: &Path) -> Result<Self, ClientError> {
        let connection = crate::open::open(folder)?;
        let store = Store { connection, config: Arc::default(), mark: 0 };
        Ok(Self { folder: folder.to_owned(), store: Mutex::new(store), syncing: Mutex::new(()) })
    }

    /// Runs a use-case with the store locked.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Session<'_>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let me = meta::get(&store.connection, meta::Key::Enrolment)?.ok_or(Refused::NotEnrolled)?;
        let mark = frames::documents_mark(&store.connection)?;
        if mark != store.mark {
            store.config = Arc::new(fold_config(&store.connection)?);
            store.mark = mark;
        }
        let config = Arc::clone(&store.config);
        let mut session =
            Session { connection: &mut store.connection, config, me, folder: &self.folder, now: now() };
        work(&mut session)
    }

    /// Runs `work` with the bare store: before anybody is enrolled.
    pub(crate) fn with_connection<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        work(&mut self.store.lock().unwrap_or_else(PoisonError::into_inner).connection)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn syncing(&self) -> &Mutex<()> {
        &self.syncing
    }

    /// Who uses this device; nobody before enrolment.
    ///
    /// # Errors
    /// When the store fails.
    pub fn me(&self) -> Result<Option<Me>, ClientError> {
        match self.with(|session| Ok(ops::home::me(session))) {
            Err(ClientError::Refused(Refused::NotEnrolled)) => Ok(None),
            me => me.map(Some),
        }
    }

    /// Enrols this device with a one-time code, then syncs once.
    ///
    /// # Errors
    /// When somebody is enrolled already, the code is wrong, or the server can't be reached.
    pub fn enrol(&self, code: &str, device: &str) -> Result<Me, ClientError> {
        ops::enrol::enrol(self, code, device)?;
        self.sync()?;
        self.with(|session| Ok(ops::home::me(session)))
    }

    /// The first screen.
    ///
    /// # Errors
    /// When the store fails.
    pub fn home(&self) -> Result<HomeView, ClientError> {
        self.with(|session| ops::home::home(session))
    }

    /// The user's own sheets and those he reviews, of a period or of the open one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sheets(&self, period: Option<&str>) -> Result<Vec<SheetSummary>, ClientError> {
        self.with(|session| ops::home::sheets(session, period))
    }

    /// Every period known here, latest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn periods(&self) -> Result<Vec<PeriodView>, ClientError> {
        self.with(|session| Ok(session.config.periods.values().rev().map(PeriodRecord::view).collect()))
    }

    /// A sheet: by id, by a unique beginning of it, or `me` and `unit` for those of the open period.
    ///
    /// # Errors
    /// When there is no such sheet.
    pub fn sheet(&self, id: &str) -> Result<SheetView, ClientError> {
        self.on_sheet(id, |_, _| Ok(()))
    }

    /// Writes one field of a sheet; durable when this returns.
    ///
    /// # Errors
    /// When the input is not valid, the user may not write there, or the store fails. Nothing is changed then.
    pub fn score(&self, request: &ScoreRequest) -> Result<SheetView, ClientError> {
        self.on_sheet(&request.sheet, |session, sheet| ops::score::score(session, sheet, request))
    }

    /// Hands a sheet in.
    ///
    /// # Errors
    /// When something is missing or the user may not.
    pub fn submit(&self, id: &str) -> Result<SheetView, ClientError> {
        self.on_sheet(id, ops::act::submit)
    }

    /// Takes a sheet back before review.
    ///
    /// # Errors
    /// When it is not handed in, or the user may not.
    pub fn withdraw(&self, id: &str) -> Result<SheetView, ClientError> {
        self.on_sheet(id, ops::act::withdraw)
    }

    /// Approves a sheet.
    ///
    /// # Errors
    /// When something is missing or the user may not.
    pub fn approve(&self, id: &str) -> Result<SheetView, ClientError> {
        self.on_sheet(id, ops::act::approve)
    }

    /// Sends a sheet back.
    ///
    /// # Errors
    /// When there is no reason, or the user may not.
    pub fn return_sheet(&self, id: &str, reason: &str) -> Result<SheetView, ClientError> {
        self.on_sheet(id, |session, sheet| ops::act::return_sheet(session, sheet, reason))
    }

    /// Takes over the subject's own points wherever the user has written none.
    ///
    /// # Errors
    /// When the user may not.
    pub fn agree_all(&self, id: &str) -> Result<SheetView, ClientError> {
        self.on_sheet(id, ops::score::agree_all)
    }

    /// Fields with more than one value.
    ///
    /// # Errors
    /// When the store fails.
    pub fn conflicts(&self) -> Result<Vec<ConflictView>, ClientError> {
        self.with(|session| ops::conflict::conflicts(session))
    }

    /// Settles a conflict with one of its values or a third one.
    ///
    /// # Errors
    /// When it is settled already, the value is not valid, or the user may not.
    pub fn resolve(&self, id: &str, value: &str, token: &str) -> Result<Vec<ConflictView>, ClientError> {
        self.with(|session| {
            ops::conflict::resolve(session, id, value, token)?;
            ops::conflict::conflicts(session)
        })
    }

    /// Exchanges everything with the server. A server that can't be reached is a report, not an error.
    ///
    /// # Errors
    /// When nobody is enrolled or the store fails.
    pub fn sync(&self) -> Result<SyncReport, ClientError> {
        ops::sync::sync(self)
    }

    /// What waits, what was received, what was refused.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sync_status(&self) -> Result<SyncView, ClientError> {
        self.with(|session| ops::sync::status(session))
    }

    /// Published rankings of a period, or of the latest one that has any.
    ///
    /// # Errors
    /// When the store fails.
    pub fn rankings(&self, period: Option<&str>) -> Result<Vec<RankingView>, ClientError> {
        self.with(|session| Ok(ops::ranking::rankings(session, period)))
    }

    fn on_sheet(
        &self,
        id: &str,
        work: impl FnOnce(&mut Session<'_>, SheetId) -> Result<(), ClientError>,
    ) -> Result<SheetView, ClientError> {
        self.with(|session| {
            let sheet = ops::sheet::find(session, id)?;
            work(session, sheet)?;
            ops::sheet::sheet(session, sheet)
        })
    }
}

/// The device's clock, Unix seconds.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn fold_config(connection: &Connection) -> Result<Config, ClientError> {
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
