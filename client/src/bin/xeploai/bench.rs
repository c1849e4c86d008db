//! `bench-client`: plays every device of a benchmark's workload, with the app's own use-cases.
//!
//! Invariant: it writes as the product does: a stream for each author, each score a durable transaction of its own, and one
//! device a unit that everybody of the unit shares; the head is the active one and hands everybody's frames over.
//!
//! After each phase it prints one JSON line and waits for a line, so that bytes are read exactly between phases.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};
use xeploai_client::environment::{Clock, Environment};
use xeploai_client::{App, ClientError};
use xeploai_core::ids::PersonId;
use xeploai_core::points::Points;
use xeploai_core::view::{Column, FieldName, ScoreRequest};

/// Staff code of the department's reader in such a department.
const READER: &str = "so-th";
/// How often a device asks again when the link breaks.
const TRIES_MAX: u32 = 5;

/// A record of the workload: a score and its later review.
#[derive(Clone, Deserialize)]
struct Row {
    unit: String,
    subject: String,
    criterion: String,
    #[serde(rename = "self")]
    own: f64,
    note: Option<String>,
    /// Unix milliseconds.
    ts: i64,
    review: f64,
    reviewer: String,
    rts: i64,
}

impl Row {
    fn criterion(&self) -> u16 {
        self.criterion.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_default()
    }
}

/// The time that a device claims: that of the record which is written, and the right one when it asks the server: one whose
/// clock is wrong asks for the server's time, too.
struct WorkloadClock(AtomicI64);

impl WorkloadClock {
    fn set_right(&self) {
        self.0.store(jiff::Timestamp::now().as_second(), Ordering::Relaxed);
    }
}

impl Clock for WorkloadClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Device {
    app: App,
    clock: Arc<WorkloadClock>,
    rows: Vec<Row>,
    head: String,
    /// Sheet of each subject.
    sheets: BTreeMap<String, String>,
    people: BTreeMap<String, PersonId>,
}

/// The enrolment code of a person in a benchmark, as `xeploai-server bench` gives it out.
fn code(url: &str, person: &str) -> String {
    let hash = blake3::derive_key("xeploai 2026 benchmark code", person.as_bytes());
    let digits: String = hash[..16].iter().map(|byte| char::from(b'0' + byte % 10)).collect();
    format!("{url}/#{digits}")
}

fn open(folder: &Path, url: &str, people: &[String]) -> Result<(App, Arc<WorkloadClock>), ClientError> {
    let clock = Arc::new(WorkloadClock(AtomicI64::default()));
    clock.set_right();
    let environment =
        Environment { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..Environment::system(folder) };
    let app = App::open_with(folder, environment)?;
    for person in people {
        app.enrol(&code(url, person), &format!("Máy {person}"))?;
    }
    Ok((app, clock))
}

impl Device {
    fn open(folder: &Path, url: &str, rows: Vec<Row>) -> Result<Self, ClientError> {
        let head = rows.first().map(|row| row.reviewer.clone()).unwrap_or_default();
        let mut people: Vec<String> = rows.iter().map(|row| row.subject.clone()).collect();
        people.dedup();
        people.push(head.clone());
        let (app, clock) = open(folder, url, &people)?;
        let sheets = app.sheets(None)?.into_iter().map(|sheet| (sheet.code, sheet.id)).collect();
        let ids = app.person_ids()?;
        Ok(Self { app, clock, rows, head, sheets, people: ids })
    }

    fn exchange(&self) -> Result<(), ClientError> {
        self.clock.set_right();
        self.app.exchange()
    }

