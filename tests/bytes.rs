//! Bytes on the wire, HTTP heads included, and what is signed: the month of one unit, played by `xeploai bench-client`
//! against `xeploai-server bench` through a proxy that counts. Times are benchmarks; bytes are budgets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xeploai_tests::process::{Binaries, Running, start};

const STAFF: usize = 30;
const CRITERIA: usize = 30;
/// One stream for each of the staff, one for their head.
const STREAMS: i64 = 31;
/// Of each of the staff a frame for his own scores; of the head one for each sheet that he reviews.
const FRAMES_MIN: i64 = 60;

/// Bytes that went either way through the proxy.
type Count = Arc<AtomicU64>;

/// Listens, passes everything on to `server`, and counts it before it goes on.
fn proxy(server: SocketAddr) -> Result<(SocketAddr, Count)> {
    let (listener, count) = (TcpListener::bind("127.0.0.1:0")?, Count::default());
    let (address, counted) = (listener.local_addr()?, Arc::clone(&count));
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(server) else { return };
            for (from, to) in [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))] {
                let (Ok(from), Ok(to), count) = (from, to, Arc::clone(&counted)) else { return };
                std::thread::spawn(move || pass_on(from, to, &count));
            }
        }
    });
    Ok((address, count))
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, count: &AtomicU64) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        count.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The month of one unit as the benchmark's generator makes it: 30 people, 30 criteria, notes in a tenth, a review each.
fn workload(folder: &Path) -> Result<PathBuf> {
    let notes = ["Hoàn thành tốt nhiệm vụ được giao", "Nộp báo cáo chậm 2 ngày", "Được UBND huyện khen"];
    let mut dice = fastrand::Rng::with_seed(20_261_123);
    let (mut lines, mut at, mut reviewed_at) = (String::new(), 1_795_000_000_000_u64, 1_795_090_000_000_u64);
    for (person, criterion) in (0..STAFF).flat_map(|person| (0..CRITERIA).map(move |it| (person, it))) {
        at += dice.u64(900..9_000);
        reviewed_at += dice.u64(400..5_000);
        let own = f64::from(dice.u32(2..=2 * (2 + criterion as u32 % 5))) / 2.0;
        let less = [0.0, 0.0, 0.0, 0.5, 1.0][dice.usize(..5)];
        let mut line = json!({
            "unit": "tttt-000", "period": "2026-10", "subject": format!("tttt-000-cb{person:02}"),
            "criterion": format!("tc{:02}", criterion + 1), "self": own, "ts": at,
            "review": (own - less).max(0.0), "reviewer": "tttt-000-gd", "rts": reviewed_at,
        });
        if dice.u8(..10) == 0 {
            line["note"] = notes[dice.usize(..notes.len())].into();
        }
        lines.push_str(&format!("{line}\n"));
    }
    let path = folder.join("small.jsonl");
    std::fs::write(&path, lines)?;
    Ok(path)
}

/// The devices of the workload, phase by phase.
struct Played {
    _server: Running,
    client: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    count: Count,
    /// Bytes up to the last phase.
    seen: u64,
}

impl Played {
    fn begin(folder: &Path) -> Result<Self> {
        let (binaries, workload) = (Binaries::beside_this_program()?, workload(folder)?);
        let mut command = Command::new(binaries.path("xeploai-server")?);
        command.args(["bench", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("server"));
        command.arg("--workload").arg(&workload).stderr(Stdio::null());
        let (server, address) = start(&mut command, |line| {
            line.strip_prefix("listening on http://").and_then(|address| address.trim().parse().ok())
        })?;
        let (proxy, count) = proxy(address)?;
        let mut client = Command::new(binaries.path("xeploai")?)
            .arg("--store")
            .arg(folder.join("client"))
            .args(["bench-client", "--url", &format!("http://{proxy}"), "--workload"])
            .arg(&workload)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(client.stdout.take().context("no output")?).lines();
        Ok(Self { _server: server, client, lines, count, seen: 0 })
    }

    /// Waits for the end of a phase, and lets the next one begin; gives the bytes that it took.
    fn phase(&mut self, name: &str) -> Result<u64> {
        let line = self.lines.next().with_context(|| format!("it ends before {name}"))??;
        let said: Value = serde_json::from_str(&line)?;
        ensure!(said["phase"] == name, "{line} instead of {name}");
        let all = self.count.load(Ordering::SeqCst);
        let bytes = all - std::mem::replace(&mut self.seen, all);
        writeln!(self.client.stdin.as_mut().context("no input")?)?;
        Ok(bytes)
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}

/// A number that a query gives.
fn number(store: &Path, query: &str) -> Result<i64> {
    Ok(rusqlite::Connection::open(store)?.query_row(query, [], |row| row.get(0))?)
}

#[test]
fn a_units_month_its_one_edit_and_an_idle_sync_stay_within_their_bytes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut played = Played::begin(folder.path())?;
    for local in ["setup", "write", "edit"] {
        let bytes = played.phase(local)?;
        ensure!(local == "setup" || bytes == 0, "{local} asks the server: {bytes} bytes");
    }
    let both = played.phase("push")? + played.phase("pull")?;
    played.phase("verify")?;
    let (one, idle) = (played.phase("one")?, played.phase("idle")?);
    ensure!(played.client.wait()?.success(), "every score is at the department");

    let changes = 2 * STAFF * CRITERIA;
    let each = both as f64 / changes as f64;
    println!("{each:.2} bytes a change, {one} for one edit, {idle} when idle");
    ensure!(both <= 15 * changes as u64, "{each:.2} bytes a change, both legs");
    ensure!(one <= 900, "{one} bytes for one edit from the device to the department");
    ensure!(idle <= 350, "{idle} bytes both ways when there is nothing new");

    let people = "FROM frames WHERE documents = 0";
    for store in ["server/server.db", "client/department/xeploai.db"] {
        let store = folder.path().join(store);
        let streams = number(&store, &format!("SELECT count(DISTINCT stream) {people}"))?;
        let frames = number(&store, &format!("SELECT count(*) {people}"))?;
        ensure!(streams == STREAMS, "{streams} streams in {}", store.display());
        ensure!(frames >= FRAMES_MIN, "{frames} frames in {}", store.display());
    }
    Ok(())
}
