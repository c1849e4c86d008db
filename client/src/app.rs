//! The door: one [`App`] a store, shared by all threads of a process.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use xeploai_core::ids::{PersonId, SheetId};
use xeploai_core::org::PeriodRecord;
use xeploai_core::sheet::SheetKey;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::view::{
    AttachRequest, BundleView, CandidateView, CodesView, ConflictView, EvidenceRef, HomeView, Me, PeriodView,
    RankingView, ScoreRequest, SheetSummary, SheetView, SyncReport, SyncView, Text,
};

use crate::environment::Environment;
use crate::error::{ClientError, Refused};
use crate::ops::{self, delegate::Application, serve::Served, sync::Syncing};
use crate::qr::Codes;
use crate::session::{Session, Store};

/// The app: a store, the people enrolled on it, and the one of them who uses it now. Methods are the commands of the
/// window and of the command line; where nobody is named, the active person acts.
pub struct App {
    environment: Environment,
    store: Mutex<Store>,
    /// Held while a sync runs, so that two never interleave.
    syncing: Mutex<()>,
}

impl App {
    /// Opens the store in a folder, or makes one, with the system's clock, randomness, files and network.
    ///
    /// # Errors
    /// When the store can't be opened, see [`crate::open::open`].
    pub fn open(folder: &Path) -> Result<Self, ClientError> {
        Self::open_with(folder, Environment::system(folder))
    }

    /// Opens the store in a folder, or makes one, in an environment of the caller's: for tests and the simulator.
    ///
    /// # Errors
    /// When the store can't be opened, see [`crate::open::open`].
    pub fn open_with(folder: &Path, environment: Environment) -> Result<Self, ClientError> {
        let mut store = Store::open(folder, environment.clone())?;
        ops::people::seal_or_later(&mut store);
        Ok(Self { environment, store: Mutex::new(store), syncing: Mutex::new(()) })
    }

