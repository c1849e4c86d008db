//! What CI runs, part by part, and how many checks passed.
//!
//! Invariant: the last line is `N passed, N failed`, and a run that executed nothing has failed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::Value;

use crate::bindings;
use crate::demo::CUSTOM_PROTOCOL;
use crate::setup::{self, Need};
use crate::shell::{cargo, command, npm, root, run};
use crate::simulate::{simulator, without_page};

/// One build for everything that runs: binaries and tests share every dependency, with the same features.
const EVERYTHING: [&str; 3] = ["--workspace", "--all-targets", CUSTOM_PROTOCOL];
/// For how long the simulator plays seeds that nobody has played before.
const FRESH_MINUTES: &str = "3";

/// A part of the checks, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Part {
    /// Rust's formatting.
    Fmt,
    /// The UI: build, types, lints and tests. First, because the server and the window carry the built page.
    Ui,
    /// Lints without a warning, all targets.
    Clippy,
    /// The generated TypeScript types and JSON Schema equal a fresh generation.
    Bindings,
    /// Tests and documentation examples of the crates.
    Rust,
    /// Tidy rules, the story, the window and the console.
    E2e,
    /// Every seed that ever failed, and three minutes of fresh ones.
    Simulate,
}

/// How many checks passed and failed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// A step without tests of its own counts as one.
    fn step(done: Result<()>) -> Tally {
        match done {
            Ok(()) => Tally { passed: 1, failed: 0 },
            Err(fault) => {
                eprintln!("error: {fault:#}");
                Tally { passed: 0, failed: 1 }
            }
        }
    }

    /// Reads `test result: ok. 3 passed; 0 failed; …`.
    fn of_line(line: &str) -> Option<Tally> {
        let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |name: &str| {
            counts.split("; ").find_map(|part| part.trim().strip_suffix(name)?.trim().parse::<u64>().ok())
        };
        Some(Tally { passed: count("passed")?, failed: count("failed")? })
    }
}

