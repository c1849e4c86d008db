//! Devices of the department, each with a clock, dice, a key store and a line to the server of its own. A device can be
//! killed, copied and put back.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::environment::{Clock, Random};
use xeploai_client::keys::memory::MemoryKeys;
use xeploai_client::keys::{KeyStore, Mark};
use xeploai_client::{App, ClientError, Environment, Refused};
use xeploai_core::sync::frame::Frame;
use xeploai_core::view::{Column, CriterionView, FieldName, ScoreRequest, SheetView, SyncReport};

use crate::department::{Department, person};

/// The department and the network before it, which can be down.
pub(crate) struct Office {
    department: Mutex<Department>,
    pub(crate) is_down: AtomicBool,
    /// The server does what it is asked and its answer is lost.
    pub(crate) loses_answers: AtomicBool,
}

impl Office {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(Department::new())
    }

    pub(crate) fn with(department: Department) -> Arc<Self> {
        let department = Mutex::new(department);
        Arc::new(Self { department, is_down: false.into(), loses_answers: false.into() })
    }

    pub(crate) fn department(&self) -> MutexGuard<'_, Department> {
        self.department.lock().unwrap()
    }

    pub(crate) fn frames_of(&self, code: &str) -> Vec<Frame> {
        self.department().frames_of(code)
    }
}

/// When a key store that raises marks stops for ever, as a process does that is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    Never,
    BeforeRaising,
    AfterRaising,
}

/// A key store in memory in which a process can die.
pub(crate) struct Keys {
    held: MemoryKeys,
    death: Mutex<Death>,
    raises: AtomicU64,
}

impl Keys {
    fn new(held: MemoryKeys) -> Arc<Self> {
        Arc::new(Self { held, death: Mutex::new(Death::Never), raises: 0.into() })
    }

    pub(crate) fn dies(&self, death: Death) {
        *self.death.lock().unwrap() = death;
    }

    /// How often marks were raised.
    pub(crate) fn raises(&self) -> u64 {
        self.raises.load(Ordering::Relaxed)
    }
}

impl KeyStore for Keys {
    fn key(&self, public: &[u8; 32]) -> Result<Option<SigningKey>, ClientError> {
        self.held.key(public)
    }

    fn create(&self, random: &dyn Random) -> Result<SigningKey, ClientError> {
        self.held.create(random)
    }

    fn highest(&self) -> Result<Vec<Mark>, ClientError> {
        self.held.highest()
    }

    fn raise(&self, marks: &[Mark]) -> Result<(), ClientError> {
        let dead = || Err(std::io::Error::other("killed").into());
        let death = *self.death.lock().unwrap();
        if death == Death::BeforeRaising {
            return dead();
        }
        self.raises.fetch_add(1, Ordering::Relaxed);
        self.held.raise(marks)?;
        if death == Death::AfterRaising { dead() } else { Ok(()) }
    }
}

/// The line of one device. Nothing of its own leaves that its key store does not remember.
struct Line {
    office: Arc<Office>,
    keys: Arc<Keys>,
}

impl Carrier for Line {
    fn exchange(&self, _: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        if self.office.is_down.load(Ordering::Relaxed) {
            return Err(Refused::Unreachable.into());
        }
        let mut department = self.office.department();
        let answer = match path {
            "/enrol" => department.enrol(&body),
            _ => {
                let (answer, brought) = department.sync(&body).map_err(ClientError::Server)?;
                brought.iter().for_each(|frame| self.assert_marked(&department, frame));
                answer
            }
        };
        if self.office.loses_answers.load(Ordering::Relaxed) {
            return Err(Refused::AnswerCut.into());
        }
        Ok(answer)
    }
}

impl Line {
    fn assert_marked(&self, department: &Department, frame: &Frame) {
        let writer = department.certificate_of(frame).header.key;
        if self.keys.key(&writer).unwrap().is_some() {
            let marks = self.keys.highest().unwrap();
            let covers = |mark: &Mark| mark.lane == frame.lane && mark.number >= frame.number;
            assert!(marks.iter().any(covers), "a frame left before its mark was raised");
        }
    }
}

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Dice that fall the same way in every run.
struct Dice {
    seed: [u8; 32],
    thrown: AtomicU64,
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ClientError> {
        let thrown = self.thrown.fetch_add(1, Ordering::Relaxed);
        blake3::Hasher::new_keyed(&self.seed).update(&thrown.to_le_bytes()).finalize_xof().fill(bytes);
        Ok(())
    }
}

pub(crate) struct Device {
    folder: TempDir,
    environment: Environment,
    pub(crate) keys: Arc<Keys>,
    clock: Arc<TestClock>,
    name: String,
    office: Arc<Office>,
    app: Option<App>,
}

impl Device {
    /// A new device; its name decides how its dice fall.
    pub(crate) fn new(office: &Arc<Office>, name: &str) -> Self {
        Self::made(office, name, tempfile::tempdir().unwrap(), MemoryKeys::default())
    }

