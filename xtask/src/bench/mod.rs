//! What sync, carriers and the rules cost, each figure beside its limit, as ratios of one run on this machine. Not part of CI.
//!
//! Reading order: here (which runs there are), [`workload`], [`link`] (what counts the bytes), [`contender`] (one run),
//! [`unit`] and [`carriers`] (a visit), [`table`] (measures and limits).
//!
//! Invariant: contenders take turns, so that what else the machine does falls on all alike; a figure is the median.

mod carriers;
mod contender;
mod link;
mod table;
mod unit;
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use self::contender::{Contender, Phases, Place};
use self::link::Quality;
use self::table::{Table, median};
use self::unit::Unit;
use self::workload::{LARGE, MEDIUM, SMALL, Size, UNIT};
use crate::setup;
use crate::shell::{cargo, root, run};

/// Name of our entry in `tests/bench/contenders.json`.
const OURS: &str = "xeploai";
/// The cheapest sync there can be: the example of the server's, or the peers' own.
const FLOOR: &str = "floor";
/// Folder of a server with a year of data.
const YEAR: &str = "year";

/// A part of the measurements, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Part {
    /// A unit's month over loopback.
    Small,
    /// A month of thirteen units over loopback.
    Medium,
    /// A unit's month over 2G.
    Link,
    /// A new device of the department's, over a year of a hundred units.
    Device,
    /// A visit without the server: over a hub's link, in a file, in codes.
    Carriers,
    /// The rules over the same year, in memory.
    Rules,
}

/// Measures the parts, all of them when none is named, and prints the table. `peers` is a copy of the peers' harness
/// whose set-up was run.
///
/// # Errors
/// When something can't be built, or our own run or the floor's fails.
pub(crate) fn measure(parts: &[Part], rounds: u64, peers: Option<&Path>) -> Result<()> {
    let parts = if parts.is_empty() { Part::value_variants() } else { parts };
    // The server carries the console; which one does not matter here.
    if !root().join("ui/build").exists() {
        setup::install(setup::Need::Story)?;
        setup::build_ui()?;
    }
    let build = ["build", "--release", "--package=xeploai-client", "--package=xeploai-server"];
    run(&mut cargo(&[&build[..], &["--bins", "--example=floor"]].concat()))?;
    let folder = root().join("target/bench");
    let runs = Runs { folder, rounds, contenders: contenders(peers)? };
    let mut table = Table::default();
    for part in parts {
        match part {
            Part::Small => table.small(&runs.interleaved(SMALL, Quality::LOOPBACK)?),
            Part::Medium => table.medium(&runs.interleaved(MEDIUM, Quality::LOOPBACK)?),
            Part::Link => table.link(&runs.interleaved(SMALL, Quality::SECOND_GENERATION)?),
            Part::Device => {
                remove(&runs.folder.join(YEAR))?;
                let whole = runs.device("1", Quality::LOOPBACK)?;
                let half = whole.get("state").map_or(0.0, |state| state.bytes / 2.0) as u64;
                table.device(&whole, &runs.device("2", Quality::cut_after(half))?);
            }
            Part::Carriers => table.carriers(&runs.carriers()?),
            Part::Rules => table.rules(&rules()?),
        }
    }
    println!("\n{table}");
    Ok(())
}

/// What the rules take for a year that is in memory: figures by name.
fn rules() -> Result<BTreeMap<String, f64>> {
    run(&mut cargo(&["build", "--release", "--package=xeploai-core", "--example=rules"]))?;
    let said = Command::new(release("examples/rules")).output()?;
    ensure!(said.status.success(), "the rules' example failed");
    Ok(serde_json::from_slice(&said.stdout)?)
}

/// Ours, the floor, and the peers that are installed, which may bring a floor of their own.
fn contenders(peers: Option<&Path>) -> Result<BTreeMap<String, Contender>> {
    let mut contenders = Contender::read(&root().join("tests/bench/contenders.json"))?;
    for words in contenders.values_mut().flat_map(|ours| [&mut ours.server, &mut ours.client]) {
        words.iter_mut().for_each(|word| *word = word.replace("target/release", &release("")));
    }
    let floor = release("examples/floor");
    let server = [&floor, "server", "127.0.0.1:{port}", "{dir}/server"];
    let client = [&floor, "client", "{url}", "{dir}/client", "{workload}"];
    contenders.insert(FLOOR.to_owned(), Contender::new(&server, &client));
    if let Some(peers) = peers {
        contenders.extend(Contender::read(&peers.canonicalize()?.join("contenders.json"))?);
    }
    Ok(contenders)
}

/// Where a release build puts a program.
fn release(program: &str) -> String {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release").join(program).display().to_string().trim_end_matches('/').to_owned()
}

/// Removes what an earlier run has left.
fn remove(folder: &Path) -> Result<()> {
    if folder.exists() { Ok(std::fs::remove_dir_all(folder)?) } else { Ok(()) }
}

struct Runs {
    folder: PathBuf,
    rounds: u64,
    contenders: BTreeMap<String, Contender>,
}

impl Runs {
    fn workload(&self, size: Size) -> Result<PathBuf> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.folder.join(size.name).with_extension("jsonl");
        workload::write(size, &file)?;
        Ok(file)
    }

    /// The runs of each contender, round by round. A peer's failure stops nobody else; what it did not do is "not run".
    fn interleaved(&self, size: Size, quality: Quality) -> Result<BTreeMap<String, Vec<Phases>>> {
        let workload = self.workload(size)?;
        let mut runs = BTreeMap::<String, Vec<Phases>>::new();
        for round in 1..=self.rounds {
            for (name, contender) in &self.contenders {
                eprintln!("{} round {round}: {name}", size.name);
                let played = self.play(contender, (name, size, quality), &workload, round);
                match played {
                    Err(fault) if ![OURS, FLOOR].contains(&name.as_str()) => eprintln!("{name}: {fault:#}"),
                    played => {
                        runs.entry(name.clone()).or_default().push(played.with_context(|| name.clone())?)
                    }
                }
            }
        }
        Ok(runs)
    }

    /// A new device of the department's: each has a code of its own. The year is made for the first one and kept.
    fn device(&self, device: &str, quality: Quality) -> Result<Phases> {
        eprintln!("{}: device {device}", LARGE.name);
        let workload = self.workload(LARGE)?;
        let data = self.folder.join(YEAR).display().to_string();
        let (server, client) = (release("xeploai-server"), release("xeploai"));
        let listen = ["--listen", "127.0.0.1:{port}", "--workload", "{workload}", "--filled"];
        let server = [&[&server, "bench", "--data", &data][..], &listen].concat();
        let client =
            [&client, "--store", "{dir}/client", "bench-device", "--url", "{url}", "--device", device];
        self.play(&Contender::new(&server, &client), ("device", LARGE, quality), &workload, 1)
    }

    /// A visit, over each carrier.
    fn carriers(&self) -> Result<carriers::Figures> {
        eprintln!("{}: a unit's year", UNIT.name);
        let workload = self.workload(UNIT)?;
        let folder = self.folder.join("visit");
        let unit = Unit::play(&folder.join("unit"), &workload)?;
        carriers::measure(&unit, &folder, self.rounds)
    }

    fn play(
        &self,
        contender: &Contender,
        (name, size, quality): (&str, Size, Quality),
        workload: &Path,
        round: u64,
    ) -> Result<Phases> {
        let folder = self.folder.join("run").join(name);
        remove(&folder)?;
        contender.play(&Place { folder: &folder, workload, scenario: size.name, quality, round })
    }
}