    /// Runs a use-case of the active person with the store locked.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Session<'_>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        self.with_store(|store| work(&mut store.session(None)?))
    }

    /// Runs `work` with the bare store: whoever may be active.
    pub(crate) fn with_store<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        work(&mut self.store.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(crate) fn syncing(&self) -> &Mutex<()> {
        &self.syncing
    }

    /// Who uses this device; nobody before enrolment.
    ///
    /// # Errors
    /// When the store fails.
    pub fn me(&self) -> Result<Option<Me>, ClientError> {
        match self.with(|session| ops::home::me(session)) {
            Err(ClientError::Refused(Refused::NotEnrolled)) => Ok(None),
            me => me.map(Some),
        }
    }

    /// Everybody who is enrolled on this device, the active one first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn people(&self) -> Result<Vec<Me>, ClientError> {
        self.with_store(ops::people::people)
    }

    /// Hands the device to another of its people: by staff code, or by the id that a [`PersonId`] prints. What the
    /// one before has written is sealed with his own key first.
    ///
    /// # Errors
    /// [`Refused::NoSuchPerson`] when nobody of that name is enrolled here; else when the store fails.
    pub fn switch(&self, person: &str) -> Result<Me, ClientError> {
        self.with_store(|store| ops::people::switch(store, person))?;
        self.with(|session| ops::home::me(session))
    }

    /// Enrols a person on this device with a one-time code, makes him the active one, then syncs once. The others
    /// stay; who is here already gets a new stream.
    ///
    /// # Errors
    /// When the code is wrong or of another department, or the server can't be reached.
    pub fn enrol(&self, code: &str, device: &str) -> Result<Me, ClientError> {
        ops::enrol::enrol(self, code, device)?;
        self.sync()?;
        self.with(|session| ops::home::me(session))
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
        self.on_sheet(&request.sheet, |session, key| ops::score::score(session, key, request))
    }

    /// Writes one field of a sheet for one of this device's people and computes nothing else: for each keystroke.
    /// Durable when this returns.
    ///
    /// # Errors
    /// As [`Self::score`]; [`Refused::NotEnrolled`] when the person is not enrolled here.
    pub fn write(&self, person: PersonId, request: &ScoreRequest) -> Result<(), ClientError> {
        self.with_store(|store| {
            let session = &mut store.session(Some(person))?;
            let key = ops::sheet::find(session, &request.sheet)?;
            ops::score::score(session, &key, request)
        })
    }

    /// Attaches a file to a criterion: a photo, made small and upright first, or a PDF. Durable when this returns.
    ///
    /// # Errors
    /// [`Refused::EvidenceType`], [`Refused::EvidenceTooLarge`], [`Refused::EvidenceFull`]; when the user may not write there, or the
    /// store fails. Nothing is changed then.
    pub fn attach(&self, request: &AttachRequest, file: &[u8]) -> Result<SheetView, ClientError> {
        // Before the store is held: a photo takes a while.
        let ready = crate::photo::prepare(file)?;
        self.on_sheet(&request.sheet, |session, key| ops::evidence::attach(session, key, request, ready))
    }

    /// Takes a piece of evidence away from a criterion.
    ///
    /// # Errors
    /// [`Refused::NoSuchEvidence`]; when the user may not write there, or the store fails.
    pub fn detach(&self, request: &EvidenceRef) -> Result<SheetView, ClientError> {
        self.on_sheet(&request.sheet, |session, key| ops::evidence::detach(session, key, request))
    }

    /// The bytes of a piece of evidence of a sheet, or of its thumbnail, by the name of the content.
    ///
    /// # Errors
    /// [`Refused::NoSuchEvidence`] when it is not all here, or the store fails.
    pub fn evidence(&self, sheet: &str, content: &str) -> Result<Vec<u8>, ClientError> {
        self.with(|session| {
            let key = ops::sheet::find(session, sheet)?;
            ops::evidence::open(session, key, content)
        })
    }

    /// As [`Self::evidence`], with a name to save it under: what its writer has called it, as far as that does no harm.
    ///
    /// # Errors
    /// As there; [`Refused::EvidenceType`] when it is neither photo nor document.
    pub fn evidence_file(
        &self,
        sheet: &str,
        content: &str,
        said: &str,
    ) -> Result<(Vec<u8>, String), ClientError> {
        let bytes = self.evidence(sheet, content)?;
        let name = ops::evidence::file_name(said, &bytes)?;
        Ok((bytes, name))
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

    /// Signs the minutes of a visit to a unit, as they stand on its sheet: for the unit who writes its sheet, for the
    /// delegation who appraises it. `seen` is the [`stamp`](xeploai_core::view::MinutesView) of what the user was shown; who shows
    /// nothing signs what stands.
    ///
    /// # Errors
    /// [`Refused::BadToken`] when something else stands there by now; when nothing is appraised, two texts stand in a part, the
    /// user has signed what stands, or may not.
    pub fn sign_minutes(&self, id: &str, seen: Option<&str>) -> Result<SheetView, ClientError> {
        self.on_sheet(id, |session, key| ops::act::sign_minutes(session, key, seen))
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

    /// As [`Self::sync`], without the report: for whoever shows nothing.
    ///
    /// # Errors
    /// When nobody is enrolled, the server can't be reached, or the store fails.
    pub fn exchange(&self) -> Result<(), ClientError> {
        ops::sync::exchange(self)
    }

    /// Fetches what stands behind the signed states of closed periods, so that every score is its author's by signature.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub fn fetch_history(&self) -> Result<SyncReport, ClientError> {
        ops::sync::fetch_history(self)
    }

    /// Ids of this device's people, by staff code.
    ///
    /// # Errors
    /// When the store fails.
    pub fn person_ids(&self) -> Result<BTreeMap<String, PersonId>, ClientError> {
        self.with_store(|store| {
            let config = store.config()?;
            let code = |person: PersonId| config.people.get(&person).map(|it| (it.code.clone(), person));
            Ok(store.people()?.into_iter().filter_map(|account| code(account.person)).collect())
        })
    }

    /// Begins a sync of the active person, step by step, over whatever the caller carries the bytes with: with the
    /// server, or with the device that has a certificate.
    ///
    /// # Errors
    /// When nobody is enrolled, the certificate is not of the department, or the store fails.
    pub fn begin_sync(&self, hub: Option<&Certificate>) -> Result<Syncing<'_>, ClientError> {
        Syncing::begin(self, hub)
    }

    /// Answers another device, as a hub: takes what it brings and passes it on to the server later, and gives what that
    /// device's person is handed by others. Whoever carries the bytes is no business of this.
    ///
    /// # Errors
    /// [`Refused::NotAMessage`], [`Refused::MessageTooLarge`], [`Refused::UnknownDevice`], [`Refused::BadSignature`], or
    /// when the store fails: then nothing was taken. [`Refused::DeviceRevoked`]: what it brought was, but it is told nothing.
    pub fn serve(&self, request: &[u8]) -> Result<Vec<u8>, ClientError> {
        let served = self.with(|session| ops::serve::serve(session, request))?;
        Ok(served.answer.ok_or(Refused::DeviceRevoked)?)
    }

    /// As [`Self::serve`], for a hub that goes on when another of this device's people uses it meanwhile.
    pub(crate) fn serve_as(&self, person: PersonId, request: &[u8]) -> Result<Served, ClientError> {
        self.with_store(|store| ops::serve::serve(&mut store.session(Some(person))?, request))
    }

    /// Certifies a new device in the name of one of this device's people: what it is to be told.
    pub(crate) fn delegate(
        &self,
        by: PersonId,
        application: &Application,
        person: PersonId,
    ) -> Result<Vec<u8>, ClientError> {
        self.with_store(|store| ops::delegate::grant(&mut store.session(Some(by))?, application, person))
    }

    /// Those whom the active person may enrol on a visit, by name.
    ///
    /// # Errors
    /// When nobody is enrolled or the store fails.
    pub fn candidates(&self) -> Result<Vec<CandidateView>, ClientError> {
        self.with(|session| ops::delegate::candidates(session))
    }

    /// How many fields of some sheets have more than one value, of those that a person sees.
    pub(crate) fn conflicts_of(
        &self,
        person: PersonId,
        sheets: &BTreeSet<SheetId>,
    ) -> Result<u32, ClientError> {
        self.with_store(|store| ops::conflict::of_sheets(&store.session(Some(person))?, sheets))
    }

    /// Makes a file of everything that waits, for the server and for those who review and whose devices are known here; or
    /// of what a hub would give the person with a staff code, for him. Gives the file, and says what is in it.
    ///
    /// # Errors
    /// [`Refused::UnknownReader`] when no device of that person is known here; when nobody is enrolled or the store fails.
    pub fn export_bundle(&self, to: Option<&str>) -> Result<(Vec<u8>, BundleView), ClientError> {
        let sealed = self.with_store(Store::seal_all);
        let (file, mut view) = self.with(|session| ops::bundle::export(session, to))?;
        tell_unsealed(sealed, &mut view.sentence);
        Ok((file, view))
    }

    /// Takes in a file that another device has made for one of this device's people. The same file twice changes nothing.
    ///
    /// # Errors
    /// [`ClientError::Bundle`] for what is not for us; when nobody is enrolled or the store fails.
    pub fn import_bundle(&self, file: &[u8]) -> Result<BundleView, ClientError> {
        self.with_store(|store| ops::bundle::import(store, file))
    }

    /// Makes codes for this screen of what the user has written and the server has not received; of everything that
    /// waits here, if `all`. Gives the codes, and says what is in them.
    ///
    /// # Errors
    /// [`ClientError::Qr`] when nothing waits, or more than codes carry; when nobody is enrolled or the store fails.
    pub fn qr_codes(&self, all: bool) -> Result<(Codes, CodesView), ClientError> {
        let sealed = self.with_store(Store::seal_all);
        let (codes, mut view) = self.with(|session| ops::qr::codes(session, all))?;
        tell_unsealed(sealed, &mut view.sentence);
        Ok((codes, view))
    }

    /// Takes in payloads that codes on another screen have given to a [`crate::qr::Collector`]. The same twice changes nothing.
    ///
    /// # Errors
    /// [`ClientError::Qr`] when one of them is damaged or too new, or all are of another department: then nothing was taken;
    /// when nobody is enrolled or the store fails.
    pub fn import_qr(&self, payloads: &[Vec<u8>]) -> Result<BundleView, ClientError> {
        self.with(|session| ops::qr::import(session, payloads))
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
        work: impl FnOnce(&mut Session<'_>, &SheetKey) -> Result<(), ClientError>,
    ) -> Result<SheetView, ClientError> {
        self.with(|session| {
            let key = ops::sheet::find(session, id)?;
            work(session, &key)?;
            ops::sheet::sheet(session, key)
        })
    }
}

/// What could not be sealed stops nothing that is; the closing sentence tells of it.
fn tell_unsealed(sealed: Result<(), ClientError>, sentence: &mut Text) {
    if let Err(error) = sealed {
        let told = error.view().message;
        sentence.vi.push_str(&format!(" Phần vừa ghi chưa có trong đó: {}", told.vi));
        sentence.en.push_str(&format!(" What was written last is not in it: {}", told.en));
    }
}