    /// One field, durable when it returns; notes how many milliseconds that took.
    fn write(
        &self,
        took: &mut Vec<f64>,
        person: &str,
        row: &Row,
        column: Column,
        field: FieldName,
        text: &str,
    ) -> Result<(), ClientError> {
        let request = ScoreRequest {
            sheet: self.sheets.get(&row.subject).cloned().unwrap_or_default(),
            criterion: row.criterion(),
            column,
            field,
            text: text.to_owned(),
            token: String::new(),
        };
        let (person, start) = (self.people.get(person).copied().unwrap_or_default(), Instant::now());
        self.app.write(person, &request)?;
        took.push(start.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    fn own(&self, took: &mut Vec<f64>, row: &Row) -> Result<(), ClientError> {
        self.clock.0.store(row.ts / 1000, Ordering::Relaxed);
        self.write(took, &row.subject, row, Column::Own, FieldName::Points, &row.own.to_string())?;
        match &row.note {
            Some(note) => self.write(took, &row.subject, row, Column::Own, FieldName::Note, note),
            None => Ok(()),
        }
    }

    fn review(&self, took: &mut Vec<f64>, row: &Row, bump: f64) -> Result<(), ClientError> {
        self.clock.0.store(row.rts / 1000, Ordering::Relaxed);
        let points = (row.review + bump).to_string();
        self.write(took, &self.head, row, Column::Superior, FieldName::Points, &points)
    }
}

/// Says that a phase is over and waits until its bytes were read.
fn phase(name: &str, start: Instant, mut more: Value) -> Result<(), ClientError> {
    more["phase"] = name.into();
    more["seconds"] = start.elapsed().as_secs_f64().into();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{more}")?;
    out.flush()?;
    std::io::stdin().lock().read_line(&mut String::new())?;
    Ok(())
}

/// Milliseconds at a share of sorted durations.
fn at(sorted: &[f64], share: f64) -> f64 {
    sorted.get(((sorted.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or_default()
}

fn timed(
    name: &str,
    devices: &[Device],
    act: impl Fn(&Device, &mut Vec<f64>, &Row) -> Result<(), ClientError>,
) -> Result<(), ClientError> {
    let (start, mut took) = (Instant::now(), Vec::new());
    for device in devices {
        device.rows.iter().try_for_each(|row| act(device, &mut took, row))?;
    }
    let changes: usize = devices.iter().map(|device| device.rows.len()).sum();
    took.sort_by(f64::total_cmp);
    let more = json!({"changes": changes, "p50_ms": at(&took, 0.5), "p99_ms": at(&took, 0.99)});
    phase(name, start, more)
}

/// Plays the phases.
///
/// # Errors
/// When a device fails, or the department's device does not hold in the end what was written.
pub(crate) fn run(folder: &Path, url: &str, workload: &Path) -> Result<(), ClientError> {
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in std::io::BufReader::new(std::fs::File::open(workload)?).lines() {
        let row: Row = serde_json::from_str(&line?)?;
        rows.entry(row.unit.clone()).or_default().push(row);
    }
    let start = Instant::now();
    let mut devices = Vec::new();
    for (at, (_, rows)) in rows.into_iter().enumerate() {
        devices.push(Device::open(&folder.join(format!("device-{at}")), url, rows)?);
    }
    let (department, _) = open(&folder.join("department"), url, &[READER.to_owned()])?;
    for device in &devices {
        device.exchange()?;
    }
    department.exchange()?;
    phase("setup", start, json!({}))?;
    timed("write", &devices, Device::own)?;
    timed("edit", &devices, |device, took, row| device.review(took, row, 0.0))?;
    sync_phases(&devices, &department)
}

/// Plays a new device of the department's: the state of closed periods and what came since, then the frames behind it.
/// Where the link breaks it asks again.
///
/// # Errors
/// When the store fails, or the link breaks again and again.
pub(crate) fn run_device(folder: &Path, url: &str, device: &str) -> Result<(), ClientError> {
    let start = Instant::now();
    let (department, _) = open(folder, url, &[device.to_owned()])?;
    let tries = until_done(|| department.exchange())?;
    phase("state", start, json!({"tries": tries}))?;
    let start = Instant::now();
    let tries = until_done(|| {
        let failure = department.fetch_history()?.failure;
        failure.map_or(Ok(()), |failure| Err(ClientError::Server(failure)))
    })?;
    phase("frames", start, json!({"tries": tries}))
}

/// Tries until it is done; gives how often.
fn until_done(mut attempt: impl FnMut() -> Result<(), ClientError>) -> Result<u32, ClientError> {
    for tries in 1..TRIES_MAX {
        if attempt().is_ok() {
            return Ok(tries);
        }
    }
    attempt().map(|()| TRIES_MAX)
}

fn sync_phases(devices: &[Device], department: &App) -> Result<(), ClientError> {
    let changes: usize = devices.iter().map(|device| device.rows.len()).sum();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let pushed: Vec<_> = devices.iter().map(|device| scope.spawn(|| device.exchange())).collect();
        pushed.into_iter().try_for_each(|done| match done.join() {
            Ok(done) => done,
            Err(_) => Err(std::io::Error::other("a device broke off").into()),
        })
    })?;
    phase("push", start, json!({"changes": 2 * changes}))?;
    let start = Instant::now();
    department.exchange()?;
    phase("pull", start, json!({}))?;
    verify(devices, department)?;
    let Some((device, row)) = devices.first().and_then(|device| Some((device, device.rows.get(7)?))) else {
        return Ok(());
    };
    let start = Instant::now();
    device.review(&mut Vec::new(), row, if row.review > 0.0 { -0.5 } else { 0.5 })?;
    device.exchange()?;
    department.exchange()?;
    phase("one", start, json!({"changes": 1}))?;
    let start = Instant::now();
    device.exchange()?;
    phase("idle", start, json!({}))
}

/// Every record is at the department, with both its scores.
fn verify(devices: &[Device], department: &App) -> Result<(), ClientError> {
    let start = Instant::now();
    let rows = || devices.iter().flat_map(|device| &device.rows);
    let points = |value: f64| (value * 10_000.0).round() as i64;
    let wanted: i64 = rows().map(|row| points(row.own) + 1000 * points(row.review)).sum();
    let (mut records, mut sum) = (0, 0);
    for sheet in devices.iter().flat_map(|device| device.sheets.values()) {
        for criterion in department.sheet(sheet)?.groups.into_iter().flat_map(|group| group.criteria) {
            let of = |column| criterion.cells.iter().find(|cell| cell.column == column)?.points;
            let (own, review): (Option<Points>, Option<Points>) = (of(Column::Own), of(Column::Superior));
            records += usize::from(own.is_some());
            sum += own.map_or(0, |own| own.0) + 1000 * review.map_or(0, |review| review.0);
        }
    }
    if records != rows().count() || sum != wanted {
        return Err(
            std::io::Error::other(format!("not converged: {records} records, {sum} of {wanted}")).into()
        );
    }
    phase("verify", start, json!({"records": records}))
}
