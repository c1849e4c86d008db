//! What a visit costs without the server: a unit's month over a hub's link, in a file, in codes, and a new phone's first sync from
//! the hub, between the real programs. Beside each time stands a plain copy of the same bytes.
//!
//! Invariant: each round begins with copies of the same folders, so that it hands over the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xeploai_tests::process::{Running, start};

use super::link::{Link, Passed, Quality};
use super::median;
use super::unit::{HEAD, NEWCOMER, READER, Unit, person};

/// Codes of a series that a screen shows in a second.
const PARTS_PER_SECOND: f64 = 8.0;

/// Ours, and the floor's.
pub(crate) type Figures = BTreeMap<&'static str, (f64, Option<f64>)>;

/// Figures of one round, by name.
type Round = Vec<(&'static str, f64, Option<f64>)>;

/// Plays so many rounds on what a unit has written; gives the medians.
pub(crate) fn measure(unit: &Unit, folder: &Path, rounds: u64) -> Result<Figures> {
    let mut figures: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for round in 1..=rounds {
        eprintln!("carriers round {round}");
        let unit = unit.copied_to(&folder.join("round"))?;
        for (name, ours, floor) in [link(&unit)?, file(&unit)?, codes(&unit)?].concat() {
            let (all, floors) = figures.entry(name).or_default();
            all.push(ours);
            floors.extend(floor);
        }
    }
    let middle = |figures| median(figures).unwrap_or_default();
    let medians = figures.into_iter().map(|(name, (ours, floors))| {
        (name, (middle(ours), if floors.is_empty() { None } else { Some(middle(floors)) }))
    });
    Ok(medians.collect())
}

/// A hub that runs, and a counter of bytes on the way to it.
struct Hub {
    running: Running,
    link: Link,
    invitation: String,
}

impl Hub {
    fn open(unit: &Unit) -> Result<Self> {
        let mut command = unit.phone(HEAD, &["hub", "--address", "127.0.0.1", "--port", "0"]);
        let (running, invitation) = start(&mut command, |line| {
            let view: Value = serde_json::from_str(line).ok()?;
            Some(view["invitation"].as_str()?.to_owned())
        })?;
        // XEPLOAI:HUB/port/code/address
        let mut parts: Vec<&str> = invitation.split('/').collect();
        let port: u16 = parts.get(1).context("an invitation")?.parse()?;
        let link = Link::open(([127, 0, 0, 1], port).into(), Quality::LOOPBACK, 1)?;
        let url = link.url();
        parts[1] = url.rsplit(':').next().context("a port")?;
        Ok(Self { running, invitation: parts.join("/"), link })
    }

    /// Lets a phone hand everything over; gives what passed and the seconds.
    fn visit(&self, unit: &Unit, phone: &str) -> Result<(Passed, f64)> {
        let (before, start) = (self.link.passed(), Instant::now());
        unit.run(phone, &["sync", "--hub", &self.invitation])?;
        let (seconds, after) = (start.elapsed().as_secs_f64(), self.link.passed());
        let (up, down) = (after.up - before.up, after.down - before.down);
        Ok((Passed { up, down, requests: 0 }, seconds))
    }

    /// Most memory that it had, in megabytes.
    fn memory_mb(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
    }
}

/// Everybody hands over to the head's hub, one after the other; then a new phone gets its first sync from it.
fn link(unit: &Unit) -> Result<Round> {
    let hub = Hub::open(unit)?;
    let (mut bytes, mut seconds, mut floor, mut starting) = (0, 0.0, 0.0, 0.0);
    for number in 0..unit.staff {
        let (passed, took) = hub.visit(unit, &person(number))?;
        (bytes, seconds) = (bytes + passed.up + passed.down, seconds + took);
        floor += copied_over_loopback(passed)?;
        let start = Instant::now();
        unit.run(&person(number), &["--version"])?;
        starting += start.elapsed().as_secs_f64();
    }
    let memory = hub.memory_mb()?;
    let (first, took) = hub.visit(unit, NEWCOMER)?;
    let plain = copied_over_loopback(first)?;
    let all = hub.memory_mb()?;
    hub.running.stop()?;
    Ok(vec![
        ("link_bytes", bytes as f64, None),
        ("link_ms", seconds * 1e3, Some(floor * 1e3)),
        ("link_ratio", seconds / floor, None),
        ("link_starts_ms", starting * 1e3, None),
        ("link_memory_mb", memory, None),
        ("first_bytes", (first.up + first.down) as f64, None),
        ("first_s", took, Some(plain)),
        ("first_ratio", took / plain, None),
        ("first_memory_mb", all, None),
    ])
}

/// The head writes all that he carries to a file, and the server takes it in.
fn file(unit: &Unit) -> Result<Round> {
    let path = unit.folder.join("month.xlb");
    let text = path.display().to_string();
    let (start, own) = (Instant::now(), unit.folder.join("own.xlb"));
    unit.run(HEAD, &["bundle", "export", &text])?;
    let taken = unit.server(&["import", "bundle", "--data", &unit.data(), &text])?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(taken["new"].as_u64() >= Some(u64::from(unit.staff)), "the server took in {taken}");
    unit.run(&person(0), &["bundle", "export", &own.display().to_string()])?;
    let bytes = fs::read(&path)?;
    let plain = copied_on_disk(&bytes, &unit.folder.join("plain"))?;
    Ok(vec![
        ("file_bytes", bytes.len() as f64, None),
        ("file_own_bytes", fs::metadata(own)?.len() as f64, None),
        ("file_ms", seconds * 1e3, Some(plain * 1e3)),
        ("file_ratio", seconds / plain, None),
    ])
}

/// The head shows all that he carries, and another phone reads it; one of the staff shows his month.
fn codes(unit: &Unit) -> Result<Round> {
    let path = unit.folder.join("codes.txt");
    let start = Instant::now();
    let shown = unit.run(HEAD, &["qr", "show", "--all"])?;
    let shown = texts(&shown)?;
    fs::write(&path, shown.join("\n"))?;
    let taken = unit.run(READER, &["qr", "read", &path.display().to_string()])?;
    let seconds = start.elapsed().as_secs_f64();
    let taken: Value = serde_json::from_str(&taken)?;
    ensure!(taken["sheets"].as_u64() == Some(u64::from(unit.staff)), "the reader took in {taken}");
    let needed = needed(&unit.run(HEAD, &["qr", "show", "--all", "--parts", "1"])?)?;
    let own = unit.run(&person(0), &["qr", "show"])?;
    let plain = copied_on_disk(&fs::read(&path)?, &unit.folder.join("plain"))?;
    Ok(vec![
        ("codes_bytes", taken["bytes"].as_f64().unwrap_or_default(), None),
        ("codes_parts", needed, None),
        ("codes_s", needed / PARTS_PER_SECOND, None),
        ("codes_own_parts", self::needed(&own)?, None),
        ("codes_ms", seconds * 1e3, Some(plain * 1e3)),
        ("codes_ratio", seconds / plain, None),
    ])
}

fn lines(said: &str) -> impl Iterator<Item = Result<Value>> {
    said.lines().map(|line| Ok(serde_json::from_str(line)?))
}

fn texts(said: &str) -> Result<Vec<String>> {
    lines(said).map(|code| Ok(code?["text"].as_str().context("a code")?.to_owned())).collect()
}

fn needed(said: &str) -> Result<f64> {
    let first = lines(said).next().context("a code")??;
    first["needed"].as_f64().context("how many are needed")
}

/// Seconds that a connection takes over loopback which carries as many bytes and does nothing else.
fn copied_over_loopback(passed: Passed) -> Result<f64> {
    let (up, down) = (vec![1; passed.up as usize], vec![2; passed.down as usize]);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (address, mut taken) = (listener.local_addr()?, vec![0; up.len()]);
    let start = Instant::now();
    std::thread::scope(|scope| -> Result<f64> {
        let server = scope.spawn(move || -> std::io::Result<()> {
            let (mut guest, _) = listener.accept()?;
            guest.read_exact(&mut taken)?;
            guest.write_all(&down)
        });
        let mut guest = TcpStream::connect(address)?;
        guest.write_all(&up)?;
        guest.read_to_end(&mut Vec::new())?;
        let seconds = start.elapsed().as_secs_f64();
        server.join().map_err(|_| anyhow::anyhow!("the plain server died"))??;
        Ok(seconds)
    })
}

/// Seconds until as many bytes are durable in a file and read again.
fn copied_on_disk(bytes: &[u8], path: &PathBuf) -> Result<f64> {
    let start = Instant::now();
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    ensure!(fs::read(path)? == bytes, "a file that has changed");
    Ok(start.elapsed().as_secs_f64())
}
