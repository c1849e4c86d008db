//! Two centres with two people and a head each, made as for a benchmark, and their phones.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::environment::{Clock, Environment, Uptime};
use xeploai_client::{App, ClientError, Refused};
use xeploai_core::ids::{AssignmentId, DepartmentId, FrameHash, PersonId, UnitId};
use xeploai_core::org::{Assignment, Config, Document, PeriodRecord, Person, Role, Unit};
use xeploai_core::sync::Status;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::{Column, Text};
use xeploai_server::bench;
use xeploai_server::error::ServerError;
use xeploai_server::service::{Keys, Service};
use xeploai_server::storage::frames;
use xeploai_server::storage::verdicts::Decoded;

use crate::phone::Phone;

pub(crate) const PERIOD: &str = "2026-10";
/// Staff code of the supervisor.
pub(crate) const SUPERVISOR: &str = "so-td";
const CRITERIA: u16 = 4;

/// Everybody's clock, Unix seconds: it moves when a test says so.
#[derive(Clone)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A phone's clock: right, and on since a start that tests can tell from another.
struct PhoneClock {
    time: Time,
    boot: [u8; 8],
}

impl Clock for PhoneClock {
    fn now(&self) -> i64 {
        self.time.now()
    }

    fn uptime(&self) -> Option<Uptime> {
        Some(Uptime { boot: self.boot, seconds: self.time.now().unsigned_abs() })
    }
}

/// The department: its folder, and the server that runs on it now.
pub(crate) struct Office {
    folder: TempDir,
    server: Arc<Line>,
    time: Time,
}

/// The line to whichever server answers now.
pub(crate) struct Line(pub(crate) Mutex<Option<Service>>);

impl Carrier for Line {
    fn exchange(&self, _: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let service = self.0.lock().unwrap();
        let service = service.as_ref().ok_or(Refused::Unreachable)?;
        let answer = if path == "/sync" { service.sync(&body) } else { enrol(service, &body) };
        answer.map_err(|error| ClientError::Server(error.view()))
    }
}

/// As the route does it.
fn enrol(service: &Service, body: &[u8]) -> Result<Vec<u8>, ServerError> {
    let asked: Value = serde_json::from_slice(body)?;
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let bytes = |name: &str| data_encoding::HEXLOWER.decode(text(name).as_bytes()).unwrap();
    let (key, nonce) = (bytes("key").try_into().unwrap(), bytes("nonce").try_into().unwrap());
    let enrolled = service.enrol(text("code"), key, nonce, text("device"))?;
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    Ok(serde_json::to_vec(&json!({
        "certificate": hex(&enrolled.certificate.encode()),
        "server_certificate": hex(&enrolled.server_certificate.encode()),
        "department": service.department(),
        "department_key": hex(&enrolled.department_key),
    }))?)
}

pub(crate) fn workload(folder: &Path) -> PathBuf {
    workload_of(folder, CRITERIA)
}

fn workload_of(folder: &Path, criteria: u16) -> PathBuf {
    let mut lines = String::new();
    for unit in ["tt-1", "tt-2"] {
        for subject in ["a", "b"] {
            for criterion in 1..=criteria {
                let line = json!({
                    "unit": unit, "period": PERIOD, "subject": format!("{unit}-{subject}"),
                    "criterion": format!("tc{criterion:02}"), "reviewer": format!("{unit}-gd"),
                });
                lines.push_str(&format!("{line}\n"));
            }
        }
    }
    let path = folder.join("workload.jsonl");
    std::fs::write(&path, lines).unwrap();
    path
}

impl Office {
    pub(crate) fn new() -> Self {
        Self::with_criteria(CRITERIA)
    }

