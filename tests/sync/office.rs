//! Two centres with two people and a head each, made as for a benchmark, and their phones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::environment::Environment;
use xeploai_client::{App, ClientError, Refused};
use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{Column, FieldName, Place, ScoreRequest, SheetView, SyncReport};
use xeploai_server::bench;
use xeploai_server::error::ServerError;
use xeploai_server::service::Service;

pub(crate) const PERIOD: &str = "2026-10";
const CRITERIA: u16 = 4;

/// The department: its folder, and the server that runs on it now.
pub(crate) struct Office {
    folder: TempDir,
    server: Arc<Line>,
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
    let mut lines = String::new();
    for unit in ["tt-1", "tt-2"] {
        for subject in ["a", "b"] {
            for criterion in 1..=CRITERIA {
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
        let folder = tempfile::tempdir().unwrap();
        let service = Service::init(&folder.path().join("server"), "Sở thử", true).unwrap();
        bench::install(&service, &workload(folder.path())).unwrap();
        Self { folder, server: Arc::new(Line(Mutex::new(Some(service)))) }
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
    pub(crate) fn back_up(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = std::fs::read_dir(self.data()).unwrap().map(|entry| entry.unwrap().path());
        entries
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    }

    /// Puts a backup in the place of the database and starts a server on it.
    pub(crate) fn restore(&self, backup: &[(PathBuf, Vec<u8>)]) {
        let mut running = self.server.0.lock().unwrap();
        drop(running.take());
        for path in std::fs::read_dir(self.data()).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_file() {
                std::fs::remove_file(path).unwrap();
            }
        }
        backup.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
        let service = Service::open(&self.data()).unwrap();
        service.begin_epoch().unwrap();
        *running = Some(service);
    }

    /// A new phone of a person, in an environment that `change` makes of the system's with a line to this server.
    pub(crate) fn phone_with(
        &self,
        (person, device): (&str, &str),
        change: impl FnOnce(Environment) -> Environment,
    ) -> Phone {
        let folder = self.folder.path().join(format!("{person}-{device}"));
        let environment = Environment { carrier: self.line(), ..Environment::system(&folder) };
        let app = App::open_with(&folder, change(environment)).unwrap();
        let code = self.ask(|service| service.new_code(person)).unwrap().code;
        app.enrol(&format!("http://127.0.0.1:9/#{code}"), device).unwrap();
        Phone { app, folder, department: self.ask(Service::department) }
    }

    /// A new phone of a person, with a code as an administrator makes it.
    pub(crate) fn phone(&self, person: &str, device: &str) -> Phone {
        let folder = self.folder.path().join(format!("{person}-{device}"));
        let environment = Environment {
            carrier: Arc::clone(&self.server) as Arc<dyn Carrier>,
            ..Environment::system(&folder)
        };
        let app = App::open_with(&folder, environment).unwrap();
        let code = self.ask(|service| service.new_code(person)).unwrap().code;
        app.enrol(&format!("http://127.0.0.1:9/#{code}"), device).unwrap();
        Phone { app, folder, department: self.ask(Service::department) }
    }
}

pub(crate) struct Phone {
    pub(crate) app: App,
    pub(crate) folder: PathBuf,
    department: DepartmentId,
}

impl Phone {
    pub(crate) fn sync(&self) -> SyncReport {
        let report = self.app.sync().unwrap();
        assert!(report.ok, "{report:?}");
        report
    }

    /// The sheet of a person, as this phone shows it.
    pub(crate) fn sheet(&self, person: &str) -> SheetView {
        let (unit, _) = person.rsplit_once('-').expect("a code");
        let (id, unit) = (PersonId::of(self.department, person), UnitId::of(self.department, unit));
        let key = SheetKey {
            subject: Subject::Post(AssignmentId::of(id, unit, "2020-01")),
            period: PERIOD.parse().unwrap(),
            ruleset: RulesetId { code: "bench".into(), version: 1 },
        };
        self.app.sheet(&key.id(self.department).to_string()).unwrap()
    }

    /// Writes points with what the screen shows now.
    pub(crate) fn score(
        &self,
        person: &str,
        criterion: u16,
        column: Column,
        text: &str,
    ) -> Result<(), ClientError> {
        let sheet = self.sheet(person);
        let token = cell(&sheet, criterion, column).token.clone();
        let id = sheet.summary.id.clone();
        let field = FieldName::Points;
        self.app
            .score(&ScoreRequest { sheet: id, criterion, column, field, text: text.into(), token })
            .map(drop)
    }

    pub(crate) fn own(&self, person: &str, criterion: u16) -> Option<Points> {
        cell(&self.sheet(person), criterion, Column::Own).points
    }

    pub(crate) fn place(&self, person: &str) -> Place {
        self.sheet(person).summary.place
    }

    /// The store, for a fault that no use-case has.
    pub(crate) fn store(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.join("xeploai.db")).unwrap()
    }

    pub(crate) fn count(&self, table: &str) -> i64 {
        self.store().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

pub(crate) fn cell(sheet: &SheetView, criterion: u16, column: Column) -> &xeploai_core::view::CellView {
    let criteria = sheet.groups.iter().flat_map(|group| &group.criteria);
    let criterion = criteria.into_iter().find(|it| it.number == criterion).expect("the criterion");
    criterion.cells.iter().find(|cell| cell.column == column).expect("the column")
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
