//! Planted bugs: each of `tests/planted/*.patch` is applied to a copy of the tree, and the simulator must find it.
//!
//! Invariant: the checkout is never touched, and the tree without a bug passes the very seeds that the bugs are looked for
//! in; so what a bug's run breaks is broken by the bug.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::setup::{self, Need};
use crate::shell::{cargo, command, root, run};
use crate::simulate::{PROGRAM, without_page};

/// Where the bugs are.
const FOLDER: &str = "tests/planted";
/// The first of the seeds.
const FIRST_SEED: u64 = 1;
/// In how many seeds a bug must be found.
const SEEDS: u64 = 300;

/// Where the bugs are planted: a copy of the tree, and what it is built into.
struct Plot {
    tree: PathBuf,
    target: PathBuf,
}

/// How a bug, or the tree without one, fared.
struct Outcome {
    /// What was broken, in the simulator's words; nothing when all seeds passed.
    broken: Option<String>,
    seeds: u64,
    took: Duration,
}

/// Plants the bugs one at a time, all of them when none is named, and says how each was found.
///
/// # Errors
/// When the tree without a bug breaks a promise, a patch does not apply or not compile, or a bug is not found.
pub(crate) fn plant(named: &[String]) -> Result<()> {
    let bugs = chosen(named)?;
    setup::install(Need::Simulator)?;
    let plot = Plot::beside_this_program()?;
    plot.restore()?;
    let sound = plot.play()?;
    if let Some(broken) = sound.broken {
        bail!("without a bug: {broken}");
    }
    println!("without a bug: {} seeds from {FIRST_SEED} pass in {} s", sound.seeds, sound.took.as_secs());
    let mut rows = vec!["| bug | found by | seeds | seconds |".to_owned(), "|---|---|---|---|".to_owned()];
    let mut missed = Vec::new();
    for bug in bugs {
        let name = bug.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        plot.restore()?;
        plot.apply(&bug)?;
        let outcome = plot.play()?;
        let (seeds, seconds) = (outcome.seeds, outcome.took.as_secs_f64());
        let broken = outcome.broken.unwrap_or_else(|| {
            missed.push(name.clone());
            "NOT FOUND".to_owned()
        });
        rows.push(format!("| {name} | {} | {seeds} | {seconds:.1} |", promise(&broken)));
        println!("{name}: {broken}");
    }
    plot.restore()?;
    println!("\n{}", rows.join("\n"));
    ensure!(missed.is_empty(), "not found in {SEEDS} seeds: {}", missed.join(", "));
    Ok(())
}

/// The bugs that are there, or those of them that were named.
fn chosen(named: &[String]) -> Result<Vec<PathBuf>> {
    let mut known = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "patch") {
            known.push(path);
        }
    }
    known.sort();
    let is =
        |path: &Path, name: &str| path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains(name));
    if let Some(unknown) = named.iter().find(|name| !known.iter().any(|path| is(path, name))) {
        bail!("no bug {unknown} in {FOLDER}");
    }
    known.retain(|path| named.is_empty() || named.iter().any(|name| is(path, name)));
    Ok(known)
}

/// The promise that was broken, as a table has room for it.
fn promise(broken: &str) -> &str {
    broken.split_once(':').map_or(broken, |(promise, _)| promise)
}

impl Plot {
    /// In the target folder of this program, which git ignores and CI keeps.
    fn beside_this_program() -> Result<Self> {
        let program = std::env::current_exe()?;
        let target = program.parent().and_then(Path::parent).context("no target folder")?;
        let plot = target.join("planted");
        Ok(Self { tree: plot.join("tree"), target: plot.join("target") })
    }

    /// Makes the copy what the checkout is. Only files that differ are written: cargo compiles what is newer.
    fn restore(&self) -> Result<()> {
        let tracked = tracked()?;
        for path in &tracked {
            let (file, copy) = (root().join(path), self.tree.join(path));
            let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
            if fs::read(&copy).is_ok_and(|present| present == bytes) {
                continue;
            }
            fs::create_dir_all(copy.parent().context("a file without a folder")?)?;
            fs::write(copy, bytes)?;
        }
        let kept = tracked.iter().map(|path| self.tree.join(path)).collect();
        remove_all_but(&kept, &self.tree)?;
        without_page(&self.tree)
    }

    fn apply(&self, bug: &Path) -> Result<()> {
        let mut git = command("git", &["apply", "--whitespace=nowarn"]);
        // Else git takes the copy for a folder of the checkout, and applies nothing.
        git.env("GIT_CEILING_DIRECTORIES", self.tree.parent().unwrap_or(&self.tree));
        run(git.arg(bug).current_dir(&self.tree))
    }

    /// Builds the simulator and plays the seeds until one fails.
    fn play(&self) -> Result<Outcome> {
        let mut build = cargo(&["build", "--quiet"]);
        build.args(PROGRAM).current_dir(&self.tree);
        run(build.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "1"))?;
        let (seeds, first) = (SEEDS.to_string(), FIRST_SEED.to_string());
        let start = Instant::now();
        let output = Command::new(self.target.join("simulation/simulate"))
            .args(["--seeds", &seeds, "--from", &first])
            .stderr(Stdio::inherit())
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(Outcome::of(output.status.success(), &said, start.elapsed()))
    }
}

impl Outcome {
    /// Reads what the simulator said.
    fn of(passed: bool, said: &str, took: Duration) -> Self {
        if passed {
            return Self { broken: None, seeds: SEEDS, took };
        }
        let after = |mark: &str| said.lines().rev().find_map(|line| Some(line.split_once(mark)?.1));
        let seed = after("--seed ").and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
        let what = after("FAILED after ").and_then(|rest| Some(rest.split_once(": ")?.1));
        Self {
            broken: Some(what.unwrap_or("a panic").to_owned()),
            seeds: seed.map_or(0, |seed| seed.saturating_sub(FIRST_SEED) + 1),
            took,
        }
    }
}

/// Every file of the checkout that git has, or would take, and that is there.
fn tracked() -> Result<Vec<String>> {
    let output = command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "git ls-files: {}", output.status);
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
    Ok(names.filter(|name| root().join(name).is_file()).collect())
}

/// Removes the files of a folder that are not kept: what the checkout had once.
fn remove_all_but(kept: &BTreeSet<PathBuf>, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_all_but(kept, &path)?;
        } else if !kept.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_broken_and_in_which_seed_is_read_from_what_the_simulator_says() {
        let said = "phone 1: the power goes\n\nFAILED after 76 steps: I1: lost: a frame\n\
            again: cargo xtask simulate --seed 23 --steps 120\n";
        let outcome = Outcome::of(false, said, Duration::ZERO);
        assert_eq!((outcome.broken.as_deref(), outcome.seeds), (Some("I1: lost: a frame"), 23));
        assert_eq!(promise("I1: lost: a frame"), "I1");
        assert!(
            Outcome::of(false, "", Duration::ZERO).broken.is_some(),
            "a program that died has found something"
        );
        assert_eq!(Outcome::of(true, "", Duration::ZERO).broken, None);
    }
}