    /// An office whose sheets have so many criteria.
    pub(crate) fn with_criteria(criteria: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Time(Arc::new(AtomicI64::new(2_000_000_000)));
        let data = folder.path().join("server");
        std::fs::create_dir(&data).unwrap();
        let keys = Keys::create(&data).unwrap();
        let service = Service::init_with(&data, keys, server_environment(&time), "Sở thử", true).unwrap();
        bench::install(&service, &workload_of(folder.path(), criteria)).unwrap();
        Self { folder, server: Arc::new(Line(Mutex::new(Some(service)))), time }
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.time.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// A supervisor in charge of the first centre.
    pub(crate) fn supervisor(&self) -> Phone {
        let department = self.ask(Service::department);
        let (id, office) = (PersonId::of(department, SUPERVISOR), UnitId::of(department, "SO"));
        let position = Text { vi: "Chuyên viên".into(), en: "Officer".into() };
        let post = Assignment {
            id: AssignmentId::of(id, office, "2020-01"),
            person: id,
            unit: office,
            position,
            task_group: None,
            head: false,
            since: "2020-01".parse().unwrap(),
            until: None,
        };
        let (code, name) = (SUPERVISOR.to_owned(), "Người kiểm tra".to_owned());
        let person = Person { id, code, name, roles: vec![Role::Supervisor] };
        let unit = self.config().units[&UnitId::of(department, "tt-1")].clone();
        let unit = Unit { supervisors: vec![id], ..unit };
        self.write(&[Document::Person(person, office), Document::Assignment(post), Document::Unit(unit)]);
        self.phone(SUPERVISOR, "máy kiểm tra")
    }

    /// The configuration, as the server has it now.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.ask(Service::config).unwrap()
    }

    /// Writes records as the server does.
    pub(crate) fn write(&self, documents: &[Document]) {
        self.ask(|service| service.write_documents(documents)).unwrap();
    }

    /// Lets a person's post in his unit end with a month.
    pub(crate) fn end_post(&self, person: &str, month: &str) {
        let held = self.config().assignments[&post_of(self.ask(Service::department), person)].clone();
        let until = Some(month.parse().unwrap());
        self.write(&[Document::Assignment(Assignment { until, ..held })]);
    }

    /// Opens another month with the criteria sets of the first.
    pub(crate) fn open_month(&self, month: &str) {
        let first = self.config().periods[&PERIOD.parse().unwrap()].clone();
        self.write(&[Document::Period(PeriodRecord::open(
            month.parse().unwrap(),
            first.rules,
            first.leagues,
        ))]);
    }

    /// How many frames the server has.
    pub(crate) fn frames(&self) -> i64 {
        self.ask(|service| service.storage().read(frames::last)).unwrap()
    }

    /// The server's word on the first change of a frame.
    pub(crate) fn said(&self, frame: FrameHash) -> Option<(Status, Reason)> {
        self.ask(|service| said(service, frame))
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// The line to the server, for a phone in an environment of its own.
    pub(crate) fn line(&self) -> Arc<dyn Carrier> {
        Arc::clone(&self.server) as Arc<dyn Carrier>
    }

    /// Asks the server that runs now.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&Service) -> T) -> T {
        ask(self.server.0.lock().unwrap().as_ref().expect("the server runs"))
    }

    pub(crate) fn lock(&self) {
        self.ask(|service| service.lock_period(PERIOD.parse().unwrap()).map(drop)).unwrap();
    }

    /// Copies the server's database as a backup does, with its log.
    pub(crate) fn back_up(&self) -> Files {
        copy_of(&self.data())
    }

    /// The first step of a phone's sync, which then breaks off.
    pub(crate) fn step(&self, phone: &Phone) {
        let mut syncing = phone.app.begin_sync(None).unwrap();
        let request = syncing.ask().unwrap().unwrap();
        syncing.took(Ok(self.ask(|service| service.sync(&request)).unwrap())).unwrap();
    }

    /// Puts a backup in the place of the database and starts a server on it.
    pub(crate) fn restore(&self, backup: &[(PathBuf, Vec<u8>)]) {
        self.restore_unnoticed(backup);
        self.ask(Service::begin_epoch).unwrap();
    }

