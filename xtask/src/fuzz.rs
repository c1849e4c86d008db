//! Fuzzing the decoders: the targets of `tests/fuzz` under libFuzzer, on the stable toolchain. Not part of CI.
//!
//! Invariant: a target that did not run, or ran nothing, has failed; what made one crash is kept and its path is said.

use std::collections::VecDeque;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{cargo, root, run, run_twice};

/// The version that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.1";
const FOLDER: &str = "tests/fuzz";
/// Targets that run at once.
const JOBS: usize = 2;
/// No single allocation is larger: the limits of a message are 4 MiB, a column's some times that.
const MALLOC_LIMIT: &str = "-malloc_limit_mb=64";
/// The process, the sanitizer's own memory included.
const RSS_LIMIT: &str = "-rss_limit_mb=1024";
/// Seconds that one input may take, under a sanitizer and beside another target.
const INPUT_LIMIT: &str = "-timeout=20";
/// What libFuzzer says before the path of an input that it kept.
const KEPT: &str = "Test unit written to ";

/// What a target did.
struct Outcome {
    target: String,
    executions: u64,
    coverage: u64,
    /// Why it failed.
    fault: Option<String>,
}

/// Runs the targets, all of them when none is named.
///
/// # Errors
/// When a target crashed, or something could not be installed, built or started.
pub(crate) fn run_targets(seconds: u32, named: &[String]) -> Result<()> {
    let targets = chosen(named)?;
    if !cargo(&["fuzz", "--version"]).output().is_ok_and(|output| output.status.success()) {
        run_twice(&mut cargo(&["install", "cargo-fuzz", "--version", CARGO_FUZZ, "--locked"]))?;
    }
    let corpus = root().join(FOLDER).join("corpus").display().to_string();
    run(&mut cargo(&["run", "--quiet", "--package=xeploai-core", "--example=seed", "--", &corpus]))?;
    run(&mut fuzz(&["build"]))?;

    let (waiting, done) = (Mutex::new(VecDeque::from(targets)), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let work = || {
            while let Some(target) = take(&waiting) {
                let outcome = fuzz_one(target, seconds);
                println!("{outcome}");
                done.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(outcome);
            }
        };
        (0..JOBS).for_each(|_| drop(scope.spawn(work)));
    });
    let done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let failed = done.iter().filter(|outcome| outcome.fault.is_some()).count();
    ensure!(failed == 0, "{failed} of {} targets failed", done.len());
    Ok(())
}

fn take(waiting: &Mutex<VecDeque<String>>) -> Option<String> {
    waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop_front()
}

/// The targets that are there, or those of them that were named.
fn chosen(named: &[String]) -> Result<Vec<String>> {
    let mut known = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER).join("fuzz_targets"))? {
        known.extend(entry?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    known.sort();
    if let Some(unknown) = named.iter().find(|target| !known.contains(target)) {
        bail!("no target {unknown}; there are: {}", known.join(", "));
    }
    Ok(if named.is_empty() { known } else { named.to_vec() })
}

/// The stable compiler takes the sanitizer's and the coverage's flags when it is told so.
fn fuzz(args: &[&str]) -> Command {
    let mut command = cargo(&["fuzz"]);
    command.args(args).args(["--fuzz-dir", FOLDER]).env("RUSTC_BOOTSTRAP", "1").stdin(Stdio::null());
    command
}

fn fuzz_one(target: String, seconds: u32) -> Outcome {
    let time = format!("-max_total_time={seconds}");
    let mut command = fuzz(&["run", &target]);
    command.args(["--", &time, MALLOC_LIMIT, RSS_LIMIT, INPUT_LIMIT, "-print_final_stats=1"]);
    let said = command.output().context("cargo fuzz").map(|output| {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    });
    match said {
        Ok((succeeded, text)) => Outcome::of(target, succeeded, &text),
        Err(fault) => Outcome { target, executions: 0, coverage: 0, fault: Some(format!("{fault:#}")) },
    }
}

impl Outcome {
    /// Reads what libFuzzer said.
    fn of(target: String, succeeded: bool, text: &str) -> Self {
        let number = |line: &str, name: &str| {
            line.split_once(name).and_then(|(_, rest)| rest.split_whitespace().next()?.parse::<u64>().ok())
        };
        let last = |name: &str| text.lines().rev().find_map(|line| number(line, name)).unwrap_or(0);
        let (executions, coverage) = (last("stat::number_of_executed_units:"), last(" cov: "));
        let kept = text.lines().find_map(|line| Some(line.split_once(KEPT)?.1));
        let fault = match (succeeded, kept) {
            (true, _) if executions > 0 => None,
            (_, Some(kept)) => Some(format!("{kept}\n{}", tail(text))),
            _ => Some(tail(text)),
        };
        Self { target, executions, coverage, fault }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { target, executions, coverage, fault } = self;
        write!(f, "{target:<12} {executions:>10} executions, coverage {coverage:>5}")?;
        fault.as_ref().map_or(Ok(()), |fault| write!(f, " FAILED: {fault}"))
    }
}

/// The last lines: what crashed, and where.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    const RUN: &str = "#2048\tpulse  cov: 301 ft: 900 corp: 5/1Kb exec/s: 9 rss: 60Mb\n\
        #4096\tDONE   cov: 312 ft: 955 corp: 9/2Kb\nstat::number_of_executed_units: 4096\n";

    #[test]
    fn executions_and_coverage_are_read_from_what_libfuzzer_says() {
        let outcome = Outcome::of("body".into(), true, RUN);
        assert_eq!((outcome.executions, outcome.coverage), (4096, 312));
        assert!(outcome.fault.is_none());
    }

    #[test]
    fn a_crash_says_where_its_input_is_and_a_run_of_nothing_has_failed() {
        let crashed = format!("{RUN}artifact_prefix='x/'; Test unit written to x/crash-12\n");
        let fault = Outcome::of("body".into(), false, &crashed).fault;
        assert!(fault.is_some_and(|fault| fault.starts_with("x/crash-12\n")));
        assert!(Outcome::of("body".into(), true, "").fault.is_some());
    }
}