    fn made(office: &Arc<Office>, name: &str, folder: TempDir, keys: MemoryKeys) -> Self {
        let (keys, clock) = (Keys::new(keys), Arc::new(TestClock(AtomicI64::new(1_669_000_000))));
        let seed = blake3::derive_key("xeploai 2026 dice of a test", name.as_bytes());
        let environment = Environment {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::new(Dice { seed, thrown: 0.into() }),
            keys: Arc::clone(&keys) as Arc<dyn KeyStore>,
            carrier: Arc::new(Line { office: Arc::clone(office), keys: Arc::clone(&keys) }),
            vfs: None,
        };
        let (name, office) = (name.to_owned(), Arc::clone(office));
        let app = Some(App::open_with(folder.path(), environment.clone()).unwrap());
        Self { folder, environment, keys, clock, name, office, app }
    }

    /// A device with one person, who has synced once.
    pub(crate) fn of(office: &Arc<Office>, name: &str, code: &str) -> Self {
        let device = Self::new(office, name);
        device.enrol(code);
        device
    }

    pub(crate) fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn enrol(&self, code: &str) {
        assert_eq!(self.try_enrol(code).unwrap(), code);
    }

    pub(crate) fn try_enrol(&self, code: &str) -> Result<String, ClientError> {
        self.app().enrol(&format!("https://so.test/#{code}"), &self.name).map(|me| me.code)
    }

    pub(crate) fn sync(&self) -> SyncReport {
        self.app().sync().unwrap()
    }

    /// A sync that ends well.
    pub(crate) fn syncs(&self) -> SyncReport {
        let report = self.sync();
        assert!(report.ok, "{report:?}");
        report
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Closes the app and opens it again.
    pub(crate) fn restart(&mut self) {
        self.app = None;
        self.open();
    }

    fn open(&mut self) {
        self.app = Some(App::open_with(self.folder.path(), self.environment.clone()).unwrap());
    }

    /// Ends the process at this moment, as SIGKILL does, and opens the app again: the files are as they are now.
    pub(crate) fn kill(&mut self) {
        let left = self.backup();
        self.app = None;
        self.folder = left;
        self.open();
    }

    /// Copies the store's files as they are now. The keys are elsewhere.
    pub(crate) fn backup(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(self.folder.path(), copy.path());
        copy
    }

    /// Puts the store back to an older state; the key store is not touched by it.
    pub(crate) fn restore(&mut self, backup: &TempDir) {
        self.app = None;
        self.folder = tempfile::tempdir().unwrap();
        copy_files(backup.path(), self.folder.path());
        self.open();
    }

    /// Another device with a copy of this one's store, and of nothing else.
    pub(crate) fn copy_of_store(&self, name: &str) -> Self {
        Self::made(&self.office, name, self.backup(), MemoryKeys::default())
    }

    /// This device, asking another office from now on.
    pub(crate) fn moved_to(self, office: &Arc<Office>) -> Self {
        Self::made(office, "máy dời", self.backup(), self.keys.held.clone())
    }

    /// Another device with a copy of everything: store, keys and marks.
    pub(crate) fn copy_of_everything(&self, name: &str) -> Self {
        Self::made(&self.office, name, self.backup(), self.keys.held.clone())
    }

    /// A second process on the same store and keys.
    pub(crate) fn second_process(&self) -> Process {
        Process(App::open_with(self.folder.path(), self.environment.clone()).unwrap())
    }

    /// The store's tables, read as another process may.
    pub(crate) fn store(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("xeploai.db")).unwrap()
    }

    /// Rows of the outbox.
    pub(crate) fn unsealed(&self) -> i64 {
        self.store().query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap()
    }

    /// What a screen sends when somebody types into a field of his own column.
    pub(crate) fn typed(&self, sheet: &str, criterion: u16, text: &str) -> ScoreRequest {
        let view = self.app().sheet(sheet).unwrap();
        let token = criterion_of(&view, criterion).cells[0].token.clone();
        ScoreRequest {
            sheet: view.summary.id,
            criterion,
            column: Column::Own,
            field: FieldName::Points,
            text: text.into(),
            token,
        }
    }

    /// The active person writes into his own column, of what the screen shows.
    pub(crate) fn score(&self, sheet: &str, criterion: u16, text: &str) {
        self.app().score(&self.typed(sheet, criterion, text)).unwrap();
    }

    /// As [`Self::score`], for one of the people by staff code.
    pub(crate) fn write(&self, code: &str, request: &ScoreRequest) -> Result<(), ClientError> {
        self.app().write(person(code), request)
    }

    /// What stands in an own column, as the active person sees it.
    pub(crate) fn value(&self, sheet: &str, criterion: u16) -> Option<String> {
        let view = self.app().sheet(sheet).unwrap();
        criterion_of(&view, criterion).cells[0].points.map(|points| points.to_string())
    }

    /// Values of the only conflict there is, sorted.
    pub(crate) fn conflict(&self) -> Vec<String> {
        let [conflict] = self.app().conflicts().unwrap().try_into().unwrap();
        let mut values: Vec<String> = conflict.values.into_iter().map(|value| value.value).collect();
        values.sort();
        values
    }
}

/// An app on somebody's store.
pub(crate) struct Process(App);

impl Process {
    pub(crate) fn app(&self) -> &App {
        &self.0
    }
}

pub(crate) fn criterion_of(view: &SheetView, number: u16) -> &CriterionView {
    view.groups.iter().flat_map(|group| &group.criteria).find(|it| it.number == number).unwrap()
}

fn copy_files(from: &Path, to: &Path) {
    for name in ["xeploai.db", "xeploai.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}