    /// As [`Self::restore`], behind the server's back: it goes on in the epoch of the backup.
    pub(crate) fn restore_unnoticed(&self, backup: &[(PathBuf, Vec<u8>)]) {
        let mut running = self.server.0.lock().unwrap();
        drop(running.take());
        for path in std::fs::read_dir(self.data()).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_file() {
                std::fs::remove_file(path).unwrap();
            }
        }
        backup.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
        let keys = Keys::open(&self.data()).unwrap();
        let service = Service::open_with(&self.data(), keys, server_environment(&self.time)).unwrap();
        *running = Some(service);
    }

    /// A second server, started on a copy of this one's disk: both are live.
    pub(crate) fn twin(&self) -> Service {
        let folder = self.folder.path().join("twin");
        for (path, bytes) in self.back_up() {
            let place = folder.join(path.strip_prefix(self.data()).unwrap());
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, bytes).unwrap();
        }
        let keys = Keys::open(&folder).unwrap();
        let twin = Service::open_with(&folder, keys, server_environment(&self.time)).unwrap();
        twin.begin_epoch().unwrap();
        twin
    }

    /// A new phone of a person, in an environment that `change` makes of the system's with a line to this server.
    pub(crate) fn phone_with(
        &self,
        (person, device): (&str, &str),
        change: impl FnOnce(Environment) -> Environment,
    ) -> Phone {
        let folder = self.folder.path().join(format!("{person}-{device}"));
        let environment = Environment { carrier: self.line(), ..Environment::system(&folder) };
        let app = Arc::new(App::open_with(&folder, change(environment)).unwrap());
        let code = self.ask(|service| service.new_code(person)).unwrap().code;
        app.enrol(&format!("http://127.0.0.1:9/#{code}"), device).unwrap();
        Phone { app, folder, department: self.ask(Service::department) }
    }

    /// A new phone that nobody has enrolled.
    pub(crate) fn new_phone(&self, name: &str) -> Phone {
        let folder = self.folder.path().join(name);
        let (app, department) = (self.open(&folder, 1), self.ask(Service::department));
        Phone { app, folder, department }
    }

    /// A new phone of a person, with a code as an administrator makes it.
    pub(crate) fn phone(&self, person: &str, device: &str) -> Phone {
        let folder = self.folder.path().join(format!("{person}-{device}"));
        let app = self.open(&folder, 1);
        let code = self.ask(|service| service.new_code(person)).unwrap().code;
        app.enrol(&format!("http://127.0.0.1:9/#{code}"), device).unwrap();
        Phone { app, folder, department: self.ask(Service::department) }
    }

    fn open(&self, folder: &Path, boot: u8) -> Arc<App> {
        let environment = Environment {
            carrier: Arc::clone(&self.server) as Arc<dyn Carrier>,
            clock: Arc::new(PhoneClock { time: self.time.clone(), boot: [boot; 8] }),
            ..Environment::system(folder)
        };
        Arc::new(App::open_with(folder, environment).unwrap())
    }

    /// The same phone, switched off and on.
    pub(crate) fn restarted(&self, phone: Phone) -> Phone {
        let Phone { app, folder, department } = phone;
        drop(app);
        Phone { app: self.open(&folder, 2), folder, department }
    }

    /// The same phone with an older state of all its files: its store, its keys and what they remember.
    pub(crate) fn put_back(&self, phone: Phone, backup: &Files) -> Phone {
        let Phone { app, folder, department } = phone;
        drop(app);
        std::fs::remove_dir_all(&folder).unwrap();
        for (path, bytes) in backup {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        Phone { app: self.open(&folder, 1), folder, department }
    }
}

/// A server's word on the first change of a frame.
pub(crate) fn said(service: &Service, frame: FrameHash) -> Option<(Status, Reason)> {
    let said = |read: &rusqlite::Connection| {
        let Some(position) = frames::position_of(read, frame)? else { return Ok(None) };
        Decoded::default().of(read, position, frame)
    };
    service.storage().read(said).unwrap().map(|(verdict, _)| verdict.of(0))
}

/// The post of a person in the unit that his code names.
pub(crate) fn post_of(department: DepartmentId, person: &str) -> AssignmentId {
    let (unit, _) = person.rsplit_once('-').expect("a code");
    AssignmentId::of(PersonId::of(department, person), UnitId::of(department, unit), "2020-01")
}

/// Files of a folder as they were.
pub(crate) type Files = Vec<(PathBuf, Vec<u8>)>;

pub(crate) fn copy_of(folder: &Path) -> Files {
    let mut files = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => files.extend(copy_of(&path)),
            false => files.push((path.clone(), std::fs::read(path).unwrap())),
        }
    }
    files
}

fn server_environment(time: &Time) -> xeploai_server::service::Environment {
    let time = time.clone();
    xeploai_server::service::Environment {
        clock: Box::new(move || time.now()),
        ..xeploai_server::service::Environment::system()
    }
}

/// Scores everybody's first criteria, from one phone each, and hands them over.
pub(crate) fn month(office: &Office) -> Vec<Phone> {
    let people = ["tt-1-a", "tt-1-b", "tt-2-a", "tt-2-b"];
    let phones: Vec<Phone> = people.iter().map(|person| office.phone(person, "máy")).collect();
    for (phone, person) in phones.iter().zip(people) {
        for (criterion, text) in [(1, "1,5"), (2, "2"), (3, "3,5")] {
            phone.score(person, criterion, Column::Own, text).unwrap();
        }
        phone.sync();
    }
    phones
}
