//! One contender through the phases: a server, the link in front of it, and a client that plays every device. It prints
//! a line of JSON after each phase and waits for one, so that bytes are read exactly between phases.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xeploai_tests::process::Running;

use super::link::{Link, Quality};
use crate::shell;

/// Between two looks whether a server listens.
const PAUSE: Duration = Duration::from_millis(20);

/// How to start it; `{url}` and such are filled in, see [`Place`].
#[derive(Clone, Debug)]
pub(crate) struct Contender {
    pub(crate) server: Vec<String>,
    pub(crate) client: Vec<String>,
    env: BTreeMap<String, String>,
    /// Folder of its programs: `{here}`.
    here: PathBuf,
}

/// What a run is given.
pub(crate) struct Place<'a> {
    /// A new folder.
    pub(crate) folder: &'a Path,
    pub(crate) workload: &'a Path,
    pub(crate) scenario: &'a str,
    pub(crate) quality: Quality,
    pub(crate) round: u64,
}

/// What a phase took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Phase {
    pub(crate) seconds: f64,
    pub(crate) changes: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) bytes: f64,
    pub(crate) requests: f64,
}

/// Phases of a run by name.
pub(crate) type Phases = BTreeMap<String, Phase>;

impl Contender {
    /// Of words: a server's and a client's.
    pub(crate) fn new(server: &[&str], client: &[&str]) -> Self {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self { server: words(server), client: words(client), env: BTreeMap::new(), here: shell::root() }
    }

    /// Those of a `contenders.json`, by name.
    pub(crate) fn read(file: &Path) -> Result<BTreeMap<String, Self>> {
        let text = std::fs::read(file).with_context(|| file.display().to_string())?;
        let entries: BTreeMap<String, Value> = serde_json::from_slice(&text)?;
        let here = file.parent().unwrap_or(file);
        entries.into_iter().map(|(name, entry)| Ok((name, Self::of(&entry, here)?))).collect()
    }

    fn of(entry: &Value, here: &Path) -> Result<Self> {
        let words = |name: &str| serde_json::from_value(entry[name].clone()).with_context(|| name.to_owned());
        let env = entry.get("env").cloned().unwrap_or_else(|| serde_json::json!({}));
        let env = serde_json::from_value(env).context("env")?;
        Ok(Self { server: words("server")?, client: words("client")?, env, here: here.to_owned() })
    }

    /// Plays every phase.
    pub(crate) fn play(&self, place: &Place<'_>) -> Result<Phases> {
        std::fs::create_dir_all(place.folder)?;
        let log = File::create(place.folder.join("log"))?;
        let address = free_address()?;
        let mut server = self.start(&self.server, place, address, "")?;
        let mut server = Running(server.stdout(log.try_clone()?).stderr(log.try_clone()?).spawn()?);
        wait(&mut server.0, address)?;
        let link = Link::open(address, place.quality, place.round)?;
        let mut client = self.start(&self.client, place, address, &link.url())?;
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut client = Running(client.spawn().context("the client")?);
        let phases = follow(&mut client.0, &link)?;
        let ended = client.0.wait()?;
        let log = place.folder.join("log");
        ensure!(ended.success(), "{}: {ended}, see {}", self.client[0], log.display());
        server.stop()?;
        Ok(phases)
    }

    fn start(&self, words: &[String], place: &Place<'_>, address: SocketAddr, url: &str) -> Result<Command> {
        let base =
            std::env::var("PEERS_BASE").or_else(|_| std::env::var("HOME").map(|home| home + "/peers"))?;
        let filled = |text: &String| {
            let values = [
                ("{port}", address.port().to_string()),
                ("{url}", url.to_owned()),
                ("{dir}", place.folder.display().to_string()),
                ("{workload}", place.workload.display().to_string()),
                ("{scenario}", place.scenario.to_owned()),
                ("{here}", self.here.display().to_string()),
                ("{base}", base.clone()),
            ];
            values.iter().fold(text.clone(), |text, (name, value)| text.replace(name, value))
        };
        let (program, args) = words.split_first().context("an empty command")?;
        let mut command = Command::new(filled(program));
        command.args(args.iter().map(filled)).current_dir(shell::root());
        command.envs(self.env.iter().map(|(name, value)| (name, filled(value))));
        Ok(command)
    }
}

/// A port of this machine that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits until the server listens, however long it takes to make its data, or ends.
fn wait(server: &mut Child, address: SocketAddr) -> Result<()> {
    while TcpStream::connect(address).is_err() {
        if let Some(ended) = server.try_wait()? {
            bail!("the server ended before it listened: {ended}");
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn follow(client: &mut Child, link: &Link) -> Result<Phases> {
    let mut answer = client.stdin.take().context("no input")?;
    let (mut phases, mut before) = (Phases::new(), link.passed());
    for line in BufReader::new(client.stdout.take().context("no output")?).lines() {
        let Ok(said) = serde_json::from_str::<Value>(&line?) else { continue };
        let Some(name) = said["phase"].as_str() else { continue };
        let passed = link.passed();
        let number = |name: &str| said[name].as_f64().unwrap_or_default();
        let phase = Phase {
            seconds: number("seconds"),
            changes: number("changes"),
            p50_ms: number("p50_ms"),
            p99_ms: number("p99_ms"),
            bytes: (passed.up + passed.down - before.up - before.down) as f64,
            requests: (passed.requests - before.requests) as f64,
        };
        phases.insert(name.to_owned(), phase);
        before = passed;
        writeln!(answer)?;
    }
    Ok(phases)
}
