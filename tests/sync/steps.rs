//! A phone and its server on disks that fail: at every step of a sync the power goes, at every size the disk is full.
//!
//! Invariant: what a save or a receipt acknowledged is there afterwards, on both sides, what was to come has come, and the
//! sync ends.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use xeploai_client::environment::Environment;
use xeploai_client::keys::memory::MemoryKeys;
use xeploai_client::{App, ClientError};
use xeploai_core::ids::{AssignmentId, PersonId, UnitId};
use xeploai_core::org::Document;
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::{Field, Place as Where, SheetKey, Subject, Value};
use xeploai_core::view::{Column, FieldName, Place, ScoreRequest};
use xeploai_server::bench;
use xeploai_server::service::{Keys, Service};
use xeploai_tests::disk::{Disk, Image};

use crate::office::{Line, PERIOD, workload};
use crate::phone::cell;

const PERSON: &str = "tt-1-a";
/// What the person writes: criterion, points, and as they are typed.
const WRITTEN: [(u16, Points, &str); 2] = [(1, Points(10_000), "1"), (2, Points(15_000), "1,5")];

/// What the server has for the phone: the last day of self-scoring.
const NEWS: &str = "2026-10-25";

/// A phone that is enrolled and has synced, and its server, which has news since: what is on their disks and in their key stores.
struct Before {
    phone: Image,
    server: Image,
    phone_keys: MemoryKeys,
    server_keys: TempDir,
}

/// The two of them, running.
struct Site<'a> {
    before: &'a Before,
    phone: Disk,
    server: Disk,
    line: Arc<Line>,
    keys: Arc<MemoryKeys>,
    app: Option<App>,
}

fn on_disk() -> xeploai_server::service::Environment {
    let vfs = Some(Disk::vfs().to_owned());
    xeploai_server::service::Environment { vfs, ..xeploai_server::service::Environment::system() }
}

fn open(phone: &Disk, keys: &Arc<MemoryKeys>, line: &Arc<Line>) -> App {
    let environment = Environment {
        vfs: Some(Disk::vfs().to_owned()),
        keys: Arc::clone(keys) as _,
        carrier: Arc::clone(line) as _,
        ..Environment::system(&phone.folder())
    };
    App::open_with(&phone.folder(), environment).unwrap()
}

impl Before {
    fn new() -> Self {
        let (phone, server, server_keys) = (Disk::new(1), Disk::new(2), tempfile::tempdir().unwrap());
        let keys = Keys::create(server_keys.path()).unwrap();
        let service = Service::init_with(&server.folder(), keys, on_disk(), "Sở thử", true).unwrap();
        bench::install(&service, &workload(server_keys.path())).unwrap();
        let code = service.new_code(PERSON).unwrap().code;
        let (line, phone_keys) = (Arc::new(Line(Mutex::new(Some(service)))), Arc::new(MemoryKeys::default()));
        let app = open(&phone, &phone_keys, &line);
        app.enrol(&format!("http://127.0.0.1:9/#{code}"), "máy").unwrap();
        drop(app);
        let service = line.0.lock().unwrap().take().unwrap();
        let mut period = service.config().unwrap().periods[&PERIOD.parse().unwrap()].clone();
        period.own_until = Some(NEWS.into());
        service.write_documents(&[Document::Period(period)]).unwrap();
        drop(service);
        let phone_keys = MemoryKeys::clone(&phone_keys);
        Self { phone: phone.snapshot(), server: server.snapshot(), phone_keys, server_keys }
    }

    fn site(&self, seed: u64) -> Site<'_> {
        let (phone, server) = (Disk::from_image(&self.phone, seed), Disk::from_image(&self.server, seed));
        let (line, keys) = (Arc::new(Line(Mutex::new(None))), Arc::new(self.phone_keys.clone()));
        let mut site = Site { before: self, phone, server, line, keys, app: None };
        site.start_server();
        site.start_phone();
        site
    }
}

