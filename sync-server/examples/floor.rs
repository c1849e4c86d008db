//! The floor under the benchmarks: the cheapest durable sync there can be. One table and one log in SQLite (WAL, FULL),
//! one POST and one GET of columns under zstd; no keys, no rules, no conflicts. A contender as `bench-client` is one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

#[derive(Parser)]
enum Command {
    /// Takes changes and gives them.
    Server { listen: SocketAddr, folder: PathBuf },
    /// Plays every device of a workload.
    Client { url: String, folder: PathBuf, workload: PathBuf },
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Server { listen, folder } => serve(listen, &folder),
        Command::Client { url, folder, workload } => play(&url, &folder, &workload),
    }
}

/// One write: unit, subject, criterion, field, points in halves, time in milliseconds.
#[derive(Clone, Default)]
struct Change {
    columns: [i64; COLUMNS],
    note: String,
}

const COLUMNS: usize = 6;
const FIELD: usize = 3;
const POINTS: usize = 4;

/// Columns one after the other, each as differences of variable length; then the notes.
fn encode(changes: &[Change]) -> Result<Vec<u8>> {
    let mut bytes = (changes.len() as u64).to_le_bytes().to_vec();
    for column in 0..COLUMNS {
        let mut last = 0;
        for change in changes {
            let step = change.columns[column] - last;
            last = change.columns[column];
            let mut rest = ((step << 1) ^ (step >> 63)) as u64;
            while rest >= 0x80 {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
        }
    }
    for change in changes {
        bytes.extend(u8::try_from(change.note.len())?.to_le_bytes());
        bytes.extend(change.note.as_bytes());
    }
    Ok(zstd::bulk::compress(&bytes, 3)?)
}

fn decode(bytes: &[u8]) -> Result<Vec<Change>> {
    let bytes = zstd::bulk::decompress(bytes, 1 << 26)?;
    let (count, mut rest) = bytes.split_first_chunk::<8>().context("no count")?;
    let mut changes = vec![Change::default(); usize::try_from(u64::from_le_bytes(*count))?];
    for column in 0..COLUMNS {
        let mut last = 0;
        for change in &mut changes {
            let (mut number, mut shift) = (0u64, 0);
            loop {
                let (byte, after) = rest.split_first().context("cut")?;
                rest = after;
                number |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if *byte < 0x80 {
                    break;
                }
            }
            last += (number >> 1) as i64 ^ -((number & 1) as i64);
            change.columns[column] = last;
        }
    }
    for change in &mut changes {
        let (length, after) = rest.split_first().context("cut")?;
        let (note, after) = after.split_at_checked(usize::from(*length)).context("cut")?;
        change.note = String::from_utf8(note.to_vec())?;
        rest = after;
    }
    Ok(changes)
}

/// The state of each record, the last write of a field counting, and the log of changes.
struct Store(Connection);

impl Store {
    fn open(folder: &Path, name: &str) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let connection = Connection::open(folder.join(name))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE score (unit INT, subject INT, criterion INT, field INT, points INT, at INT, note TEXT,
               PRIMARY KEY (unit, subject, criterion, field)) WITHOUT ROWID;
             CREATE TABLE log (seq INTEGER PRIMARY KEY, unit INT, subject INT, criterion INT, field INT, points INT,
               at INT, note TEXT);",
        )?;
        Ok(Self(connection))
    }

    fn apply(&mut self, changes: &[Change]) -> Result<()> {
        let write = self.0.transaction()?;
        {
            let mut state = write.prepare_cached(
                "INSERT INTO score VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET points = excluded.points, at = excluded.at, note = excluded.note
                 WHERE excluded.at > at",
            )?;
            let mut log =
                write.prepare_cached("INSERT INTO log VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for Change { columns: [unit, subject, criterion, field, points, at], note } in changes {
                state.execute(params![unit, subject, criterion, field, points, at, note])?;
                log.execute(params![unit, subject, criterion, field, points, at, note])?;
            }
        }
        write.commit()?;
        Ok(())
    }

    fn since(&self, seq: i64) -> Result<(i64, Vec<Change>)> {
        let mut query = self.0.prepare_cached(
            "SELECT seq, unit, subject, criterion, field, points, at, note FROM log WHERE seq > ?1 ORDER BY seq",
        )?;
        let (mut last, mut changes) = (seq, Vec::new());
        let mut rows = query.query([seq])?;
        while let Some(row) = rows.next()? {
            last = row.get(0)?;
            let mut change = Change { note: row.get(7)?, ..Change::default() };
            for (at, column) in change.columns.iter_mut().enumerate() {
                *column = row.get(at + 1)?;
            }
            changes.push(change);
        }
        Ok((last, changes))
    }

    /// Records of the first field, and the sum that every contender verifies.
    fn sum(&self) -> Result<(i64, i64)> {
        let sum =
            "SELECT count(*) FILTER (WHERE field = 0), sum(points * iif(field = 0, 1, 1000)) FROM score";
        Ok(self.0.query_row(sum, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}

fn serve(listen: SocketAddr, folder: &Path) -> Result<()> {
    let store = Mutex::new(Store::open(folder, "server.db")?);
    let listener = TcpListener::bind(listen)?;
    std::thread::scope(|scope| {
        for client in listener.incoming() {
            let client = client?;
            scope.spawn(|| {
                // A connection that ends is the client's choice.
                let _ = answer_all(client, &store);
            });
        }
        Ok(())
    })
}

fn answer_all(client: TcpStream, store: &Mutex<Store>) -> Result<()> {
    client.set_nodelay(true)?;
    let mut http = Http(BufReader::new(client));
    loop {
        let (line, body) = http.read()?;
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match line.split(' ').nth(1).and_then(|path| path.strip_prefix("/since/")) {
            Some(seq) => {
                let (last, changes) = store.since(seq.parse()?)?;
                [&last.to_le_bytes()[..], &encode(&changes)?].concat()
            }
            None => {
                store.apply(&decode(&body)?)?;
                Vec::new()
            }
        };
        drop(store);
        http.write("HTTP/1.1 200 OK", &answer)?;
    }
}

/// A connection that is kept, with as little HTTP/1.1 as there can be.
struct Http(BufReader<TcpStream>);

impl Http {
    fn write(&mut self, line: &str, body: &[u8]) -> Result<()> {
        let mut message = format!("{line}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
        message.extend(body);
        Ok(self.0.get_mut().write_all(&message)?)
    }

    fn read(&mut self) -> Result<(String, Vec<u8>)> {
        let (mut first, mut length) = (String::new(), 0);
        ensure!(self.0.read_line(&mut first)? > 0, "closed");
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            match line.trim().split_once(": ") {
                Some(("content-length", value)) => length = value.parse()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((first, body))
    }

    fn ask(&mut self, line: &str, body: &[u8]) -> Result<Vec<u8>> {
        self.write(&format!("{line} HTTP/1.1\r\nhost: floor"), body)?;
        Ok(self.read()?.1)
    }
}

struct Device {
    own: Vec<Change>,
    reviews: Vec<Change>,
    store: Store,
    http: Http,
    seq: i64,
}

impl Device {
    fn open(url: &str, folder: &Path, name: &str) -> Result<Self> {
        let stream = TcpStream::connect(url.trim_start_matches("http://"))?;
        stream.set_nodelay(true)?;
        let (store, http) = (Store::open(folder, name)?, Http(BufReader::new(stream)));
        Ok(Self { own: Vec::new(), reviews: Vec::new(), store, http, seq: 0 })
    }

    fn push(&mut self) -> Result<()> {
        let (last, changes) = self.store.since(self.seq)?;
        self.seq = last;
        self.http.ask("POST /", &encode(&changes)?)?;
        Ok(())
    }

    fn pull(&mut self) -> Result<()> {
        let answer = self.http.ask(&format!("GET /since/{}", self.seq), b"")?;
        let (last, changes) = answer.split_first_chunk::<8>().context("no place")?;
        self.store.apply(&decode(changes)?)?;
        self.seq = i64::from_le_bytes(*last);
        Ok(())
    }
}

/// The devices, one a unit, with what they will write.
fn devices(url: &str, folder: &Path, workload: &Path) -> Result<Vec<Device>> {
    let mut devices = BTreeMap::new();
    for line in BufReader::new(std::fs::File::open(workload)?).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let number = |name: &str| -> Result<i64> {
            let digits: String =
                row[name].as_str().context("text")?.chars().filter(char::is_ascii_digit).collect();
            Ok(digits.parse()?)
        };
        let halves = |name: &str| (row[name].as_f64().unwrap_or_default() * 2.0) as i64;
        let (unit, subject, criterion) = (number("unit")?, number("subject")?, number("criterion")?);
        let change = |field, points, at: &str| Change {
            columns: [unit, subject, criterion, field, points, row[at].as_i64().unwrap_or_default()],
            note: String::new(),
        };
        let device = match devices.entry(unit) {
            Entry::Occupied(device) => device.into_mut(),
            Entry::Vacant(place) => place.insert(Device::open(url, folder, &format!("device-{unit}.db"))?),
        };
        let note = row["note"].as_str().unwrap_or_default().to_owned();
        device.own.push(Change { note, ..change(0, halves("self"), "ts") });
        device.reviews.push(change(1, halves("review"), "rts"));
    }
    Ok(devices.into_values().collect())
}

/// Says that a phase is over and waits until its bytes were read.
fn phase(name: &str, start: Instant, mut more: Value) -> Result<()> {
    more["phase"] = name.into();
    more["seconds"] = start.elapsed().as_secs_f64().into();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{more}")?;
    out.flush()?;
    std::io::stdin().lock().read_line(&mut String::new())?;
    Ok(())
}

fn write_all(name: &str, devices: &mut [Device], what: fn(&Device) -> &[Change]) -> Result<()> {
    let (start, mut took) = (Instant::now(), Vec::new());
    for device in devices {
        for change in what(device).to_vec() {
            let start = Instant::now();
            device.store.apply(std::slice::from_ref(&change))?;
            took.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    took.sort_by(f64::total_cmp);
    let at = |share: usize| took.get(took.len().saturating_sub(1) * share / 100).copied().unwrap_or_default();
    phase(name, start, json!({"changes": took.len(), "p50_ms": at(50), "p99_ms": at(99)}))
}

fn play(url: &str, folder: &Path, workload: &Path) -> Result<()> {
    let start = Instant::now();
    let mut devices = devices(url, folder, workload)?;
    let mut department = Device::open(url, folder, "department.db")?;
    phase("setup", start, json!({}))?;
    write_all("write", &mut devices, |device| &device.own)?;
    write_all("edit", &mut devices, |device| &device.reviews)?;
    sync(&mut devices, &mut department)?;
    let device = devices.first_mut().context("no device")?;
    let mut again = device.reviews.get(7).context("too few records")?.clone();
    again.columns[POINTS] += 1;
    again.columns[COLUMNS - 1] += 1;
    let start = Instant::now();
    device.store.apply(&[again])?;
    device.push()?;
    department.pull()?;
    phase("one", start, json!({"changes": 1}))?;
    let start = Instant::now();
    department.pull()?;
    phase("idle", start, json!({}))
}

/// Everything to the server and to the department, and whether it came.
fn sync(devices: &mut [Device], department: &mut Device) -> Result<()> {
    let all = devices.iter().flat_map(|device| device.own.iter().chain(&device.reviews));
    let wanted = all.fold(0, |sum, change| {
        sum + change.columns[POINTS] * if change.columns[FIELD] == 0 { 1 } else { 1000 }
    });
    let start = Instant::now();
    std::thread::scope(|scope| {
        let pushes: Vec<_> = devices.iter_mut().map(|device| scope.spawn(|| device.push())).collect();
        pushes.into_iter().try_for_each(|push| match push.join() {
            Ok(done) => done,
            Err(_) => bail!("a device broke off"),
        })
    })?;
    let records: usize = devices.iter().map(|device| device.own.len()).sum();
    phase("push", start, json!({"changes": 2 * records}))?;
    let start = Instant::now();
    department.pull()?;
    phase("pull", start, json!({}))?;
    let sum = department.store.sum()?;
    ensure!(sum == (records as i64, wanted), "not converged: {sum:?}, not {records} and {wanted}");
    phase("verify", Instant::now(), json!({"records": records}))
}
