//! Mutation testing of the rules: cargo-mutants changes them one place at a time, in a copy of the tree, and the tests of
//! `core` must notice each change. How, and by which tests, is `.cargo/mutants.toml`. Not part of CI.

use anyhow::Result;

use crate::shell::{cargo, run, run_twice};

/// The version that is installed where there is none.
const CARGO_MUTANTS: &str = "27.1.0";
/// The rules that the department answers for, and the only merge policy.
const RULES: [&str; 5] = [
    "core/src/scoring/**",
    "core/src/classify/**",
    "core/src/sync/policy/**",
    "core/src/sync/plan.rs",
    "core/src/sheet/heads.rs",
];
/// For proptest: fewer cases, the same in each run, and one that fails is neither made smaller nor kept for the next mutant.
const PROPERTIES: [(&str, &str); 4] = [
    ("PROPTEST_CASES", "32"),
    ("PROPTEST_RNG_SEED", "1"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true"),
];

/// Mutates the rules, or the named files alone, and says which changes went unnoticed.
///
/// # Errors
/// When a mutant was missed or timed out, the tests fail without any, or something could not be installed or started.
pub(crate) fn mutate(shard: Option<&str>, files: &[String]) -> Result<()> {
    if !cargo(&["mutants", "--version"]).output().is_ok_and(|output| output.status.success()) {
        run_twice(&mut cargo(&["install", "cargo-mutants", "--version", CARGO_MUTANTS, "--locked"]))?;
    }
    let mut mutants = cargo(&["mutants", "--package=xeploai-core", "--no-shuffle"]);
    mutants.args(shard.map(|shard| format!("--shard={shard}")));
    if files.is_empty() {
        mutants.args(RULES.map(|files| format!("--file={files}")));
    } else {
        mutants.args(files.iter().map(|file| format!("--file={file}")));
    }
    run(mutants.envs(PROPERTIES))
}
