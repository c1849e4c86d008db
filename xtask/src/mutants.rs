//! Mutation testing of the rules: cargo-mutants changes them one place at a time, in a copy of the tree, and the tests of
//! `core` must notice. What is changed and which tests run is `.cargo/mutants.toml`. Not part of CI.

use anyhow::Result;

use crate::shell::{cargo, run, run_twice};

/// The version that is installed where there is none.
const CARGO_MUTANTS: &str = "27.1.0";
/// Cases of each property that does not ask for more: thousands of runs share the time, and a law that a mutant breaks
/// rarely needs many.
const CASES: &str = "32";

/// Mutates the rules, or the named files of them, and fails when a change went unnoticed.
///
/// # Errors
/// When a mutant was missed or timed out, the tests fail without any, or something could not be installed or started.
pub(crate) fn mutate(shard: Option<&str>, files: &[String]) -> Result<()> {
    if !cargo(&["mutants", "--version"]).output().is_ok_and(|output| output.status.success()) {
        run_twice(&mut cargo(&["install", "cargo-mutants", "--version", CARGO_MUTANTS, "--locked"]))?;
    }
    let mut mutants = cargo(&["mutants", "--package=xeploai-core", "--no-shuffle", "--colors=never"]);
    mutants.args(shard.map(|shard| format!("--shard={shard}")));
    mutants.args(files.iter().map(|file| format!("--file={file}")));
    // A failing case ends the run: it is neither made smaller nor kept for the next mutant.
    mutants.env("PROPTEST_CASES", CASES).env("PROPTEST_MAX_SHRINK_ITERS", "0");
    run(mutants.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true"))
}
