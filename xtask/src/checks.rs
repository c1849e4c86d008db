//! What CI runs, part by part. `cargo xtask test` runs all of it; `cargo xtask test lint e2e` runs parts.
//!
//! Every part counts: a check is one test, a test run is as many as it says. A part that ran nothing has failed.

use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::Value;

use crate::bindings;
use crate::demo::CUSTOM_PROTOCOL;
use crate::setup::{self, Need};
use crate::shell::{cargo, npm, root, run, show};

/// One set of crates and features for clippy, build and tests, so that Tauri is compiled once.
const ALL: [&str; 3] = ["--workspace", "--all-targets", CUSTOM_PROTOCOL];

/// A part of the tests, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The page builds; the server and the window carry it, so it comes first.
    UiBuild,
    /// svelte-check.
    UiCheck,
    /// eslint and prettier.
    UiLint,
    /// vitest.
    UiTest,
    /// rustfmt.
    Fmt,
    /// The TypeScript types of the views equal a fresh generation.
    Bindings,
    /// clippy without warnings, on everything.
    Clippy,
    /// Unit, property and tidy tests of all crates.
    Rust,
    /// The story, the real window, the console in a browser.
    E2e,
}

/// What came out of one part.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    const ONE: Self = Self { passed: 1, failed: 0 };

    fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

/// Runs parts, all of them when none is named, and prints the sum as the very last line.
pub(crate) fn run_parts(wanted: &[Part]) -> Result<ExitCode> {
    let parts = Part::value_variants().iter().filter(|part| wanted.is_empty() || wanted.contains(part));
    setup::install(need(wanted))?;
    let (mut sum, mut lines) = (Count::default(), Vec::new());
    for part in parts {
        let name = part.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        eprintln!("\n── {name}");
        let start = Instant::now();
        let count = count(*part).unwrap_or_else(|fault| {
            eprintln!("error: {name}: {fault:#}");
            Count { passed: 0, failed: 1 }
        });
        sum = sum.plus(count);
        let seconds = start.elapsed().as_secs();
        lines
            .push(format!("{name:<10} {:>5} passed {:>3} failed {seconds:>5} s", count.passed, count.failed));
    }
    println!("\n{}\n{} passed, {} failed", lines.join("\n"), sum.passed, sum.failed);
    Ok(if sum.failed == 0 && sum.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The parts before clippy need no Debian package.
fn need(wanted: &[Part]) -> Need {
    let light = |part: &Part| !matches!(part, Part::Clippy | Part::Rust | Part::E2e);
    if !wanted.is_empty() && wanted.iter().all(light) { Need::Story } else { Need::All }
}

fn count(part: Part) -> Result<Count> {
    match part {
        Part::UiBuild => setup::build_ui(),
        Part::UiCheck => run(&mut npm(&["run", "--silent", "check"])),
        Part::UiLint => run(&mut npm(&["run", "--silent", "lint"])),
        Part::UiTest => return ui_tests(),
        Part::Fmt => run(&mut cargo(&["fmt", "--all", "--check"])),
        Part::Bindings => bindings::check(),
        Part::Clippy => {
            page()?;
            run(cargo(&["clippy"]).args(ALL).args(["--", "-D", "warnings"]))
        }
        Part::Rust => return rust_tests(),
        Part::E2e => return e2e_tests(),
    }
    .map(|()| Count::ONE)
}

/// Everything but `e2e`, which needs the built binaries, and the examples in the documentation.
fn rust_tests() -> Result<Count> {
    page()?;
    let plain = cargo_tests(&["--lib", "--bins", "--tests", "--no-fail-fast", "--", "--skip=e2e::"])?;
    Ok(plain.plus(cargo_tests(&["--doc", "--no-fail-fast"])?))
}

fn e2e_tests() -> Result<Count> {
    page()?;
    run(cargo(&["build"]).args(ALL))?;
    let count = cargo_tests(&["--test=e2e", "--no-fail-fast", "--", "e2e::"])?;
    ensure!(count != Count::default(), "no end-to-end test ran");
    Ok(count)
}

/// Builds the page when a part alone needs it and it was never built.
fn page() -> Result<()> {
    if root().join("ui/build").is_dir() { Ok(()) } else { setup::build_ui() }
}

/// `cargo test` over the workspace; what it prints goes on to the terminal.
fn cargo_tests(args: &[&str]) -> Result<Count> {
    let mut command = cargo(&["test", "--workspace", CUSTOM_PROTOCOL]);
    command.args(args).stdout(Stdio::piped());
    show(&command);
    let mut child = command.spawn().context("cargo test")?;
    let mut count = Count::default();
    for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
        let line = line?;
        println!("{line}");
        count = count.plus(counted(&line).unwrap_or_default());
    }
    let status = child.wait()?;
    ensure!(status.success() || count.failed > 0, "cargo test: {status}");
    Ok(count)
}

/// Reads `test result: ok. 12 passed; 0 failed; …`.
fn counted(line: &str) -> Option<Count> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |what: &str| {
        let part = rest.split(['.', ';']).map(str::trim).find_map(|part| part.strip_suffix(what))?;
        part.trim().parse().ok()
    };
    Some(Count { passed: number("passed")?, failed: number("failed")? })
}

fn ui_tests() -> Result<Count> {
    let report = std::env::temp_dir().join(format!("xeploai-vitest-{}.json", std::process::id()));
    let out = format!("--outputFile.json={}", report.display());
    let ran =
        run(&mut npm(&["run", "--silent", "test", "--", "--reporter=default", "--reporter=json", &out]));
    let text = std::fs::read(&report).context("vitest wrote no report")?;
    std::fs::remove_file(&report)?;
    let said: Value = serde_json::from_slice(&text)?;
    let number = |name: &str| said[name].as_u64().with_context(|| format!("vitest's report has no {name}"));
    let mut count = Count { passed: number("numPassedTests")?, failed: number("numFailedTests")? };
    if ran.is_err() && count.failed == 0 {
        count.failed = 1;
    }
    ensure!(count != Count::default(), "no UI test ran");
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::{Count, counted};

    #[test]
    fn the_summary_of_a_test_run_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counted(line), Some(Count { passed: 12, failed: 3 }), "both numbers");
        assert_eq!(counted("running 12 tests"), None, "another line");
    }
}