impl Site<'_> {
    fn start_server(&self) {
        let mut running = self.line.0.lock().unwrap();
        drop(running.take());
        let keys = Keys::open(self.before.server_keys.path()).unwrap();
        let service = Service::open_with(&self.server.folder(), keys, on_disk()).unwrap();
        service.begin_epoch().unwrap();
        *running = Some(service);
    }

    fn start_phone(&mut self) {
        drop(self.app.take());
        self.app = Some(open(&self.phone, &self.keys, &self.line));
    }

    fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    fn sheet(&self) -> SheetKey {
        let department = self.line.0.lock().unwrap().as_ref().unwrap().department();
        let (person, unit) = (PersonId::of(department, PERSON), UnitId::of(department, "tt-1"));
        let subject = Subject::Post(AssignmentId::of(person, unit, "2020-01"));
        let ruleset = RulesetId { code: "bench".into(), version: 1 };
        SheetKey { subject, period: PERIOD.parse().unwrap(), ruleset }
    }

    fn sheet_id(&self) -> String {
        let department = self.line.0.lock().unwrap().as_ref().unwrap().department();
        self.sheet().id(department).to_string()
    }

    fn score(&self, sheet: &str, criterion: u16, text: &str) -> Result<(), ClientError> {
        let (sheet, text, token) = (sheet.to_owned(), text.to_owned(), String::new());
        let (column, field) = (Column::Own, FieldName::Points);
        self.app().score(&ScoreRequest { sheet, criterion, column, field, text, token }).map(drop)
    }

    /// Writes and syncs; gives what was said to be saved.
    fn work(&self, sheet: &str) -> Vec<(u16, Points)> {
        let saves = WRITTEN.iter().filter(|(criterion, _, text)| self.score(sheet, *criterion, text).is_ok());
        let saved = saves.map(|(criterion, points, _)| (*criterion, *points)).collect();
        // Whether it fails, and how, depends on the step.
        let _ = self.app().sync();
        saved
    }

    /// Everything that was saved is on the phone, and after a sync at the server too.
    fn assert_whole(&self, saved: &[(u16, Points)], at: &str) {
        let (id, key) = (self.sheet_id(), self.sheet());
        let shown = self.app().sheet(&id).unwrap();
        for (criterion, points) in saved {
            assert_eq!(cell(&shown, *criterion, Column::Own).points, Some(*points), "on the phone, {at}");
        }
        let report = self.app().sync().unwrap();
        assert!(report.ok && report.waiting == 0, "{at}: {report:?}");
        let period = self.app().home().unwrap().period.unwrap();
        assert_eq!(period.own_until.as_deref(), Some(NEWS), "the server's news, {at}");
        let service = self.line.0.lock().unwrap();
        let official = service.as_ref().unwrap().sheet_of(&key).unwrap();
        for (criterion, points) in saved {
            let place = Where { criterion: *criterion, column: Column::Own, field: Field::Points };
            assert_eq!(official.value(place), Some(&Value::Points(*points)), "at the server, {at}");
        }
        drop(service);
        if !saved.is_empty() {
            assert_eq!(self.app().sheet(&id).unwrap().summary.place, Place::Received, "{at}");
        }
    }
}

fn steps(disk: &Disk) -> u64 {
    disk.writes() + disk.syncs()
}

#[test]
fn what_is_typed_is_durable_after_one_sync_of_the_disk() {
    let before = Before::new();
    let site = before.site(0);
    let sheet = site.sheet_id();
    // The first write begins the log of the session.
    site.score(&sheet, 1, "1").unwrap();
    for (criterion, text) in [(1, "1,5"), (2, "2"), (2, "1")] {
        let syncs = site.phone.syncs();
        site.score(&sheet, criterion, text).unwrap();
        assert_eq!(site.phone.syncs() - syncs, 1, "criterion {criterion}: {text}");
    }
}

#[test]
fn case_08_the_power_goes_at_every_step_of_a_sync_and_it_resumes_without_a_loss() {
    let before = Before::new();
    let whole = before.site(0);
    let (phone, server) = (steps(&whole.phone), steps(&whole.server));
    assert_eq!(whole.work(&whole.sheet_id()).len(), WRITTEN.len());
    let (phone, server) = (steps(&whole.phone) - phone, steps(&whole.server) - server);
    assert!(phone > 10 && server > 10, "{phone} steps of the phone, {server} of the server");
    for step in 1..=phone {
        let mut site = before.site(step);
        let sheet = site.sheet_id();
        site.phone.fail_at(step);
        let saved = site.work(&sheet);
        site.phone.reboot();
        site.start_phone();
        site.assert_whole(&saved, &format!("step {step} of {phone} of the phone"));
    }
    for step in 1..=server {
        let site = before.site(step);
        let sheet = site.sheet_id();
        site.server.fail_at(step);
        let saved = site.work(&sheet);
        assert_eq!(saved.len(), WRITTEN.len(), "the phone saves without its server");
        site.server.reboot();
        site.start_server();
        site.assert_whole(&saved, &format!("step {step} of {server} of the server"));
    }
}

fn used(disk: &Disk) -> u64 {
    disk.snapshot().sizes().values().map(|size| *size as u64).sum()
}

#[test]
fn case_08_a_disk_that_is_full_at_any_write_refuses_the_save_and_loses_nothing() {
    /// Half a page of SQLite: no write is left out.
    const STEP: u64 = 2048;
    let before = Before::new();
    let whole = before.site(0);
    let (phone, server) = (used(&whole.phone), used(&whole.server));
    whole.work(&whole.sheet_id());
    let growth = (used(&whole.phone) - phone).max(used(&whole.server) - server);
    let mut refused = 0;
    for room in (0..growth + STEP).step_by(STEP as usize) {
        let site = before.site(room);
        let sheet = site.sheet_id();
        site.phone.set_capacity(used(&site.phone) + room);
        site.server.set_capacity(used(&site.server) + room);
        let saved = site.work(&sheet);
        refused += WRITTEN.len() - saved.len();
        site.phone.set_capacity(u64::MAX);
        site.server.set_capacity(u64::MAX);
        site.assert_whole(&saved, &format!("room for {room} of {growth} bytes"));
    }
    assert!(refused > 0, "a save that does not fit says so");
}