/// Runs the parts, all of them when none is named.
pub(crate) fn run_parts(parts: &[Part]) -> Result<ExitCode> {
    let mut parts = if parts.is_empty() { Part::value_variants().to_vec() } else { parts.to_vec() };
    parts.sort_unstable();
    parts.dedup();
    let (mut sum, mut lines) = (Tally::default(), Vec::new());
    let ready = prepare(&parts);
    if ready.is_err() {
        sum.add(Tally::step(ready));
        parts.clear();
    }
    for part in parts {
        let name = part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        eprintln!("\n== {name}");
        let start = Instant::now();
        let tally = part.run();
        sum.add(tally);
        let seconds = start.elapsed().as_secs();
        lines.push(format!("{name:<9} {:>5} passed {:>3} failed {seconds:>5} s", tally.passed, tally.failed));
    }
    println!("\n{}", lines.join("\n"));
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(if sum.failed == 0 && sum.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs what the parts need, and builds the page when a crate that carries it is compiled without the UI's part.
fn prepare(parts: &[Part]) -> Result<()> {
    let compiles = |part: &Part| matches!(part, Part::Clippy | Part::Rust | Part::E2e);
    let compiled = parts.iter().any(compiles);
    if parts.contains(&Part::Simulate) {
        setup::install(Need::Simulator)?;
        without_page(&root())?;
    }
    if parts == [Part::Simulate] {
        return Ok(());
    }
    setup::install(if compiled { Need::All } else { Need::Story })?;
    if compiled && !parts.contains(&Part::Ui) { setup::build_ui() } else { Ok(()) }
}

impl Part {
    fn run(self) -> Tally {
        match self {
            Part::Fmt => Tally::step(run(&mut cargo(&["fmt", "--all", "--check"]))),
            Part::Ui => ui(),
            Part::Clippy => {
                let args = [&["clippy", "--quiet"][..], &EVERYTHING, &["--", "-D", "warnings"]].concat();
                Tally::step(run(&mut cargo(&args)))
            }
            Part::Bindings => Tally::step(bindings::check()),
            Part::Rust => {
                let mut tally = run_tests(|package| package != "tests");
                tally.add(counted(cargo(&["test", "--quiet", "--workspace", "--doc", CUSTOM_PROTOCOL])));
                tally
            }
            Part::E2e => run_tests(|package| package == "tests"),
            Part::Simulate => {
                let mut tally = counted(simulator(&["--list", "tests/seeds.txt"]));
                let first = fresh_seed().and_then(|first| {
                    run(&mut simulator(&["--minutes", FRESH_MINUTES, "--from", &first.to_string()]))
                });
                tally.add(Tally::step(first));
                tally
            }
        }
    }
}

/// The first seed for the tree as it was committed last: another one for each change, the same one when it is tested again.
fn fresh_seed() -> Result<u64> {
    let output = command("git", &["rev-parse", "HEAD^{tree}"]).output().context("git")?;
    let tree = String::from_utf8(output.stdout)?;
    let start = tree.get(..12).context("no commit to take a seed from")?;
    Ok(u64::from_str_radix(start, 16)?)
}

fn ui() -> Tally {
    let mut tally = Tally::step(setup::build_ui());
    tally.add(Tally::step(run(&mut npm(&["run", "--silent", "check"]))));
    tally.add(Tally::step(run(&mut npm(&["run", "--silent", "lint"]))));
    tally.add(vitest());
    tally
}

fn vitest() -> Tally {
    let report = std::env::temp_dir().join(format!("xeploai-vitest-{}.json", std::process::id()));
    let file = format!("--outputFile={}", report.display());
    let args = ["run", "--silent", "test", "--", "--reporter=default", "--reporter=json", &file];
    let ran = run(&mut npm(&args));
    let said = std::fs::read(&report).ok().and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    let _ = std::fs::remove_file(report);
    let count = |name: &str| said.as_ref().and_then(|said| said[name].as_u64()).unwrap_or(0);
    let tally = Tally { passed: count("numPassedTests"), failed: count("numFailedTests") };
    match ran {
        Err(_) if tally.failed > 0 => tally,
        Ok(()) if tally.passed > 0 => tally,
        ran => Tally::step(ran.and_then(|()| anyhow::bail!("vitest executed no test"))),
    }
}

/// Builds everything and runs the tests of the packages whose folder is wanted.
fn run_tests(wanted: impl Fn(&str) -> bool) -> Tally {
    let built = match build() {
        Ok(built) => built,
        Err(fault) => return Tally::step(Err(fault)),
    };
    let mut tally = Tally::default();
    for (manifest, program) in built {
        let Some(folder) = Path::new(&manifest).parent() else { continue };
        if wanted(&folder.file_name().unwrap_or_default().to_string_lossy()) {
            let mut test = Command::new(&program);
            test.current_dir(folder).env("CARGO_MANIFEST_DIR", folder).env("CARGO", env!("CARGO"));
            tally.add(counted(test));
        }
    }
    tally
}

/// Builds every binary and test program; gives the test programs with the manifest of their package.
fn build() -> Result<Vec<(String, String)>> {
    let args = [&["build", "--message-format=json-render-diagnostics"][..], &EVERYTHING].concat();
    let output = cargo(&args).stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(output.status.success(), "cargo {}: {}", args.join(" "), output.status);
    let messages = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let programs = messages.filter(|message| message["profile"]["test"] == true).filter_map(|message| {
        Some((message["manifest_path"].as_str()?.to_owned(), message["executable"].as_str()?.to_owned()))
    });
    Ok(programs.collect())
}

/// Runs a test program, shows what it says, and adds up its result lines.
fn counted(mut command: Command) -> Tally {
    eprintln!("$ {}", command.get_program().display());
    let mut tally = Tally::default();
    let ran = (|| {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
            let line = line?;
            println!("{line}");
            tally.add(Tally::of_line(&line).unwrap_or_default());
        }
        let status = child.wait()?;
        anyhow::ensure!(status.success(), "{}: {status}", command.get_program().display());
        Ok(())
    })();
    // A program that died without saying so is a failure too.
    if tally.failed == 0 && ran.is_err() {
        tally.add(Tally::step(ran));
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn result_lines_are_counted() {
        let line = "test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_line(line), Some(Tally { passed: 12, failed: 1 }));
        assert_eq!(Tally::of_line("test a ... ok"), None);
    }
}
